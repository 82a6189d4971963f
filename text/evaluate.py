"""The figures: from the out-of-fold logits that training leaves and the labels, always the same digits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from core.analysis import TRAITS
from core.calibration import expected_calibration_error
from core.manifest import checked
from core.metrics import bootstrap, figure, table, wilson, write_metrics
from text.calibration import LENGTHS, Calibration, mixed, sigmoid
from text.data import TAGGED, read_essays
from text.emotion_evaluate import evaluate_emotions
from text.files import FOLDER, FOLDS, METRICS, ORIGINAL, OUT_OF_FOLD, TAGGER
from text.folds import read_folds
from text.scores import NO_NOISE, WHOLE
from text.tagger import accuracy, read_sentences, read_tagger

COMMAND = "python -m text evaluate"
BOOTSTRAP, WILSON = "bootstrap over essays", "Wilson"
OTHERS = {
    "majority": "majority class",
    "baseline": "TF-IDF of words and pairs with logistic regression",
    "original": "the original's network",
    "original_medians": "the original's network, each output against its median",
}
Statistic = Callable[[np.ndarray, np.ndarray], float]


@dataclass(frozen=True)
class OutOfFold:
    """Hold calibrated probabilities of essays that the models have not seen, shape ``(essays, cuts, 5)``, NaN where not measured.

    ``served`` is network and linear model together, ``network`` is not calibrated. ``others`` holds by name whether what it is compared
    with was right, shape ``(essays, 5)``, NaN where not measured.
    """

    served: np.ndarray
    linear: np.ndarray
    network: np.ndarray
    words: np.ndarray
    labels: np.ndarray
    folds: np.ndarray
    weights: np.ndarray
    others: dict[str, np.ndarray]

    @property
    def seen(self) -> np.ndarray:
        """Return the rows in which the network took part."""
        return np.flatnonzero(~np.isnan(self.served[:, WHOLE, 0]))


def evaluate(data: Path, folder: Path = FOLDER, rows: int | None = None) -> int:
    """Write ``metrics.json`` of a model folder; ``rows`` as the training was given them. Returns exit status 0."""
    kept = _read(data, folder, rows)
    tagged = accuracy(read_tagger(checked(folder, TAGGER)), islice(read_sentences(data / TAGGED[0], "test"), rows))
    emotions, emotion_tables = evaluate_emotions(data, folder, rows)
    figures = {**_means(kept), **_by_trait(kept), **emotions, "tagger": _tagger(*tagged)}
    tables = {"traits": _comparison(kept, figures), "lengths": _lengths(kept), "weights": _weights(kept), **emotion_tables}
    write_metrics(folder / METRICS, COMMAND, figures, tables)
    print("\n".join(f"{f['name']:<52} {f['value']:.4f}  {f['low']:.4f}–{f['high']:.4f}  n {f['n']}" for f in figures.values()))
    return 0


def _read(data: Path, folder: Path, rows: int | None) -> OutOfFold:
    essays = read_essays(data, rows)
    folds, _ = read_folds(folder / FOLDS, essays.ids)
    with np.load(folder / OUT_OF_FOLD, allow_pickle=False) as file:
        kept = {name: file[name] for name in file.files}
    words, weights = kept["words"], kept["weights"]
    linear = _calibrated(kept["linear"], words, kept["linear_parameters"], folds)
    served = _calibrated(mixed(kept["linear"], kept["network"], weights[folds][:, None, None]), words, kept["parameters"], folds)
    others = {
        "majority": majority_right(essays.labels, folds),
        "baseline": _right(kept["baseline"], np.zeros(len(TRAITS)), essays.labels),
        **_original(folder, essays.labels, folds),
    }
    return OutOfFold(served, linear, sigmoid(kept["network"]), words, essays.labels, folds, weights, others)


def _original(folder: Path, labels: np.ndarray, folds: np.ndarray) -> dict[str, np.ndarray]:
    """Return where the original's network was right, read in both ways; empty where ``python -m text original`` has not run."""
    if not (folder / ORIGINAL).exists():
        return {}
    with np.load(folder / ORIGINAL, allow_pickle=False) as file:
        probabilities, medians = file["probabilities"], file["medians"][folds]
    return {"original": _right(probabilities, np.full(len(TRAITS), 0.5), labels), "original_medians": _right(probabilities, medians, labels)}


