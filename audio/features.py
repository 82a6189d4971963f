"""Log-mel spectrogram of speech at 16 kHz: the network's only view of the sound.

The mel scale and filters are those of Slaney's Auditory Toolbox (Technical Report 1998-010), as librosa builds them by default.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import scipy.fft
import scipy.sparse

RATE = 16_000  # Hz
N_FFT = 512  # samples, also the length of the Hann window: 32 ms
HOP = 250  # samples: 64 frames a second, so that windows begin on whole half seconds
FRAME_RATE = RATE // HOP  # 64 frames/s
MELS = 64
LOWEST, HIGHEST = 40.0, 8_000.0  # Hz
POWER_FLOOR = 1e-10

WINDOW = 64  # frames that one pass of the window network sees: 1 s
STEP = 32  # frames from one moment to the next: 0.5 s
STEP_SECONDS = STEP / FRAME_RATE
WINDOWS = 3  # windows that the sequence network sees, one after the other
STRIDE = WINDOW // STEP  # moments from one of them to the next
CONTEXT = WINDOWS * WINDOW  # 192 frames: 3 s
CONTEXT_SECONDS = CONTEXT / FRAME_RATE

QUIETEST, LOUDEST = -50.0, 30.0  # dB from the level of the speech; beyond lies the room, not the voice
SCALE = 25.0  # dB
FAINTEST, STRONGEST = -40.0, 30.0  # dB from the speaker's reference in the same band
DIFFERENCE_SCALE = 20.0  # dB
VIEWS = 2  # of the same frames: beside the recording's own level, and beside the speaker's reference

NORMALISATION = (
    f"two views of the log-mel in dB: minus the level of the recording's speech, clipped to {QUIETEST:g}…{LOUDEST:g} dB, plus {SCALE:g}, divided by {SCALE:g}; "
    f"and minus each band's mean over the speech of the baseline (of the recording itself where there is none), clipped to {FAINTEST:g}…{STRONGEST:g} dB, "
    f"divided by {DIFFERENCE_SCALE:g}; the level is 10·log10 of the mean mel power over the speech frames"
)


def hz_to_mel(hz: np.ndarray) -> np.ndarray:
    """Return Slaney mels: linear below 1 kHz (200/3 Hz a mel), logarithmic above (27 mels for a factor of 6.4)."""
    hz = np.asarray(hz, np.float64)
    return np.where(hz < 1000.0, hz * 3 / 200, 15.0 + 27 * np.log(np.maximum(hz, 1000.0) / 1000.0) / np.log(6.4))


def mel_to_hz(mels: np.ndarray) -> np.ndarray:
    """Return the frequencies in Hz of Slaney mels."""
    mels = np.asarray(mels, np.float64)
    return np.where(mels < 15.0, mels * 200 / 3, 1000.0 * np.exp(np.log(6.4) * (np.maximum(mels, 15.0) - 15.0) / 27))


@cache
def mel_filters() -> np.ndarray:
    """Return the filters of the network's spectrogram, float32, shape ``(N_FFT // 2 + 1, MELS)``."""
    return mel_triangles(N_FFT, MELS, LOWEST, HIGHEST)


def mel_triangles(n_fft: int, mels: int, lowest: float, highest: float) -> np.ndarray:
    """Return triangular mel filters of equal area from ``lowest`` to ``highest`` Hz, float32, shape ``(n_fft // 2 + 1, mels)``."""
    bins = np.fft.rfftfreq(n_fft, 1 / RATE)[:, None]
    edges = mel_to_hz(np.linspace(hz_to_mel(np.array(lowest)), hz_to_mel(np.array(highest)), mels + 2))
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    triangles = np.maximum(0, np.minimum(rising, falling))
    return (triangles * 2 / (edges[2:] - edges[:-2])).astype(np.float32)


@cache
def _sparse_filters() -> scipy.sparse.csr_array:
    """Return ``mel_filters`` transposed, without its zeros, which are 97 of 100."""
    return scipy.sparse.csr_array(mel_filters().T.astype(np.float64))


@cache
def _hann() -> np.ndarray:
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT), np.float64)


