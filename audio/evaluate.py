"""Measure the members of the shipped voice network on actors and corpora that each has never heard, and write ``metrics.json``."""

from __future__ import annotations

import csv
import itertools
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from audio import damage, data, features, measures, recording, runs, train, voice
from audio.data import Clip
from audio.measures import Answers, accuracy, calibration_error, figure, interval, uar
from core import calibration, manifest, media, metrics
from core.analysis import CLASSES
from core.held_out import write_held_out

COMMAND = "python -m audio evaluate"
RANDOM_COMMAND = "python -m audio train --random-split"
DAMAGE_SEED = 7
DAMAGED_EVERY = 11  # clips, each heard six times; no divisor of the 60 of an actor, so that all emotions are among them
OF_ONE = "by the one of the five networks that has not heard them; the average of the five, which is shipped, has heard everybody here and cannot be measured on them"


@dataclass
class Measured:
    """Hold clips and every member's logits of them, (n, members, 8), without a baseline (``alone``) and with one (``compared``)."""

    clips: list[Clip]
    alone: np.ndarray
    compared: np.ndarray


def evaluate(corpora: Path, folder: Path = voice.MODELS, limit: int | None = None, build: Path = data.BUILD) -> None:
    """Measure the networks of a model folder and write its ``metrics.json``.

    ``limit`` keeps about so many clips of each corpus (for a trial run).
    """
    networks, folds = voice.load(folder), data.read_folds(train.FOLDS)
    facts = manifest.read_manifest(folder)
    shipped = train.Calibration(networks.shift, facts["temperature"], facts["thresholds"]["unclear"])
    actors = hear(networks, data.load(corpora, data.RAVDESS, limit, build))
    clips = actors.clips
    parts = np.array([data.part_of(clip, folds) for clip in clips])
    alone, compared = (train.unheard(logits, clips, folds) for logits in (actors.alone, actors.compared))
    fitted = crossed([alone, compared], clips, parts)
    eight, eight_compared = (measures.answers_of(calibrated(logits, parts, fitted), clips) for logits in (alone, compared))
    seven = eight.merged
    strangers = f"five folds of four RAVDESS actors, each actor {OF_ONE}; shift, temperature and threshold from the other folds"
    given = f"{strangers}; each clip with a baseline of {runs.GIVEN} other neutral clips of its actor"
    figures = {
        "accuracy": figure("Accuracy, seven classes (calm counts as neutral)", accuracy, seven, strangers),
        "uar": figure("Unweighted average recall, seven classes", uar, seven, strangers),
        "uar_baseline": figure("Unweighted average recall, seven classes, with a baseline", uar, eight_compared.merged, given),
        "accuracy_eight": figure("Accuracy, eight classes", accuracy, eight, strangers),
        "uar_eight": figure("Unweighted average recall, eight classes", uar, eight, strangers),
        "uar_eight_baseline": figure("Unweighted average recall, eight classes, with a baseline", uar, eight_compared, given),
        "calibration_error": figure("Expected calibration error, seven classes", calibration_error, seven, strangers),
        "calibration_error_baseline": figure("Expected calibration error, seven classes, with a baseline", calibration_error, eight_compared.merged, given),
    }
    rows = np.flatnonzero(seven.probabilities.max(axis=1) >= [fitted[part].unclear for part in parts])
    if len(rows):
        figures["accuracy_labelled"] = figure(
            f"Accuracy where a label is given ({len(rows) / len(clips):.0%} of the clips)", accuracy, seven.at(rows), strangers
        )
    tables = {
        "folds": fold_table(eight, eight_compared, parts),
        "classes": measures.class_table("Each class, on strangers", seven, CLASSES),
        "confusion": measures.confusion_table("Confusion of the seven classes: rows are the acted emotion, columns what the model said", seven, CLASSES),
        "confusion_eight": measures.confusion_table("Confusion of the network's eight classes", eight, voice.EMOTIONS),
        "sex": measures.sex_table(seven, clips),
        "reliability": measures.reliability_table(seven),
        "other_corpora": other_corpora(networks, shipped, corpora, limit, build, figures),
        "averaging": averaging_table(networks, shipped, data.load(corpora, train.SHARED_OUT, limit, build)),
        "robustness": robustness_table(networks, fitted, clips[::DAMAGED_EVERY], folds, corpora),
        "syllables": measures.syllable_table(clips),
    }
    if leaky := random_run(folder / "experiments.csv"):
        tables["random_split"] = _random_table(leaky, measures.answers_of(calibration.softmax(alone), clips))
    metrics.write_metrics(folder / "metrics.json", COMMAND, figures, tables)
    speakers = sorted(set(seven.speakers.tolist()))
    write_held_out(folder, seven.probabilities, seven.labels, np.array([speakers.index(name) for name in seven.speakers]))


