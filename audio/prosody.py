"""Prosody of each window: what pitch and loudness do, and how far both are from the speaker's reference."""

from __future__ import annotations

import numpy as np

from audio.baseline import Baseline, semitones
from audio.features import STEP, WINDOW

NAMES = ("speech", "voiced", "pitch", "pitch_from_baseline", "pitch_spread", "pitch_rise", "level_from_baseline", "level_spread", "level_motion", "baseline")
SIZE = len(NAMES)
TYPICAL_PITCH = 19.0  # semitones above baseline.PITCH_ZERO: 165 Hz, between men's and women's voices
SEMITONE_SCALE, SPREAD_SCALE, DECIBEL_SCALE, MOTION_SCALE = 6.0, 3.0, 10.0, 4.0  # bring the values to about -1…1
FURTHEST = 3.0  # scaled values are clipped to this


def of_windows(levels: np.ndarray, pitches: np.ndarray, speech: np.ndarray, reference: Baseline, step: int = STEP) -> np.ndarray:
    """Return the prosody of windows of ``WINDOW`` frames every ``step``, float32, shape ``(windows, SIZE)``, scaled to about -1…1.

    Parameters
    ----------
    levels, pitches, speech
        Level in dB, pitch in Hz or NaN, and whether there is speech, of each frame; shape ``(frames,)``.
    reference
        What pitch and level are compared with.
    """
    views = (np.lib.stride_tricks.sliding_window_view(row, WINDOW)[::step] for row in (levels, semitones(pitches), speech.astype(np.float32)))
    level, pitch, spoken = views
    voiced = (~np.isnan(pitch)) * spoken
    height = np.nan_to_num(pitch)
    middle = _mean(height, voiced)
    half = WINDOW // 2
    rise = np.where(
        (voiced[:, :half].sum(axis=1) > 0) & (voiced[:, half:].sum(axis=1) > 0),
        _mean(height[:, half:], voiced[:, half:]) - _mean(height[:, :half], voiced[:, :half]),
        0.0,
    )
    heard = voiced.sum(axis=1) > 0
    typical = TYPICAL_PITCH if np.isnan(reference.pitch) else reference.pitch
    loud = _mean(level, spoken)
    some = spoken.sum(axis=1) > 0
    motion = np.abs(np.diff(level, axis=1))
    columns = (
        spoken.mean(axis=1),
        voiced.mean(axis=1),
        np.where(heard, middle - TYPICAL_PITCH, 0.0) / SEMITONE_SCALE,
        np.where(heard, middle - typical, 0.0) / SEMITONE_SCALE,
        np.sqrt(_mean((height - middle[:, None]) ** 2, voiced)) / SPREAD_SCALE,
        rise / SPREAD_SCALE,
        np.where(some, loud - reference.level, 0.0) / DECIBEL_SCALE,
        np.sqrt(_mean((level - loud[:, None]) ** 2, spoken)) / DECIBEL_SCALE,
        _mean(motion, spoken[:, 1:]) / MOTION_SCALE,
        np.full(len(level), float(reference.vector is not None)),
    )
    return np.clip(np.stack(columns, axis=1), -FURTHEST, FURTHEST).astype(np.float32)


def _mean(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return np.asarray((values * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9))
