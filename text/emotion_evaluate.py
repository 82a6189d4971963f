"""The figures of the emotion models: the served files on GoEmotions dev and, with nothing chosen on it, on its test part."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from core.analysis import CLASSES
from core.calibration import expected_calibration_error
from core.held_out import write_held_out
from core.metrics import bootstrap, figure, table, wilson
from text.emotion_corpus import Emotions, read_goemotions
from text.emotion_scores import best_threshold, f1_of
from text.emotion_tokens import LONGEST, emotion_tokens
from text.emotions import EmotionModels, emotion_models

BOOTSTRAP, WILSON = "bootstrap over comments", "Wilson"
DEV = "GoEmotions dev (Ekman's six and neutral, several labels allowed); weights of the two models, biases and thresholds were chosen on it"
TEST = "GoEmotions test, measured with everything fixed on dev"


def evaluate_emotions(data: Path, folder: Path, rows: int | None = None) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """Return figures and tables for ``metrics.json``; ``rows`` cuts both parts."""
    models = emotion_models(folder)
    measured = {part: _measured(models, read_goemotions(data, part), rows) for part in ("dev", "test")}
    figures: dict[str, dict[str, Any]] = {}
    for part, protocol in (("test", TEST), ("dev", DEV)):
        p, labels, _ = measured[part]
        suffix = "" if part == "test" else "_dev"
        given = (p >= models.calibration.thresholds).astype(np.int64)
        low, high = bootstrap(lambda drawn, given=given, labels=labels: float(f1_of(given[drawn], labels[drawn]).mean()), len(p))  # type: ignore[misc]
        figures[f"emotions_f1{suffix}"] = figure(f"Emotions: macro-F1, {part}", float(f1_of(given, labels).mean()), len(p), low, high, BOOTSTRAP, protocol)
    p, labels, _ = measured["test"]
    first = labels[np.arange(len(p)), p.argmax(axis=1)] == 1
    clear = p.max(axis=1) >= models.calibration.unclear
    figures["emotions_accuracy"] = figure(
        "Emotions: first choice is among the labels", float(first.mean()), len(p), *wilson(int(first.sum()), len(p)), WILSON, TEST
    )
    if clear.any():
        figures["emotions_accuracy_clear"] = figure(
            "Emotions: the same where not unclear", float(first[clear].mean()), int(clear.sum()), *wilson(int(first[clear].sum()), int(clear.sum())), WILSON,
            f"{TEST}; the {clear.mean():.0%} with a confidence of at least {models.calibration.unclear:.2f}",
        )  # fmt: skip
    single = labels.sum(axis=1) == 1
    answers = labels[single].argmax(axis=1)
    write_held_out(folder, p[single], answers)
    value = expected_calibration_error(p[single], answers)
    low, high = bootstrap(lambda drawn: expected_calibration_error(p[single][drawn], answers[drawn]), int(single.sum()))
    figures["emotions_ece"] = figure(
        "Emotions: calibration error", value, int(single.sum()), min(low, value), max(high, value), BOOTSTRAP, f"{TEST}; comments with one label"
    )
    return figures, {"emotions": _by_class(models, measured), "emotion_models": _by_model(measured)}


def _measured(models: EmotionModels, part: Emotions, rows: int | None) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray]]:
    logits = models.logits([(emotion_tokens(text) or ["?"])[:LONGEST] for text in part.texts[:rows]])
    return models.calibration.probabilities(*logits), part.labels[:rows].astype(np.int64), logits


def _by_class(models: EmotionModels, measured: dict[str, Any]) -> dict[str, Any]:
    rows = []
    found = {part: f1_of((p >= models.calibration.thresholds).astype(np.int64), labels) for part, (p, labels, _) in measured.items()}
    for i, name in enumerate(CLASSES):
        rows.append((name, float(found["test"][i]), float(found["dev"][i]), int(measured["test"][1][:, i].sum()), float(models.calibration.thresholds[i])))
    return table("Emotions in sentences: F1 by class", ("class", "F1, test", "F1, dev", "comments with it, test", "threshold"), rows)


def _by_model(measured: dict[str, Any]) -> dict[str, Any]:
    """Compare the parts: each with thresholds of its own, chosen on dev."""
    rows = []
    for name, pick in (("network", 0), ("linear model", 1)):
        values = []
        dev, labels = measured["dev"][2][pick], measured["dev"][1]
        thresholds = np.array([best_threshold(dev[:, i], labels[:, i])[0] for i in range(len(CLASSES))])
        for part in ("test", "dev"):
            values.append(float(f1_of((measured[part][2][pick] >= thresholds).astype(np.int64), measured[part][1]).mean()))
        rows.append((name, *values))
    return table("Emotions in sentences: macro-F1 of each model alone, thresholds chosen on dev", ("model", "test", "dev"), rows)
