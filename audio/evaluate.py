"""Measure the shipped voice network on actors that it has never heard, and on other corpora, and write ``metrics.json``."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from audio import data, delivery, runs, train, voice
from audio.data import Clip
from core import calibration, manifest, metrics
from core.analysis import CLASSES
from core.held_out import write_held_out

SYLLABLES = 7  # of “Kids are talking by the door” and of “Dogs are sitting by the door”
SEXES = {"f": "women", "m": "men"}
BY_CLIP = "bootstrap by clip"
COMMAND = "python -m audio evaluate"
FOLD_COMMAND = "python -m audio evaluate --folds"


@dataclass
class Answers:
    """Hold labels (n,) and probabilities (n, classes) of the same clips."""

    labels: np.ndarray
    probabilities: np.ndarray

    @property
    def predicted(self) -> np.ndarray:
        """Return the most probable class of each clip, shape ``(n,)``."""
        return self.probabilities.argmax(axis=1)

    @property
    def confusion(self) -> np.ndarray:
        """Return the confusion table, rows are the true labels."""
        return metrics.confusion(self.labels, self.predicted, self.probabilities.shape[1])

    @property
    def merged(self) -> Answers:
        """Return the same in the product's seven classes."""
        return Answers(voice.seven(self.labels), voice.merge_calm(self.probabilities))

    def at(self, rows: np.ndarray) -> Answers:
        """Return the answers of some rows."""
        return Answers(self.labels[rows], self.probabilities[rows])


def accuracy(answers: Answers) -> float:
    """Return the share of clips whose most probable class is theirs."""
    return float((answers.predicted == answers.labels).mean())


def uar(answers: Answers) -> float:
    """Return the unweighted average recall over the classes that occur."""
    return metrics.unweighted_average_recall(answers.confusion)


def calibration_error(answers: Answers) -> float:
    """Return the expected calibration error."""
    return calibration.expected_calibration_error(answers.probabilities, answers.labels)


def figure(name: str, statistic: Callable[[Answers], float], answers: Answers, protocol: str) -> dict[str, Any]:
    """Return one figure with its 95 % interval from resampling the clips."""
    low, high = metrics.bootstrap(lambda rows: statistic(answers.at(rows)), len(answers.labels))
    return metrics.figure(name, statistic(answers), len(answers.labels), low, high, BY_CLIP, protocol)


def answer(networks: voice.Voice, clips: Sequence[Clip], temperature: float) -> Answers:
    """Let the networks hear whole clips, as ``predict --list`` does."""
    return Answers(np.array([clip.label for clip in clips]), calibration.softmax(runs.logits_of(networks, clips), temperature))


def evaluate(corpora: Path, folder: Path = voice.MODELS, limit: int | None = None, build: Path = data.BUILD, others: Sequence[str] = data.OTHERS) -> None:
    """Measure the networks of a model folder and write its ``metrics.json``.

    ``limit`` keeps about so many clips of each corpus (for a trial run), ``others`` names the corpora besides RAVDESS.
    """
    facts = manifest.read_manifest(folder)
    networks, temperature, unclear = voice.load(folder), facts["temperature"], facts["thresholds"]["unclear"]
    folds = data.read_folds(train.FOLDS)
    clips = [clip for clip in data.load(corpora, data.RAVDESS, limit, build) if folds[clip.speaker] in facts["held_out_folds"]]
    eight = answer(networks, clips, temperature)
    seven = eight.merged
    speakers = sorted({clip.speaker for clip in clips})
    strangers = f"shipped weights on the {len(speakers)} RAVDESS actors held out of training ({', '.join(speakers)}); nothing was chosen on them"
    figures = {
        "accuracy": figure("Accuracy, seven classes (calm counts as neutral)", accuracy, seven, strangers),
        "uar": figure("Unweighted average recall, seven classes", uar, seven, strangers),
        "accuracy_eight": figure("Accuracy, eight classes", accuracy, eight, strangers),
        "uar_eight": figure("Unweighted average recall, eight classes", uar, eight, strangers),
        "calibration_error": figure("Expected calibration error, seven classes", calibration_error, seven, f"{strangers}; temperature {temperature:.3f}"),
    }
    labelled = np.flatnonzero(seven.probabilities.max(axis=1) >= unclear)
    if len(labelled):
        figures["accuracy_labelled"] = figure(f"Accuracy where a label is given (confidence at least {unclear:g})", accuracy, seven.at(labelled), strangers)
    tables = {
        "classes": _class_table("Each class, on strangers", seven, CLASSES),
        "confusion": _confusion_table("Confusion of the seven classes: rows are the acted emotion, columns what the model said", seven, CLASSES),
        "confusion_eight": _confusion_table("Confusion of the network's eight classes", eight, data.EMOTIONS),
        "sex": _sex_table(seven, clips),
        "reliability": metrics.table(
            "Reliability: how often is the model right when it is so sure",
            ["confidence", "clips", "right"],
            [[row["confidence"], row["n"], row["accuracy"]] for row in calibration.reliability(seven.probabilities, seven.labels, 10)],
        ),
        "syllables": _syllable_table(clips),
        "other_corpora": _other_corpora(networks, temperature, corpora, others, limit, build),
    }
    by_fold = fold_runs(folder / "experiments.csv")
    if len(by_fold) > 1:
        tables["folds"] = _fold_table(by_fold)
    write_held_out(folder, seven.probabilities, seven.labels, np.array([speakers.index(clip.speaker) for clip in clips]))
    metrics.write_metrics(folder / "metrics.json", COMMAND, figures, tables)


