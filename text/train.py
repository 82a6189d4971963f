"""Train everything: tagger, word vectors, network and linear model, ten folds first, then the models that are served.

Nothing that is measured on a fold has seen its essays: word vectors, vocabulary, linear model, network, their weights
in the mean and the calibration come from the other nine folds (the last two from a held-out part of them). Every step
leaves its result in the build folder and is skipped when it is there; the network goes on after its last epoch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.analysis import TRAITS
from core.manifest import MODELS, write_manifest
from text.calibration import LENGTHS, NOISE_WORDS, choose_weight, fit_calibration, mixed
from text.corpus import Words, essay_words, further_lemmas
from text.data import TAGGED, described, read_essays, write_json
from text.folds import FOLDS, author_groups, held_out, make_folds, read_folds, write_folds
from text.linear import LINEAR_FILE, fit_linear
from text.tagger import ITERATIONS, TAGGER_FILE, pruned, read_sentences, read_tagger, save_tagger, train_tagger
from text.vectors import EPOCHS as VECTOR_EPOCHS
from text.vectors import train_vectors
from text.vocabulary import LENGTH, SIZE, Vocabulary

SEED = 2026
VERSION = "2026.1"
BUILD = Path(".build/text")
FOLDER = MODELS / "text"
FOLDS_FILE, OUT_OF_FOLD, CALIBRATION, VOCABULARY = "folds.csv", "out_of_fold.npz", "calibration.json", "vocabulary.json"
NETWORK = "traits"
FILES = (f"{NETWORK}.keras", f"{NETWORK}.onnx", LINEAR_FILE, VOCABULARY, CALIBRATION, TAGGER_FILE)
FINAL = "final"
WHOLE = len(LENGTHS)  # the place of the whole text among the cuts; after it comes the second piece of NOISE_WORDS words


@dataclass(frozen=True)
class Size:
    """Say how much to train on."""

    essays: int | None
    further: int | None
    tagged: int | None
    tagger_iterations: int
    vocabulary: int
    vector_epochs: int
    network_epochs: int
    folds: int


@dataclass(frozen=True)
class Material:
    """Hold what every fold is made from."""

    words: list[Words]
    labels: np.ndarray
    groups: np.ndarray
    further: list[list[str]]


def full_size() -> Size:
    """Return the size of a real training."""
    from text.fitting import EPOCHS

    return Size(None, None, None, ITERATIONS, SIZE, VECTOR_EPOCHS, EPOCHS, FOLDS)


SMOKE = Size(essays=60, further=200, tagged=150, tagger_iterations=1, vocabulary=400, vector_epochs=1, network_epochs=1, folds=2)


def train(data: Path, folder: Path = FOLDER, build: Path = BUILD, size: Size | None = None, network_folds: Sequence[int] | None = None) -> None:
    """Train and write the model folder.

    ``network_folds`` are the folds in which the network takes part (all by default); the linear model and the majority
    are measured in all of them.
    """
    size = size or full_size()
    folder.mkdir(parents=True, exist_ok=True)
    build.mkdir(parents=True, exist_ok=True)
    tagger_file = make_tagger(data, build, size)
    tagger = read_tagger(tagger_file)
    essays = read_essays(data, size.essays)
    words = essay_words(essays, tagger, tagger_file, build)
    further = further_lemmas(data, tagger, tagger_file, build, size.further)
    if not (folder / FOLDS_FILE).exists():
        groups = author_groups(essays.texts)
        write_folds(folder / FOLDS_FILE, essays.ids, make_folds(groups, essays.labels, size.folds, SEED), groups)
    folds, groups = read_folds(folder / FOLDS_FILE, essays.ids)
    material = Material(words, essays.labels, groups, further)
    for fold in range(size.folds):
        linear_scores(material, np.flatnonzero(folds != fold), build / f"fold{fold}")
    for fold in network_folds if network_folds is not None else range(size.folds):
        network_scores(material, np.flatnonzero(folds != fold), build / f"fold{fold}", size)
    network_scores(material, np.arange(len(words)), build / FINAL, size)
    assemble(data, folder, build, material, folds, tagger_file)


def make_tagger(data: Path, build: Path, size: Size) -> Path:
    """Train the tagger on the training parts of both treebanks unless the build folder has it; return its file."""
    path = build / TAGGER_FILE
    if not path.exists():
        sentences = [s for name in TAGGED for s in list(read_sentences(data / name, "train"))[: size.tagged]]
        save_tagger(pruned(train_tagger(sentences, SEED, size.tagger_iterations)), path)
    return path


def cuts(words: Words) -> list[tuple[int, int]]:
    """Return the ranges of words that a text is scored on: the first 50, 100, 200, 400, all, and the second 200."""
    n = len(words.forms)
    return [*((0, min(n, length)) for length in LENGTHS), (0, n), (min(n, NOISE_WORDS), min(n, 2 * NOISE_WORDS))]


def split_of(material: Material, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Split the training rows of a fold; the same for both models."""
    return held_out(material.groups, rows, SEED)


