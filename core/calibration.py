"""Make probabilities mean what they say: temperature scaling and the calibration error.

Source: Guo, Pleiss, Sun & Weinberger, "On Calibration of Modern Neural Networks", ICML 2017.
"""

from __future__ import annotations

import numpy as np

TEMPERATURES = np.geomspace(0.25, 5.0, 400)
BINS = 15


def softmax(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Return probabilities, shape ``(..., classes)``, of logits divided by ``temperature``."""
    scaled = np.asarray(logits, np.float64) / temperature
    scaled -= scaled.max(axis=-1, keepdims=True)
    exponents = np.exp(scaled)
    return exponents / exponents.sum(axis=-1, keepdims=True)


def negative_log_likelihood(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean negative log-likelihood in nats of integer ``labels`` (n,) under ``probabilities`` (n, classes)."""
    return float(-np.log(np.clip(probabilities[np.arange(len(labels)), labels], 1e-12, 1)).mean())


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """Return the temperature with the smallest negative log-likelihood of ``labels`` (n,) given ``logits`` (n, classes)."""
    losses = [negative_log_likelihood(softmax(logits, float(t)), labels) for t in TEMPERATURES]
    return float(TEMPERATURES[int(np.argmin(losses))])


def expected_calibration_error(probabilities: np.ndarray, labels: np.ndarray, bins: int = BINS) -> float:
    """Return the mean gap between confidence and accuracy over ``bins`` equal-width bins, weighted by their size."""
    return float(sum(row["n"] * abs(row["accuracy"] - row["confidence"]) for row in reliability(probabilities, labels, bins))) / len(labels)


def reliability(probabilities: np.ndarray, labels: np.ndarray, bins: int = BINS) -> list[dict[str, float]]:
    """Return the non-empty rows of a reliability diagram: ``low, high, n, confidence, accuracy``."""
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == labels
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    rows = []
    for i in range(bins):
        inside = index == i
        if inside.any():
            rows.append(
                {
                    "low": i / bins,
                    "high": (i + 1) / bins,
                    "n": int(inside.sum()),
                    "confidence": float(confidence[inside].mean()),
                    "accuracy": float(correct[inside].mean()),
                }
            )
    return rows
