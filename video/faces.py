"""Find the face in every frame: HOG detection every few frames, the way between two detections drawn straight, 68 landmarks.

Source of the detector: Dalal & Triggs, "Histograms of Oriented Gradients for Human Detection", CVPR 2005, as trained in dlib
(King, "Dlib-ml", JMLR 2009). Nothing is invented between detections: where two neighbours do not agree on a face, each frame
between them is searched.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

import cv2
import dlib
import numpy as np

from video.features import Box, grey_of
from video.landmarks import find_landmarks, turn

DETECT_SECONDS = 0.15  # between two detections
# The detector knows faces of 80 pixels and more; its time grows with the area it searches. The levels are tried in turn.
LEVEL_PIXELS = (320 * 180, 640 * 360, 1280 * 720)
ENLARGED_MOST = 2.0
THOROUGH_LEVEL = 2
THOROUGH_SECONDS = 0.6  # between two searches at the slowest level while there is no face
FACE_WANTED = 100  # pixels of the followed face at the level that is tried first
SCORE_LEAST = 0.2  # of the detector; below, cartoons and folds in cloth begin to be faces
SAME_FACE_OVERLAP = 0.3  # intersection over union
FORGET_SECONDS = 1.0  # without the followed face, after which the largest one is followed
NEAR_WIDTHS = 1.0  # of the followed face; what lies farther from where it was is somebody else
SMALL_FACE = 45  # pixels; with a smaller box some of the network's 48 pixels would be made up
DARK_FACE = 22.0  # mean grey level of the face, 0–255
DARK_PICTURE = 28.0  # mean grey level of a picture without a face
SIDE_TURN = 0.6  # of ``landmarks.turn``; beyond, half of the face is hidden and the landmarks are guesses


@dataclass
class Face:
    """Hold one detected face: its box in pixels of the upright picture and the detector's score."""

    box: Box
    score: float


@dataclass
class Sighting:
    """Hold what was found in one frame.

    ``gap`` is ``None`` or the reason why the frame has no expression; ``box`` and ``points`` (68, 2) are those of the followed
    face, ``None`` where there is none; ``turn`` is −1…1, see ``landmarks.turn``; ``count`` is the number of faces.
    """

    t: float
    picture: np.ndarray = field(repr=False)
    grey: np.ndarray = field(repr=False)
    box: Box | None = None
    points: np.ndarray | None = field(default=None, repr=False)
    turn: float | None = None
    count: int = 0
    gap: str | None = None


@cache
def _detector() -> dlib.fhog_object_detector:
    return dlib.get_frontal_face_detector()


