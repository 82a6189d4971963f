"""Measure the shipped voice network on actors that it has never heard, and its like on corpora never heard, and write ``metrics.json``."""

from __future__ import annotations

import csv
import itertools
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from audio import damage, data, features, measures, recording, runs, train, voice
from audio.data import Clip
from audio.measures import Answers, accuracy, answer, calibration_error, figure, interval, uar
from core import manifest, media, metrics
from core.analysis import CLASSES
from core.calibration import softmax
from core.held_out import write_held_out

COMMAND = "python -m audio evaluate"
FOLD_COMMAND = "python -m audio evaluate --folds"
DAMAGE_SEED = 7
DAMAGED_EVERY = 2  # clips: each is heard six times


def evaluate(corpora: Path, folder: Path = voice.MODELS, limit: int | None = None, build: Path = data.BUILD) -> None:
    """Measure the networks of a model folder and write its ``metrics.json``.

    ``limit`` keeps about so many clips of each corpus (for a trial run). The networks that know none of the corpora of ``train.STRANGERS`` are
    those that ``train`` left in ``build``.
    """
    facts = manifest.read_manifest(folder)
    networks, temperature = voice.load(folder), facts["temperature"]
    folds = data.read_folds(train.FOLDS)
    clips = [clip for clip in data.load(corpora, data.RAVDESS, limit, build) if folds[clip.speaker] in facts["held_out_folds"]]
    eight, labelled = crossed(runs.logits_of(networks, clips), clips)
    compared, _ = crossed(runs.logits_of(networks, clips, runs.baselines_of(networks, clips)), clips)
    seven = eight.merged
    speakers = sorted({clip.speaker for clip in clips})
    strangers = (
        f"shipped weights on the {len(speakers)} RAVDESS actors held out of training ({', '.join(speakers)}); chosen on them: which of a few runs is shipped, temperature "
        "and threshold, and each half of the actors is measured by those of the other half"
    )
    given = f"{strangers}; each clip with a baseline of {runs.GIVEN} other neutral clips of its actor"
    figures = {
        "accuracy": figure("Accuracy, seven classes (calm counts as neutral)", accuracy, seven, strangers),
        "uar": figure("Unweighted average recall, seven classes", uar, seven, strangers),
        "uar_baseline": figure("Unweighted average recall, seven classes, with a baseline", uar, compared.merged, given),
        "accuracy_eight": figure("Accuracy, eight classes", accuracy, eight, strangers),
        "uar_eight": figure("Unweighted average recall, eight classes", uar, eight, strangers),
        "uar_eight_baseline": figure("Unweighted average recall, eight classes, with a baseline", uar, compared, given),
        "calibration_error": figure("Expected calibration error, seven classes", calibration_error, seven, strangers),
    }
    if labelled.any():
        rows = np.flatnonzero(labelled)
        figures["accuracy_labelled"] = figure(f"Accuracy where a label is given ({labelled.mean():.0%} of the clips)", accuracy, seven.at(rows), strangers)
    tables = {
        "classes": measures.class_table("Each class, on strangers", seven, CLASSES),
        "confusion": measures.confusion_table("Confusion of the seven classes: rows are the acted emotion, columns what the model said", seven, CLASSES),
        "confusion_eight": measures.confusion_table("Confusion of the network's eight classes", eight, voice.EMOTIONS),
        "sex": measures.sex_table(seven, clips),
        "reliability": measures.reliability_table(seven),
        "robustness": robustness_table(networks, temperature, clips[::DAMAGED_EVERY], corpora),
        "other_corpora": other_corpora(temperature, corpora, limit, build, figures),
        "syllables": measures.syllable_table(clips),
    }
    if by_fold := fold_runs(folder / "experiments.csv"):
        tables["folds"] = _fold_table(by_fold)
    metrics.write_metrics(folder / "metrics.json", COMMAND, figures, tables)
    write_held_out(folder, seven.probabilities, seven.labels, np.array([speakers.index(clip.speaker) for clip in clips]))


