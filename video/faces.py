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

from core.pictures import Picture
from video.features import Box
from video.landmarks import find_landmarks, turn

DETECT_SECONDS = 0.15  # between two detections
STILL_SECONDS = 0.3  # between two detections of a face that hardly moves
STILL_OVERLAP = 0.8  # of the last two boxes of such a face, intersection over union
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
NEAR_SIDE = 1.8  # of the followed face, the side of what is searched around it
NEAR_FACE = 86  # pixels of the face in that search, at least
SAME_SIZE = 0.05  # of a width; the sizes that the detector knows differ by more
PYRAMID_STEP = 6 / 5  # of dlib's detector; with scales that are its powers a face has the same box whatever its box was before
SEARCH_SECONDS = 1.0  # between two searches of the whole picture while the followed face is where it was
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
    face, ``None`` where there is none; ``turn`` is −1…1, see ``landmarks.turn``; ``light`` is the face's mean grey level, 0…255;
    ``count`` is the number of faces.
    """

    t: float
    picture: Picture = field(repr=False)
    box: Box | None = None
    light: float | None = None
    points: np.ndarray | None = field(default=None, repr=False)
    turn: float | None = None
    count: int = 0
    gap: str | None = None


@cache
def _detector() -> dlib.fhog_object_detector:
    return dlib.get_frontal_face_detector()


def detect(grey: np.ndarray, level: int) -> list[Face]:
    """Return the faces of a grey uint8 picture, the largest first, searched at one of the levels of ``LEVEL_PIXELS``."""
    return _detected(grey, scale_of(grey.shape, level))


def _detected(grey: np.ndarray, scale: float) -> list[Face]:
    height, width = grey.shape
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


def search_near(grey: np.ndarray, box: Box) -> Face | None:
    """Return the face that overlaps ``box``, searched only around it and at about the same size of the face, or ``None``."""
    height, width = grey.shape
    x, y, w, h = box
    reach = (NEAR_SIDE - 1) / 2
    left, top = max(0, round(x - reach * w)), max(0, round(y - reach * h))
    window = grey[top : min(height, round(y + h + reach * h)), left : min(width, round(x + w + reach * w))]
    if min(window.shape) < 2:
        return None
    found = _detected(window, min(ENLARGED_MOST, PYRAMID_STEP ** math.ceil(math.log(NEAR_FACE / w, PYRAMID_STEP))))
    faces = [Face((face.box[0] + left, face.box[1] + top, *face.box[2:]), face.score) for face in found]
    best = max(faces, key=lambda face: overlap(face.box, box), default=None)
    return best if best is not None and overlap(best.box, box) >= SAME_FACE_OVERLAP else None


class Finder:
    """Search single frames, following one face: the largest at first, then the one nearest to where it was.

    The whole picture is searched every ``SEARCH_SECONDS`` and whenever the followed face is not where it was or has another size:
    which of two sizes the detector prefers depends on where the search began. In between only its neighbourhood is. ``box`` is
    where the face to follow was at ``seen`` seconds, if that is known.
    """

    def __init__(self, box: Box | None = None, seen: float = -math.inf) -> None:
        self.box = box
        self.count = 0
        self.seen = seen
        self.searched = -math.inf
        self.thorough = -math.inf

    def find(self, t: float, grey: np.ndarray) -> tuple[Box | None, int]:
        """Return the followed face's box, if it is there, and the number of faces."""
        if t - self.seen > FORGET_SECONDS:
            self.box = None
        face = search_near(grey, self.box) if self.box is not None and t - self.searched < SEARCH_SECONDS else None
        if self.box is not None and face is not None and abs(face.box[2] - self.box[2]) <= SAME_SIZE * self.box[2]:
            self.box, self.seen = face.box, t
            return face.box, self.count
        faces = self._search(t, grey) or ([face] if face is not None else [])
        self.count, self.searched = len(faces), -math.inf
        if not faces:
            return None, 0
        chosen = faces[0].box
        if self.box is not None:
            chosen = min((face.box for face in faces), key=lambda box: _distance(box, self.box or box))
            if _distance(chosen, self.box) > NEAR_WIDTHS * self.box[2]:
                return None, len(faces)
        near = search_near(grey, chosen)
        self.box, self.seen, self.searched = near.box if near else chosen, t, t
        return self.box, len(faces)

    def _search(self, t: float, grey: np.ndarray) -> list[Face]:
        first, last = 0, THOROUGH_LEVEL - 1
        if self.box is not None:
            while first < last and self.box[2] * scale_of(grey.shape, first) < FACE_WANTED:
                first += 1
        if t - self.thorough >= THOROUGH_SECONDS:
            last = THOROUGH_LEVEL
        faces = search(grey, first, last)
        if last == THOROUGH_LEVEL and not faces:
            self.thorough = t
        return faces


