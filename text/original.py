"""The original's network beside ours, in the same folds: one softmax over five traits, so that one rises only if others fall.

Conv1D (128, 256, 512; kernel 8), pooling, spatial dropout and batch normalisation, three LSTMs of 180, Dense 128, softmax, on
the first 300 lemmas. Vocabulary and vectors are the fold's own; the epoch is the one of the least loss on held-out essays.
Since its five outputs share 100 %, an output is also read against its median on those held-out essays, which is kinder to it.
``python -m text evaluate`` makes the figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import layers

from core.analysis import TRAITS
from text.files import FOLDER, ORIGINAL
from text.material import SEED, Size, fold_vectors, full_size, read_material, split_of
from text.network import DENSE_UNITS, FILTERS, KERNEL, LSTM_LAYERS, LSTM_UNITS, POOL, SPATIAL_DROPOUT
from text.vocabulary import LENGTH, padded

BATCH = 32
EPOCHS = 8
PRECISION = "mixed_bfloat16"  # of its arithmetic while training: two thirds of the time
WEIGHTS, RESULT = "original.weights.h5", "original.npz"  # of a fold in the build folder


class Compared(NamedTuple):
    """Hold the original's ``probabilities`` of essays that it has not seen (essays, 5), NaN where it was not asked, and the ``medians``
    of its outputs on each fold's held-out essays (folds, 5).
    """

    probabilities: np.ndarray
    medians: np.ndarray


def build_original(vectors: np.ndarray) -> Any:
    """Build the original's network: int32 lemmas ``(batch, 300)`` in, five probabilities that sum to 1 out."""
    inputs = keras.Input((LENGTH,), dtype="int32")
    embedding = layers.Embedding(*vectors.shape)
    x = embedding(inputs)
    for filters in FILTERS:
        x = layers.Conv1D(filters, KERNEL, padding="same", activation="relu")(x)
        x = layers.MaxPooling1D(POOL)(x)
        x = layers.SpatialDropout1D(SPATIAL_DROPOUT)(x)
        x = layers.BatchNormalization()(x)
    for i in range(LSTM_LAYERS):
        x = layers.LSTM(LSTM_UNITS, return_sequences=i < LSTM_LAYERS - 1)(x)
    x = layers.Dense(DENSE_UNITS, activation="softmax")(x)
    model = keras.Model(inputs, layers.Dense(len(TRAITS), activation="softmax", dtype="float32")(x))
    embedding.set_weights([vectors])
    return model


def compare(data: Path, build: Path, chosen: Sequence[int], size: Size | None = None, folder: Path = FOLDER, epochs: int = EPOCHS) -> Compared:
    """Train the original's network in the ``chosen`` folds, ask it about the others and write ``ORIGINAL`` of ``folder``.

    A fold that ``build`` holds is not trained again.
    """
    size = size or full_size()
    material, folds = read_material(data, folder, build, size)
    found = Compared(np.full(material.labels.shape, np.nan, np.float32), np.full((size.folds, len(TRAITS)), np.nan, np.float32))
    for fold in chosen:
        place, inside = build / f"fold{fold}", folds == fold
        path = place / RESULT
        if not path.exists():
            rows = np.flatnonzero(~inside)
            vocabulary, vectors = fold_vectors(material, rows, place, size)
            texts = np.stack([padded(vocabulary.encode(words.content())) for words in material.words()])
            probabilities, medians = _asked(vectors, texts, material.labels, split_of(material, rows), inside, place, epochs)
            np.savez(path, probabilities=probabilities, medians=medians)
        with np.load(path, allow_pickle=False) as file:
            found.probabilities[inside], found.medians[fold] = file["probabilities"], file["medians"]
        print(place.name, f"{((found.probabilities[inside] > found.medians[fold]) == material.labels[inside]).mean():.4f} against its medians", flush=True)
    np.savez_compressed(folder / ORIGINAL, **found._asdict())
    return found


def _asked(
    vectors: np.ndarray, texts: np.ndarray, labels: np.ndarray, split: tuple[np.ndarray, np.ndarray], inside: np.ndarray, place: Path, epochs: int
) -> tuple[np.ndarray, np.ndarray]:
    """Train on the rows ``split[0]``, choose the epoch on ``split[1]``; return the probabilities of the rows ``inside`` and the medians on ``split[1]``."""
    fitting, waiting = split
    keras.utils.set_random_seed(SEED)
    keras.config.set_dtype_policy(PRECISION)
    model = build_original(vectors)
    keras.config.set_dtype_policy("float32")
    model.compile("adam", "binary_crossentropy")
    best = keras.callbacks.ModelCheckpoint(place / WEIGHTS, monitor="val_loss", save_best_only=True, save_weights_only=True)
    held_out = texts[waiting], labels[waiting].astype(np.float32)
    model.fit(texts[fitting], labels[fitting].astype(np.float32), batch_size=BATCH, epochs=epochs, validation_data=held_out, callbacks=[best], verbose=0)
    model.load_weights(place / WEIGHTS)
    return model.predict(texts[inside], verbose=0), np.median(model.predict(texts[waiting], verbose=0), axis=0)