def hear(networks: voice.Voice, clips: list[Clip]) -> Measured:
    """Let every member hear clips, without a baseline and with one where their speaker has neutral clips enough."""
    return Measured(clips, runs.logits_of(networks, clips), runs.logits_of(networks, clips, runs.baselines_of(networks, clips)))


def crossed(logits: Sequence[np.ndarray], clips: Sequence[Clip], parts: np.ndarray) -> dict[str, train.Calibration]:
    """Return for each part the calibration that the clips of the other parts give, in each of several ways to hear them.

    Each of ``logits`` is (n, 8), ``parts`` (n,). A single part is its own other part (only in trial runs).
    """
    labels = np.array([clip.label for clip in clips])
    fitted = {}
    for part in np.unique(parts):
        other = parts != part if (parts != part).any() else parts == part
        fitted[str(part)] = train.calibrate(np.concatenate([each[other] for each in logits]), np.concatenate([labels[other]] * len(logits)))
    return fitted


def calibrated(logits: np.ndarray, parts: np.ndarray, fitted: dict[str, train.Calibration]) -> np.ndarray:
    """Return the probabilities (n, 8) of logits (n, 8), each row by its part's calibration."""
    return np.stack([fitted[part].probabilities(row) for part, row in zip(parts, logits, strict=True)])


def fold_table(alone: Answers, compared: Answers, parts: np.ndarray) -> dict[str, Any]:
    """Return the figures of each fold, their mean and their standard deviation."""
    rows: list[list[Any]] = []
    for part in np.unique(parts):
        own = np.flatnonzero(parts == part)
        eight, given = alone.at(own), compared.at(own)
        rows.append([str(part), accuracy(eight), uar(eight), uar(given), accuracy(eight.merged), uar(eight.merged), uar(given.merged)])
    if len(rows) > 1:
        figures = np.array([row[1:] for row in rows])
        rows += [[f"mean of {len(rows)}", *figures.mean(axis=0)], ["standard deviation", *figures.std(axis=0, ddof=1)]]
    return metrics.table(
        "Each fold's four actors by the network that has not heard them",
        ["fold", "accuracy, eight", "uar, eight", "uar, eight, baseline", "accuracy, seven", "uar, seven", "uar, seven, baseline"],
        rows,
    )


