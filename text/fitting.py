"""One run of the network: random windows, word dropout, early stopping on held-out essays, saved after every epoch."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from text.network import build_network
from text.vocabulary import UNKNOWN, padded, windows

BATCH = 32
EPOCHS = 24
PATIENCE = 5  # epochs without a better held-out loss
LEARNING_RATE = 1e-3
CLIP_NORM = 1.0
TEACHER_SHARE = 0.5  # of the targets: what a linear model says of the essay that has not seen it; the labels alone are mostly noise
WORD_DROPOUT = 0.1  # share of the lemmas replaced by the unknown one
WINDOW = 160  # lemmas of a random window while training: half the time of the 300 that the product reads, and more variety


class Windows(keras.utils.PyDataset):
    """Give each essay once an epoch as a random window with some lemmas left out."""

    def __init__(self, texts: Sequence[np.ndarray], labels: np.ndarray, seed: int, epoch: int = 0) -> None:
        super().__init__()
        self.texts, self.labels, self.seed, self.epoch = texts, labels.astype(np.float32), seed, epoch
        self._shuffle()

    def _shuffle(self) -> None:
        self.order = np.random.default_rng((self.seed, self.epoch)).permutation(len(self.texts))

    def __len__(self) -> int:
        return math.ceil(len(self.texts) / BATCH)

    def __getitem__(self, i: int) -> tuple[np.ndarray, np.ndarray]:
        random = np.random.default_rng((self.seed, self.epoch, i))
        rows = self.order[i * BATCH : (i + 1) * BATCH]
        batch = np.stack([self._window(self.texts[row], random) for row in rows])
        batch[(random.random(batch.shape) < WORD_DROPOUT) & (batch > 0)] = UNKNOWN
        return batch, self.labels[rows]

    def _window(self, text: np.ndarray, random: np.random.Generator) -> np.ndarray:
        start = int(random.integers(0, max(len(text) - WINDOW, 0) + 1))
        return padded(text[start:], WINDOW)

    def on_epoch_end(self) -> None:
        self.epoch += 1
        self._shuffle()


def network_logits(model: Any, texts: Sequence[np.ndarray]) -> np.ndarray:
    """Return the mean logits over each text's windows, shape ``(texts, 5)``."""
    cut = [windows(text) for text in texts]
    logits = model.predict(np.concatenate(cut), batch_size=64, verbose=0)
    ends = np.cumsum([len(c) for c in cut])
    return np.stack([part.mean(axis=0) for part in np.split(logits, ends[:-1])])


class _Progress(keras.callbacks.Callback):
    """Measure the held-out loss on whole essays after each epoch; keep the best weights; remember where to go on."""

    def __init__(self, texts: Sequence[np.ndarray], labels: np.ndarray, folder: Path, state: dict[str, Any]) -> None:
        super().__init__()
        self.texts, self.labels, self.folder, self.state = texts, labels, folder, state

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        z = np.clip(network_logits(self.model, self.texts), -30, 30)
        loss = float(np.mean(np.log1p(np.exp(z)) - self.labels * z))
        right = float(np.mean((z > 0) == self.labels))
        self.state["epochs"].append({"loss": round(float((logs or {})["loss"]), 4), "held_out_loss": round(loss, 4), "held_out_accuracy": round(right, 4)})
        print(self.folder.name, "epoch", epoch + 1, self.state["epochs"][-1], flush=True)
        if loss < self.state["best_loss"]:
            self.state.update(best_loss=loss, best_epoch=epoch)
            self.model.save_weights(self.folder / "best.weights.h5")
        if epoch - self.state["best_epoch"] >= PATIENCE:
            self.state["done"] = True
            self.model.stop_training = True
        self.model.save(self.folder / "last.keras")
        (self.folder / "state.json").write_text(json.dumps(self.state))


def fit_network(
    vectors: np.ndarray, train: tuple[Sequence[np.ndarray], np.ndarray], held_out: tuple[Sequence[np.ndarray], np.ndarray], folder: Path, seed: int, epochs: int
) -> Any:
    """Train a network and return it with its best weights; goes on from ``folder`` where an earlier run was interrupted.

    ``train`` is (row numbers of each essay, targets (n, 5) from 0 to 1), ``held_out`` the same with labels of 0 and 1.
    """
    folder.mkdir(parents=True, exist_ok=True)
    state_file, last = folder / "state.json", folder / "last.keras"
    state: dict[str, Any] = {"epochs": [], "best_loss": 1e9, "best_epoch": -1, "done": False}
    keras.utils.set_random_seed(seed)
    if state_file.exists() and last.exists():
        state = json.loads(state_file.read_text())
        model: Any = keras.saving.load_model(last)
    else:
        model = build_network(vectors, length=None)
        model.compile(
            keras.optimizers.Adam(LEARNING_RATE, clipnorm=CLIP_NORM),
            keras.losses.BinaryCrossentropy(from_logits=True),
        )
    done = len(state["epochs"])
    if not state["done"] and done < epochs:
        data = Windows(*train, seed=seed, epoch=done)
        model.fit(data, initial_epoch=done, epochs=epochs, callbacks=[_Progress(*held_out, folder, state)], verbose=0)
    model.load_weights(folder / "best.weights.h5")
    served = build_network(vectors)
    served.set_weights(model.get_weights())
    return served
