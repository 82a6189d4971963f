"""Track the pitch of a voice with YIN (de Cheveigné & Kawahara, JASA 111(4), 2002), as a stream."""

from __future__ import annotations

import numpy as np
import scipy.fft

RATE = 16_000  # Hz
HOP = 250  # samples, as the log-mel frames: 64 values a second
LOWEST, HIGHEST = 65.0, 500.0  # Hz, speaking voices of adults with room above
SHORTEST_LAG, LONGEST_LAG = int(RATE / HIGHEST), int(RATE / LOWEST)  # samples
INTEGRATION = 512  # samples compared with their shifted selves
FRAME = INTEGRATION + LONGEST_LAG + 1  # samples that one value needs
FFT = 1024  # samples; at least FRAME, so that the circular correlation has no wrapped lags in use
APERIODICITY = 0.15  # YIN's absolute threshold; above, a frame has no pitch


def yin(frames: np.ndarray) -> np.ndarray:
    """Return the pitch in Hz of each of ``frames`` (n, FRAME), float64 (n,), NaN where a frame is not periodic."""
    frames = np.ascontiguousarray(frames, np.float32)
    head = scipy.fft.rfft(frames[:, :INTEGRATION], FFT, axis=1)
    whole = scipy.fft.rfft(frames, FFT, axis=1)
    lags = LONGEST_LAG + 2
    correlation = scipy.fft.irfft(head.conj() * whole, FFT, axis=1)[:, :lags]
    energy = np.zeros((len(frames), frames.shape[1] + 1))  # in double precision, since differences of sums are taken
    np.cumsum(frames**2, axis=1, dtype=np.float64, out=energy[:, 1:])
    shifted = energy[:, INTEGRATION : INTEGRATION + lags] - energy[:, :lags]
    difference = np.maximum(shifted[:, :1] + shifted - 2 * correlation, 0)
    sums = np.cumsum(difference[:, 1:], axis=1)
    normal = np.ones_like(difference)
    np.divide(difference[:, 1:] * np.arange(1, lags), sums, out=normal[:, 1:], where=sums > 1e-9)
    inside = normal[:, SHORTEST_LAG : LONGEST_LAG + 1]
    dips = (inside < APERIODICITY) & (normal[:, SHORTEST_LAG + 1 : LONGEST_LAG + 2] >= inside)
    found = dips.any(axis=1)
    lag = dips.argmax(axis=1) + SHORTEST_LAG
    row = np.arange(len(frames))
    before, at, after = normal[row, lag - 1], normal[row, lag], normal[row, lag + 1]
    bend = before - 2 * at + after
    offset = np.divide(0.5 * (before - after), bend, out=np.zeros_like(bend), where=bend > 1e-9)
    return np.where(found, RATE / (lag + np.clip(offset, -0.5, 0.5)), np.nan)


class PitchStream:
    """Track the pitch of a sound that arrives in blocks, one value every ``HOP`` samples."""

    def __init__(self) -> None:
        self.held = np.zeros(0, np.float32)

    def push(self, samples: np.ndarray) -> np.ndarray:
        """Return the pitch in Hz (NaN where there is none) of the frames that ``samples`` (n,) completes."""
        self.held = np.concatenate([self.held, samples])
        if len(self.held) < FRAME:
            return np.zeros(0)
        frames = np.lib.stride_tricks.sliding_window_view(self.held, FRAME)[::HOP]
        self.held = self.held[len(frames) * HOP :]
        return yin(frames)
