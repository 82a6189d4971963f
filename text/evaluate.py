"""The figures: from the out-of-fold logits that training leaves and the labels, always the same digits."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path

import numpy as np

from core.analysis import TRAITS
from core.calibration import expected_calibration_error
from core.manifest import MODELS, checked
from core.metrics import bootstrap, figure, table, wilson, write_metrics
from text.calibration import LENGTHS, Calibration, mixed
from text.data import TAGGED, read_essays
from text.folds import read_folds
from text.tagger import TAGGER_FILE, accuracy, read_sentences, read_tagger

COMMAND = "python -m text evaluate"
WHOLE = len(LENGTHS)
BOOTSTRAP, WILSON = "bootstrap over essays", "Wilson"
Statistic = Callable[[np.ndarray, np.ndarray], float]
NO_NOISE = np.zeros(len(TRAITS))


def evaluate(data: Path, folder: Path = MODELS / "text", rows: int | None = None) -> int:
    """Write ``metrics.json`` of a model folder; ``rows`` as the training was given them. Returns exit status 0."""
    essays = read_essays(data, rows)
    folds, groups = read_folds(folder / "folds.csv", essays.ids)
    with np.load(folder / "out_of_fold.npz", allow_pickle=False) as file:
        kept = {name: file[name] for name in file.files}
    linear = _calibrated(kept["linear"], kept["words"], kept["linear_parameters"], folds)
    weights = kept["weights"][folds][:, None, None]
    served = _calibrated(mixed(kept["linear"], kept["network"], weights), kept["words"], kept["parameters"], folds)
    network = 1 / (1 + np.exp(-kept["network"]))
    seen = np.flatnonzero(~np.isnan(served[:, WHOLE, 0]))
    names = sorted({int(f) for f in folds[seen]})
    everyone = np.arange(len(folds))
    protocol = f"folds {', '.join(map(str, names))} of {folds.max() + 1}, each essay by models that have not seen it; nothing fitted outside the training folds"
    all_folds = f"all {folds.max() + 1} folds"
    figures, tables = {}, {}

    def measured(identity: str, name: str, right: np.ndarray, where: np.ndarray, words: str) -> None:
        statistic = _mean_of(right)
        low, high = bootstrap(statistic, len(right), groups[where].tolist())
        figures[identity] = figure(name, float(right.mean()), len(right), low, high, BOOTSTRAP, words)

    labels = essays.labels
    majority = majority_right(labels, folds)
    measured("accuracy", "Mean accuracy over the five traits", right_of(served, labels, WHOLE)[seen], seen, f"{protocol}; network and linear model together")
    measured("accuracy_linear_same", "Mean accuracy, linear model alone, same essays", right_of(linear, labels, WHOLE)[seen], seen, protocol)
    measured("accuracy_network", "Mean accuracy, network alone", right_of(network, labels, WHOLE)[seen], seen, f"{protocol}; not calibrated")
    measured("accuracy_linear", "Mean accuracy, linear model alone, every essay", right_of(linear, labels, WHOLE), everyone, all_folds)
    measured("accuracy_majority", "Mean accuracy, majority class", majority, everyone, f"{all_folds}; the majority of the training folds")
    for i, trait in enumerate(TRAITS):
        for identity, name, statistic in (
            ("accuracy", "accuracy", _accuracy),
            ("auc", "area under the ROC curve", _auc),
            ("ece", "calibration error", _calibration_error),
        ):
            p, y = served[seen, WHOLE, i], labels[seen, i]
            low, high = bootstrap(_on_rows(statistic, p, y), len(seen), groups[seen].tolist())
            figures[f"{identity}_{trait}"] = figure(f"{trait.capitalize()}: {name}", statistic(p, y), len(seen), low, high, BOOTSTRAP, protocol)
    tables["traits"] = table(
        "Accuracy by trait",
        ("trait", "served", "network", "linear", "linear, all folds", "majority, all folds", "AUC", "calibration error"),
        [
            (
                trait,
                _accuracy(served[seen, WHOLE, i], labels[seen, i]),
                _accuracy(network[seen, WHOLE, i], labels[seen, i]),
                _accuracy(linear[seen, WHOLE, i], labels[seen, i]),
                _accuracy(linear[:, WHOLE, i], labels[:, i]),
                majority[:, i].mean(),
                figures[f"auc_{trait}"]["value"],
                figures[f"ece_{trait}"]["value"],
            )
            for i, trait in enumerate(TRAITS)
        ],
    )
    tables["lengths"] = table(
        "Mean accuracy by length of the text", ("words", "accuracy", "low", "high", "essays"), _lengths(served, labels, kept["words"], seen)
    )
    tables["weights"] = table(
        "Weight of the network, chosen inside each training fold", ("fold", "weight"), [(fold, float(kept["weights"][fold])) for fold in names]
    )
    correct, tokens = accuracy(read_tagger(checked(folder, TAGGER_FILE)), islice(read_sentences(data / TAGGED[0], "test"), rows))
    figures["tagger"] = figure("Tagger: accuracy", correct / tokens, tokens, *wilson(correct, tokens), WILSON, "English Web Treebank, test part, Penn tags")
    write_metrics(folder / "metrics.json", COMMAND, figures, tables)
    print("\n".join(f"{f['name']:<52} {f['value']:.4f}  {f['low']:.4f}–{f['high']:.4f}  n {f['n']}" for f in figures.values()))
    return 0


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


def _lengths(served: np.ndarray, labels: np.ndarray, words: np.ndarray, seen: np.ndarray) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for cut, length in enumerate([*LENGTHS, "whole"]):
        long_enough = seen if length == "whole" else seen[words[seen, WHOLE] >= length]
        right = right_of(served, labels, cut)[long_enough]
        if len(right):
            rows.append((length, right.mean(), *bootstrap(_mean_of(right), len(right)), len(right)))
    return rows


def _mean_of(right: np.ndarray) -> Callable[[np.ndarray], float]:
    means = right.mean(axis=1)
    return lambda drawn: float(means[drawn].mean())


def _on_rows(statistic: Statistic, probabilities: np.ndarray, labels: np.ndarray) -> Callable[[np.ndarray], float]:
    return lambda drawn: statistic(probabilities[drawn], labels[drawn])


def _accuracy(probabilities: np.ndarray, labels: np.ndarray) -> float:
    return float(((probabilities > 0.5) == (labels == 1)).mean())


def _auc(probabilities: np.ndarray, labels: np.ndarray) -> float:
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
