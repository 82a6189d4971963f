"""From logits to a probability with an interval: Platt scaling that knows how long the text was.

Platt, "Probabilistic Outputs for Support Vector Machines", 1999. The slope of the logistic regression depends on the
number of words, so that a short text, which says less, is drawn towards one half. The interval joins two things: the
calibration's own uncertainty (fitted again on resampled essays) and the noise of which words happened to be written,
which shrinks with the square root of the number of words. The noise counts at the slope of a usual text: the interval
says where the probability would probably lie, had the person written on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from core.analysis import TRAITS

LENGTHS = (50, 100, 200, 400)  # words to which essays are cut for fitting, beside their whole length
USUAL_WORDS = 600  # about the median essay; the slope is given at this length
NOISE_WORDS = 200  # words of the two neighbouring pieces whose logits are compared
RESAMPLES = 200
RIDGE = 1000.0  # strength of the pull of the intercepts towards 0, where the models' logits are centred; a few hundred essays cannot place them better
STEPS, TOLERANCE = 50, 1e-8  # of Newton's method
PERCENTILES = (2.5, 97.5)
WEIGHTS = np.round(np.arange(0, 1.01, 0.1), 1)  # of the network in the mean logit, to choose from
Evidence = Literal["weak", "moderate", "strong"]
STRONG = 0.7  # probability from which evidence that does not cross one half is called strong


@dataclass(frozen=True)
class Calibration:
    """Hold the parameters: slope at ``USUAL_WORDS``, its change for each doubling of the words, an intercept for each trait.

    ``parameters`` (7,) and ``resampled`` (``RESAMPLES``, 7) are ordered so; ``noise`` (5,) is the standard deviation of
    a logit of ``NOISE_WORDS`` words.
    """

    parameters: np.ndarray
    resampled: np.ndarray
    noise: np.ndarray

    def probabilities(self, logits: np.ndarray, words: np.ndarray | int) -> np.ndarray:
        """Return calibrated probabilities, shape ``(..., 5)``, of logits ``(..., 5)`` of texts of ``words`` words."""
        return sigmoid(_scaled(self.parameters, np.asarray(logits), np.asarray(words)))

    def slope(self, words: int) -> float:
        """Return by how much a logit of a text of ``words`` words is multiplied."""
        return float(_slope(self.parameters, np.asarray(words)))

    def intervals(self, logits: np.ndarray, words: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the ends of the 95 % interval, each of shape ``(5,)``, for one text's logits ``(5,)``."""
        random = np.random.default_rng(0)
        deviation = self.noise * np.sqrt(NOISE_WORDS / max(words, 1))
        noise = random.standard_normal((len(self.resampled), len(TRAITS))) * deviation * self.resampled[:, :1]
        drawn = sigmoid(_scaled(self.resampled, logits, np.asarray(words)) + noise)
        low, high = np.percentile(drawn, PERCENTILES, axis=0)
        middle = self.probabilities(logits, words)
        return np.minimum(low, middle), np.maximum(high, middle)

    def to_dict(self) -> dict[str, Any]:
        return {"parameters": self.parameters.tolist(), "resampled": self.resampled.round(5).tolist(), "noise": self.noise.tolist()}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Calibration:
        return cls(np.array(document["parameters"]), np.array(document["resampled"]), np.array(document["noise"]))


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Return the logistic function of ``x``."""
    return 1 / (1 + np.exp(-np.clip(x, -60, 60)))


def evidence_of(probability: float, low: float, high: float) -> Evidence:
    """Say how strong the evidence is: ``weak`` where the interval holds one half, ``strong`` from 0.7 (or to 0.3) on."""
    if low <= 0.5 <= high:
        return "weak"
    return "strong" if max(probability, 1 - probability) >= STRONG else "moderate"


def fit_calibration(logits: np.ndarray, words: np.ndarray, labels: np.ndarray, noise: np.ndarray, resamples: int = RESAMPLES, seed: int = 0) -> Calibration:
    """Fit on held-out logits.

    Parameters
    ----------
    logits
        Shape ``(essays, lengths, 5)``: of each essay cut to several lengths.
    words
        Shape ``(essays, lengths)``: the words of each cut.
    labels
        Shape ``(essays, 5)``, 0 or 1.
    """
    random = np.random.default_rng(seed)
    n = len(labels)
    parameters = _fit(logits, words, labels)
    drawn = [_fit(logits[rows], words[rows], labels[rows], parameters) for rows in (random.integers(0, n, n) for _ in range(resamples))]
    return Calibration(parameters, np.array(drawn), noise)


def _doublings(words: np.ndarray) -> np.ndarray:
    return np.log2(np.maximum(words, 1) / USUAL_WORDS)


def _slope(parameters: np.ndarray, words: np.ndarray) -> np.ndarray:
    return np.maximum(parameters[..., 0] + parameters[..., 1] * _doublings(words), 0)


def _scaled(parameters: np.ndarray, logits: np.ndarray, words: np.ndarray) -> np.ndarray:
    return np.expand_dims(_slope(parameters, words), -1) * logits + parameters[..., 2:]


def log_loss(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean negative log-likelihood in nats of 0/1 ``labels``, which broadcast against ``probabilities``."""
    p = np.clip(probabilities, 1e-9, 1 - 1e-9)
    return float(-np.mean(np.where(labels == 1, np.log(p), np.log(1 - p))))


def choose_weight(linear: np.ndarray, network: np.ndarray, words: np.ndarray, labels: np.ndarray) -> float:
    """Return the network's share of the mean logit that gives the smallest log loss after calibration on the same rows.

    Shapes as in ``fit_calibration``.
    """
    losses = []
    for weight in WEIGHTS:
        z = mixed(linear, network, weight)
        losses.append(log_loss(sigmoid(_scaled(_fit(z, words, labels), z, words)), labels[:, None]))
    return float(WEIGHTS[int(np.argmin(losses))])


def mixed(linear: np.ndarray, network: np.ndarray, weight: float) -> np.ndarray:
    """Return the weighted mean of two models' logits."""
    return (1 - weight) * linear + weight * network


def _fit(logits: np.ndarray, words: np.ndarray, labels: np.ndarray, start: np.ndarray | None = None) -> np.ndarray:
    """Newton's method on the logistic loss of slope, slope per doubling and five intercepts."""
    traits = logits.shape[-1]
    z = logits.reshape(-1, traits)
    d = _doublings(words).reshape(-1, 1)
    y = np.repeat(labels, logits.shape[1], axis=0)
    slopes = np.stack([z, z * d], axis=-1)  # (rows, traits, 2)
    p = np.zeros(2 + traits) if start is None else start.copy()
    ridge = np.r_[0.0, 0.0, np.full(traits, RIDGE)] + 1e-6
    for _ in range(STEPS):
        q = sigmoid(slopes @ p[:2] + p[2:])
        error, weight = q - y, q * (1 - q)
        gradient = np.r_[np.einsum("rt,rtk->k", error, slopes), error.sum(axis=0)] + ridge * p
        hessian = np.diag(ridge).copy()
        hessian[:2, :2] += np.einsum("rt,rtk,rtl->kl", weight, slopes, slopes)
        hessian[:2, 2:] += np.einsum("rt,rtk->kt", weight, slopes)
        hessian[2:, :2] = hessian[:2, 2:].T
        hessian[2:, 2:] += np.diag(weight.sum(axis=0))
        step = np.linalg.solve(hessian, gradient)
        p -= step
        if np.abs(step).max() < TOLERANCE:
            break
    return p
