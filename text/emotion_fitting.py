"""One run of the emotion network: sentences of like length together, rare classes weighted, saved after every epoch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from text.emotion_corpus import UNLABELLED, Emotions
from text.emotion_network import build_emotion_network
from text.emotion_pieces import PIECES_IN, UNKNOWN, WORDS_IN, EmotionVocabulary
from text.teacher import Lessons

BATCH = 64
EPOCHS = 5
LONGEST = 48  # tokens of a sentence while training
NEAR = 50  # batches whose sentences are sorted by length together
LEARNING_RATE = 2e-3
WEIGHT_DECAY = 1e-2
WORD_DROPOUT = 0.05  # share of the words replaced by the unknown one; their pieces stay
OTHERS_WEIGHT = 0.4  # of a sentence that is not from GoEmotions
TAUGHT_WEIGHT = 0.5  # of the squared error of the teacher's components beside the other two losses
USUAL_SHARE, RARITY = 0.2, 0.35  # a label of share s counts (USUAL_SHARE / s) ** RARITY where it is given


@keras.saving.register_keras_serializable(package="text")
class RareLabels(keras.losses.Loss):
    """Binary cross-entropy of logits in which given labels of rare classes count more."""

    def __init__(self, weights: Sequence[float], name: str = "rare_labels", reduction: str = "sum_over_batch_size") -> None:
        super().__init__(name=name, reduction=reduction)
        self.weights = [float(w) for w in weights]

    def call(self, y_true: Any, y_pred: Any) -> Any:
        ops = keras.ops
        loss = ops.softplus(y_pred) - y_true * y_pred
        return ops.mean(loss * (1 + (ops.convert_to_tensor(self.weights) - 1) * y_true), axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "weights": self.weights}


class Sentences(keras.utils.PyDataset):
    """Give every sentence once an epoch, those of like length in one batch."""

    def __init__(self, learnt: Emotions, rows: tuple[np.ndarray, np.ndarray], lessons: Lessons | None, seed: int, epoch: int = 0) -> None:
        super().__init__()
        self.learnt, self.words, self.pieces, self.seed, self.epoch = learnt, *rows, seed, epoch
        self.lengths = np.maximum((self.words > 0).sum(axis=1), 1)
        self.own = (learnt.source == 0).astype(np.float32)
        self.weights = np.select([learnt.source == 0, learnt.source == UNLABELLED], [1.0, 0.0], OTHERS_WEIGHT).astype(np.float32)
        self.lessons, place = lessons, {text: row for row, text in enumerate(lessons.texts)} if lessons else {}
        self.lesson_of = np.array([place.get(text, -1) for text in learnt.texts])
        self._shuffle()

    def _shuffle(self) -> None:
        random = np.random.default_rng((self.seed, self.epoch))
        order = random.permutation(len(self.lengths))
        sorted_ = [part[np.argsort(self.lengths[part], kind="stable")] for part in np.split(order, range(BATCH * NEAR, len(order), BATCH * NEAR))]
        batches = [part[i : i + BATCH] for part in sorted_ for i in range(0, len(part), BATCH)]
        self.batches = [batches[i] for i in random.permutation(len(batches))]

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, i: int) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], dict[str, np.ndarray]]:
        random, rows = np.random.default_rng((self.seed, self.epoch, i)), self.batches[i]
        longest = int(self.lengths[rows].max())
        words = self.words[rows, :longest].copy()
        words[(random.random(words.shape) < WORD_DROPOUT) & (words > 0)] = UNKNOWN
        targets = {"emotions": self.learnt.labels[rows].astype(np.float32), "fine": self.learnt.fine[rows].astype(np.float32)}
        weights = {"emotions": self.weights[rows], "fine": self.own[rows]}
        if self.lessons:
            taught = self.lesson_of[rows]
            weights["taught"] = (taught >= 0).astype(np.float32)
            targets["taught"] = self.lessons.vectors[taught] * weights["taught"][:, None]
        return {WORDS_IN: words, PIECES_IN: self.pieces[rows, :longest]}, targets, weights

    def on_epoch_end(self) -> None:
        self.epoch += 1
        self._shuffle()


class _Kept(keras.callbacks.Callback):
    def __init__(self, folder: Path, losses: list[float]) -> None:
        super().__init__()
        self.folder, self.losses = folder, losses

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.losses.append(round(float((logs or {})["loss"]), 4))
        print("emotions epoch", epoch + 1, self.losses[-1], flush=True)
        self.model.save(self.folder / "last.keras")
        (self.folder / "state.json").write_text(json.dumps(self.losses))


def fit_emotion_network(
    vectors: np.ndarray,
    vocabulary: EmotionVocabulary,
    tokens: Sequence[Sequence[str]],
    learnt: Emotions,
    lessons: Lessons | None,
    folder: Path,
    seed: int,
    epochs: int,
) -> Any:
    """Train the network on ``learnt``, whose sentences are ``tokens``, and on ``lessons`` about some of them; goes on from ``folder``
    where an earlier run was interrupted.
    """
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(seed)
    data = Sentences(learnt, vocabulary.encode(tokens, LONGEST), lessons, seed)
    losses: list[float] = []
    if (folder / "last.keras").exists():
        losses = json.loads((folder / "state.json").read_text())
        model: Any = keras.saving.load_model(folder / "last.keras")
        data = Sentences(learnt, (data.words, data.pieces), lessons, seed, len(losses))
    else:
        model = build_emotion_network(vectors, lessons.vectors.shape[1] if lessons else 0)
        shares = np.maximum(learnt.labels[learnt.source == 0].mean(axis=0), 0.01)
        losses_by_output = {
            "emotions": RareLabels((USUAL_SHARE / shares) ** RARITY),
            "fine": keras.losses.BinaryCrossentropy(from_logits=True),
            "taught": keras.losses.MeanSquaredError(),
        }
        schedule = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, epochs * len(data))
        model.compile(
            keras.optimizers.AdamW(schedule, weight_decay=WEIGHT_DECAY),
            {name: loss for name, loss in losses_by_output.items() if name in model.output_names},
            loss_weights={name: TAUGHT_WEIGHT if name == "taught" else 1.0 for name in model.output_names},
        )
    if len(losses) < epochs:
        model.fit(data, initial_epoch=len(losses), epochs=epochs, shuffle=False, callbacks=[_Kept(folder, losses)], verbose=0)
    return model
