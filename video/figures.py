"""What PublicTest says about the face network: accuracy, calibration, and the tables of the card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from core import metrics
from core.analysis import CLASSES
from core.calibration import expected_calibration_error, fit_temperature, negative_log_likelihood, reliability, softmax
from core.diagram import COLUMNS
from core.engine import Network
from video.data import Faces, majority_labels, standing_in
from video.features import logits_of, mirrored_logits_of

CLEAR_ACCURACY = 0.75  # wanted of the pictures that get a label rather than "unclear"
THRESHOLDS = np.arange(0.25, 0.71, 0.01)
SEED = 0


def crossfitted(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return probabilities (n, 7) whose temperature was always fitted on the other half of the rows."""
    random = np.random.default_rng(SEED)
    half = random.permutation(len(labels)) < len(labels) // 2
    result = np.empty((len(labels), len(CLASSES)))
    for inside in (half, ~half):
        result[inside] = softmax(logits[inside], fit_temperature(logits[~inside], labels[~inside]))
    return result


def unclear_threshold(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the lowest confidence from which on the pictures are right at least three times in four."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    for threshold in THRESHOLDS:
        clear = confidence >= threshold
        if clear.any() and right[clear].mean() >= CLEAR_ACCURACY:
            return round(float(threshold), 2)
    return round(float(THRESHOLDS[-1]), 2)


def accuracy_figure(name: str, predicted: np.ndarray, labels: np.ndarray, protocol: str) -> dict[str, Any]:
    """Return an accuracy with its Wilson interval."""
    right = int((predicted == labels).sum())
    return metrics.figure(name, right / len(labels), len(labels), *metrics.wilson(right, len(labels)), "Wilson", protocol)


def resampled_figure(name: str, labels: np.ndarray, predicted: np.ndarray, statistic: Any, protocol: str) -> dict[str, Any]:
    """Return a statistic of the confusion table with its bootstrap interval."""

    def of(rows: np.ndarray) -> float:
        return float(statistic(metrics.confusion(labels[rows], predicted[rows], len(CLASSES))))

    n = len(labels)
    return metrics.figure(name, of(np.arange(n)), n, *metrics.bootstrap(of, n, seed=SEED), "bootstrap", protocol)


@dataclass
class Measured:
    """Hold what PublicTest says: figures and tables by id, and what serving needs of it."""

    figures: dict[str, Any]
    tables: dict[str, Any]
    temperature: float
    temperature_mirrored: float
    threshold: float
    honest: np.ndarray  # probabilities (n, 7), temperature always fitted on the other half


def measure(network: Network, public: Faces, training: Faces, note: str) -> Measured:
    """Measure on PublicTest. One look at each picture is what a video's frames get; ``predict-faces`` also looks at the mirror image."""
    labels = public.labels
    logits = logits_of(network, public.pictures)
    twice = mirrored_logits_of(network, public.pictures, logits)
    predicted = logits.argmax(axis=1)
    temperature, temperature_mirrored = fit_temperature(logits, labels), fit_temperature(twice, labels)
    honest, honest_twice = crossfitted(logits, labels), crossfitted(twice, labels)
    copies = standing_in(public, training)
    majority, voted = majority_labels(public)
    protocol = f"FER2013 PublicTest, one look at each picture, as in a video; {note}"
    looks = f"FER2013 PublicTest, mean of the logits of picture and mirror image, as predict-faces does; {note}"
    crowd = "FER2013 PublicTest, one look, against the FER+ majority where one of the seven has it"
    calibrated = "FER2013 PublicTest, temperature always fitted on the other half of the pictures"

    def ece(rows: np.ndarray) -> float:
        return expected_calibration_error(honest[rows], labels[rows])

    def ece_twice(rows: np.ndarray) -> float:
        return expected_calibration_error(honest_twice[rows], labels[rows])

    everything = np.arange(len(labels))
    figures = {
        "accuracy": accuracy_figure("Accuracy", predicted, labels, protocol),
        "accuracy_no_copies": accuracy_figure(
            "Accuracy without copies", predicted[~copies], labels[~copies], f"as accuracy, without the {int(copies.sum())} pictures that also stand in Training"
        ),
        "accuracy_mirrored": accuracy_figure("Accuracy with the mirror image", twice.argmax(axis=1), labels, looks),
        "accuracy_mirrored_no_copies": accuracy_figure(
            "Accuracy with the mirror image, without copies", twice.argmax(axis=1)[~copies], labels[~copies],
            f"as with the mirror image, without the {int(copies.sum())} pictures that also stand in Training",
        ),
        "accuracy_ferplus": accuracy_figure("Accuracy against the crowd", predicted[voted], majority[voted], crowd),
        "macro_f1_ferplus": resampled_figure("Macro-F1 against the crowd", majority[voted], predicted[voted], metrics.macro_f1, crowd),
        "macro_f1": resampled_figure("Macro-F1", labels, predicted, metrics.macro_f1, protocol),
        "unweighted_average_recall": resampled_figure("Unweighted average recall", labels, predicted, metrics.unweighted_average_recall, protocol),
        "ece": metrics.figure("Expected calibration error", ece(everything), len(labels), *metrics.bootstrap(ece, len(labels), seed=SEED), "bootstrap", calibrated),
        "ece_mirrored": metrics.figure(
            "Expected calibration error with the mirror image", ece_twice(everything), len(labels), *metrics.bootstrap(ece_twice, len(labels), seed=SEED),
            "bootstrap", calibrated,
        ),
        "nll": metrics.figure(
            "Negative log-likelihood", negative_log_likelihood(honest, labels), len(labels),
            *metrics.bootstrap(lambda rows: negative_log_likelihood(honest[rows], labels[rows]), len(labels), seed=SEED), "bootstrap", calibrated,
        ),
    }  # fmt: skip
    threshold = unclear_threshold(softmax(logits, temperature), labels)
    clear = honest.max(axis=1) >= threshold
    if clear.any():
        figures["accuracy_clear"] = accuracy_figure(
            "Accuracy where not unclear",
            predicted[clear],
            labels[clear],
            f"FER2013 PublicTest, the {clear.mean():.0%} with a confidence of at least {threshold}",
        )
    tables = {
        "classes": class_table("Recall of each class, PublicTest", labels, predicted),
        "classes_ferplus": class_table("Recall of each class against the FER+ majority, PublicTest", majority[voted], predicted[voted]),
        "confusion": confusion_table("Confusion, PublicTest: rows are the labels", labels, predicted),
        "reliability": metrics.table(
            "Confidence and accuracy, PublicTest, temperature fitted on the other half", COLUMNS,
            [list(row.values()) for row in reliability(honest, labels)],
        ),
    }  # fmt: skip
    return Measured(figures, tables, temperature, temperature_mirrored, threshold, honest)


def class_table(title: str, labels: np.ndarray, predicted: np.ndarray) -> dict[str, Any]:
    """Return the recall of each class with its Wilson interval."""
    counts = metrics.confusion(labels, predicted, len(CLASSES))
    recalls = [float(recall) if counts[i].any() else None for i, recall in enumerate(metrics.recalls(counts))]
    rows = [
        [name, int(counts[i].sum()), recalls[i], *metrics.wilson(int(counts[i, i]), int(counts[i].sum())), int(counts[:, i].sum())]
        for i, name in enumerate(CLASSES)
    ]
    return metrics.table(title, ("class", "n", "recall", "low", "high", "predicted"), rows)


def confusion_table(title: str, labels: np.ndarray, predicted: np.ndarray) -> dict[str, Any]:
    """Return how often each label was read as each class."""
    counts = metrics.confusion(labels, predicted, len(CLASSES))
    return metrics.table(title, ("label", *CLASSES), [[name, *counts[i]] for i, name in enumerate(CLASSES)])