def log_mel(samples: np.ndarray) -> np.ndarray:
    """Return the log-mel spectrogram in dB, float32, shape ``(frames, MELS)``.

    Parameters
    ----------
    samples
        Mono at ``RATE`` Hz, shape ``(n,)``. Frame ``i`` covers samples ``i·HOP … i·HOP + N_FFT``; there is no padding.
    """
    if len(samples) < N_FFT:
        return np.zeros((0, MELS), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(np.asarray(samples, np.float32), N_FFT)[::HOP]
    # In double precision: in single, a band 70 dB below its neighbours is wrong by some hundredths of a decibel.
    bins = scipy.fft.rfft(frames * _hann(), axis=1)
    power = bins.real**2 + bins.imag**2
    return (10 * np.log10(np.maximum((_sparse_filters() @ power.T).T, POWER_FLOOR))).astype(np.float32)


class LogMelStream:
    """Compute ``log_mel`` of a sound that arrives in blocks; the frames are those of the whole sound."""

    def __init__(self) -> None:
        self.held = np.zeros(0, np.float32)

    def push(self, samples: np.ndarray) -> np.ndarray:
        """Return the frames that ``samples`` (n,) completes, shape ``(frames, MELS)``."""
        self.held = np.concatenate([self.held, samples])
        frames = log_mel(self.held)
        self.held = self.held[len(frames) * HOP :]
        return frames


def speech_mask(frames: int, segments: Sequence[tuple[float, float]]) -> np.ndarray:
    """Return which of ``frames`` frames have their middle in one of the ``(start, end)`` segments in seconds, bool (frames,)."""
    middles = (np.arange(frames) * HOP + N_FFT / 2) / RATE
    mask = np.zeros(frames, bool)
    for start, end in segments:
        mask |= (middles >= start) & (middles < end)
    return mask


def frame_levels(spectrogram: np.ndarray) -> np.ndarray:
    """Return the level in dB of each frame of a log-mel spectrogram, 10·log10 of its mean mel power, float32, shape ``(frames,)``."""
    return (10 * np.log10((10 ** (spectrogram / 10)).mean(axis=1))).astype(np.float32)


def level_of(levels: np.ndarray, chosen: np.ndarray | None = None) -> float:
    """Return the level in dB of several frames together: 10·log10 of their mean power.

    Parameters
    ----------
    levels
        Levels of frames in dB, shape ``(frames,)``.
    chosen
        Bool, shape ``(frames,)``, the frames that count; all of them where it is ``None`` or names none.
    """
    counted = levels[chosen] if chosen is not None and chosen.any() else levels
    return float(10 * np.log10(np.mean(10 ** (counted.astype(np.float64) / 10)))) if len(counted) else 10 * float(np.log10(POWER_FLOOR))


def span_of(speech: np.ndarray) -> tuple[int, int]:
    """Return the first and one past the last speech frame of a mask, bool (frames,); all frames where there is none."""
    found = np.flatnonzero(speech)
    return (int(found[0]), int(found[-1]) + 1) if len(found) else (0, len(speech))


def normalise(spectrogram: np.ndarray, level: float, bands: np.ndarray) -> np.ndarray:
    """Return the network's two views of a log-mel spectrogram, float32, shape ``(…, MELS, VIEWS)``.

    Parameters
    ----------
    spectrogram
        In dB, shape ``(…, MELS)``.
    level
        Level of the recording's speech in dB.
    bands
        Mean of each band over the speech of the reference in dB, shape ``(MELS,)``.
    """
    out = np.empty((*spectrogram.shape, VIEWS), np.float32)
    out[..., 0] = (np.clip(spectrogram - np.float32(level), QUIETEST, LOUDEST) + SCALE) / SCALE
    out[..., 1] = np.clip(spectrogram - bands, FAINTEST, STRONGEST) / DIFFERENCE_SCALE
    return out


def crop(spectrogram: np.ndarray, start: int, frames: int, fill: float) -> np.ndarray:
    """Return ``frames`` frames of a spectrogram or another row of frames from ``start`` (may be negative) on, filled with ``fill`` beyond the ends."""
    out = np.full((frames, *spectrogram.shape[1:]), fill, np.float32)
    low, high = max(0, start), min(len(spectrogram), start + frames)
    if high > low:
        out[low - start : high - start] = spectrogram[low:high]
    return out


def windows(frames: np.ndarray) -> np.ndarray:
    """Cut normalised frames (n, MELS, VIEWS) into windows of ``WINDOW`` every ``STEP``, shape ``(windows, WINDOW, MELS, VIEWS)``."""
    views = np.lib.stride_tricks.sliding_window_view(frames, WINDOW, axis=0)[::STEP]
    return np.ascontiguousarray(views.transpose(0, 3, 1, 2))
