"""Smooth probabilities over time by the frames' own times, never across a gap."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

WIDTH_SECONDS = 0.2  # standard deviation of the Gaussian window
REACH = 3.0  # widths, beyond which a moment has no weight
HOLE_SECONDS = 0.6  # without probabilities, across which nothing is smoothed


def smoothed(times: Sequence[float], probabilities: np.ndarray, width: float = WIDTH_SECONDS) -> np.ndarray:
    """Return the probabilities averaged over a Gaussian window in time.

    Parameters
    ----------
    times
        Seconds (n,), rising, of the moments that have probabilities; frame rates may vary.
    probabilities
        Shape (n, classes); every row sums to 1, and so does every row returned.
    """
    moments, values = np.asarray(times, float), np.asarray(probabilities, float)
    result = np.empty_like(values)
    starts = [0, *(np.flatnonzero(np.diff(moments) > HOLE_SECONDS) + 1), len(moments)]
    for start, end in pairwise(starts):
        inside = moments[start:end]
        firsts = np.searchsorted(inside, inside - REACH * width)
        lasts = np.searchsorted(inside, inside + REACH * width, side="right")
        for i, (first, last) in enumerate(zip(firsts, lasts, strict=True)):
            weights = np.exp(-0.5 * ((inside[first:last] - inside[i]) / width) ** 2)
            result[start + i] = weights @ values[start + first : start + last] / weights.sum()
    return result
