"""Run the voice network over a sound: every window once, then a context of three seconds around each half second."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from audio import features
from audio.data import EMOTIONS
from audio.features import CONTEXT, STEP, WINDOW, WINDOWS
from core import engine, manifest
from core.analysis import CLASSES

MODELS = manifest.MODELS / "audio"
BATCH = 32  # windows in one run of the network
HALF = CONTEXT // 2  # frames

assert HALF % STEP == 0, "contexts around every half second share their windows"


class Sound(Protocol):
    """Name what is needed of a sound: log-mel (frames, MELS) in dB, the level of its speech in dB, first and end frame of its speech."""

    @property
    def spectrogram(self) -> np.ndarray: ...
    @property
    def level(self) -> float: ...
    @property
    def span(self) -> tuple[int, int]: ...


@dataclass
class Voice:
    """Join the window network and the sequence network for prediction."""

    window: engine.Network
    sequence: engine.Network

    def logits(self, sound: Sound, start: int, contexts: int) -> np.ndarray:
        """Return logits, shape ``(contexts, len(EMOTIONS))``, of contexts that begin at frame ``start`` (may be negative), one every ``STEP``."""
        vectors = np.concatenate(list(self._vectors(sound, start, contexts + WINDOWS - 1)))
        sequences = np.lib.stride_tricks.sliding_window_view(vectors, WINDOWS, axis=0).transpose(0, 2, 1)
        parts = [self.sequence({"vectors": np.ascontiguousarray(sequences[i : i + BATCH])})[0] for i in range(0, contexts, BATCH)]
        return np.concatenate(parts)

    def logits_over_time(self, sound: Sound, moments: int) -> np.ndarray:
        """Return logits, shape ``(moments, len(EMOTIONS))``: row ``k`` is the context whose middle is ``k`` half seconds from the beginning."""
        return self.logits(sound, -HALF, moments)

    def logits_of_clip(self, sound: Sound) -> np.ndarray:
        """Return the mean logits, shape ``(len(EMOTIONS),)``, of the contexts around a short clip's speech: three, more where it is longer."""
        first, end = sound.span
        contexts = max(3, 1 + -(-(end - first - CONTEXT) // STEP))
        start = (first + end) // 2 - (CONTEXT + (contexts - 1) * STEP) // 2
        return self.logits(sound, start, contexts).mean(axis=0)

    def _vectors(self, sound: Sound, start: int, count: int) -> Iterator[np.ndarray]:
        level = sound.level
        for index in range(0, count, BATCH):
            several = min(BATCH, count - index)
            frames = features.crop(sound.spectrogram, start + index * STEP, WINDOW + (several - 1) * STEP, level + features.QUIETEST)
            yield self.window({"window": features.windows(features.normalise(frames, level))})[0]


def load(folder: Path = MODELS) -> Voice:
    """Load the two networks of a model folder."""
    return Voice(engine.load(folder, "window"), engine.load(folder, "sequence"))


def merge_calm(probabilities: np.ndarray) -> np.ndarray:
    """Return the product's seven classes, shape ``(…, len(CLASSES))``, of the network's eight: *calm* is added to *neutral*."""
    merged = np.zeros((*probabilities.shape[:-1], len(CLASSES)), probabilities.dtype)
    for index, name in enumerate(EMOTIONS):
        merged[..., CLASSES.index("neutral" if name == "calm" else name)] += probabilities[..., index]
    return merged


def seven(labels: np.ndarray) -> np.ndarray:
    """Return the product's class of each of the network's classes, integers of the same shape."""
    return merge_calm(np.eye(len(EMOTIONS))).argmax(axis=1)[labels]