def linear_scores(material: Material, rows: np.ndarray, folder: Path) -> None:
    """Fit the linear model on a fold's training rows and keep its logits for all others and for the held-out ones."""
    path = folder / "linear.npz"
    if path.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    fitting, waiting = split_of(material, rows)
    scores = np.full((len(material.words), WHOLE + 2, len(TRAITS)), np.nan, np.float32)
    for part, targets in ((fitting, waiting), (rows, np.setdiff1d(np.arange(len(material.words)), rows))):
        model = fit_linear([material.words[i].forms for i in part], material.labels[part])
        for i in targets:
            scores[i] = [model.logits(material.words[i].forms[start:end]) for start, end in cuts(material.words[i])]
    np.savez_compressed(path, scores=scores)
    print(folder.name, "linear model fitted", flush=True)


def network_scores(material: Material, rows: np.ndarray, folder: Path, size: Size) -> None:
    """Train vectors and network on a fold's training rows and keep the logits for all rows that it did not learn from."""
    if (folder / "network.npz").exists():
        return
    from text.fitting import fit_network, network_logits

    fitting, waiting = split_of(material, rows)
    vocabulary, vectors = _vectors(material, rows, folder, size)
    texts = [vocabulary.encode(w.content()) for w in material.words]
    part = [texts[i] for i in fitting], material.labels[fitting]
    model = fit_network(vectors, part, ([texts[i] for i in waiting], material.labels[waiting]), folder, SEED, size.network_epochs)
    scores = np.full((len(texts), WHOLE + 2, len(TRAITS)), np.nan, np.float32)
    targets = np.setdiff1d(np.arange(len(texts)), fitting)
    pieces = [vocabulary.encode(material.words[i].content(*cut)) for i in targets for cut in cuts(material.words[i])]
    scores[targets] = network_logits(model, pieces).reshape(len(targets), WHOLE + 2, len(TRAITS))
    model.save(folder / "network.keras", include_optimizer=False)
    np.savez_compressed(folder / "network.npz", scores=scores)


def _vectors(material: Material, rows: np.ndarray, folder: Path, size: Size) -> tuple[Vocabulary, np.ndarray]:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "vectors.npz"
    if not path.exists():
        texts = [material.words[i].content() for i in rows]
        vocabulary = Vocabulary.of([*texts, *material.further], size.vocabulary)
        from text.network import DIMENSIONS

        vectors = train_vectors([*texts, *material.further], vocabulary, DIMENSIONS, SEED, size.vector_epochs)
        vocabulary.save(folder / VOCABULARY)
        np.savez(path, vectors=vectors)
        print(folder.name, "word vectors trained", vectors.shape, flush=True)
    with np.load(path, allow_pickle=False) as file:
        return Vocabulary.read(folder / VOCABULARY), file["vectors"]


