"""Hold the fast way through a video to the slow one, in which every frame is searched afresh."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from core import metrics
from core.analysis import Moment
from core.engine import load
from core.manifest import read_manifest
from core.pictures import Picture, pictures
from video.faces import Finder, Sighting, follow, sight
from video.facts import Observations
from video.features import frame_of, window
from video.predict import FOLDER, Reader, label

CLIPS = FOLDER.parent.parent / "tests" / "data"
GIVEN = FOLDER.parent.parent.parent / "shared" / "data" / "clips"  # two counted clips, one of which may not be passed on
COMPARED = (
    "pyfeat_expressions_woman_20s.mp4", "pyfeat_single_face.mp4", "v02_talk_man_portrait_20s.mp4", "v04_blink_man_20s_nosound.mp4",
    "v05_grid_man_3s.mpg", "v06_grid_woman_3s.mp4", "v07_grid_man_darkskin_3s.mp4", "v10_two_faces_composite_3s.mp4", "v12_dark_man_3s.mp4",
)  # fmt: skip
SECONDS = 10.0  # of each clip
SAME_BLINK_FRAMES = 2  # a blink is found when its deepest moment lies within the counted frames and this many more at each end
COUNTED_BY = "one person, frame by frame; no second annotator"
AGREEMENT_COLUMNS = (
    "clip",
    "frames",
    "read by one way only",
    "same label",
    "mean difference of a probability (points)",
    "largest difference of a mean (points)",
)
BLINK_COLUMNS = ("clip", "counted by eye", "found", "of these counted", "frames a second", "counted by")

Way = Callable[[Iterable[tuple[float, Picture]]], Iterator[Sighting]]


def search_all(shown: Iterable[tuple[float, Picture]]) -> Iterator[Sighting]:
    """Yield a sighting for every picture, each searched whole; the same face is followed."""
    finder = Finder()
    for t, picture in shown:
        finder.searched = -math.inf
        yield sight(t, picture, *finder.find(t, picture.grey))


def timeline_of(clip: Path, way: Way, folder: Path, seconds: float = SECONDS) -> list[Moment]:
    """Return the moments of the first seconds of a clip, looked at in one of the two ways with the network of a model folder."""
    manifest = read_manifest(folder)
    reader, timeline = Reader(load(folder, "face"), float(manifest["temperature"])), list[Moment]()
    for sighting in way((t, picture) for t, picture in pictures(clip) if t <= seconds):
        if sighting.gap is None and sighting.points is not None:
            reader.read(len(timeline), window(sighting.picture.grey, frame_of(sighting.points)).copy())
        timeline.append(Moment(t=sighting.t, gap=sighting.gap))
    label(timeline, reader.finish(), float(manifest["thresholds"]["unclear"]))
    return timeline


def compare(folder: Path = FOLDER, names: Iterable[str] = COMPARED) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return figures and a table: how far the fast way's probabilities and labels are from those of the slow one, on real clips."""
    rows, differences, same, clips = list[list[Any]](), list[np.ndarray](), list[bool](), list[int]()
    for number, name in enumerate(names):
        slow, fast = (timeline_of(CLIPS / name, way, folder) for way in (search_all, follow))
        both = [(a, b) for a, b in zip(slow, fast, strict=True) if a.p and b.p]
        p, q = (np.array([pair[i].p for pair in both]) for i in (0, 1))
        agreed = [a.label == b.label for a, b in both]
        alone = sum((a.p is None) != (b.p is None) for a, b in zip(slow, fast, strict=True))
        rows.append(
            [name, len(slow), alone, float(np.mean(agreed)), 100 * float(np.abs(p - q).mean()), 100 * float(np.abs(p.mean(axis=0) - q.mean(axis=0)).max())]
        )
        differences.append(np.abs(p - q).mean(axis=1))
        same += agreed
        clips += [number] * len(both)
    difference, n = np.concatenate(differences), len(same)
    protocol = f"first {SECONDS:.0f} s of {len(rows)} clips of tests/data, frames that both ways read; slow: every frame searched whole, float32; that the whole picture is searched where the face's size changes was chosen on these clips"

    def points(chosen: np.ndarray) -> float:
        return 100 * float(difference[chosen].mean())

    figures = {
        "fast_slow_points": metrics.figure(
            "Mean difference of a probability, fast from slow way (points)",
            points(np.arange(n)),
            n,
            *metrics.bootstrap(points, n, clips),
            "bootstrap by clip",
            protocol,
        ),
        "fast_slow_labels": metrics.figure("Same label, fast and slow way", float(np.mean(same)), n, *metrics.wilson(sum(same), n), "Wilson", protocol),
    }
    return figures, {"agreement": metrics.table("The fast way beside the slow one, smoothed probabilities", AGREEMENT_COLUMNS, rows)}


def blinks_beside_counts(folder: Path) -> dict[str, Any]:
    """Return a table: the blinks that are found beside those counted by eye in ``blinks.csv`` of a folder, for the clips that lie there."""
    with (folder / "blinks.csv").open(encoding="utf-8") as file:
        counted = [row for row in csv.DictReader(file) if not row["file"].startswith("#") and (folder / row["file"]).is_file()]
    rows = []
    for name in dict.fromkeys(row["file"] for row in counted):
        seen = Observations()
        for sighting in follow(pictures(folder / name)):
            seen.add(sighting)
        found = [int(np.argmin(np.abs(np.array(seen.times) - blink.t))) for blink in seen.blinks()]
        spans = [(int(row["closed_start_frame"]), int(row["closed_end_frame"])) for row in counted if row["file"] == name]
        hit = sum(any(start - SAME_BLINK_FRAMES <= frame <= end + SAME_BLINK_FRAMES for frame in found) for start, end in spans)
        rows.append([name, len(spans), len(found), hit, round(seen.fps, 1), COUNTED_BY])
    return {"blinks": metrics.table("Blinks beside those counted by eye", BLINK_COLUMNS, rows)}
