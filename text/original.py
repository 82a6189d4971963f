"""The original's network beside ours, in the same folds: one softmax over five traits, so that one rises only if others fall.

Conv1D (128, 256, 512; kernel 8), pooling, spatial dropout and batch normalisation, three LSTMs of 180, Dense 128, softmax, on
the first 300 lemmas. Vocabulary and vectors are the fold's own; the epoch is the one of the least loss on held-out essays.
Since its five outputs share 100 %, an output is also read against its median on those held-out essays, which is kinder to it.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

from core.analysis import TRAITS
from text.files import FOLDER
from text.material import SEED, Size, fold_vectors, full_size, read_material, split_of
from text.network import DENSE_UNITS, FILTERS, KERNEL, LSTM_LAYERS, LSTM_UNITS, POOL, SPATIAL_DROPOUT
from text.vocabulary import LENGTH, padded

BATCH = 32
EPOCHS = 8
PRECISION = "mixed_bfloat16"  # of its arithmetic while training: two thirds of the time
WEIGHTS, STATE, RESULT = "original.weights.h5", "original.json", "original.csv"
COLUMNS = ("fold", "essays", "epochs", "best epoch", "accuracy", "accuracy against medians")


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


def compare(data: Path, build: Path, chosen: Sequence[int], size: Size | None = None, folder: Path = FOLDER, epochs: int = EPOCHS) -> list[dict[str, Any]]:
    """Train and measure the original's network in the ``chosen`` folds; a fold that ``build`` holds is not trained again."""
    size = size or full_size()
    material, folds = read_material(data, folder, build, size)
    found = []
    for fold in chosen:
        place = build / f"fold{fold}"
        path = place / STATE
        if not path.exists():
            rows = np.flatnonzero(folds != fold)
            vocabulary, vectors = fold_vectors(material, rows, place, size)
            texts = np.stack([padded(vocabulary.encode(words.content())) for words in material.words()])
            result = _measure(vectors, texts, material.labels, split_of(material, rows), np.flatnonzero(folds == fold), place, epochs)
            path.write_text(json.dumps({"fold": int(fold), **result}), encoding="utf-8")
        found.append(json.loads(path.read_text(encoding="utf-8")))
        print(found[-1], flush=True)
    with (build / RESULT).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)
    return found


def _measure(
    vectors: np.ndarray, texts: np.ndarray, labels: np.ndarray, split: tuple[np.ndarray, np.ndarray], inside: np.ndarray, place: Path, epochs: int
) -> dict[str, Any]:
    """Train on ``split[0]``, choose the epoch on ``split[1]``, measure on ``inside``, all row numbers."""
    fitting, waiting = split
    keras.utils.set_random_seed(SEED)
    keras.config.set_dtype_policy(PRECISION)
    model = build_original(vectors)
    keras.config.set_dtype_policy("float32")
    model.compile("adam", "binary_crossentropy")
    best = keras.callbacks.ModelCheckpoint(place / WEIGHTS, monitor="val_loss", save_best_only=True, save_weights_only=True)
    held_out = texts[waiting], labels[waiting].astype(np.float32)
    history = model.fit(
        texts[fitting], labels[fitting].astype(np.float32), batch_size=BATCH, epochs=epochs, validation_data=held_out, callbacks=[best], verbose=0
    ).history["val_loss"]
    model.load_weights(place / WEIGHTS)
    medians = np.median(model.predict(texts[waiting], verbose=0), axis=0)
    p = model.predict(texts[inside], verbose=0)
    return {
        "essays": len(inside),
        "epochs": len(history),
        "best epoch": int(np.argmin(history)) + 1,
        "accuracy": round(float(((p > 0.5) == labels[inside]).mean()), 4),
        "accuracy against medians": round(float(((p > medians) == labels[inside]).mean()), 4),
    }
