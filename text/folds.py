"""Ten folds over the essays: alike in their labels, and no author in two of them as far as that can be seen."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

FOLDS = 10
PHRASE = (3, 4)  # words; phrases that two essays share
SAME_AUTHOR = 0.035  # cosine of two essays' phrases from which they count as one author's (the essays name no author)
HELD_OUT_SHARE = 0.15  # of a training fold: early stopping, weight of the network, calibration


def author_groups(texts: Sequence[str]) -> np.ndarray:
    """Return a group number for each essay: the same for essays that share conspicuously many phrases."""
    from scipy.sparse.csgraph import connected_components
    from sklearn.feature_extraction.text import TfidfVectorizer

    table = TfidfVectorizer(ngram_range=PHRASE, binary=True, use_idf=False).fit_transform(texts)
    alike = table @ table.T
    alike.data[alike.data < SAME_AUTHOR] = 0
    alike.eliminate_zeros()
    return connected_components(alike, directed=False)[1]


def make_folds(groups: np.ndarray, labels: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """Return a fold for each row: groups in the order of their labels' pattern are dealt out, one to each fold in turn.

    The turns are shuffled, or a label would follow the fold where few groups share a pattern.
    """
    random = np.random.default_rng(seed)
    names, first = np.unique(groups, return_index=True)
    pattern = labels[first] @ (1 << np.arange(labels.shape[1]))
    order = np.lexsort((random.random(len(names)), pattern))
    turns = np.concatenate([random.permutation(folds) for _ in range(0, len(names), folds)])
    fold_of = np.empty(len(names), np.int64)
    fold_of[order] = turns[: len(names)]
    return fold_of[np.searchsorted(names, groups)]


def held_out(groups: np.ndarray, rows: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Split ``rows`` into those to fit on and those held out, by group."""
    names = np.unique(groups[rows])
    chosen = np.random.default_rng(seed).permutation(names)[: max(1, round(len(names) * HELD_OUT_SHARE))]
    inside = np.isin(groups[rows], chosen)
    return rows[~inside], rows[inside]


def write_folds(path: Path, ids: Sequence[str], folds: np.ndarray, groups: np.ndarray) -> None:
    """Write ``id,fold,group``."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "fold", "group"])
        writer.writerows(zip(ids, folds.tolist(), groups.tolist(), strict=True))


def read_folds(path: Path, ids: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return fold and group of each id."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = {row["id"]: (int(row["fold"]), int(row["group"])) for row in csv.DictReader(file)}
    pairs = np.array([rows[name] for name in ids])
    return pairs[:, 0], pairs[:, 1]
