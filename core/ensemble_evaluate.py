"""Weigh the channels and measure the pool, from what the models say of people they have not met (``held_out.npz``).

No data set has face, voice and words of the same moment labelled. So pairs and triples are drawn class by class from the single
sets: what the face network says of one person's angry face goes with what the voice network says of somebody else's angry voice.
Given the class, the channels are independent then, which real ones are not: what comes out is an upper bound, and called so.

``python -m core.ensemble_evaluate`` writes ``models/ensemble``: the weights and the figures. Everything is fitted on one half of
the people and measured on the other.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from core import metrics
from core.analysis import CLASSES
from core.calibration import TEMPERATURES, expected_calibration_error, negative_log_likelihood
from core.ensemble import CHANNELS, average, majority, pool, weight_of
from core.held_out import HELD_OUT, HeldOut, read_held_out
from core.manifest import MODELS, sha256_of

FOLDER = MODELS / "ensemble"
FOLDERS = {"face": "video", "voice": "audio", "words": "text"}
COMMAND = "python -m core.ensemble_evaluate"
VERSION = "2026.1"
DRAWN = 7000  # pairs or triples, the same number of each class
RESAMPLES = 200  # of the held-out rows, for the intervals
SEED = 0
PROTOCOL = (
    "an upper bound: {drawn:,} combinations drawn class by class from held-out rows of the single sets, channels independent given the class; "
    "weights from one half of the people, measured on the other"
)


@dataclass
class Halves:
    """Hold one channel's held-out rows: half of the people to fit on, the other half to measure on."""

    fit: HeldOut
    test: HeldOut


