"""The door for a camera that is looked at as it looks: one small picture in, what the models see in it out, at once.

The steps are those of ``predict``; what a live picture cannot have is the future. Between two detections the face is carried along
by its landmarks instead of drawn straight to the next detection; probabilities are smoothed over the pictures before alone; a blink
is counted three seconds later. ``tests/video/test_video_live.py`` holds the numbers to those of the file.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from core.analysis import TIME_DECIMALS, Analysis, Moment, Source, label_of, rounded, summarise
from core.calibration import softmax
from core.engine import Network, load
from core.errors import InputError
from core.manifest import read_manifest
from core.pictures import Picture, grey_only
from video.blinks import OPEN_SECONDS, find_blinks
from video.faces import DETECT_SECONDS, Finder, Sighting, sight
from video.facts import Observations, facts_of, warnings_of
from video.features import Box, crop, normalised
from video.key_frames import KeyFrames
from video.landmarks import eyes_openness, find_landmarks
from video.predict import FACE_SECONDS_LEAST, FOLDER, label, versions
from video.predict import warm as load_models
from video.smoothing import HOLE_SECONDS, REACH, WIDTH_SECONDS, smoothed

SIDE_MOST = 1280  # pixels of a picture's width and height
BLINK_SECONDS = 0.5  # between two looks for blinks
BLINK_LATE_SECONDS = 3.0  # after a blink, when enough of the open eye around it is known to count it; sooner, a smile counts as well
SAME_BLINK_SECONDS = 0.15
MOMENTS_MOST = 20_000  # of a take: more than eleven minutes of 30 pictures a second
NOT_A_PICTURE = "This is not a picture that can be looked at: a JPEG of at most %(most)d pixels a side is needed."

JPEG_BEGIN, JPEG_SCAN, JPEG_END = b"\xff\xd8", 0xDA, 0xD9
JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # start-of-frame markers; the three others are tables
JPEG_BARE = frozenset((0x01, *range(0xD0, 0xD8)))  # markers without a length

DETECTING = threading.Lock()  # dlib's detector keeps its last picture in itself: two threads in it at once bring the process down


@dataclass
class Seen:
    """Hold what was seen in one picture.

    ``box`` and ``points`` (68, 2) are in pixels of the picture; ``raw`` and ``p`` (smoothed) are probabilities in the order of
    ``core.analysis.CLASSES``, ``None`` in a gap, whose reason is ``gap``. ``blinks`` counts from the beginning.
    """

    t: float
    width: int
    height: int
    box: Box | None
    points: np.ndarray | None
    count: int
    gap: str | None
    raw: list[float] | None = None
    p: list[float] | None = None
    label: str | None = None
    blinks: int = 0


class Watcher:
    """Look at one person's pictures, one after the other."""

    def __init__(self) -> None:
        manifest = read_manifest(FOLDER)
        self.network, self.temperature, self.unclear = load(FOLDER, "face"), float(manifest["temperature"]), float(manifest["thresholds"]["unclear"])
        self.finder = Finder()
        self.detected = -np.inf
        self.anchor: tuple[Box, np.ndarray] | None = None  # the detected box, and the middle of its landmarks then
        self.box: Box | None = None
        self.count = 0
        self.t = -np.inf
        self.recent: deque[tuple[float, np.ndarray]] = deque()
        self.eyes: deque[tuple[float, float]] = deque()
        self.blinked = -np.inf
        self.looked_for_blinks = -np.inf
        self.blinks = 0
        self.take: Take | None = None

    def look(self, t: float, picture: Picture) -> Seen:
        """Look at one picture that was taken ``t`` seconds after the beginning.

        Raises
        ------
        InputError
            When the picture is not later than the one before.
        """
        if not t > self.t:
            raise InputError("A picture must be later than the one before it.")
        self.t = t
        sighting, raw = self._sight(t, picture), None
        height, width = picture.grey.shape
        seen = Seen(t, width, height, sighting.box, sighting.points, sighting.count, sighting.gap)
        if sighting.gap is None and sighting.box is not None and sighting.points is not None:
            raw = softmax(self.network({"face": normalised(crop(picture.grey, sighting.points)[None])})[0][0], self.temperature)
            seen.raw, seen.p = rounded(raw.tolist()), rounded(self._smooth(t, raw).tolist())
            seen.label = label_of(seen.p, self.unclear)
            self.eyes.append((t, eyes_openness(sighting.points)))
        seen.blinks = self._count_blinks(t)
        if self.take is not None:
            self.take.add(sighting, raw)
        return seen

    def begin(self, t: float, pictures: Path) -> None:
        """Begin to keep what is seen from ``t`` on, for ``end``; key frames are written to the folder ``pictures``."""
        self.take = Take(t, pictures)

    def end(self) -> Analysis | None:
        """Return the analysis of what was seen since ``begin``; ``None`` where that is too little."""
        take, self.take = self.take, None
        return None if take is None else take.finish(self.network, self.unclear)

    def _sight(self, t: float, picture: Picture) -> Sighting:
        if t - self.detected >= DETECT_SECONDS:
            self.detected = t
            with DETECTING:
                box, self.count = self.finder.find(t, picture.grey)
            sighting = sight(t, picture, box, self.count)
            self.anchor = (box, sighting.points.mean(axis=0)) if box is not None and sighting.points is not None else None
        else:
            sighting = sight(t, picture, self.box, self.count)
            if self.anchor is not None and sighting.points is not None:
                (x, y, width, height), middle = self.anchor
                right, down = sighting.points.mean(axis=0) - middle
                sighting.box = (round(x + right), round(y + down), width, height)
        self.box = sighting.box
        return sighting

    def _smooth(self, t: float, raw: np.ndarray) -> np.ndarray:
        """Return ``raw`` smoothed as the file's, of which only the half before ``t`` is known."""
        if self.recent and t - self.recent[-1][0] > HOLE_SECONDS:
            self.recent.clear()
        self.recent.append((t, raw))
        while self.recent[0][0] < t - REACH * WIDTH_SECONDS:
            self.recent.popleft()
        return smoothed([moment for moment, _ in self.recent], np.stack([p for _, p in self.recent]))[-1]

    def _count_blinks(self, t: float) -> int:
        while self.eyes and self.eyes[0][0] < t - OPEN_SECONDS:
            self.eyes.popleft()
        if t - self.looked_for_blinks >= BLINK_SECONDS and self.eyes:
            begin, self.looked_for_blinks = self.looked_for_blinks - BLINK_LATE_SECONDS, t
            times, openness = (np.array(values) for values in zip(*self.eyes, strict=True))
            for blink in find_blinks(times, openness):
                if begin - SAME_BLINK_SECONDS < blink.t <= t - BLINK_LATE_SECONDS and blink.t > self.blinked + SAME_BLINK_SECONDS:
                    self.blinked = blink.t
                    self.blinks += 1
        return self.blinks


