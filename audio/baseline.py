"""What a speaker sounds like without any emotion: the reference that a recording is compared with.

Means of neutral recordings of the same speaker, subtracted from what is heard, take away much of what tells speakers, rooms and microphones apart
(Busso, Mariooryad, Metallinou & Narayanan, "Iterative feature normalization scheme for automatic emotion detection from speech", IEEE Transactions on
Affective Computing 4(4), 2013). Where there are none, the recording's own means take their place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from audio import features

SEMITONES = 12  # in an octave
PITCH_ZERO = 55.0  # Hz that pitches in semitones count from: the note A1


class Sound(Protocol):
    """Name what is needed of a sound: log-mel (frames, MELS) and levels (frames,) in dB, pitch in Hz or NaN (frames,), which frames are speech (frames,)."""

    @property
    def spectrogram(self) -> np.ndarray: ...
    @property
    def levels(self) -> np.ndarray: ...
    @property
    def pitches(self) -> np.ndarray: ...
    @property
    def speech(self) -> np.ndarray: ...


@dataclass(frozen=True)
class Baseline:
    """Hold means over the speech of one or several recordings.

    Attributes
    ----------
    bands
        Mean of each log-mel band in dB, shape ``(MELS,)``.
    level
        Level in dB.
    pitch
        Median pitch in semitones above ``PITCH_ZERO``, NaN where there is none.
    vector
        Mean of the window network's vectors, shape ``(FILTERS[-1],)``; ``None`` where these are a recording's own means and say nothing of its speaker.
    """

    bands: np.ndarray
    level: float
    pitch: float
    vector: np.ndarray | None = None


def semitones(pitches: np.ndarray) -> np.ndarray:
    """Return pitches in Hz as semitones above ``PITCH_ZERO``; NaN stays NaN."""
    return SEMITONES * np.log2(pitches / PITCH_ZERO)


def own(sound: Sound) -> Baseline:
    """Return the means of a recording over its own speech, over all of it where none was found."""
    chosen = sound.speech if sound.speech.any() else np.ones(len(sound.speech), bool)
    voiced = sound.pitches[chosen & ~np.isnan(sound.pitches)]
    bands = sound.spectrogram[chosen].mean(axis=0) if len(chosen) else np.full(features.MELS, 10 * np.log10(features.POWER_FLOOR))
    return Baseline(
        bands.astype(np.float32), features.level_of(sound.levels, sound.speech), float(np.median(semitones(voiced))) if len(voiced) else float("nan")
    )


def joined(baselines: Sequence[Baseline]) -> Baseline:
    """Return the mean of several baselines, each counting the same however long it was."""
    pitches = [b.pitch for b in baselines if not np.isnan(b.pitch)]
    vectors = [b.vector for b in baselines if b.vector is not None]
    return Baseline(
        np.asarray(np.mean([b.bands for b in baselines], axis=0, dtype=np.float32)),
        float(np.mean([b.level for b in baselines])),
        float(np.mean(pitches)) if pitches else float("nan"),
        np.asarray(np.mean(vectors, axis=0, dtype=np.float32)) if vectors else None,
    )
