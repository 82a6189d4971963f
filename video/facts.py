"""What can be observed: blinks, a face found and whole, its size, turning, tilting and moving of the head, and the network's smile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from core.analysis import CLASSES, Fact, Moment
from video.blinks import CLOSED_SHARE, DEEPEST_SHARE, LONGEST, SHORTEST, Blink, find_blinks
from video.faces import Sighting
from video.landmarks import eyes_openness, tilt
from video.smoothing import smoothed

AWAY_TURN = 0.4  # of ``landmarks.turn``
BLINK_FPS_LEAST = 12.0  # frames a second; a blink lasts 0.1 to 0.4 s
RATE_SECONDS_LEAST = 10.0  # of face; less says nothing about blinks a minute
MOVEMENT_WIDTH = 0.1  # seconds of the Gaussian window that keeps the trembling of the landmarks out of the movement
HOLE_SECONDS = 0.5  # between two moments with a face; time beyond is not time with a face
SEVERAL_WARNED = 0.01  # share of the frames
DARK_WARNED = 60.0  # mean grey level of the face, 0–255
SMALL_WARNED = 64  # pixels

BLINKS = (
    f"A blink is a dip of the eye aspect ratio below {CLOSED_SHARE:.0%} of the person's open eyes, and at its deepest below {DEEPEST_SHARE:.0%}, "
    f"that lasts {SHORTEST} to {LONGEST} s."
)
BLINKS_SOURCE = "Soukupova & Cech, Real-Time Eye Blink Detection using Facial Landmarks, CVWW 2016; the threshold follows the person"
HOG_SOURCE = "Dalal & Triggs, Histograms of Oriented Gradients for Human Detection, CVPR 2005; dlib's frontal face detector"
NETWORK_SOURCE = "The expression network of this program; its card says how often it is wrong"
LANDMARKS_SOURCE = "Kazemi & Sullivan, One Millisecond Face Alignment, CVPR 2014; 68 landmarks, iBUG 300-W"


@dataclass
class Observations:
    """Gather what the facts are made of, a few numbers for each frame."""

    times: list[float] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    turned: list[float | None] = field(default_factory=list)
    eyes: list[tuple[float, float]] = field(default_factory=list)
    light: list[float] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)
    gaps: list[str | None] = field(default_factory=list)
    heights: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    tilts: list[float] = field(default_factory=list)
    middles: list[tuple[float, float, float, float]] = field(default_factory=list)  # seconds, x and y of the face's middle, its width

    def add(self, sighting: Sighting) -> None:
        """Take down one sighting."""
        self.times.append(sighting.t)
        self.counts.append(sighting.count)
        self.turned.append(sighting.turn)
        self.gaps.append(sighting.gap)
        if sighting.box is not None:
            self.widths.append(sighting.box[2])
            self.light.append(sighting.light or 0.0)
        if sighting.gap is None and sighting.points is not None:
            points = sighting.points
            self.eyes.append((sighting.t, eyes_openness(points)))
            (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
            height, width = sighting.picture.grey.shape
            self.heights.append((bottom - top) / height)
            self.whole.append(left >= 0 and top >= 0 and right < width and bottom < height)
            self.tilts.append(tilt(points))
            self.middles.append((sighting.t, *points.mean(axis=0).tolist(), right - left))

    @property
    def found(self) -> float:
        """Return the share of the frames with a face."""
        return sum(count > 0 for count in self.counts) / max(1, len(self.counts))

    @property
    def several(self) -> float:
        """Return the share of the frames with more than one face."""
        return sum(count > 1 for count in self.counts) / max(1, len(self.counts))

    @property
    def fps(self) -> float:
        """Return the frames a second, by the frames' own times."""
        return (len(self.times) - 1) / (self.times[-1] - self.times[0]) if len(self.times) > 1 else 0.0

    def eye_seconds(self) -> float:
        """Return for how many seconds the eyes could be seen."""
        steps = np.diff([t for t, _ in self.eyes])
        return float(steps[steps <= HOLE_SECONDS].sum())

    def movement(self) -> float | None:
        """Return by how many of its own widths the face moves across the picture in a second, on average; ``None`` without two moments."""
        if len(self.middles) < 2:
            return None
        rows = np.array(self.middles)
        times, middles, width = rows[:, 0], smoothed(rows[:, 0].tolist(), rows[:, 1:3], MOVEMENT_WIDTH), float(np.median(rows[:, 3]))
        steps, ways = np.diff(times), np.linalg.norm(np.diff(middles, axis=0), axis=1)
        near = steps <= HOLE_SECONDS
        return float(ways[near].sum() / steps[near].sum() / width) if near.any() and width > 0 else None

    def blinks(self) -> list[Blink]:
        """Return the blinks."""
        times, openness = (np.array(values) for values in zip(*self.eyes, strict=True)) if self.eyes else (np.empty(0), np.empty(0))
        return find_blinks(times, openness)


