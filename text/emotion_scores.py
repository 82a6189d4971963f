"""What is chosen on GoEmotions dev: how the two emotion models are joined, and thresholds."""

from __future__ import annotations

import numpy as np

from core.analysis import CLASSES
from text.emotions import EmotionCalibration

STEPS, RATE_TOLERANCE = 400, 1e-9
RIGHT_AT_LEAST = 0.5  # share of right labels around the confidence from which a label is given
STEP, NEAR = 0.01, 0.03  # of that confidence, and how far around it is looked


def fit_joint(network: np.ndarray, linear: np.ndarray, labels: np.ndarray) -> EmotionCalibration:
    """Fit the weights of both models and a bias for each class by the log loss.

    ``network`` and ``linear`` are logits (n, 7), ``labels`` (n, 7) of 0 and 1; a sentence of several labels counts as a
    part of each.
    """
    from scipy.optimize import minimize

    share = labels / labels.sum(axis=1, keepdims=True)

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        z = parameters[0] * network + parameters[1] * linear + np.r_[parameters[2:], 0.0]
        z -= z.max(axis=1, keepdims=True)
        p = np.exp(z)
        sums = p.sum(axis=1, keepdims=True)
        p /= sums
        error = (p - share) / len(share)
        gradient = np.r_[(error * network).sum(), (error * linear).sum(), error[:, :-1].sum(axis=0)]
        return float(-(share * (z - np.log(sums))).sum() / len(share)), gradient

    found = minimize(loss, np.r_[0.5, 0.5, np.zeros(len(CLASSES) - 1)], jac=True, method="L-BFGS-B", options={"maxiter": STEPS, "ftol": RATE_TOLERANCE}).x
    return EmotionCalibration(float(found[0]), float(found[1]), np.r_[found[2:], 0.0], 0.0, np.zeros(len(CLASSES)))


def choose_thresholds(joint: EmotionCalibration, network: np.ndarray, linear: np.ndarray, labels: np.ndarray) -> EmotionCalibration:
    """Add the thresholds with the best F1 of each class, and the confidence from which a label is more often right than wrong."""
    p = joint.probabilities(network, linear)
    best = np.array([best_threshold(p[:, i], labels[:, i])[0] for i in range(len(CLASSES))])
    confidence, right = p.max(axis=1), labels[np.arange(len(p)), p.argmax(axis=1)] == 1
    unclear = 0.0
    for value in np.arange(1 / len(CLASSES), 1, STEP):
        around = np.abs(confidence - value) <= NEAR
        if around.any() and right[around].mean() < RIGHT_AT_LEAST:
            unclear = float(round(value + STEP, 2))
    return EmotionCalibration(joint.network, joint.linear, joint.bias, unclear, best)


def best_threshold(scores: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Return the threshold (at least so much counts as given) with the best F1 of 0/1 ``labels``, and that F1."""
    order = np.argsort(-scores, kind="stable")
    right = np.cumsum(labels[order])
    f1 = 2 * right / np.maximum(np.arange(1, len(order) + 1) + labels.sum(), 1)
    best = int(np.argmax(f1))
    following = scores[order[best + 1]] if best + 1 < len(order) else scores[order[best]]
    return float((scores[order[best]] + following) / 2), float(f1[best])


def f1_of(given: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the F1 of each class, shape ``(classes,)``, of given and true labels, both (n, classes) of 0 and 1."""
    right = (given * labels).sum(axis=0)
    return 2 * right / np.maximum(given.sum(axis=0) + labels.sum(axis=0), 1)
