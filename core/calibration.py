"""Make probabilities mean what they say: temperature scaling and the calibration error.

Source: Guo, Pleiss, Sun & Weinberger, "On Calibration of Modern Neural Networks", ICML 2017.
"""

from __future__ import annotations

import numpy as np

TEMPERATURES = np.geomspace(0.25, 5.0, 400)
BINS = 15
SHIFT_PENALTY = 0.02


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


def fit_shift(logits: np.ndarray, labels: np.ndarray, penalty: float = SHIFT_PENALTY) -> np.ndarray:
    """Return what must be added to logits (n, classes) so that no class is said too often or too seldom, shape ``(classes,)``.

    The bias of a bias-corrected temperature scaling (Alexandari, Kundaje & Shrikumar, ICML 2020), every class of ``labels`` (n,) counting the same; ``penalty`` is that on its squares.
    """
    from scipy.optimize import minimize

    n, classes = logits.shape
    counts = np.bincount(labels, minlength=classes)
    weights = (n / np.count_nonzero(counts) / np.maximum(counts, 1))[labels] / n
    targets = np.eye(classes)[labels]

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        scale, bias = np.exp(parameters[0]), parameters[1:]
        probabilities = softmax(scale * logits + bias)
        wrong = weights[:, None] * (probabilities - targets)
        likelihood = np.log(np.clip(probabilities[np.arange(n), labels], 1e-12, 1))
        gradient = np.concatenate([[scale * float((wrong * logits).sum())], wrong.sum(axis=0) + 2 * penalty * bias])
        return float(-(weights * likelihood).sum() + penalty * (bias**2).sum()), gradient

    found = minimize(loss, np.zeros(classes + 1), jac=True, method="L-BFGS-B").x
    return np.asarray(found[1:] / np.exp(found[0]))


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
