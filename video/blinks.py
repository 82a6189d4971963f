"""Count blinks: short dips of the eye aspect ratio below what is usual for this person's open eyes.

Source: Soukupova & Cech, "Real-Time Eye Blink Detection using Facial Landmarks", CVWW 2016. A threshold that is the same for
everybody fails across people (open eyes lie between 0.2 and 0.4), so it follows the person's own open eyes.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass

import numpy as np

OPEN_SECONDS = 8.0  # around a moment, in which the open eye is measured
OPEN_PERCENTILE = 75
CLOSED_SHARE = 0.72  # of the open eye; below, the eye is closing
DEEPEST_SHARE = 0.6  # of the open eye; a blink goes at least this low at its deepest
SHORTEST, LONGEST = 0.04, 0.6  # seconds below ``CLOSED_SHARE``; longer is eyes closed or looking down
HOLE_SECONDS = 0.2  # without a face; a dip does not reach across it


@dataclass
class Blink:
    """Hold one blink: the time of its deepest moment and how long it lasted, in seconds."""

    t: float
    seconds: float


def open_eye(times: np.ndarray, openness: np.ndarray) -> np.ndarray:
    """Return the aspect ratio (n,) of this person's open eyes around each moment: a high percentile of the seconds around it."""
    half = OPEN_SECONDS / 2
    firsts, lasts = np.searchsorted(times, times - half).tolist(), np.searchsorted(times, times + half, side="right").tolist()
    values, result = openness.tolist(), np.empty(len(times))
    window, begin, end = list[float](), 0, 0  # sorted, of values[begin:end]
    for i, (first, last) in enumerate(zip(firsts, lasts, strict=True)):
        while end < last:
            insort(window, values[end])
            end += 1
        while begin < first:
            del window[bisect_left(window, values[begin])]
            begin += 1
        place = (len(window) - 1) * OPEN_PERCENTILE / 100
        below = int(place)
        above = min(below + 1, len(window) - 1)
        result[i] = window[below] + (window[above] - window[below]) * (place - below)
    return result


def find_blinks(times: np.ndarray, openness: np.ndarray) -> list[Blink]:
    """Find the blinks in a series of eye aspect ratios.

    Parameters
    ----------
    times
        Seconds (n,), rising, of the moments with landmarks.
    openness
        Mean eye aspect ratio (n,) of both eyes at those moments.
    """
    times, openness = np.asarray(times, float), np.asarray(openness, float)
    if len(times) == 0:
        return []
    share = openness / np.maximum(open_eye(times, openness), 1e-6)
    blinks, start = list[Blink](), 0
    closed = share < CLOSED_SHARE
    breaks = np.flatnonzero((np.diff(closed.astype(int)) != 0) | (np.diff(times) > HOLE_SECONDS)) + 1
    for start, end in zip([0, *breaks], [*breaks, len(times)], strict=True):
        if not closed[start] or start == 0 or end == len(times):
            continue
        if times[start] - times[start - 1] > HOLE_SECONDS or times[end] - times[end - 1] > HOLE_SECONDS:
            continue
        deepest = start + int(np.argmin(share[start:end]))
        # Half a frame before the first low moment and half a frame after the last one.
        seconds = (times[end] + times[end - 1] - times[start] - times[start - 1]) / 2
        if share[deepest] <= DEEPEST_SHARE and SHORTEST <= seconds <= LONGEST:
            blinks.append(Blink(float(times[deepest]), float(seconds)))
    return blinks