def _distance(a: Box, b: Box) -> float:
    return math.hypot(a[0] + a[2] / 2 - b[0] - b[2] / 2, a[1] + a[3] / 2 - b[1] - b[3] / 2)


def between(a: Box, b: Box, share: float) -> Box:
    """Return the box on the straight way from ``a`` (share 0) to ``b`` (share 1)."""
    x, y, width, height = (round(p + (q - p) * share) for p, q in zip(a, b, strict=True))
    return x, y, width, height


def sight(t: float, picture: Picture, box: Box | None, count: int) -> Sighting:
    """Look at one frame with a known box: its landmarks, or the reason why there is nothing to read in it."""
    grey = picture.grey
    if box is None:
        gap = "several" if count else "dark" if cv2.mean(grey)[0] < DARK_PICTURE else "no face"
        return Sighting(t, picture, count=count, gap=gap)
    x, y, width, height = box
    inside = grey[max(0, y) : y + height, max(0, x) : x + width]
    light = cv2.mean(inside)[0] if inside.size else 0.0
    sighting = Sighting(t, picture, box, count=count, light=light)
    if width < SMALL_FACE:
        sighting.gap = "too small"
    elif light < DARK_FACE:
        sighting.gap = "dark"
    else:
        sighting.points = find_landmarks(grey, box)
        sighting.turn = turn(sighting.points)
        if abs(sighting.turn) > SIDE_TURN:
            sighting.gap = "side view"
    return sighting


def follow(pictures: Iterable[tuple[float, Picture]], finder: Finder | None = None) -> Iterator[Sighting]:
    """Yield a sighting for every ``(t, picture)``, in order; at most the pictures of ``STILL_SECONDS`` are held."""
    finder, pause = finder or Finder(), DETECT_SECONDS
    held: list[tuple[float, Picture]] = []
    before: Found | None = None
    for t, picture in pictures:
        if before is not None and t - before.t < pause:
            held.append((t, picture))
            continue
        found = Found(t, *finder.find(t, picture.grey))
        pause = DETECT_SECONDS
        if before is not None:
            yield from _between(held, before, found)
            if before.box is not None and found.box is not None and overlap(before.box, found.box) >= STILL_OVERLAP:
                pause = STILL_SECONDS
        held = []
        yield sight(t, picture, found.box, found.count)
        before = found
    for t, picture in held:
        yield sight(t, picture, *finder.find(t, picture.grey))


@dataclass
class Found:
    """Hold what a detection gave: the followed face's box, if it is there, and the number of faces."""

    t: float
    box: Box | None
    count: int


def _between(held: list[tuple[float, Picture]], before: Found, after: Found) -> Iterator[Sighting]:
    if before.box is not None and after.box is not None and overlap(before.box, after.box) >= SAME_FACE_OVERLAP:
        for t, picture in held:
            share = (t - before.t) / (after.t - before.t)
            yield sight(t, picture, between(before.box, after.box, share), before.count if share < 0.5 else after.count)
        return
    if before.box is None and after.box is None:
        for t, picture in held:
            yield sight(t, picture, None, min(before.count, after.count))
        return
    places = [box for box in (before.box, after.box) if box is not None]
    for t, picture in held:
        faces = search(picture.grey, 0, THOROUGH_LEVEL - 1)
        near = [face for face in faces if max(overlap(face.box, box) for box in places) >= SAME_FACE_OVERLAP]
        refined = search_near(picture.grey, near[0].box) or near[0] if near else None
        yield sight(t, picture, refined.box if refined else None, len(faces))
