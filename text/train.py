"""Train everything: tagger, word vectors, network and linear model, ten folds first, then the models that are served.

Nothing that is measured on a fold has seen its essays: word vectors, vocabulary, linear model, network, their weights
in the mean and the calibration come from the other nine folds (the last two from a held-out part of them). Every step
leaves its result in the build folder and is skipped when it is there; the network goes on after its last epoch.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.analysis import TRAITS
from core.manifest import sha256_of, write_manifest
from text import files
from text.baseline import baseline_probabilities
from text.calibration import sigmoid
from text.corpus import essay_vectors
from text.data import ESSAYS, described
from text.emotion_corpus import rows_of
from text.emotion_train import NETWORK_FILE, train_emotions
from text.linear import cross_fitted, fit_linear
from text.material import SEED, Material, Size, fold_vectors, full_size, read_material, split_of
from text.scores import WHOLE, choose_and_calibrate, cut_text, cuts, empty_scores
from text.style import count, trait_tokens
from text.teacher import taught_sentences
from text.vocabulary import LENGTH

VERSION = "2026.5"
BUILD = Path(".build/text")
FINAL, EMOTIONS = "final", "emotions"  # of the build folder
RECORDED = ["run", "recipe", "epochs", "best_epoch", "held_out_loss", "held_out_accuracy", "protocol", "accuracy", "auc", "processor_minutes"]
TEACHER_SLOPE = 1.2  # a linear model of words, pairs and style is too cautious by about this factor


def train(
    data: Path, folder: Path = files.FOLDER, build: Path = BUILD, size: Size | None = None, network_folds: Sequence[int] = (0,), on_all: bool = False
) -> None:
    """Train and write the model folder.

    ``network_folds`` are the folds in which the network is trained and measured: each takes as long as everything else
    together. The linear model and what it is compared with are measured in all ten. The network that is served is that of the first
    of ``network_folds``, or with ``on_all`` one more that has learnt from all essays.
    """
    size = size or full_size()
    folder.mkdir(parents=True, exist_ok=True)
    build.mkdir(parents=True, exist_ok=True)
    learnt, emotions = train_emotions(data, folder, build / EMOTIONS, SEED, size.emotions, size.emotion_epochs)
    material, folds = read_material(data, folder, build, size)
    vectors = essay_vectors(material.texts, emotions, sha256_of(build / EMOTIONS / NETWORK_FILE), build)
    for fold in range(size.folds):
        linear_scores(material, vectors, np.flatnonzero(folds != fold), build / f"fold{fold}")
        baseline_scores(material, np.flatnonzero(folds != fold), build / f"fold{fold}")
    for fold in network_folds:
        network_scores(material, np.flatnonzero(folds != fold), build / f"fold{fold}", size)
    if on_all:
        network_scores(material, np.arange(len(folds)), build / FINAL, size)
    for run in (*(f"fold{fold}" for fold in network_folds), *([FINAL] if on_all else [])):
        record(folder / files.EXPERIMENTS, build / run)
    waiting = [split_of(material, np.flatnonzero(folds != fold))[1] for fold in range(size.folds)]
    weight = choose_and_calibrate(folder, build, [count(tokens) for tokens in material.tokens], material.labels, folds, waiting, network_folds)
    served = fit_linear(material.tokens, vectors[:, WHOLE], material.labels)
    served.save(folder / files.LINEAR)
    export(folder, build / (FINAL if on_all else f"fold{network_folds[0]}"))
    (folder / files.TAGGER).write_bytes((build / files.TAGGER).read_bytes())
    write_manifest(
        folder, VERSION, files.SERVED, described(data, {ESSAYS: len(folds), **rows_of(learnt)}), SEED, traits=list(TRAITS), classes=list(TRAITS), input_shape=[LENGTH],
        normalisation="lemmas as rows of vocabulary.json, stop words out, windows of 300 padded in front; mean logit over the windows",
        temperature=1.0, thresholds={"unclear": 0.5}, network_weight=weight, linear_terms=len(served.terms),
        taught_sentences=len(taught_sentences(build / EMOTIONS)),
        network_learnt_from="all essays" if on_all else f"the essays outside fold {network_folds[0]}", linear_model_learnt_from="all essays",
    )  # fmt: skip


def linear_scores(material: Material, vectors: np.ndarray, rows: np.ndarray, folder: Path) -> None:
    """Fit the linear model on a fold's training rows and keep its logits for all others and for the held-out ones."""
    path = folder / "linear.npz"
    if path.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    fitting, waiting = split_of(material, rows)
    scores = empty_scores(len(material.tokens))
    for part, targets in ((fitting, waiting), (rows, np.setdiff1d(np.arange(len(material.tokens)), rows))):
        model = fit_linear([material.tokens[i] for i in part], vectors[part, WHOLE], material.labels[part])
        for i in targets:
            scores[i] = [model.logits(trait_tokens(piece), vector) for piece, vector in zip(cut_text(material.texts[i]), vectors[i], strict=True)]
    np.savez_compressed(path, scores=scores)
    print(folder.name, "linear model fitted", flush=True)


