"""Put the probabilities of several channels over the same classes together: a logarithmic opinion pool, and what it is held against.

Sources: Genest & Zidek, "Combining Probability Distributions: A Critique and an Annotated Bibliography", Statistical Science 1(1),
1986, section 3 (the logarithmic pool with weights that sum to 1); Hinton, "Training Products of Experts by Minimizing Contrastive
Divergence", Neural Computation 14(8), 2002 (a product of experts); Heskes, "Selecting Weighting Factors in Logarithmic Opinion
Pools", NIPS 1997. A channel without probabilities at a moment is missing there: its weight goes to the others.
"""

from __future__ import annotations

import numpy as np

from core.analysis import CLASSES

CHANNELS = ("face", "voice", "words")
LEAST_PROBABILITY = 1e-4  # one channel alone cannot rule a class out
LEAST_WEIGHT = 0.01  # before they are scaled: a channel that tells nothing still counts where it is alone


def present(probabilities: np.ndarray) -> np.ndarray:
    """Return where a channel has probabilities, bool (channels, moments), of probabilities (channels, moments, classes) with NaN elsewhere."""
    return ~np.isnan(probabilities).any(axis=-1)


def shares_of(weights: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Return the weights (channels,) of the channels that are ``there`` (channels, moments), scaled to a sum of 1 at each moment."""
    shares = np.where(there, np.asarray(weights, float)[:, None], 0.0)
    sums = shares.sum(axis=0)
    return np.divide(shares, sums, out=np.zeros_like(shares), where=sums > 0)


def pool(probabilities: np.ndarray, weights: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Return the logarithmic opinion pool: the normalised product of each channel's probabilities to the power of its weight.

    Parameters
    ----------
    probabilities
        Shape (channels, moments, classes); NaN where a channel has none.
    weights
        Positive, shape (channels,); scaled to a sum of 1 over the channels that are there, so that a channel that repeats
        another makes the pool no surer than that one.
    temperature
        Divides the pooled log-probabilities.

    Returns
    -------
    numpy.ndarray
        Shape (moments, classes); every row sums to 1, or is NaN where no channel is there.
    """
    there = present(probabilities)
    logs = np.log(np.clip(np.where(there[..., None], probabilities, 1.0), LEAST_PROBABILITY, 1.0))
    pooled = np.einsum("cm,cmk->mk", shares_of(weights, there), logs) / temperature
    pooled = np.exp(pooled - pooled.max(axis=1, keepdims=True))
    pooled /= pooled.sum(axis=1, keepdims=True)
    pooled[~there.any(axis=0)] = np.nan
    return pooled


def average(probabilities: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the linear opinion pool, the weighted mean, shapes as in ``pool``."""
    there = present(probabilities)
    mean = np.einsum("cm,cmk->mk", shares_of(weights, there), np.where(there[..., None], probabilities, 0.0))
    mean[~there.any(axis=0)] = np.nan
    return mean


def majority(probabilities: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the class (moments,) that most channels put first; a tie goes to the heavier channels. −1 where no channel is there."""
    there = present(probabilities)
    votes = np.where(there[..., None], probabilities, -1.0).argmax(axis=-1)
    counts = np.zeros(probabilities.shape[1:])
    shares = shares_of(weights, there)
    for channel, chosen in enumerate(votes):
        counts[np.arange(len(chosen)), chosen] += there[channel] * (1 + shares[channel])
    return np.where(there.any(axis=0), counts.argmax(axis=1), -1)


def weight_of(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return how much a channel tells about people whom its model has not met, in nats, at least ``LEAST_WEIGHT``.

    It is what is left of the uncertainty ``ln 7`` when the class is not known: ``ln 7`` minus the negative log-likelihood, every
    class counting the same. ``probabilities`` (n, 7) are calibrated, ``labels`` (n,) are of held-out people.
    """
    logs = -np.log(np.clip(probabilities[np.arange(len(labels)), labels], LEAST_PROBABILITY, 1.0))
    losses = [logs[labels == c].mean() for c in range(len(CLASSES)) if (labels == c).any()]
    return max(LEAST_WEIGHT, float(np.log(len(CLASSES)) - np.mean(losses)))
