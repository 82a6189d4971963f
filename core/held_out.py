"""What a model says of people it has not met, kept beside it: the ensemble is weighed and measured by these alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.analysis import CLASSES

HELD_OUT = "held_out.npz"


@dataclass
class HeldOut:
    """Hold calibrated probabilities (n, 7), labels (n,) and whose rows they are, integers (n,): a speaker, a writer, a picture."""

    probabilities: np.ndarray
    labels: np.ndarray
    groups: np.ndarray

    def at(self, rows: np.ndarray) -> HeldOut:
        """Return some rows."""
        return HeldOut(self.probabilities[rows], self.labels[rows], self.groups[rows])


def write_held_out(folder: Path, probabilities: np.ndarray, labels: np.ndarray, groups: np.ndarray | None = None) -> None:
    """Write ``held_out.npz`` of a model folder; without ``groups`` every row is somebody else's.

    Raises
    ------
    ValueError
        When the shapes do not belong together.
    """
    groups = np.arange(len(labels)) if groups is None else groups
    if probabilities.shape != (len(labels), len(CLASSES)) or len(groups) != len(labels):
        raise ValueError(f"{probabilities.shape} probabilities, {len(labels)} labels and {len(groups)} groups do not belong together")
    np.savez_compressed(folder / HELD_OUT, probabilities=probabilities.astype(np.float16), labels=labels.astype(np.int8), groups=groups.astype(np.int32))


def read_held_out(folder: Path) -> HeldOut | None:
    """Read ``held_out.npz`` of a model folder, ``None`` where it has none."""
    path = folder / HELD_OUT
    if not path.is_file():
        return None
    with np.load(path, allow_pickle=False) as stored:
        p = stored["probabilities"].astype(np.float64)
        return HeldOut(p / p.sum(axis=1, keepdims=True), stored["labels"].astype(int), stored["groups"].astype(int))