def assemble(data: Path, folder: Path, build: Path, material: Material, folds: np.ndarray, tagger_file: Path) -> None:
    """Choose weight and calibration on the out-of-fold logits and write the model folder."""
    names = sorted({int(f) for f in folds})
    n = np.array([[end - start for start, end in cuts(w)] for w in material.words])
    linear, network = (np.full((len(folds), WHOLE + 2, len(TRAITS)), np.nan, np.float32) for _ in range(2))
    weights, parameters = np.full(len(names), np.nan), np.full((len(names), 2 + len(TRAITS)), np.nan)
    linear_parameters = parameters.copy()
    for fold in names:
        inside = folds == fold
        z_linear = _scores(build / f"fold{fold}" / "linear.npz")
        linear[inside] = z_linear[inside]
        _, waiting = split_of(material, np.flatnonzero(~inside))
        full, counts, labels = slice(0, WHOLE + 1), n[waiting, : WHOLE + 1], material.labels[waiting]
        linear_parameters[fold] = fit_calibration(z_linear[waiting, full], counts, labels, np.zeros(len(TRAITS)), 0).parameters
        if not (build / f"fold{fold}" / "network.npz").exists():
            continue
        z_network = _scores(build / f"fold{fold}" / "network.npz")
        network[inside] = z_network[inside]
        weights[fold] = choose_weight(z_linear[waiting, full], z_network[waiting, full], counts, labels)
        z = mixed(z_linear, z_network, weights[fold])
        parameters[fold] = fit_calibration(z[waiting, full], counts, labels, np.zeros(len(TRAITS)), 0).parameters
    np.savez_compressed(
        folder / OUT_OF_FOLD, linear=linear, network=network, words=n.astype(np.int32), weights=weights, parameters=parameters,
        linear_parameters=linear_parameters,
    )  # fmt: skip
    seen = np.flatnonzero(~np.isnan(network[:, 0, 0]))
    full = slice(0, WHOLE + 1)
    weight = choose_weight(linear[seen, full], network[seen, full], n[seen, : WHOLE + 1], material.labels[seen])
    z = mixed(linear[seen], network[seen], weight)
    calibration = fit_calibration(z[:, full], n[seen, : WHOLE + 1], material.labels[seen], _noise(z, n[seen]))
    write_json(folder / CALIBRATION, calibration.to_dict())
    served = fit_linear([w.forms for w in material.words], material.labels)
    served.save(folder / LINEAR_FILE)
    _export(folder, build)
    (folder / TAGGER_FILE).write_bytes(tagger_file.read_bytes())
    write_manifest(
        folder, VERSION, FILES, described(data, len(folds)), SEED, traits=list(TRAITS), classes=list(TRAITS), input_shape=[LENGTH],
        normalisation="lemmas as rows of vocabulary.json, stop words out, windows of 300 padded in front; mean logit over the windows",
        temperature=1.0, thresholds={"unclear": 0.5}, network_weight=weight, linear_terms=len(served.terms),
    )  # fmt: skip


def _scores(path: Path) -> np.ndarray:
    with np.load(path, allow_pickle=False) as file:
        return file["scores"]


def _noise(z: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Return the standard deviation of a logit of ``NOISE_WORDS`` words: two neighbouring pieces of one essay differ by √2 of it."""
    whole = n[:, WHOLE + 1] == NOISE_WORDS
    rows = whole if whole.any() else np.ones(len(n), bool)
    return (z[rows, LENGTHS.index(NOISE_WORDS)] - z[rows, WHOLE + 1]).std(axis=0) / np.sqrt(2)


def _export(folder: Path, build: Path) -> None:
    import keras

    from core.engine import export_onnx

    model: Any = keras.saving.load_model(build / FINAL / "network.keras", compile=False)
    model.save(folder / f"{NETWORK}.keras")
    model(np.zeros((1, LENGTH), np.int32))
    export_onnx(model, folder / f"{NETWORK}.onnx")
    (folder / VOCABULARY).write_bytes((build / FINAL / VOCABULARY).read_bytes())