def other_corpora(
    networks: voice.Voice, shipped: train.Calibration, corpora: Path, limit: int | None, build: Path, figures: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """Measure on every other corpus a network that has not heard it; the means go into ``figures``."""
    rows: list[list[Any]] = []
    alone: list[Answers] = []
    given: list[Answers] = []
    for corpus in data.OTHERS:
        heard = hear(networks, data.load(corpora, corpus, limit, build))
        member = train.members_without(corpus)[0]
        for answers, logits, kind in ((alone, heard.alone, "no"), (given, heard.compared, f"{runs.GIVEN} neutral clips")):
            answers.append(measures.answers_of(shipped.probabilities(logits[:, member]), heard.clips).merged)
            classes = len(set(answers[-1].labels.tolist()))
            speakers = len({clip.speaker for clip in heard.clips})
            rows.append([corpus, data.LANGUAGES[corpus], speakers, len(heard.clips), classes, kind, uar(answers[-1]), *interval(uar, answers[-1])])
    protocol = f"mean over five corpora, each {OF_ONE}; free to say any of seven"
    for key, several, title in (
        ("uar_corpora", alone, "Strangers in other corpora and languages: unweighted average recall"),
        ("uar_corpora_baseline", given, "Strangers in other corpora and languages, with a baseline: unweighted average recall"),
    ):
        low, high = _interval_of_mean(uar, several)
        value, n = float(np.mean([uar(answers) for answers in several])), sum(len(answers.labels) for answers in several)
        figures[key] = metrics.figure(title, value, n, low, high, measures.BY_SPEAKER, protocol)
    return metrics.table(
        "Strangers in other corpora, by a network that has not heard these: recall averaged over the corpus' classes, the model free to say any of seven",
        ["corpus", "language", "speakers", "clips", "classes", "baseline", "uar", "low", "high"],
        rows,
    )


def _interval_of_mean(statistic: Callable[[Answers], float], several: Sequence[Answers]) -> tuple[float, float]:
    together = Answers(*(np.concatenate([getattr(answers, name) for answers in several]) for name in ("labels", "probabilities", "speakers")))
    ends = np.cumsum([0, *(len(answers.labels) for answers in several)])

    def mean(rows: np.ndarray) -> float:
        parts = [rows[(rows >= a) & (rows < b)] for a, b in itertools.pairwise(ends)]
        return float(np.mean([statistic(together.at(part)) for part in parts if len(part)]))

    return metrics.bootstrap(mean, len(together.labels), together.speakers.tolist())


def averaging_table(networks: voice.Voice, shipped: train.Calibration, clips: list[Clip]) -> dict[str, Any]:
    """Return what averaging brings on a corpus that several members have not heard: one member, two, three."""
    heard = hear(networks, clips)
    without = train.members_without(train.SHARED_OUT)
    rows: list[list[Any]] = []
    for size in range(1, len(without) + 1):
        found = []
        for chosen in itertools.combinations(without, size):
            alone, compared = (logits[:, list(chosen)].mean(axis=1) for logits in (heard.alone, heard.compared))
            labels = np.array([clip.label for clip in clips])
            uars = [uar(measures.answers_of(shipped.probabilities(logits), clips).merged) for logits in (alone, compared)]
            found.append([*uars, calibration.fit_temperature(alone, labels)])
        rows.append([size, *np.mean(found, axis=0).tolist()])
    return metrics.table(
        f"What averaging brings: {data.LANGUAGES[train.SHARED_OUT]}, which {len(without)} of the networks have not heard; mean over all choices of so many",
        ["networks averaged", "uar, seven", "with a baseline", "best temperature"],
        rows,
    )


def robustness_table(
    networks: voice.Voice, fitted: dict[str, train.Calibration], clips: Sequence[Clip], folds: dict[str, int], corpora: Path
) -> dict[str, Any]:
    """Measure the same clips with noise, through a telephone, clipped and coded, along the product's whole road."""
    rows: list[list[Any]] = []
    parts = np.array([data.part_of(clip, folds) for clip in clips])
    with tempfile.TemporaryDirectory() as scratch, zipfile.ZipFile(data.archive(corpora, data.RAVDESS)) as archive:
        originals = [np.concatenate(list(media.sound(archive.extract(clip.file, scratch), features.RATE))) for clip in clips]
        for name, (damaged, ending) in damage.DAMAGES.items():
            random = np.random.default_rng(DAMAGE_SEED)
            heard = []
            for samples in originals:
                path = Path(scratch) / f"damaged.{ending}"
                damage.write(samples if damaged is None else damaged(samples, random), path)
                heard.append(networks.members_of_clip(recording.listen(path)))
            found = measures.answers_of(calibrated(train.unheard(np.stack(heard), clips, folds), parts, fitted), clips)
            rows.append([name, uar(found), uar(found.merged), *interval(uar, found.merged)])
    return metrics.table(
        f"{len(clips)} of the clips of strangers, damaged: unweighted average recall (interval of the seven classes)",
        ["sound", "eight classes", "seven classes", "low", "high"],
        rows,
    )


def random_run(path: Path) -> dict[str, str] | None:
    """Return the newest run of the present recipe on a random split, ``None`` where there is none."""
    if not path.is_file():
        return None
    recipe = runs.Recipe()
    with path.open(encoding="utf-8", newline="") as file:
        found = [row for row in csv.DictReader(file) if row["measured_on"] == train.RANDOM_PART and row["recipe"] == recipe.digest]
    return found[-1] if found else None


def _random_table(run: dict[str, str], strangers: Answers) -> dict[str, Any]:
    return metrics.table(
        f"One network, without the shift, on strangers and on a random fifth of the clips, whose actors it has heard (`{RANDOM_COMMAND}`): the second is what is mostly published, and it flatters",
        ["measured on", "accuracy, eight", "uar, eight", "uar, seven"],
        [
            ["actors never heard", accuracy(strangers), uar(strangers), uar(strangers.merged)],
            ["random clips of actors heard in training (leaky)", *(float(run[name]) for name in ("accuracy", "uar", "uar_seven"))],
        ],
    )
