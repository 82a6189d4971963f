"""Vary training examples on the log-mel spectrogram: tempo, pitch, room, microphone, joined clips, baselines, masks, mixtures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import cv2
import numpy as np
from scipy.signal import lfilter

from audio import baseline, features, prosody
from audio.baseline import Baseline
from audio.data import RAVDESS, Clip
from audio.features import CONTEXT, FRAME_RATE, MELS
from audio.voice import EMOTIONS

TEMPO = (0.85, 1.18)  # factor
MEL_SHIFT = 3.0  # bands up or down: vocal tract length
PITCH_SHIFT = 2.0  # semitones up or down, of the speaker and of the baseline alike
MARGIN = FRAME_RATE // 2  # frames of silence kept at most on either side of the speech: 0.5 s
JOINED = 0.15  # share of the examples made of two clips of the same actor and emotion, as in continuous speech
JOIN_PAUSE = 24  # frames at most between the two
GAIN = 4.0  # dB up or down: loud and soft passages of one answer
GAIN_FROM_BASELINE = 3.0  # dB, standard deviation: how far a person sits from the microphone when the baseline is recorded
TILT = 4.0  # dB from the middle to either end of the spectrum: microphones
ROOM_SHARE, ROOM_DECAY, ROOM_LEVEL = 0.15, (0.15, 0.5), (-12.0, -3.0)  # reverberation: share of the examples, s for 60 dB, dB from the voice
PHONE_SHARE, PHONE_BAND, PHONE_LOSS = 0.1, (300.0, 3400.0), 45.0  # a telephone's band in Hz, and dB lost outside
NOISE_SHARE = 0.5
NOISE_SNR = (5.0, 45.0)  # dB
NOISE_TILT = (-15.0, 5.0)  # dB over the spectrum
TIME_MASKS, TIME_MASK = 2, 16  # frames at most (SpecAugment, Park et al. 2019)
BAND_MASKS, BAND_MASK = 2, 8  # bands at most
MIX_SHARE = 0.2  # share of the batches that are mixed up (Zhang et al., ICLR 2018)
MIX_ALPHA = 0.3
BASELINE_SHARE = 0.5  # share of the examples that come with neutral clips of their speaker
BASELINE_CLIPS = 3  # at most
RAVDESS_SHARE = 0.4  # of the examples; the other corpora have the rest in equal parts

BANDS = np.arange(MELS)
CENTRES = features.mel_to_hz(np.linspace(features.hz_to_mel(np.array(features.LOWEST)), features.hz_to_mel(np.array(features.HIGHEST)), MELS + 2))[1:-1]
OUTSIDE_PHONE = np.where((CENTRES < PHONE_BAND[0]) | (CENTRES > PHONE_BAND[1]), np.float32(PHONE_LOSS), np.float32(0))
GRAIN = 1 << 18  # values of noise that one batch draws from


@dataclass
class Batch:
    """Hold the inputs of one batch: contexts (n, CONTEXT, MELS, VIEWS), prosody (n, WINDOWS, SIZE), baseline (n, vector), and who they are of.

    ``targets`` (n, len(EMOTIONS)) are probabilities, ``lessons`` (n, size) the teacher's vectors (size 0 without one).
    """

    contexts: np.ndarray
    prosody: np.ndarray
    baseline: np.ndarray
    targets: np.ndarray
    lessons: np.ndarray


@dataclass
class Pool:
    """Hold the clips that examples are drawn from, their targets and lessons by row, and the window network's vectors of neutral clips."""

    MOST_NEUTRAL: ClassVar[int] = 4  # neutral clips of one speaker that are given a vector

    clips: Sequence[Clip]
    targets: np.ndarray
    lessons: np.ndarray
    vectors: dict[int, np.ndarray]
    width: int

    def __post_init__(self) -> None:
        self.partners: dict[tuple[str, str, int], list[int]] = {}
        for index, clip in enumerate(self.clips):
            self.partners.setdefault((clip.corpus, clip.speaker, clip.label), []).append(index)
        self.neutral = {key[:2]: rows for key, rows in self.partners.items() if key[2] == EMOTIONS.index("neutral")}
        self.weights = _weights(self.clips)

    def draw(self, examples: int, random: np.random.Generator) -> np.ndarray:
        """Return clips' rows in random order, each about as often as its weight asks for."""
        order = random.permutation(len(self.clips))
        edges = np.cumsum(self.weights[order])
        rows = order[np.minimum(np.searchsorted(edges, (np.arange(examples) + random.random()) / examples * edges[-1]), len(order) - 1)]
        return random.permutation(rows)

    def reference(self, index: int, random: np.random.Generator) -> Baseline | None:
        """Return the baseline of up to ``BASELINE_CLIPS`` other neutral clips of the same speaker; ``None`` where there are none."""
        clip = self.clips[index]
        others = [row for row in self.neutral.get((clip.corpus, clip.speaker), []) if row != index and row in self.vectors]
        if not others:
            return None
        several = random.choice(others, min(len(others), int(random.integers(1, BASELINE_CLIPS + 1))), replace=False)
        return baseline.joined([replace(self.clips[row].own, vector=self.vectors[row]) for row in several])


