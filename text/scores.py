"""The logits that no model learnt from, and what is chosen on them: the network's weight and the calibration."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.analysis import TRAITS
from text import files
from text.calibration import LENGTHS, NOISE_WORDS, choose_weight, fit_calibration, mixed
from text.data import write_json
from text.style import is_word, token_spans

WHOLE = len(LENGTHS)  # the place of the whole text among the cuts; after it comes the second piece of NOISE_WORDS words
CUTS = WHOLE + 2
GRADED = slice(0, WHOLE + 1)  # the cuts that calibration is fitted on
NO_NOISE = np.zeros(len(TRAITS))


def cuts(n: int) -> list[tuple[int, int]]:
    """Return the ranges of words that a text of ``n`` words is scored on: the first 50, 100, 200, 400, all, and the second 200."""
    return [*((0, min(n, length)) for length in LENGTHS), (0, n), (min(n, NOISE_WORDS), min(n, 2 * NOISE_WORDS))]


def cut_text(text: str) -> list[str]:
    """Return the same cuts of a text; what stands between two words belongs to the first of them."""
    begins = [start for start, _ in token_spans(text) if is_word(text[start])]
    ends = [*begins, len(text)]
    return [text[0 if start == 0 else ends[start] : ends[end]] for start, end in cuts(len(begins))]


def empty_scores(essays: int) -> np.ndarray:
    """Return room for logits, float32, shape ``(essays, cuts, 5)``, all NaN."""
    return np.full((essays, CUTS, len(TRAITS)), np.nan, np.float32)


def read_scores(path: Path) -> np.ndarray:
    """Read one model's logits of the essays that it did not learn from; NaN elsewhere."""
    with np.load(path, allow_pickle=False) as file:
        return file["scores"]


def choose_and_calibrate(
    folder: Path, scores: Path, words: Sequence[int], labels: np.ndarray, folds: np.ndarray, held_out: Sequence[np.ndarray], network_folds: Sequence[int]
) -> float:
    """Write ``out_of_fold.npz`` and ``calibration.json`` of a model folder and return the network's weight; ``words`` counts each essay's.

    What is measured on a fold uses the weight and the calibration of that fold's held-out rows (``held_out``, by fold).
    What is served uses the mean of those weights, and a calibration of all logits of models that had not seen the essay:
    held-out rows and folds, for the folds in which the network took part.
    """
    n = np.array([[end - start for start, end in cuts(count)] for count in words])
    linear, network, baseline = empty_scores(len(words)), empty_scores(len(words)), np.full(labels.shape, np.nan, np.float32)
    weights = np.full(len(held_out), np.nan)
    parameters = np.full((2, len(held_out), 2 + len(TRAITS)), np.nan)  # of the linear model alone, of both models
    pairs = []
    for fold, waiting in enumerate(held_out):
        inside = np.flatnonzero(folds == fold)
        z_linear = read_scores(scores / f"fold{fold}" / "linear.npz")
        linear[inside] = z_linear[inside]
        baseline[inside] = read_scores(scores / f"fold{fold}" / "baseline.npz")[inside]
        counts = n[waiting, GRADED]
        parameters[0, fold] = fit_calibration(z_linear[waiting, GRADED], counts, labels[waiting], NO_NOISE, 0).parameters
        if fold not in network_folds:
            continue
        z_network = read_scores(scores / f"fold{fold}" / "network.npz")
        network[inside] = z_network[inside]
        weights[fold] = choose_weight(z_linear[waiting, GRADED], z_network[waiting, GRADED], counts, labels[waiting])
        z = mixed(z_linear[waiting, GRADED], z_network[waiting, GRADED], weights[fold])
        parameters[1, fold] = fit_calibration(z, counts, labels[waiting], NO_NOISE, 0).parameters
        rows = np.concatenate([waiting, inside])
        pairs.append((rows, z_linear[rows], z_network[rows]))
    np.savez_compressed(
        folder / files.OUT_OF_FOLD, linear=linear, network=network, baseline=baseline, words=n.astype(np.int32), weights=weights,
        linear_parameters=parameters[0], parameters=parameters[1],
    )  # fmt: skip
    weight = round(float(np.nanmean(weights)), 4)
    rows = np.concatenate([r for r, _, _ in pairs])
    z = np.concatenate([mixed(a, b, weight) for _, a, b in pairs])
    calibration = fit_calibration(z[:, GRADED], n[rows, GRADED], labels[rows], _noise(z, n[rows]))
    write_json(folder / files.CALIBRATION, calibration.to_dict())
    return weight


def _noise(z: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Return the standard deviation of a logit of ``NOISE_WORDS`` words: two neighbouring pieces of one essay differ by √2 of it."""
    whole = n[:, WHOLE + 1] == NOISE_WORDS
    rows = whole if whole.any() else np.ones(len(n), bool)
    return (z[rows, LENGTHS.index(NOISE_WORDS)] - z[rows, WHOLE + 1]).std(axis=0) / np.sqrt(2)