def facts_of(seen: Observations, timeline: Sequence[Moment]) -> dict[str, Fact]:
    """Return the facts by name; a value is ``None`` where the recording is too short or too slow to tell."""
    seconds, facts = seen.eye_seconds(), dict[str, Fact]()
    if seen.fps >= BLINK_FPS_LEAST and seen.eyes:
        blinks = seen.blinks()
        rate = round(60 * len(blinks) / seconds, 1) if seconds >= RATE_SECONDS_LEAST else None
        facts["blinks"] = Fact(len(blinks), "count", BLINKS, BLINKS_SOURCE, [round(blink.t, 3) for blink in blinks])
    else:
        rate = None
        facts["blinks"] = Fact(None, "count", f"{BLINKS} Needs at least {BLINK_FPS_LEAST:.0f} frames a second.", BLINKS_SOURCE)
    facts["blinks_per_minute"] = Fact(
        rate, "per minute", f"Blinks over the time in which the eyes could be seen; needs at least {RATE_SECONDS_LEAST:.0f} s of it.", BLINKS_SOURCE
    )
    facts["face_found"] = Fact(round(seen.found, 4), "share", "Share of the frames in which a face was found.", HOG_SOURCE)
    facts["several_faces"] = Fact(round(seen.several, 4), "share", "Share of the frames with more than one face; one face is followed.", HOG_SOURCE)
    facts["faces_most"] = Fact(max(seen.counts, default=0), "count", "Most faces found in one frame.", HOG_SOURCE)
    turned = [abs(turn) for turn in seen.turned if turn is not None]
    facts["looking_away"] = Fact(
        round(sum(turn > AWAY_TURN for turn in turned) / len(turned), 4) if turned else None, "share",
        f"Share of the frames with a face in which the head is turned to the side: the nose tip lies more than {AWAY_TURN} of the half width of the face from its middle. "
        "Where the eyes look is not measured.",
        LANDMARKS_SOURCE,
    )  # fmt: skip
    facts["face_whole"] = Fact(
        _mean(seen.whole), "share", "Share of the frames with a readable face in which all 68 landmarks lie inside the picture.", LANDMARKS_SOURCE
    )
    facts["face_height"] = Fact(
        round(float(np.median(seen.heights)), 4) if seen.heights else None, "share",
        "Median height of the face, from the eyebrows to the chin, over the height of the picture: it grows as the face comes nearer. "
        "The distance itself cannot be known without knowing the camera.",
        LANDMARKS_SOURCE,
    )  # fmt: skip
    facts["head_tilt"] = Fact(
        round(float(np.median(np.abs(seen.tilts))), 1) if seen.tilts else None, "°",
        "Median angle, to either side, between the line through the eyes and the horizontal. A camera that is not level adds to it.",
        LANDMARKS_SOURCE,
    )  # fmt: skip
    movement = seen.movement()
    facts["head_movement"] = Fact(
        round(60 * movement, 1) if movement is not None else None, "face widths per minute",
        f"How far the middle of the face’s 68 landmarks moves across the picture in a minute, smoothed over {MOVEMENT_WIDTH} s, in widths of the face. "
        "A camera that is held in the hand adds to it.",
        LANDMARKS_SOURCE,
    )  # fmt: skip
    facts["smile"] = Fact(
        _mean([moment.raw[CLASSES.index("happy")] for moment in timeline if moment.raw is not None]), "share",
        "Mean probability that the network gives to “happy”, over the frames with a readable face: what it calls so is mostly a smile, not a feeling.",
        NETWORK_SOURCE,
    )  # fmt: skip
    return facts


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None


def warnings_of(seen: Observations) -> list[str]:
    """Return the plain sentences about what made the recording hard to read."""
    n, sentences = max(1, len(seen.gaps)), list[str]()
    if seen.several > SEVERAL_WARNED:
        sentences.append(f"There is more than one face in {seen.several:.0%} of the frames; one of them was followed.")
    if seen.found < 0.5:
        sentences.append(f"A face was found in only {seen.found:.0%} of the frames; the shares speak of those alone.")
    side = seen.gaps.count("side view") / n
    if side > 0.1:
        sentences.append(f"The face is turned to the side in {side:.0%} of the frames; nothing is said about those.")
    if seen.light and float(np.median(seen.light)) < DARK_WARNED:
        sentences.append("The picture is dark; more light from the front would make the result more reliable.")
    if seen.widths and float(np.median(seen.widths)) < SMALL_WARNED:
        sentences.append("The face is small in the picture; coming closer to the camera would make the result more reliable.")
    if 0 < seen.fps < BLINK_FPS_LEAST:
        sentences.append(f"The recording has only {seen.fps:.0f} frames a second, too few to count blinks.")
    return sentences
