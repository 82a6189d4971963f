"""Figures with their intervals, and the form in which ``metrics.json`` keeps them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

Z_95 = 1.959963984540054
RESAMPLES = 2000
DECIMALS = 4


def confusion(labels: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Count pairs, shape ``(classes, classes)``: rows are the true labels, columns the predicted."""
    table = np.zeros((classes, classes), np.int64)
    np.add.at(table, (np.asarray(labels), np.asarray(predicted)), 1)
    return table


def recalls(table: np.ndarray) -> np.ndarray:
    """Return each class's recall from a confusion table; NaN for a class without rows."""
    with np.errstate(invalid="ignore"):
        return np.diag(table) / table.sum(axis=1)


def unweighted_average_recall(table: np.ndarray) -> float:
    """Return the mean recall over the classes that occur."""
    return float(np.nanmean(recalls(table)))


def macro_f1(table: np.ndarray) -> float:
    """Return the mean F1 over all classes; a class never seen and never predicted counts as 0."""
    sums = table.sum(axis=0) + table.sum(axis=1)
    return float(np.mean(np.divide(2 * np.diag(table), sums, out=np.zeros(len(table)), where=sums > 0)))


def wilson(successes: int, n: int) -> tuple[float, float]:
    """Return the 95 % score interval of a share (Wilson, JASA 1927)."""
    if n == 0:
        return 0.0, 1.0
    share, z2 = successes / n, Z_95**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def bootstrap(statistic: Callable[[np.ndarray], float], n: int, groups: Sequence[Any] | None = None, seed: int = 0) -> tuple[float, float]:
    """Return the 95 % percentile interval of ``statistic(indices)`` under resampling.

    Rows 0..n-1 are drawn with replacement, or whole groups (speakers, say) where ``groups`` names one for each row.
    """
    random = np.random.default_rng(seed)
    if groups is None:
        values = [statistic(random.integers(0, n, n)) for _ in range(RESAMPLES)]
    else:
        rows = {g: np.flatnonzero(np.asarray(groups) == g) for g in dict.fromkeys(groups)}
        names = list(rows)
        values = [statistic(np.concatenate([rows[names[i]] for i in random.integers(0, len(names), len(names))])) for _ in range(RESAMPLES)]
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return float(low), float(high)


def figure(name: str, value: float, n: int, low: float, high: float, interval: str, protocol: str) -> dict[str, Any]:
    """Return one figure for ``metrics.json``: a value with its 95 % interval, the rows behind it and the protocol."""
    return {
        "name": name,
        "value": round(value, DECIMALS),
        "low": round(low, DECIMALS),
        "high": round(high, DECIMALS),
        "n": int(n),
        "interval": interval,
        "protocol": protocol,
    }


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Return one table for ``metrics.json``; floats are rounded to 4 decimals."""
    return {
        "title": title,
        "columns": list(columns),
        "rows": [
            [round(float(v), DECIMALS) if isinstance(v, (float, np.floating)) else int(v) if isinstance(v, np.integer) else v for v in row] for row in rows
        ],
    }


def write_metrics(path: Path, command: str, figures: dict[str, dict[str, Any]], tables: dict[str, dict[str, Any]]) -> None:
    """Write ``metrics.json``: the command that makes it, figures by id, tables by id."""
    document = {"command": command, "figures": figures, "tables": tables}
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
