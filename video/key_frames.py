"""Choose the frames to show: spread over the answer, each typical of its part of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from core.analysis import CLASSES, KeyFrame, Moment
from core.engine import Network
from video.explain import activation_map
from video.faces import Sighting
from video.features import crop, frame_of, normalised

SHOWN = 8  # frames at most
WIDTH_MOST = 480  # pixels of a picture
QUALITY = 80  # of the JPEG, 0–100
SPACING_SECONDS = 0.25  # between two candidates at first; doubled when there are too many
CANDIDATES_MOST = 96
PLACE_DECIMALS = 3


@dataclass
class Candidate:
    """Hold a frame that may be shown: its place in the timeline, its JPEG, box and landmarks, and the face uint8 (48, 48)."""

    index: int
    t: float
    jpeg: bytes
    box: tuple[int, int, int, int]
    points: np.ndarray
    face: np.ndarray
    width: int
    height: int


class KeyFrames:
    """Gather candidates while frames pass by, and choose among them at the end; memory does not grow with the recording."""

    def __init__(self, pictures: Path | None) -> None:
        self.pictures = pictures
        self.candidates: list[Candidate] = []
        self.spacing = SPACING_SECONDS

    def offer(self, index: int, sighting: Sighting) -> None:
        """Keep a sighting as a candidate when it shows a face and the last one is long enough ago."""
        if sighting.gap is not None or sighting.box is None or sighting.points is None:
            return
        if self.candidates and sighting.t - self.candidates[-1].t < self.spacing:
            return
        height, width = sighting.picture.grey.shape
        jpeg = encoded(sighting.picture.rgb()) if self.pictures is not None else b""
        self.candidates.append(Candidate(index, sighting.t, jpeg, sighting.box, sighting.points, crop(sighting.picture.grey, sighting.points), width, height))
        if len(self.candidates) > CANDIDATES_MOST:
            self.candidates = self.candidates[::2]
            self.spacing *= 2

    def choose(self, timeline: list[Moment], network: Network) -> list[KeyFrame]:
        """Return at most ``SHOWN`` key frames in order, and write their JPEGs to the folder of pictures.

        The candidates are cut into parts of equal number; each part gives the one whose label is the part's most frequent and
        whose probability for it is highest.
        """
        parts = [part for part in np.array_split(np.arange(len(self.candidates)), SHOWN) if len(part)]
        chosen = []
        for part in parts:
            members = [self.candidates[i] for i in part]
            labels = [timeline[member.index].label for member in members]
            usual = max(dict.fromkeys(labels), key=labels.count)
            typical = [member for member, label in zip(members, labels, strict=True) if label == usual]
            chosen.append(max(typical, key=lambda member: max(timeline[member.index].p or [0.0])))
        if not chosen:
            return []
        maps = network({"face": normalised(np.stack([candidate.face for candidate in chosen]))})[1]
        return [self._shown(candidate, timeline[candidate.index], places) for candidate, places in zip(chosen, maps, strict=True)]

    def _shown(self, candidate: Candidate, moment: Moment, maps: np.ndarray) -> KeyFrame:
        name = None
        if self.pictures is not None:
            name = f"frame-{round(candidate.t * 1000):07}.jpg"
            self.pictures.mkdir(parents=True, exist_ok=True)
            (self.pictures / name).write_bytes(candidate.jpeg)
        p = moment.p or [0.0] * len(CLASSES)
        best = int(np.argmax(p))
        return KeyFrame(
            t=moment.t, label=moment.label, confidence=p[best] or None, box=list(candidate.box),
            landmarks=[[round(x), round(y)] for x, y in candidate.points.tolist()], width=candidate.width, height=candidate.height, picture=name,
            frame=list(frame_of(candidate.points)), places=activation_map(maps, best).round(PLACE_DECIMALS).tolist(), places_for=CLASSES[best],
        )  # fmt: skip


def encoded(picture: np.ndarray) -> bytes:
    """Return the JPEG of an RGB picture, at most ``WIDTH_MOST`` pixels wide."""
    height, width = picture.shape[:2]
    if width > WIDTH_MOST:
        picture = cv2.resize(picture, (WIDTH_MOST, max(1, round(height * WIDTH_MOST / width))), interpolation=cv2.INTER_AREA)
    done, data = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise RuntimeError("OpenCV could not encode a JPEG")
    return data.tobytes()