def detect(grey: np.ndarray, level: int) -> list[Face]:
    """Return the faces of a grey uint8 picture, the largest first, searched at one of the levels of ``LEVEL_PIXELS``."""
    height, width = grey.shape
    scale = scale_of(grey.shape, level)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    searched = grey if size == (width, height) else cv2.resize(grey, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    boxes, scores, _ = _detector().run(np.ascontiguousarray(searched), 0, SCORE_LEAST)
    found = [
        Face((round(box.left() / scale), round(box.top() / scale), round(box.width() / scale), round(box.height() / scale)), score)
        for box, score in zip(boxes, scores, strict=True)
    ]
    return sorted(found, key=lambda face: -face.box[2])


def scale_of(shape: tuple[int, ...], level: int) -> float:
    """Return how many times a picture of ``(height, width)`` is enlarged for a level."""
    return min(ENLARGED_MOST if level == THOROUGH_LEVEL else 1.0, math.sqrt(LEVEL_PIXELS[level] / (shape[0] * shape[1])))


def search(grey: np.ndarray, first: int = 0, last: int = THOROUGH_LEVEL) -> list[Face]:
    """Return the faces found at the first level, from ``first`` to ``last``, that finds any."""
    done = 0.0
    for level in range(first, last + 1):
        scale = scale_of(grey.shape, level)
        if scale > done and (found := detect(grey, level)):
            return found
        done = scale
    return []


def overlap(a: Box, b: Box) -> float:
    """Return the intersection over union of two boxes."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / (a[2] * a[3] + b[2] * b[3] - width * height)


class Finder:
    """Search single frames, following one face: the largest at first, then the one nearest to where it was."""

    def __init__(self) -> None:
        self.box: Box | None = None
        self.seen = -math.inf
        self.thorough = -math.inf

    def find(self, t: float, grey: np.ndarray) -> tuple[Box | None, int]:
        """Return the followed face's box, if it is there, and the number of faces."""
        if t - self.seen > FORGET_SECONDS:
            self.box = None
        first, last = 0, THOROUGH_LEVEL - 1
        if self.box is not None:
            while first < last and self.box[2] * scale_of(grey.shape, first) < FACE_WANTED:
                first += 1
        if t - self.thorough >= THOROUGH_SECONDS:
            last = THOROUGH_LEVEL
        faces = search(grey, first, last)
        if last == THOROUGH_LEVEL and not faces:
            self.thorough = t
        if not faces:
            return None, 0
        chosen = faces[0].box
        if self.box is not None:
            chosen = min((face.box for face in faces), key=lambda box: _distance(box, self.box or box))
            if _distance(chosen, self.box) > NEAR_WIDTHS * self.box[2]:
                return None, len(faces)
        self.box, self.seen = chosen, t
        return chosen, len(faces)


def _distance(a: Box, b: Box) -> float:
    return math.hypot(a[0] + a[2] / 2 - b[0] - b[2] / 2, a[1] + a[3] / 2 - b[1] - b[3] / 2)


def between(a: Box, b: Box, share: float) -> Box:
    """Return the box on the straight way from ``a`` (share 0) to ``b`` (share 1)."""
    x, y, width, height = (round(p + (q - p) * share) for p, q in zip(a, b, strict=True))
    return x, y, width, height


def sight(t: float, picture: np.ndarray, grey: np.ndarray, box: Box | None, count: int) -> Sighting:
    """Look at one frame with a known box: its landmarks, or the reason why there is nothing to read in it."""
    if box is None:
        gap = "several" if count else "dark" if float(grey.mean()) < DARK_PICTURE else "no face"
        return Sighting(t, picture, grey, count=count, gap=gap)
    sighting = Sighting(t, picture, grey, box, count=count)
    x, y, width, height = box
    inside = grey[max(0, y) : y + height, max(0, x) : x + width]
    if width < SMALL_FACE:
        sighting.gap = "too small"
    elif inside.size == 0 or float(inside.mean()) < DARK_FACE:
        sighting.gap = "dark"
    else:
        sighting.points = find_landmarks(grey, box)
        sighting.turn = turn(sighting.points)
        if abs(sighting.turn) > SIDE_TURN:
            sighting.gap = "side view"
    return sighting


def follow(frames: Iterable[tuple[float, np.ndarray]]) -> Iterator[Sighting]:
    """Yield a sighting for every frame ``(t, picture)``, in order; at most the frames of ``DETECT_SECONDS`` are held.

    ``picture`` is uint8 (height, width, 3) RGB.
    """
    finder = Finder()
    held: list[tuple[float, np.ndarray, np.ndarray]] = []
    before: tuple[float, Box | None, int] | None = None
    for t, picture in frames:
        grey = grey_of(picture)
        if before is not None and t - before[0] < DETECT_SECONDS:
            held.append((t, picture, grey))
            continue
        anchor = before[1] if before else None
        box, count = finder.find(t, grey)
        yield from _between(held, before, (t, box, count), finder, anchor)
        held = []
        yield sight(t, picture, grey, box, count)
        before = (t, box, count)
    for t, picture, grey in held:
        yield sight(t, picture, grey, *finder.find(t, grey))


def _between(
    held: list[tuple[float, np.ndarray, np.ndarray]], before: tuple[float, Box | None, int] | None, after: tuple[float, Box | None, int],
    finder: Finder, anchor: Box | None,
) -> Iterator[Sighting]:  # fmt: skip
    if not held or before is None:
        return
    agreed = anchor is not None and after[1] is not None and overlap(anchor, after[1]) >= SAME_FACE_OVERLAP
    if agreed and anchor is not None and after[1] is not None:
        for t, picture, grey in held:
            share = (t - before[0]) / (after[0] - before[0])
            yield sight(t, picture, grey, between(anchor, after[1], share), before[2] if share < 0.5 else after[2])
        return
    if anchor is None and after[1] is None:
        for t, picture, grey in held:
            yield sight(t, picture, grey, None, min(before[2], after[2]))
        return
    for t, picture, grey in held:
        faces = search(grey, 0, THOROUGH_LEVEL - 1)
        near = [face.box for face in faces if max(overlap(face.box, box) for box in (anchor, after[1]) if box is not None) >= SAME_FACE_OVERLAP]
        yield sight(t, picture, grey, near[0] if near else None, len(faces))