def _weights(clips: Sequence[Clip]) -> np.ndarray:
    """Return how often each clip is drawn: corpora share by ``RAVDESS_SHARE``, and inside a corpus every class counts the same."""
    keys = [(clip.corpus, clip.label) for clip in clips]
    corpora = {corpus for corpus, _ in keys}
    share = {c: (RAVDESS_SHARE if c == RAVDESS else (1 - RAVDESS_SHARE) / (len(corpora) - (RAVDESS in corpora))) for c in corpora}
    classes = {c: len({label for corpus, label in keys if corpus == c}) for c in corpora}
    counts = {key: keys.count(key) for key in set(keys)}
    return np.array([share[key[0]] / classes[key[0]] / counts[key] for key in keys])


def spoken(clip: Clip, margin: int) -> slice:
    """Return the clip's frames from ``margin`` before its speech to as many after."""
    start, end = clip.span
    return slice(max(0, start - margin), end + margin)


def example(pool: Pool, index: int, grain: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return one varied context of clip ``index``, its windows' prosody and its baseline's vector (zeros without one).

    Shapes ``(CONTEXT, MELS, VIEWS)``, ``(WINDOWS, SIZE)`` and ``(width,)``. ``grain`` are values of noise with mean 1.
    """
    clip = pool.clips[index]
    pieces = [(clip, spoken(clip, int(random.integers(0, MARGIN))))]
    if random.random() < JOINED:
        other = pool.clips[int(random.choice(pool.partners[clip.corpus, clip.speaker, clip.label]))]
        pieces.append((other, spoken(other, int(random.integers(0, JOIN_PAUSE // 2)))))
    sound, pitches, speech, levels = (
        np.concatenate([getattr(piece, name)[part] for piece, part in pieces]) for name in ("spectrogram", "pitches", "speech", "levels")
    )
    level = features.level_of(levels, speech)
    given = pool.reference(index, random) if random.random() < BASELINE_SHARE else None
    reference = given if given is not None else clip.own
    loudness, bands = reference.level - level, reference.bands - np.float32(level)
    if given is not None:
        moved = random.normal(0, GAIN_FROM_BASELINE)
        loudness, bands = loudness + moved, bands + np.float32(moved)

    tempo, shift, jitter = random.uniform(*TEMPO), random.uniform(-MEL_SHIFT, MEL_SHIFT), random.uniform(-PITCH_SHIFT, PITCH_SHIFT)
    room = CONTEXT - round(len(sound) / tempo)
    begin = random.uniform(min(0, room), max(0, room))  # of the sound in the context; negative: its beginning is cut
    matrix = np.array([[1.0, 0.0, shift], [0.0, 1 / tempo, begin]])
    quiet = float(features.QUIETEST)
    out = cv2.warpAffine(sound - np.float32(level), matrix, (MELS, CONTEXT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=quiet)
    bands = np.interp(BANDS - shift, BANDS, bands).astype(np.float32)
    at = np.round((np.arange(CONTEXT) - begin) * tempo).astype(int)
    inside = (at >= 0) & (at < len(sound))
    at = np.clip(at, 0, len(sound) - 1)
    pitch = np.where(inside, pitches[at], np.nan) * 2 ** (jitter / baseline.SEMITONES)

    microphone = np.asarray(np.linspace(-1, 1, MELS) * random.uniform(-TILT, TILT), np.float32)
    if random.random() < PHONE_SHARE:
        microphone = microphone - OUTSIDE_PHONE
    out, bands = out + np.float32(random.uniform(-GAIN, GAIN)) + microphone, bands + microphone
    power = 10 ** (out / 10)
    if random.random() < ROOM_SHARE:
        decay = 10 ** (-6 / (random.uniform(*ROOM_DECAY) * FRAME_RATE))
        power = power + 10 ** (random.uniform(*ROOM_LEVEL) / 10) * (1 - decay) * lfilter([0.0, 1.0], [1.0, -decay], power, axis=0)
    if random.random() < NOISE_SHARE:
        # The power of noise in one frame and band scatters as a chi-square distribution.
        noise = 10 ** ((np.linspace(0, 1, MELS) * random.uniform(*NOISE_TILT) - random.uniform(*NOISE_SNR)) / 10)
        start = int(random.integers(0, GRAIN - CONTEXT * MELS))
        power = power + noise * grain[start : start + CONTEXT * MELS].reshape(CONTEXT, MELS)
        bands = (10 * np.log10(10 ** (bands / 10) + noise)).astype(np.float32)
    out = (10 * np.log10(power)).astype(np.float32)
    compared = Baseline(bands, loudness, reference.pitch + jitter, reference.vector)
    heard = prosody.of_windows(10 * np.log10(power.mean(axis=1)), pitch, speech[at] & inside, compared, features.WINDOW)
    vector = reference.vector if reference.vector is not None else np.zeros(pool.width, np.float32)
    return features.normalise(out, 0.0, bands), heard, vector


def mask(contexts: np.ndarray, random: np.random.Generator) -> None:
    """Blank bars of time and of bands in normalised contexts (n, CONTEXT, MELS, VIEWS), in place, each with the context's means."""
    for context, mean in zip(contexts, contexts[:, ::4, ::4].mean(axis=(1, 2)), strict=True):
        for _ in range(TIME_MASKS):
            width = int(random.integers(0, TIME_MASK + 1))
            start = int(random.integers(0, CONTEXT - width + 1))
            context[start : start + width] = mean
        for _ in range(BAND_MASKS):
            width = int(random.integers(0, BAND_MASK + 1))
            start = int(random.integers(0, MELS - width + 1))
            context[:, start : start + width] = mean


def epoch(pool: Pool, batch: int, examples: int, random: np.random.Generator) -> Iterator[Batch]:
    """Yield one epoch of about ``examples`` examples, in whole batches."""
    rows = pool.draw(-(-examples // batch) * batch, random)
    grain = (random.standard_gamma(2.0, GRAIN) / 2).astype(np.float32)
    for start in range(0, len(rows), batch):
        part = rows[start : start + batch]
        contexts, heard, vectors = (np.stack(rows) for rows in zip(*[example(pool, int(index), grain, random) for index in part], strict=True))
        made = Batch(contexts, heard, vectors, pool.targets[part], pool.lessons[part])
        mask(made.contexts, random)
        yield _mixed(made, random) if random.random() < MIX_SHARE else made


def _mixed(batch: Batch, random: np.random.Generator) -> Batch:
    share = np.float32(random.beta(MIX_ALPHA, MIX_ALPHA))
    partner = random.permutation(len(batch.contexts))
    return Batch(*(share * values + (1 - share) * values[partner] for values in vars(batch).values()))