def crossed(logits: np.ndarray, clips: Sequence[Clip]) -> tuple[Answers, np.ndarray]:
    """Return the answers of clips, each half of the speakers by the temperature of the other half, and which reach the other half's threshold, bool (n,).

    ``logits`` (n, 8). A single speaker is their own other half (only in trial runs).
    """
    labels = np.array([clip.label for clip in clips])
    speakers = sorted({clip.speaker for clip in clips})
    first = np.array([speakers.index(clip.speaker) < len(speakers) // 2 for clip in clips])
    probabilities, labelled = np.zeros(logits.shape), np.zeros(len(clips), bool)
    for half in (first, ~first):
        other = ~half if (~half).any() else half
        temperature, unclear = train.calibrate(logits[other], labels[other])
        probabilities[half] = softmax(logits[half], temperature)
        labelled[half] = voice.merge_calm(probabilities[half]).max(axis=1) >= unclear
    return Answers(labels, probabilities), labelled


def other_corpora(temperature: float, corpora: Path, limit: int | None, build: Path, figures: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Measure networks of the same recipe on corpora that they have not heard; their means go into ``figures``."""
    networks = runs.exported(build / train.STRANGERS_RUN)
    rows: list[list[Any]] = []
    alone: list[Answers] = []
    given: list[Answers] = []
    names = [name for name in train.STRANGERS if name in data.LANGUAGES]
    for corpus in names:
        clips = data.load(corpora, corpus, limit, build)
        references = runs.baselines_of(networks, clips)
        alone.append(answer(networks, clips, temperature).merged)
        given.append(answer(networks, clips, temperature, references).merged)
        for heard, kind in ((alone[-1], "no"), (given[-1], f"{runs.GIVEN} neutral clips")):
            classes = len(set(heard.labels.tolist()))
            rows.append([corpus, data.LANGUAGES[corpus], len({clip.speaker for clip in clips}), len(clips), classes, kind, uar(heard), *interval(uar, heard)])
    languages = " and ".join(data.LANGUAGES[name] for name in names)
    protocol = f"a network of the same recipe, trained for fewer epochs and without these corpora ({', '.join(names)}), free to say any of seven"
    for key, answers, title in (
        ("uar_corpora", alone, f"Strangers in other corpora ({languages}): unweighted average recall"),
        ("uar_corpora_baseline", given, f"Strangers in other corpora ({languages}), with a baseline: unweighted average recall"),
    ):
        joined = Answers(np.concatenate([a.labels for a in answers]), np.concatenate([a.probabilities for a in answers]))
        ends = np.cumsum([0, *(len(a.labels) for a in answers)])

        def mean(rows: np.ndarray, joined: Answers = joined, ends: np.ndarray = ends) -> float:
            parts = [rows[(rows >= a) & (rows < b)] for a, b in itertools.pairwise(ends)]
            return float(np.mean([uar(joined.at(part)) for part in parts if len(part)]))

        low, high = metrics.bootstrap(mean, len(joined.labels))
        figures[key] = metrics.figure(title, mean(np.arange(len(joined.labels))), len(joined.labels), low, high, measures.BY_CLIP, protocol)
    return metrics.table(
        "Strangers in other corpora, by a network that has not heard these: recall averaged over the corpus' classes, the model free to say any of seven",
        ["corpus", "language", "speakers", "clips", "classes", "baseline", "uar", "low", "high"],
        rows,
    )


def robustness_table(networks: voice.Voice, temperature: float, clips: Sequence[Clip], corpora: Path) -> dict[str, Any]:
    """Measure the same clips with noise, through a telephone, clipped and coded, along the product's whole road."""
    rows: list[list[Any]] = []
    labels = np.array([clip.label for clip in clips])
    with tempfile.TemporaryDirectory() as scratch, zipfile.ZipFile(data.archive(corpora, data.RAVDESS)) as archive:
        originals = [np.concatenate(list(media.sound(archive.extract(clip.file, scratch), features.RATE))) for clip in clips]
        for name, (damaged, ending) in damage.DAMAGES.items():
            random = np.random.default_rng(DAMAGE_SEED)
            heard = []
            for samples in originals:
                path = Path(scratch) / f"damaged.{ending}"
                damage.write(samples if damaged is None else damaged(samples, random), path)
                heard.append(recording.listen(path))
            probabilities = softmax(np.stack([networks.logits_of_clip(each) for each in heard]), temperature)
            found = Answers(labels, probabilities)
            rows.append([name, uar(found), uar(found.merged), *interval(uar, found.merged)])
    return metrics.table(
        f"{len(clips)} of the clips of strangers, every second one, damaged: unweighted average recall (interval of the seven classes)",
        ["sound", "eight classes", "seven classes", "low", "high"],
        rows,
    )


def train_folds(corpora: Path, folder: Path = voice.MODELS, build: Path = data.BUILD) -> None:
    """Train one network for each fold that has no run in ``experiments.csv`` yet; the shipped weights are not touched."""
    clips, folds, recipe = data.load_all(corpora, None, build), data.read_folds(train.FOLDS), runs.Recipe()
    done = {int(row["left_out"]) for row in fold_runs(folder / "experiments.csv")}
    for fold in sorted(set(folds.values()) - done):
        runs.fit(f"fold_{fold}", clips, folds, (str(fold),), recipe, folder, build)


def fold_runs(path: Path) -> list[dict[str, str]]:
    """Return the newest run of the present recipe for each single fold left out, in the order of the folds."""
    if not path.is_file():
        return []
    recipe = runs.Recipe()
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["left_out"].isdigit() and row["recipe"] == recipe.digest]
    return [row for _, row in sorted({row["left_out"]: row for row in rows}.items())]


def _fold_table(by_fold: Sequence[dict[str, str]]) -> dict[str, Any]:
    names = ("accuracy", "uar", "uar_seven", "uar_seven_baseline")
    rows: list[list[Any]] = [[run["left_out"], *(float(run[name]) for name in names)] for run in by_fold]
    if len(rows) > 1:
        figures = np.array([row[1:] for row in rows])
        rows.append([f"mean of {len(rows)}", *figures.mean(axis=0)])
        rows.append(["standard deviation", *figures.std(axis=0, ddof=1)])
    return metrics.table(
        f"Each fold's four actors by a network that has not heard them (`{FOLD_COMMAND}` trains those that are missing)",
        ["fold", "accuracy, eight classes", "uar, eight classes", "uar, seven classes", "uar, seven classes, with a baseline"],
        rows,
    )