def train_folds(corpora: Path, folder: Path = voice.MODELS, build: Path = data.BUILD) -> None:
    """Train one network for each fold that has no run in ``experiments.csv`` yet; the shipped weights are not touched."""
    clips, folds, recipe = data.load(corpora, data.RAVDESS, None, build), data.read_folds(train.FOLDS), runs.Recipe()
    done = {int(row["left_out"]) for row in fold_runs(folder / "experiments.csv")}
    for fold in sorted(set(folds.values()) - done):
        runs.fit(f"fold_{fold}", clips, folds, (fold,), recipe, folder, build)


def fold_runs(path: Path) -> list[dict[str, str]]:
    """Return the newest run of the present recipe for each single fold left out, in the order of the folds."""
    if not path.is_file():
        return []
    recipe = runs.Recipe()
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if " " not in row["left_out"] and row["recipe"] == recipe.digest]
    return [row for _, row in sorted({row["left_out"]: row for row in rows}.items())]


def _fold_table(by_fold: Sequence[dict[str, str]]) -> dict[str, Any]:
    rows: list[list[Any]] = [[run["left_out"], float(run["accuracy"]), float(run["uar"])] for run in by_fold]
    figures = np.array([row[1:] for row in rows])
    rows.append([f"mean of {len(rows)}", *figures.mean(axis=0)])
    rows.append(["standard deviation", *figures.std(axis=0, ddof=1)])
    return metrics.table(f"Eight classes, each fold's actors by a network that has not heard them (`{FOLD_COMMAND}`)", ["fold", "accuracy", "uar"], rows)


def _class_table(title: str, answers: Answers, names: Sequence[str]) -> dict[str, Any]:
    table = answers.confusion
    hits, said, acted = np.diag(table), table.sum(axis=0), table.sum(axis=1)
    rows = [[name, int(acted[i]), *_share(hits[i], acted[i]), *_share(hits[i], said[i])[:1]] for i, name in enumerate(names)]
    return metrics.table(title, ["class", "clips", "recall", "low", "high", "precision"], rows)


def _share(hits: int, n: int) -> list[float | None]:
    return [float(hits / n), *metrics.wilson(int(hits), int(n))] if n else [None, None, None]


def _confusion_table(title: str, answers: Answers, names: Sequence[str]) -> dict[str, Any]:
    return metrics.table(title, ["acted", *names], [[name, *(int(v) for v in row)] for name, row in zip(names, answers.confusion, strict=True)])


def _sex_table(answers: Answers, clips: Sequence[Clip]) -> dict[str, Any]:
    rows: list[list[Any]] = []
    for sex, name in SEXES.items():
        chosen = answers.at(np.array([i for i, clip in enumerate(clips) if clip.sex == sex], int))
        if len(chosen.labels):
            low, high = metrics.bootstrap(lambda drawn, chosen=chosen: uar(chosen.at(drawn)), len(chosen.labels))  # type: ignore[misc]
            rows.append([name, len({clip.speaker for clip in clips if clip.sex == sex}), len(chosen.labels), accuracy(chosen), uar(chosen), low, high])
    return metrics.table("By sex, seven classes, on strangers", ["speakers", "actors", "clips", "accuracy", "uar", "low", "high"], rows)


def _syllable_table(clips: Sequence[Clip]) -> dict[str, Any]:
    counted = np.array([delivery.syllables(clip) for clip in clips if clip.speech.any()])
    return metrics.table(
        f"Syllables counted in clips of {SYLLABLES} (both sentences of RAVDESS); the counter's limits were set on other and these actors alike",
        ["clips", "counted on average", "mean absolute error"],
        [[len(counted), float(counted.mean()), float(np.abs(counted - SYLLABLES).mean())]],
    )


def _other_corpora(networks: voice.Voice, temperature: float, corpora: Path, others: Sequence[str], limit: int | None, build: Path) -> dict[str, Any]:
    rows: list[list[Any]] = []
    for corpus in others:
        clips = data.load(corpora, corpus, limit, build)
        heard = answer(networks, clips, temperature).merged
        low, high = metrics.bootstrap(lambda drawn, heard=heard: uar(heard.at(drawn)), len(clips))  # type: ignore[misc]
        rows.append([corpus, data.LANGUAGES[corpus], len({clip.speaker for clip in clips}), len(clips), len(set(heard.labels.tolist())), uar(heard), low, high])
    return metrics.table(
        "Strangers in other languages, by the same weights that know RAVDESS alone: recall averaged over the corpus' classes, the model free to say any of seven",
        ["corpus", "language", "speakers", "clips", "classes", "uar", "low", "high"],
        rows,
    )
