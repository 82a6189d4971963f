"""What is measured of a voice network's answers: figures with intervals, and tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from audio import delivery, voice
from audio.data import Clip
from core import calibration, metrics

SYLLABLES = 7  # of “Kids are talking by the door” and of “Dogs are sitting by the door”
SEXES = {"f": "women", "m": "men"}
BY_SPEAKER = "bootstrap by speaker"


@dataclass
class Answers:
    """Hold labels (n,), probabilities (n, classes) and speakers' names (n,) of the same clips."""

    labels: np.ndarray
    probabilities: np.ndarray
    speakers: np.ndarray

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
        return Answers(voice.seven(self.labels), voice.merge_calm(self.probabilities), self.speakers)

    def at(self, rows: np.ndarray) -> Answers:
        """Return the answers of some rows."""
        return Answers(self.labels[rows], self.probabilities[rows], self.speakers[rows])


def answers_of(probabilities: np.ndarray, clips: Sequence[Clip]) -> Answers:
    """Return the answers that probabilities (n, 8) of clips are."""
    return Answers(np.array([clip.label for clip in clips]), probabilities, np.array([f"{clip.corpus} {clip.speaker}" for clip in clips]))


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
    """Return one figure with its 95 % interval from resampling the speakers."""
    low, high = interval(statistic, answers)
    return metrics.figure(name, statistic(answers), len(answers.labels), low, high, BY_SPEAKER, protocol)


def interval(statistic: Callable[[Answers], float], answers: Answers) -> tuple[float, float]:
    """Return the 95 % interval of a statistic from resampling the speakers."""
    return metrics.bootstrap(lambda rows: statistic(answers.at(rows)), len(answers.labels), answers.speakers.tolist())


def class_table(title: str, answers: Answers, names: Sequence[str]) -> dict[str, Any]:
    """Return recall with its Wilson interval, and precision, of each class."""
    table = answers.confusion
    hits, said, acted = np.diag(table), table.sum(axis=0), table.sum(axis=1)
    rows = [[name, int(acted[i]), *_share(hits[i], acted[i]), *_share(hits[i], said[i])[:1]] for i, name in enumerate(names)]
    return metrics.table(title, ["class", "clips", "recall", "low", "high", "precision"], rows)


def confusion_table(title: str, answers: Answers, names: Sequence[str]) -> dict[str, Any]:
    """Return how often each class was taken for which."""
    return metrics.table(title, ["acted", *names], [[name, *(int(v) for v in row)] for name, row in zip(names, answers.confusion, strict=True)])


def sex_table(answers: Answers, clips: Sequence[Clip]) -> dict[str, Any]:
    """Return accuracy and recall of women and of men."""
    rows: list[list[Any]] = []
    for sex, name in SEXES.items():
        chosen = answers.at(np.array([i for i, clip in enumerate(clips) if clip.sex == sex], int))
        if len(chosen.labels):
            low, high = interval(uar, chosen)
            rows.append([name, len({clip.speaker for clip in clips if clip.sex == sex}), len(chosen.labels), accuracy(chosen), uar(chosen), low, high])
    return metrics.table("By sex, seven classes, on strangers", ["speakers", "actors", "clips", "accuracy", "uar", "low", "high"], rows)


def reliability_table(answers: Answers) -> dict[str, Any]:
    """Return how often the model is right when it is so sure."""
    return metrics.table(
        "Reliability: how often is the model right when it is so sure",
        ["confidence", "clips", "right"],
        [[row["confidence"], row["n"], row["accuracy"]] for row in calibration.reliability(answers.probabilities, answers.labels, 10)],
    )


def syllable_table(clips: Sequence[Clip]) -> dict[str, Any]:
    """Return how many syllables are counted in sentences whose number of syllables is known."""
    counted = np.array([delivery.syllables(clip) for clip in clips if clip.speech.any()])
    return metrics.table(
        f"Syllables counted in clips of {SYLLABLES} (both sentences of RAVDESS); the counter's limits were set on other and these actors alike",
        ["clips", "counted on average", "mean absolute error"],
        [[len(counted), float(counted.mean()), float(np.abs(counted - SYLLABLES).mean())]],
    )


def _share(hits: int, n: int) -> list[float | None]:
    return [float(hits / n), *metrics.wilson(int(hits), int(n))] if n else [None, None, None]
