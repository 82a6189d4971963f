"""What every fold is made from: the essays' words, labels and groups, and the text that belongs to no fold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np

from text import files
from text.corpus import Words, essay_words, further_lemmas
from text.data import TAGGED, read_essays
from text.folds import FOLDS, author_groups, held_out, make_folds, read_folds, write_folds
from text.style import trait_tokens
from text.tagger import read_sentences, read_tagger, save_tagger
from text.tagger_fitting import ITERATIONS, train_tagger
from text.vectors import EPOCHS as VECTOR_EPOCHS
from text.vectors import train_vectors
from text.vocabulary import SIZE, Vocabulary

SEED = 2026


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
    emotions: int | None
    emotion_epochs: int


@dataclass(frozen=True)
class Material:
    """Hold what every fold is made from."""

    texts: list[str]
    words: Callable[[], list[Words]]  # tagged only where the network is to be trained or asked
    tokens: list[list[str]]
    labels: np.ndarray
    groups: np.ndarray
    further: Callable[[], list[list[str]]]  # read and tagged only where word vectors are to be trained


def full_size() -> Size:
    """Return the size of a real training."""
    from text import emotion_fitting
    from text.fitting import EPOCHS

    return Size(None, None, None, ITERATIONS, SIZE, VECTOR_EPOCHS, EPOCHS, FOLDS, None, emotion_fitting.EPOCHS)


SMOKE = Size(essays=60, further=200, tagged=150, tagger_iterations=1, vocabulary=400, vector_epochs=1, network_epochs=1, folds=2, emotions=60, emotion_epochs=1)


def read_material(data: Path, folder: Path, build: Path, size: Size) -> tuple[Material, np.ndarray]:
    """Return the material and each essay's fold; tagger and folds are made where ``build`` and ``folder`` have none."""
    tagger_file = make_tagger(data, build, size)
    tagger = read_tagger(tagger_file)
    essays = read_essays(data, size.essays)
    words = cache(partial(essay_words, essays, tagger, tagger_file, build))
    if not (folder / files.FOLDS).exists():
        groups = author_groups(essays.texts)
        write_folds(folder / files.FOLDS, essays.ids, make_folds(groups, essays.labels, size.folds, SEED), groups)
    folds, groups = read_folds(folder / files.FOLDS, essays.ids)
    further = partial(further_lemmas, data, tagger, tagger_file, build, size.further)
    return Material(essays.texts, words, [trait_tokens(text) for text in essays.texts], essays.labels, groups, further), folds


def make_tagger(data: Path, build: Path, size: Size) -> Path:
    """Train the tagger on the training parts of both treebanks and the dev part of the first, unless the build folder has it; return its file."""
    path = build / files.TAGGER
    if not path.exists():
        parts = [(name, "train") for name in TAGGED] + [(TAGGED[0], "dev")]
        sentences = [s for name, part in parts for s in list(read_sentences(data / name, part))[: size.tagged]]
        save_tagger(train_tagger(sentences, SEED, size.tagger_iterations), path)
    return path


def split_of(material: Material, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Split the training rows of a fold; the same for both models."""
    return held_out(material.groups, rows, SEED)


def fold_vectors(material: Material, rows: np.ndarray, folder: Path, size: Size) -> tuple[Vocabulary, np.ndarray]:
    """Return vocabulary and word vectors of a fold's training rows and the further texts, from ``folder`` where it has them."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "vectors.npz"
    if not path.exists():
        words = material.words()
        texts = [words[i].content() for i in rows]
        further = material.further()
        vocabulary = Vocabulary.of([*texts, *further], size.vocabulary)
        from text.network import DIMENSIONS

        vectors = train_vectors([*texts, *further], vocabulary, DIMENSIONS, SEED, size.vector_epochs)
        vocabulary.save(folder / files.VOCABULARY)
        np.savez(path, vectors=vectors)
        print(folder.name, "word vectors trained", vectors.shape, flush=True)
    with np.load(path, allow_pickle=False) as file:
        return Vocabulary.read(folder / files.VOCABULARY), file["vectors"]
