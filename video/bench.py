"""Time the way from a video to its result, stage by stage."""

from __future__ import annotations

import platform
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.pictures import pictures
from video.faces import LEVEL_PIXELS, detect, search_near
from video.features import crop, normalised
from video.landmarks import find_landmarks
from video.predict import FOLDER, analyze, load, warm

MEBIBYTE = 1024 if sys.platform != "darwin" else 1024**2  # in the unit of ru_maxrss
STAGES = ("decode to grey", "detect, whole picture", "detect, near the face", "landmarks", "crop and network")


class Clock:
    """Add up seconds by stage."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(STAGES, 0.0)
        self.counts = dict.fromkeys(STAGES, 0)

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.seconds[stage] += time.perf_counter() - began
        self.counts[stage] += 1


def bench(source: Path) -> str:
    """Return a table of the milliseconds of each stage a call, frames per second of the whole, and the most memory."""
    warm()
    network, clock, count = load(FOLDER, "face"), Clock(), 0
    shown = pictures(source)
    while True:
        with clock("decode to grey"):
            item = next(shown, None)
        if item is None:
            break
        count += 1
        grey = item[1].grey
        with clock("detect, whole picture"):
            found = detect(grey, 0) or detect(grey, len(LEVEL_PIXELS) - 1)
        box = found[0].box if found else None
        if box is not None:
            with clock("detect, near the face"):
                search_near(grey, box)
            with clock("landmarks"):
                points = find_landmarks(grey, box)
            with clock("crop and network"):
                network({"face": normalised(crop(grey, points)[None])})
    began = time.perf_counter()
    analysis = analyze(source)
    whole = time.perf_counter() - began
    rows = [f"{stage:<22} {1000 * clock.seconds[stage] / max(1, clock.counts[stage]):8.2f} ms a call" for stage in STAGES]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEBIBYTE
    return "\n".join([
        f"{source.name}: {analysis.source.width}×{analysis.source.height}, {count} frames, {analysis.source.seconds} s, on {platform.processor() or platform.machine()}",
        *rows,
        f"{'whole, as analysed':<22} {1000 * whole / max(1, count):8.2f} ms a frame, {count / whole:.1f} frames a second",
        f"{'memory':<22} {memory:8.0f} MiB at most",
    ])  # fmt: skip
