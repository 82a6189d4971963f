"""Run the voice network over a sound: every window once, then a context of three seconds around each half second."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from audio import baseline, features, prosody
from audio.baseline import Baseline
from audio.features import CONTEXT, STEP, STRIDE, WINDOW, WINDOWS
from core import calibration, engine, manifest
from core.analysis import CLASSES

MODELS = manifest.MODELS / "audio"
EMOTIONS = ("angry", "calm", "disgust", "fear", "happy", "neutral", "sad", "surprise")  # the network's classes, in its order
BATCH = 32  # windows in one run of the network
LEAST_SPOKEN = 0.5  # share of a window that must be speech to count for a baseline
HALF = CONTEXT // 2  # frames

assert HALF % STEP == 0, "contexts around every half second share their windows"


class Sound(baseline.Sound, Protocol):
    """Name what is needed of a sound: what a baseline needs, the level of its speech in dB, first and end frame of its speech."""

    @property
    def level(self) -> float: ...
    @property
    def span(self) -> tuple[int, int]: ...


@dataclass
class Voice:
    """Join the window network and the sequence network for prediction; both hold several members side by side, trained apart, whose logits are averaged."""

    window: engine.Network
    sequence: engine.Network
    shift: np.ndarray = field(default_factory=lambda: np.zeros(len(EMOTIONS)))  # added to the mean logits: see ``train.calibrate``

    def logits(self, sound: Sound, start: int, contexts: int, reference: Baseline | None = None) -> np.ndarray:
        """Return logits, shape ``(contexts, len(EMOTIONS))``, of contexts that begin at frame ``start`` (may be negative), one every ``STEP``.

        ``reference`` is the speaker's baseline; without one the sound is compared with its own means.
        """
        return self._mean(self.members(sound, start, contexts, reference))

    def members(self, sound: Sound, start: int, contexts: int, reference: Baseline | None = None) -> np.ndarray:
        """Return the logits of each member, shape ``(contexts, members, len(EMOTIONS))``, as ``logits`` averages them."""
        return self._said(self.inputs(sound, start, contexts, reference))

    def _said(self, inputs: dict[str, np.ndarray]) -> np.ndarray:
        return np.concatenate([self.sequence({name: rows[i : i + BATCH] for name, rows in inputs.items()})[0] for i in range(0, len(inputs["vectors"]), BATCH)])

    def inputs(self, sound: Sound, start: int, contexts: int, reference: Baseline | None = None) -> dict[str, np.ndarray]:
        """Return what the sequence network is given for the contexts of ``logits``, by name of its inputs."""
        reference = reference or baseline.own(sound)
        count = contexts + (WINDOWS - 1) * STRIDE
        vectors = np.concatenate(list(self._vectors(sound, start, count, reference)))
        level, pitches, speech = (
            features.crop(row, start, WINDOW + (count - 1) * STEP, fill)
            for row, fill in ((sound.levels, sound.level + features.QUIETEST), (sound.pitches, np.nan), (sound.speech, 0.0))
        )
        heard = prosody.of_windows(level, pitches, speech > 0, reference)
        neutral = np.zeros(vectors.shape[1], np.float32) if reference.vector is None else reference.vector
        rows = {"vectors": contexts_of(vectors), "prosody": contexts_of(heard), "baseline": np.broadcast_to(neutral, (contexts, len(neutral)))}
        return {name: np.ascontiguousarray(values) for name, values in rows.items()}

    def logits_over_time(self, sound: Sound, moments: int, reference: Baseline | None = None) -> np.ndarray:
        """Return logits, shape ``(moments, len(EMOTIONS))``: row ``k`` is the context whose middle is ``k`` half seconds from the beginning."""
        return self.logits(sound, -HALF, moments, reference)

    def falls(self, sound: Sound, labels: np.ndarray, temperature: float, reference: Baseline | None = None) -> np.ndarray:
        """Return by how much the probability of each moment's label (of the product's seven) falls without one window, shape ``(moments, WINDOWS)``.

        Taken away means: the mean of the recording's speech takes the place of that window's vector and prosody.
        """
        whole = self.inputs(sound, -HALF, len(labels), reference)
        chosen = np.arange(len(labels)), labels
        spoken = whole["prosody"][:, :, 0] >= LEAST_SPOKEN
        middle = {name: whole[name][spoken].mean(axis=0) if spoken.any() else whole[name].mean(axis=(0, 1)) for name in ("vectors", "prosody")}
        before = self._probabilities(whole, temperature)[chosen]
        found = []
        for place in range(WINDOWS):
            without = {**whole, **{name: whole[name].copy() for name in middle}}
            for name, value in middle.items():
                without[name][:, place] = value
            found.append(before - self._probabilities(without, temperature)[chosen])
        return np.stack(found, axis=1)

    def _probabilities(self, inputs: dict[str, np.ndarray], temperature: float) -> np.ndarray:
        return merge_calm(calibration.softmax(self._mean(self._said(inputs)), temperature))

    def _mean(self, members: np.ndarray) -> np.ndarray:
        return members.mean(axis=-2) + self.shift

    def logits_of_clip(self, sound: Sound, reference: Baseline | None = None) -> np.ndarray:
        """Return the mean logits, shape ``(len(EMOTIONS),)``, of the contexts around a short clip's speech."""
        return self._mean(self.members_of_clip(sound, reference))

    def members_of_clip(self, sound: Sound, reference: Baseline | None = None) -> np.ndarray:
        """Return each member's mean logits, shape ``(members, len(EMOTIONS))``, of the contexts around a short clip's speech: three, more where it is longer."""
        first, end = sound.span
        contexts = max(3, 1 + -(-(end - first - CONTEXT) // STEP))
        start = (first + end) // 2 - (CONTEXT + (contexts - 1) * STEP) // 2
        return self.members(sound, start, contexts, reference).mean(axis=0)

    def baseline(self, sounds: Sequence[Sound]) -> Baseline:
        """Return the baseline that neutral recordings of one speaker make together."""
        means = []
        for sound in sounds:
            inputs = spoken_windows(sound)
            vectors = [self.window({"window": inputs[i : i + BATCH]})[0] for i in range(0, len(inputs), BATCH)]
            means.append(replace(baseline.own(sound), vector=np.concatenate(vectors).mean(axis=0)))
        return baseline.joined(means)

    def _vectors(self, sound: Sound, start: int, count: int, reference: Baseline) -> Iterator[np.ndarray]:
        level = sound.level
        for index in range(0, count, BATCH):
            several = min(BATCH, count - index)
            frames = features.crop(sound.spectrogram, start + index * STEP, WINDOW + (several - 1) * STEP, level + features.QUIETEST)
            yield self.window({"window": features.windows(features.normalise(frames, level, reference.bands))})[0]


def contexts_of(rows: np.ndarray) -> np.ndarray:
    """Return for each context the rows of its windows, shape ``(contexts, WINDOWS, size)``, of rows one every ``STEP``."""
    return np.lib.stride_tricks.sliding_window_view(rows, (WINDOWS - 1) * STRIDE + 1, axis=0)[..., ::STRIDE].transpose(0, 2, 1)


def spoken_windows(sound: Sound) -> np.ndarray:
    """Return the windows of a recording's speech, compared with its own means, shape ``(windows, WINDOW, MELS, VIEWS)``; those that are mostly pause are left out."""
    first, end = sound.span
    count = max(1, 1 + (end - first - WINDOW) // STEP)
    start = (first + end) // 2 - (WINDOW + (count - 1) * STEP) // 2
    frames = features.crop(sound.spectrogram, start, WINDOW + (count - 1) * STEP, sound.level + features.QUIETEST)
    spoken = features.crop(sound.speech, start, len(frames), 0.0)
    share = np.lib.stride_tricks.sliding_window_view(spoken, WINDOW)[::STEP].mean(axis=1)
    chosen = share >= min(LEAST_SPOKEN, float(share.max()))
    return features.windows(features.normalise(frames, sound.level, baseline.own(sound).bands))[chosen]


def load(folder: Path = MODELS) -> Voice:
    """Load the two networks of a model folder."""
    return Voice(engine.load(folder, "window"), engine.load(folder, "sequence"), np.array(manifest.read_manifest(folder)["shift"]))


def merge_calm(probabilities: np.ndarray) -> np.ndarray:
    """Return the product's seven classes, shape ``(…, len(CLASSES))``, of the network's eight: *calm* is added to *neutral*."""
    merged = np.zeros((*probabilities.shape[:-1], len(CLASSES)), probabilities.dtype)
    for index, name in enumerate(EMOTIONS):
        merged[..., CLASSES.index("neutral" if name == "calm" else name)] += probabilities[..., index]
    return merged


def seven(labels: np.ndarray) -> np.ndarray:
    """Return the product's class of each of the network's classes, integers of the same shape."""
    return merge_calm(np.eye(len(EMOTIONS))).argmax(axis=1)[labels]