def halved(held_out: HeldOut) -> Halves:
    """Split by people, at random with a fixed seed."""
    people = np.unique(held_out.groups)
    chosen = np.random.default_rng(SEED).permutation(people)[: len(people) // 2]
    inside = np.isin(held_out.groups, chosen)
    return Halves(held_out.at(np.flatnonzero(inside)), held_out.at(np.flatnonzero(~inside)))


def drawn(channels: Sequence[HeldOut], random: np.random.Generator, count: int = DRAWN) -> tuple[np.ndarray, np.ndarray]:
    """Draw combinations with one row of each channel, all of one class.

    Returns
    -------
    (probabilities, labels)
        Shapes (channels, n, 7) and (n,); the same number of each class that every channel has rows of.
    """
    classes = [c for c in range(len(CLASSES)) if all((channel.labels == c).any() for channel in channels)]
    labels = np.repeat(classes, count // len(classes))
    probabilities = [
        channel.probabilities[np.concatenate([random.choice(np.flatnonzero(channel.labels == c), count // len(classes)) for c in classes])]
        for channel in channels
    ]
    return np.stack(probabilities), labels


def fit_pool_temperature(probabilities: np.ndarray, weights: np.ndarray, labels: np.ndarray) -> float:
    """Return the temperature of the pool with the smallest negative log-likelihood."""
    losses = [negative_log_likelihood(pool(probabilities, weights, float(t)), labels) for t in TEMPERATURES[::8]]
    return float(TEMPERATURES[::8][int(np.argmin(losses))])


def accuracy(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of rows whose most probable class is theirs."""
    return float((probabilities.argmax(axis=1) == labels).mean())


def measure(halves: Sequence[Halves]) -> list[tuple[str, dict[str, tuple[float, float, float]]]]:
    """Measure one combination of channels: ``(way, {statistic: (value, low, high)})`` for pool, tempered pool, average, majority and best single."""
    random = np.random.default_rng(SEED)
    weights = np.array([weight_of(half.fit.probabilities, half.fit.labels) for half in halves])
    probabilities, labels = drawn([half.fit for half in halves], random)
    temperature = fit_pool_temperature(probabilities, weights, labels)
    best = int(np.argmax([accuracy(half.fit.probabilities, half.fit.labels) for half in halves]))
    ways: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "pool": lambda p: pool(p, weights),
        f"pool, temperature {temperature:.2f}": lambda p: pool(p, weights, temperature),
        "weighted average": lambda p: average(p, weights),
        "majority": lambda p: np.eye(len(CLASSES))[majority(p, weights)],
        "best single": lambda p: p[best],
    }
    tests = [half.test for half in halves]
    values = {way: _statistics(make, *drawn(tests, random)) for way, make in ways.items()}
    spread: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
    for _ in range(RESAMPLES):
        probabilities, labels = drawn([_resampled(test, random) for test in tests], random)
        for way, make in ways.items():
            spread[way].append(_statistics(make, probabilities, labels))
    return [(way, {name: (value, *_interval([row[name] for row in spread[way]])) for name, value in found.items()}) for way, found in values.items()]


def evaluate(models: Path = MODELS, folder: Path = FOLDER) -> dict[str, Any]:
    """Weigh the channels that have held-out rows, measure every combination of them, and write the folder; return the figures."""
    found = {name: read_held_out(models / FOLDERS[name]) for name in CHANNELS}
    halves = {name: halved(rows) for name, rows in found.items() if rows is not None}
    figures: dict[str, Any] = {}
    rows: list[list[Any]] = []
    for size in range(2, len(halves) + 1):
        for names in combinations(halves, size):
            for way, statistics in measure([halves[name] for name in names]):
                title = " + ".join(names)
                rows.append([title, way, *statistics["accuracy"], *statistics["log_loss"], statistics["ece"][0]] if "log_loss" in statistics else
                            [title, way, *statistics["accuracy"], None, None, None, None])  # fmt: skip
                if way in ("pool", "best single"):
                    identity = f"accuracy_{'_'.join(names)}" + ("" if way == "pool" else "_single")
                    figures[identity] = metrics.figure(
                        f"Accuracy, {title}: {way}", *_value(statistics["accuracy"], DRAWN), "resampled held-out rows", PROTOCOL.format(drawn=DRAWN)
                    )
    columns = ("channels", "put together by", "accuracy", "low", "high", "log loss", "low", "high", "calibration error")
    weights = {name: round(weight_of(rows.probabilities, rows.labels), 3) for name, rows in found.items() if rows is not None}
    tables = {
        "weights": metrics.table(
            "Weights: what each channel tells about people its model has not met (nats of ln 7 = 1.946)",
            ("channel", "weight", "rows", "people"),
            [[name, weights[name], len(rows.labels), len(np.unique(rows.groups))] for name, rows in found.items() if rows is not None],
        ),
        "combinations": metrics.table("Combinations drawn class by class: an upper bound", columns, rows),
    }
    folder.mkdir(parents=True, exist_ok=True)
    metrics.write_metrics(folder / "metrics.json", COMMAND, figures, tables)
    document = {
        "version": VERSION,
        "weights": weights,
        "held_out": {name: sha256_of(models / FOLDERS[name] / HELD_OUT) for name in weights},
        "files": {}, "data": [], "seed": SEED,
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return figures


def _statistics(make: Callable[[np.ndarray], np.ndarray], probabilities: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    made = make(probabilities)
    found = {"accuracy": accuracy(made, labels)}
    if not np.isin(made, (0.0, 1.0)).all():  # a vote has no probabilities
        found |= {"log_loss": negative_log_likelihood(made, labels), "ece": expected_calibration_error(made, labels)}
    return found


def _resampled(rows: HeldOut, random: np.random.Generator) -> HeldOut:
    """Return rows drawn with replacement within each class, so that no class gets lost."""
    return rows.at(np.concatenate([random.choice(inside, len(inside)) for c in np.unique(rows.labels) if len(inside := np.flatnonzero(rows.labels == c))]))


def _interval(values: Sequence[float]) -> tuple[float, float]:
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def _value(statistic: tuple[float, float, float], n: int) -> tuple[float, int, float, float]:
    value, low, high = statistic
    return value, n, low, high


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog=COMMAND, description="Weigh the channels of the ensemble and measure it on held-out people.")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder that is written")
    for figure in evaluate(folder=parser.parse_args(arguments).out).values():
        print(f"{figure['name']:<52} {figure['value']:.4f}  [{figure['low']:.4f}, {figure['high']:.4f}]")
    return 0


if __name__ == "__main__":
    sys.exit(main())
