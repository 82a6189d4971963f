"""Vary training examples on the log-mel spectrogram: tempo, pitch, room, joined clips, masks, mixtures."""

from __future__ import annotations

import cv2
import numpy as np

from audio import features
from audio.data import EMOTIONS, Clip
from audio.features import CONTEXT, MELS

TEMPO = (0.85, 1.18)  # factor
MEL_SHIFT = 3.0  # bands up or down: voice pitch and vocal tract length
MARGIN = features.FRAME_RATE  # frames of silence kept at most on either side of the speech: 1 s
JOINED = 0.25  # share of the examples made of two clips of the same actor and emotion, as in continuous speech
JOIN_PAUSE = 24  # frames at most between the two
GAIN = 4.0  # dB up or down against the level of the speech: loud and soft passages of one answer
TILT = 4.0  # dB from the middle to either end of the spectrum: microphones
NOISE_SHARE = 0.5
NOISE_SNR = (8.0, 45.0)  # dB
NOISE_TILT = (-15.0, 5.0)  # dB over the spectrum
TIME_MASKS, TIME_MASK = 2, 24  # frames at most (SpecAugment, Park et al. 2019)
BAND_MASKS, BAND_MASK = 2, 8  # bands at most
MIX_SHARE = 0.4  # share of the batches that are mixed up (Zhang et al., ICLR 2018)
MIX_ALPHA = 0.3


def spoken(clip: Clip, margin: int) -> np.ndarray:
    """Return the clip from ``margin`` frames before its speech to as many after, level of its speech at 0 dB."""
    start, end = clip.span
    return clip.spectrogram[max(0, start - margin) : end + margin] - np.float32(clip.level)


def example(clips: list[Clip], partners: dict[tuple[str, int], list[int]], index: int, random: np.random.Generator) -> np.ndarray:
    """Return one varied context of clip ``index``, in dB from the level of the speech, shape ``(CONTEXT, MELS)``.

    ``partners`` lists the clips of each ``(speaker, label)``.
    """
    clip = clips[index]
    sound = spoken(clip, int(random.integers(0, MARGIN)))
    if random.random() < JOINED:
        other = clips[int(random.choice(partners[clip.speaker, clip.label]))]
        sound = np.concatenate([sound, spoken(other, int(random.integers(0, JOIN_PAUSE // 2)))])
    tempo = random.uniform(*TEMPO)
    shift = random.uniform(-MEL_SHIFT, MEL_SHIFT)
    length = round(len(sound) / tempo)
    room = CONTEXT - length
    begin = random.uniform(min(0, room), max(0, room))  # of the sound in the context; negative: its beginning is cut
    matrix = np.array([[1.0, 0.0, shift], [0.0, 1 / tempo, begin]])
    quiet = float(features.QUIETEST)
    out = cv2.warpAffine(sound, matrix, (MELS, CONTEXT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=quiet)
    out = np.asarray(out + random.uniform(-GAIN, GAIN) + np.linspace(-1, 1, MELS) * random.uniform(-TILT, TILT), np.float32)
    if random.random() < NOISE_SHARE:
        shape = np.linspace(0, 1, MELS) * random.uniform(*NOISE_TILT) - random.uniform(*NOISE_SNR)
        # The power of noise in one frame and band scatters as a chi-square distribution.
        noise = 10 ** (shape / 10) * random.standard_gamma(2.0, out.shape) / 2
        out = np.asarray(10 * np.log10(10 ** (out / 10) + noise), np.float32)
    return out


def mask(batch: np.ndarray, random: np.random.Generator) -> None:
    """Blank bars of time and of bands in normalised contexts (n, CONTEXT, MELS), in place, each with the context's mean."""
    for context in batch:
        mean = context.mean()
        for _ in range(TIME_MASKS):
            width = int(random.integers(0, TIME_MASK + 1))
            start = int(random.integers(0, CONTEXT - width + 1))
            context[start : start + width] = mean
        for _ in range(BAND_MASKS):
            width = int(random.integers(0, BAND_MASK + 1))
            start = int(random.integers(0, MELS - width + 1))
            context[:, start : start + width] = mean


def epoch(clips: list[Clip], batch: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return one epoch of varied examples in random order, in whole batches.

    Returns
    -------
    (inputs, targets)
        float32, shapes ``(n, CONTEXT, MELS)`` and ``(n, len(EMOTIONS))``; every clip once, some twice to fill the last batch.
    """
    partners: dict[tuple[str, int], list[int]] = {}
    for index, clip in enumerate(clips):
        partners.setdefault((clip.speaker, clip.label), []).append(index)
    order = random.permutation(len(clips))
    order = np.concatenate([order, order[: -len(order) % batch]])
    contexts = np.stack([example(clips, partners, int(index), random) for index in order])
    inputs = features.normalise(contexts, 0.0)
    targets = np.eye(len(EMOTIONS), dtype=np.float32)[[clips[int(index)].label for index in order]]
    for start in range(0, len(order), batch):
        part = slice(start, start + batch)
        mask(inputs[part], random)
        if random.random() < MIX_SHARE:
            share = np.float32(random.beta(MIX_ALPHA, MIX_ALPHA))
            partner = start + random.permutation(batch)
            inputs[part] = share * inputs[part] + (1 - share) * inputs[partner]
            targets[part] = share * targets[part] + (1 - share) * targets[partner]
    return inputs, targets