class Take:
    """Gather what is seen while somebody records, and make of it what ``predict.analyze`` makes of a file.

    Smoothing, labels, blinks and facts know the whole of it and are the file's own; between two detections the boxes are live ones.
    """

    def __init__(self, began: float, pictures: Path) -> None:
        self.began, self.shape = began, (0, 0)
        self.seen, self.key_frames = Observations(), KeyFrames(pictures)
        self.timeline: list[Moment] = []
        self.raw: dict[int, np.ndarray] = {}

    def add(self, sighting: Sighting, raw: np.ndarray | None) -> None:
        """Take down one sighting with its calibrated probabilities (7,), ``None`` in a gap."""
        if sighting.t < self.began or len(self.timeline) >= MOMENTS_MOST:
            return
        sighting = replace(sighting, t=sighting.t - self.began)
        self.seen.add(sighting)
        self.key_frames.offer(len(self.timeline), sighting)
        if raw is not None:
            self.raw[len(self.timeline)] = raw
        box = list(sighting.box) if sighting.box is not None else None
        self.timeline.append(Moment(t=round(sighting.t, TIME_DECIMALS), gap=sighting.gap, box=box))
        self.shape = sighting.picture.grey.shape

    def finish(self, network: Network, unclear: float) -> Analysis | None:
        """Return the analysis, whose source has neither name nor hash yet; ``None`` where a face was seen too shortly."""
        if not self.raw or len(self.raw) < FACE_SECONDS_LEAST * self.seen.fps:
            return None
        label(self.timeline, self.raw, unclear)
        shares, most_frequent, coverage = summarise(self.timeline)
        source = Source("", "", self.timeline[-1].t, self.shape[1], self.shape[0], round(self.seen.fps, 3))
        return Analysis(
            modality="video", source=source, models=versions(), timeline=self.timeline, shares=shares, most_frequent=most_frequent, coverage=coverage,
            facts=facts_of(self.seen, self.timeline), warnings=warnings_of(self.seen), key_frames=self.key_frames.choose(self.timeline, network),
        )  # fmt: skip


@cache
def warm() -> None:
    """Load the models and run each of them once, so that nobody's first picture waits for it."""
    load_models()
    blank = np.zeros((480, 640), np.uint8)
    watcher = Watcher()
    watcher.look(0.0, grey_only(blank))
    watcher.network({"face": normalised(crop(blank, find_landmarks(blank, (200, 100, 200, 200)))[None])})


def picture_of(data: bytes) -> Picture:
    """Decode a JPEG, its colours on demand; its size is read before anything is decoded.

    Raises
    ------
    InputError
        When it is not a JPEG, is damaged, or is larger than ``SIDE_MOST``.
    """
    size = jpeg_size(data)
    if size is None or not 0 < min(size) or max(size) > SIDE_MOST:
        raise InputError(NOT_A_PICTURE, most=SIDE_MOST)
    return Picture(_decoded(data, cv2.IMREAD_GRAYSCALE), lambda: _decoded(data, cv2.IMREAD_COLOR_RGB))


def _decoded(data: bytes, colours: int) -> np.ndarray:
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), colours | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error:
        picture = None
    if picture is None:
        raise InputError(NOT_A_PICTURE, most=SIDE_MOST)
    return picture


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Return width and height as a JPEG's frame header says (ITU-T T.81, B.2.2), ``None`` where there is no such header."""
    if data[:2] != JPEG_BEGIN:
        return None
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF or marker in JPEG_BARE:  # a fill byte, or a marker that stands alone
            at += 1 if marker == 0xFF else 2
            continue
        if marker in (JPEG_SCAN, JPEG_END):
            return None
        if marker in JPEG_FRAMES:
            return (int.from_bytes(data[at + 7 : at + 9]), int.from_bytes(data[at + 5 : at + 7])) if at + 9 <= len(data) else None
        at += 2 + int.from_bytes(data[at + 2 : at + 4])
    return None