def _right(scores: np.ndarray, limits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return 1 where a score above the limit goes with a label of 1, else 0; NaN where there is no score."""
    return np.where(np.isnan(scores), np.nan, (scores > limits) == (labels == 1))


def _protocol(kept: OutOfFold) -> str:
    return f"{_folds_of(kept, kept.seen)}, vectors, weight and calibration too"


def _folds_of(kept: OutOfFold, essays: np.ndarray) -> str:
    measured, number = np.unique(kept.folds[essays]), len(kept.weights)
    which = f"all {number} folds" if len(measured) == number else f"fold {', '.join(map(str, measured))} of {number} (0 to {number - 1})"
    return f"{which}: by models that learnt from the other folds alone"


def _means(kept: OutOfFold) -> dict[str, dict[str, Any]]:
    seen, everyone = kept.seen, np.arange(len(kept.folds))
    some = _protocol(kept)
    right = {name: right_of(p, kept.labels, WHOLE) for name, p in (("served", kept.served), ("linear", kept.linear), ("network", kept.network))}
    rows = [
        ("accuracy", "Mean accuracy over the five traits", right["served"][seen], some),
        ("accuracy_network", "Mean accuracy, network alone", right["network"][seen], f"{some}; not calibrated"),
        ("accuracy_linear", "Mean accuracy, linear model alone", right["linear"][everyone], _folds_of(kept, everyone)),
    ]
    if len(seen) < len(everyone):
        rows.append(("accuracy_linear_same", "Mean accuracy, linear model alone, same essays", right["linear"][seen], some))
    for identity, correct in kept.others.items():
        measured = ~np.isnan(correct[:, 0])
        rows.append((f"accuracy_{identity}", f"Mean accuracy, {OTHERS[identity]}", correct[measured], _folds_of(kept, measured)))
    figures = {}
    for identity, name, correct, protocol in rows:
        low, high = bootstrap(_mean_of(correct), len(correct))
        figures[identity] = figure(name, float(correct.mean()), len(correct), low, high, BOOTSTRAP, protocol)
    return figures


def _by_trait(kept: OutOfFold) -> dict[str, dict[str, Any]]:
    statistics = (("accuracy", "accuracy", _accuracy), ("auc", "area under the ROC curve", area_under_curve), ("ece", "calibration error", _calibration_error))
    seen, figures = kept.seen, {}
    for i, trait in enumerate(TRAITS):
        p, y = kept.served[seen, WHOLE, i], kept.labels[seen, i]
        for identity, name, statistic in statistics:
            low, high = bootstrap(_on_rows(statistic, p, y), len(seen))
            value = statistic(p, y)  # the calibration error of resampled rows is biased upwards and may leave the value outside
            figures[f"{identity}_{trait}"] = figure(
                f"{trait.capitalize()}: {name}", value, len(seen), min(low, value), max(high, value), BOOTSTRAP, _protocol(kept)
            )
    return figures


def _tagger(correct: int, tokens: int) -> dict[str, Any]:
    return figure("Tagger: accuracy", correct / tokens, tokens, *wilson(correct, tokens), WILSON, "English Web Treebank, test part, Penn tags")


def _comparison(kept: OutOfFold, figures: dict[str, dict[str, Any]]) -> dict[str, Any]:
    seen, rows = kept.seen, []
    for i, trait in enumerate(TRAITS):
        ours = [_accuracy(p[those, WHOLE, i], kept.labels[those, i]) for p, those in ((kept.served, seen), (kept.network, seen), (kept.linear, slice(None)))]
        others = [float(np.nanmean(correct[:, i])) for correct in kept.others.values()]
        rows.append((trait, *ours, *others, figures[f"auc_{trait}"]["value"], figures[f"ece_{trait}"]["value"]))
    columns = ("trait", "served", "network", "linear", *(OTHERS[name] for name in kept.others), "AUC, served", "calibration error, served")
    return table("Accuracy by trait", columns, rows)


def _lengths(kept: OutOfFold) -> dict[str, Any]:
    rows: list[tuple[Any, ...]] = []
    every = np.arange(len(kept.folds))
    for cut, length in enumerate([*LENGTHS, "whole"]):
        row: list[Any] = [length]
        for p, essays in ((kept.served, kept.seen), (kept.linear, every)):
            long_enough = essays if isinstance(length, str) else essays[kept.words[essays, WHOLE] >= length]
            right = right_of(p, kept.labels, cut)[long_enough]
            row += [float(right.mean()), *bootstrap(_mean_of(right), len(right)), len(right)] if len(right) else [None, None, None, 0]
        rows.append(tuple(row))
    columns = ("words", "served", "low", "high", "essays", "linear, all folds", "low", "high", "essays")
    return table("Mean accuracy by length of the text", columns, rows)


def _weights(kept: OutOfFold) -> dict[str, Any]:
    rows = [(fold, float(weight)) for fold, weight in enumerate(kept.weights) if not np.isnan(weight)]
    return table("Weight of the network beside the linear model, chosen inside the training folds", ("fold", "weight"), rows)


def right_of(probabilities: np.ndarray, labels: np.ndarray, cut: int) -> np.ndarray:
    """Return whether each trait of each essay is right at a cut, bool, shape ``(essays, 5)``."""
    return (probabilities[:, cut] > 0.5) == (labels == 1)


def majority_right(labels: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Return where the more frequent label of the other folds is right, bool, shape ``(essays, 5)``."""
    right = np.zeros(labels.shape, bool)
    for fold in np.unique(folds):
        inside = folds == fold
        right[inside] = (labels[~inside].mean(axis=0) > 0.5) == (labels[inside] == 1)
    return right


def _calibrated(logits: np.ndarray, words: np.ndarray, parameters: np.ndarray, folds: np.ndarray) -> np.ndarray:
    probabilities = np.full(logits.shape, np.nan)
    for fold in np.unique(folds):
        inside = folds == fold
        probabilities[inside] = Calibration(parameters[fold], parameters[fold][None], NO_NOISE).probabilities(logits[inside], words[inside])
    return probabilities


def _mean_of(right: np.ndarray) -> Callable[[np.ndarray], float]:
    means = right.mean(axis=1)
    return lambda drawn: float(means[drawn].mean())


def _on_rows(statistic: Statistic, probabilities: np.ndarray, labels: np.ndarray) -> Callable[[np.ndarray], float]:
    return lambda drawn: statistic(probabilities[drawn], labels[drawn])


def _accuracy(probabilities: np.ndarray, labels: np.ndarray) -> float:
    return float(((probabilities > 0.5) == (labels == 1)).mean())


def area_under_curve(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of pairs in the right order; ties count one half (Mann & Whitney, 1947)."""
    _, inverse, counts = np.unique(probabilities, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    positive = int(labels.sum())
    negative = len(labels) - positive
    if not positive or not negative:
        return float("nan")
    return float((ranks[labels == 1].sum() - positive * (positive + 1) / 2) / (positive * negative))


def _calibration_error(probabilities: np.ndarray, labels: np.ndarray) -> float:
    return expected_calibration_error(np.stack([1 - probabilities, probabilities], axis=1), labels)
