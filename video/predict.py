"""Say what the models see in a video: expressions over time, blinks and other facts. The only door into this package."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from core import InputError
from core.ahead import ahead
from core.analysis import TIME_DECIMALS, Analysis, ModelVersion, Moment, Source, label_of, rounded, summarise
from core.calibration import softmax
from core.engine import Network, load
from core.manifest import MODELS, read_manifest, sha256_of
from core.media import MIN_SECONDS, NO_PICTURE, TOO_SHORT, probe
from core.pictures import pictures as pictures_of
from core.terminal import Progress
from video import landmarks
from video.faces import follow
from video.facts import Observations, facts_of, warnings_of
from video.features import frame_of, normalised, resized, window
from video.key_frames import KeyFrames
from video.smoothing import smoothed

FOLDER = MODELS / "video"
BATCH = 32  # faces
PENDING = 3  # batches that wait for the network
QUEUED = 8  # pictures decoded ahead
FACE_SECONDS_LEAST = 0.5  # of a face in the whole recording; less may be a mistake of the detector
NO_FACE = "No face can be seen in this video. Please sit facing the camera, in good light, with the whole face in the picture."
NO_CLEAR_FACE = (
    "A face can be seen, but never well enough to read: it is too dark, too small or turned to the side. Please sit facing the camera, in good light."
)
LOOKING, SUMMING_UP = "looking at the face", "summing up"
LOOKING_SHARE = 0.98  # of the whole call
UNKNOWN_SECONDS = 60.0  # progress of a recording whose length is not known: half way after so long

cv2.setNumThreads(1)  # the workers are the parallelism


def analyze(source: Path, progress: Progress | None = None, *, name: str | None = None, pictures: Path | None = None) -> Analysis:
    """Analyse the faces in a video.

    Parameters
    ----------
    source
        The video file.
    progress
        Called with the stage and the share done, 0…1.
    name
        The file name to show; the file's own by default.
    pictures
        Folder for the JPEGs of the key frames; without one none are made.

    Raises
    ------
    InputError
        When there is no moving picture, it cannot be decoded, lasts less than 2 seconds, or shows no face.
    """
    source = Path(source)
    info = probe(source)
    if not info.has_video:
        raise InputError(NO_PICTURE)
    network = load(FOLDER, "face")
    reader = Reader(network, float(read_manifest(FOLDER)["temperature"]))
    seen, key_frames, timeline = Observations(), KeyFrames(pictures), list[Moment]()
    shape: tuple[int, ...] = (info.height or 0, info.width or 0)
    for sighting in follow(ahead(pictures_of(source), QUEUED)):
        seen.add(sighting)
        key_frames.offer(len(timeline), sighting)
        if sighting.gap is None and sighting.points is not None:
            reader.read(len(timeline), window(sighting.picture.grey, frame_of(sighting.points)).copy())
        box = list(sighting.box) if sighting.box is not None else None
        timeline.append(Moment(t=round(sighting.t, TIME_DECIMALS), gap=sighting.gap, box=box))
        shape = sighting.picture.grey.shape
        if progress is not None:
            progress(LOOKING, LOOKING_SHARE * _share(sighting.t, info.seconds))
    seconds = _seconds(seen.times, info.seconds)
    if seconds < MIN_SECONDS:
        raise InputError(TOO_SHORT, seconds=seconds, least=int(MIN_SECONDS))
    raw = reader.finish()
    if sum(count > 0 for count in seen.counts) < FACE_SECONDS_LEAST * seen.fps:
        raise InputError(NO_FACE)
    if len(raw) < FACE_SECONDS_LEAST * seen.fps:
        raise InputError(NO_CLEAR_FACE)
    if progress is not None:
        progress(SUMMING_UP, LOOKING_SHARE)
    label(timeline, raw, float(read_manifest(FOLDER)["thresholds"]["unclear"]))
    shares, most_frequent, coverage = summarise(timeline)
    analysis = Analysis(
        modality="video",
        source=Source(
            name=name or source.name, sha256=sha256_of(source), seconds=round(seconds, TIME_DECIMALS),
            width=shape[1], height=shape[0], fps=round(seen.fps, 3), has_audio=info.has_audio,
        ),
        models=versions(), timeline=timeline, shares=shares, most_frequent=most_frequent, coverage=coverage,
        facts=facts_of(seen, timeline), warnings=warnings_of(seen), key_frames=key_frames.choose(timeline, network),
    )  # fmt: skip
    if progress is not None:
        progress(SUMMING_UP, 1.0)
    return analysis


class Reader:
    """Read faces in batches, in a thread of its own; probabilities come back by their place in the timeline."""

    def __init__(self, network: Network, temperature: float) -> None:
        self.network, self.temperature = network, temperature
        self.pool = ThreadPoolExecutor(1, "network")
        self.waiting: list[tuple[int, np.ndarray]] = []
        self.pending: deque[tuple[list[int], Future[np.ndarray]]] = deque()
        self.done: dict[int, np.ndarray] = {}

    def read(self, index: int, face: np.ndarray) -> None:
        """Take a face, a square uint8 (side, side), for moment ``index``."""
        self.waiting.append((index, face))
        if len(self.waiting) == BATCH:
            self._flush()

    def finish(self) -> dict[int, np.ndarray]:
        """Return the calibrated probabilities (7,) by moment."""
        self._flush()
        self._take(0)
        self.pool.shutdown()
        return self.done

    def _flush(self) -> None:
        if self.waiting:
            indices, faces = zip(*self.waiting, strict=True)
            self.pending.append((list(indices), self.pool.submit(self._probabilities, faces)))
            self.waiting = []
            self._take(PENDING)

    def _take(self, left: int) -> None:
        while len(self.pending) > left:
            indices, future = self.pending.popleft()
            self.done.update(zip(indices, future.result(), strict=True))

    def _probabilities(self, faces: Sequence[np.ndarray]) -> np.ndarray:
        return softmax(self.network({"face": normalised(np.stack([resized(face) for face in faces]))})[0], self.temperature)


def label(timeline: list[Moment], raw: dict[int, np.ndarray], threshold: float) -> None:
    """Write raw and smoothed probabilities and the label of the smoothed ones into the moments that ``raw`` names."""
    order = sorted(raw)
    even = smoothed([timeline[i].t for i in order], np.stack([raw[i] for i in order]))
    for i, p in zip(order, even, strict=True):
        moment = timeline[i]
        moment.raw, moment.p = rounded(raw[i].tolist()), rounded(p.tolist())
        moment.label = label_of(moment.p, threshold)


def warm() -> None:
    """Load the network and the landmark model, so that the first answer does not wait for them."""
    load(FOLDER, "face")
    landmarks.warm()


def versions() -> dict[str, ModelVersion]:
    """Name the models that take part, without loading them."""
    manifest = read_manifest(FOLDER)
    return {
        "face": ModelVersion(manifest["version"], manifest["files"]["face.onnx"]["sha256"]),
        "landmarks": ModelVersion(landmarks.VERSION, landmarks.landmark_digest()),
    }


def _share(t: float, seconds: float | None) -> float:
    return min(1.0, t / seconds) if seconds else t / (t + UNKNOWN_SECONDS)


def _seconds(times: list[float], stated: float | None) -> float:
    # The last frame is shown for one frame more; a header may say more than a truncated file holds.
    shown = times[-1] + (times[-1] - times[0]) / (len(times) - 1) if len(times) > 1 else 0.0
    return min(stated, shown) if stated else shown