def baseline_scores(material: Material, rows: np.ndarray, folder: Path) -> None:
    """Fit what is to be beaten on a fold's training rows and keep its logits for all others, shape ``(essays, 5)``."""
    path = folder / "baseline.npz"
    if not path.exists():
        others = np.setdiff1d(np.arange(len(material.texts)), rows)
        p = baseline_probabilities([material.texts[i] for i in rows], material.labels[rows], [material.texts[i] for i in others])
        scores = np.full(material.labels.shape, np.nan, np.float32)
        scores[others] = np.log(p / (1 - p))
        np.savez_compressed(path, scores=scores)


def network_scores(material: Material, rows: np.ndarray, folder: Path, size: Size) -> None:
    """Train word vectors and network on a fold's training rows and keep the logits for all rows that it did not learn from.

    Half of its targets come from a linear model without the texts' vectors, so a new emotion network needs no new network of traits.
    """
    if (folder / "network.npz").exists():
        return
    from text.fitting import TEACHER_SHARE, fit_network, network_logits

    fitting, waiting = split_of(material, rows)
    vocabulary, word_vectors = fold_vectors(material, rows, folder, size)
    words = material.words()
    texts = [vocabulary.encode(w.content()) for w in words]
    teacher = sigmoid(TEACHER_SLOPE * cross_fitted([material.tokens[i] for i in fitting], material.labels[fitting], SEED))
    targets = (1 - TEACHER_SHARE) * material.labels[fitting] + TEACHER_SHARE * teacher
    part = [texts[i] for i in fitting], targets
    model = fit_network(word_vectors, part, ([texts[i] for i in waiting], material.labels[waiting]), folder, SEED, size.network_epochs)
    scores = empty_scores(len(texts))
    unseen = np.setdiff1d(np.arange(len(texts)), fitting)
    pieces = [vocabulary.encode(words[i].content(*cut)) for i in unseen for cut in cuts(len(words[i].forms))]
    scores[unseen] = network_logits(model, pieces).reshape(scores[unseen].shape)
    model.save(folder / "network.keras", include_optimizer=False)
    np.savez_compressed(folder / "network.npz", scores=scores)


def record(path: Path, run: Path) -> None:
    """Add a finished run of the network to ``experiments.csv``: its recipe and its best epoch on the held-out essays."""
    from text import fitting, network

    state = json.loads((run / "state.json").read_text(encoding="utf-8"))
    best = state["epochs"][state["best_epoch"]]
    recipe = f"windows of {fitting.WINDOW}, teacher {fitting.TEACHER_SHARE} without vectors, word dropout {fitting.WORD_DROPOUT}, dropout {network.DROPOUT}, L2 {network.L2}"
    row = [run.name, recipe, str(len(state["epochs"])), str(state["best_epoch"] + 1), str(best["held_out_loss"]), str(best["held_out_accuracy"])]
    row += [""] * (len(RECORDED) - len(row))
    rows = []
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))[1:]
    if row not in rows:
        rows.append(row)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([RECORDED, *rows])


def export(folder: Path, run: Path) -> None:
    """Copy the network of a run, without its optimizer, with its vocabulary and its ONNX export into the model folder."""
    import keras

    from core.engine import export_onnx

    model: Any = keras.saving.load_model(run / "network.keras", compile=False)
    model.save(folder / f"{files.NETWORK}.keras")
    model(np.zeros((1, LENGTH), np.int32))
    export_onnx(model, folder / f"{files.NETWORK}.onnx")
    (folder / files.VOCABULARY).write_bytes((run / files.VOCABULARY).read_bytes())
