"""Train the emotion models: vocabulary and vectors, network, linear model; then join and calibrate them on GoEmotions dev."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from core.analysis import CLASSES
from text import files
from text.data import write_json
from text.emotion_corpus import Emotions, read_goemotions, read_training, with_unlabelled
from text.emotion_linear import EmotionLinear, fit_emotion_linear
from text.emotion_pieces import EmotionVocabulary
from text.emotion_scores import choose_thresholds, fit_joint
from text.emotion_tokens import LONGEST, emotion_tokens
from text.emotions import EmotionModels
from text.teacher import Lessons, read_lessons

NETWORK_FILE = "network.keras"
OTHERS_WEIGHT = 0.3  # of a sentence that is not from GoEmotions, in the linear model
SPREAD = 0.2  # standard deviation of the vectors at the beginning
VECTOR_EPOCHS, WINDOW, NEGATIVE = 4, 5, 5


def train_emotions(data: Path, folder: Path, build: Path, seed: int, rows: int | None = None, epochs: int | None = None) -> tuple[Emotions, EmotionModels]:
    """Train and write the emotion files of a model folder; steps that ``build`` holds are skipped. Returns what was learnt from, and the models."""
    build.mkdir(parents=True, exist_ok=True)
    learnt = read_training(data, rows)
    tokens = [emotion_tokens(text) for text in learnt.texts]
    if not (build / NETWORK_FILE).exists():
        _train_network(learnt, read_lessons(build, rows), build, seed, epochs)
    if not (build / files.EMOTION_LINEAR).exists():
        weights = np.where(learnt.source == 0, 1.0, OTHERS_WEIGHT)
        fit_emotion_linear([t[:LONGEST] for t in tokens], learnt.labels, weights).save(build / files.EMOTION_LINEAR)
        print("emotions: linear model fitted", flush=True)
    export(folder, build)
    dev = read_goemotions(data, "dev")
    models = EmotionModels(
        EmotionVocabulary.read(folder / files.EMOTION_VOCABULARY), _opened(folder), EmotionLinear.read(folder / files.EMOTION_LINEAR), _no_calibration()
    )
    network, linear = models.logits([(emotion_tokens(text) or ["?"])[:LONGEST] for text in dev.texts])
    calibration = choose_thresholds(fit_joint(network, linear, dev.labels), network, linear, dev.labels)
    write_json(folder / files.EMOTION_CALIBRATION, calibration.to_dict())
    return learnt, replace(models, calibration=calibration)


def _train_network(learnt: Emotions, lessons: Lessons | None, build: Path, seed: int, epochs: int | None) -> None:
    from text.emotion_fitting import EPOCHS, fit_emotion_network
    from text.emotion_network import served_part

    print(f"emotions: {len(lessons.texts)} sentences with a teacher's vector" if lessons else "emotions: no teacher (python -m text teach)", flush=True)
    learnt = with_unlabelled(learnt, lessons.texts) if lessons else learnt
    tokens = [emotion_tokens(text) or ["?"] for text in learnt.texts]
    vocabulary = EmotionVocabulary.of(tokens)
    vocabulary.save(build / files.EMOTION_VOCABULARY)
    model = fit_emotion_network(train_vectors(tokens, vocabulary, seed), vocabulary, tokens, learnt, lessons, build, seed, epochs or EPOCHS)
    served_part(model).save(build / NETWORK_FILE)


def train_vectors(tokens: Sequence[Sequence[str]], vocabulary: EmotionVocabulary, seed: int) -> np.ndarray:
    """Return Word2Vec vectors of the vocabulary, float32, shape ``(vocabulary, DIMENSIONS)``; padding is zero."""
    from gensim.models import Word2Vec

    from text.emotion_network import DIMENSIONS

    known = [[token for token in sentence if token in vocabulary.index] for sentence in tokens]
    model = Word2Vec(known, vector_size=DIMENSIONS, window=WINDOW, min_count=1, sg=1, negative=NEGATIVE, epochs=VECTOR_EPOCHS, workers=1, seed=seed)
    vectors = np.random.default_rng(seed).normal(0, 0.1, (len(vocabulary.words), DIMENSIONS)).astype(np.float32)
    for word, row in vocabulary.index.items():
        if word in model.wv:
            vectors[row] = model.wv[word]
    vectors *= SPREAD / vectors.std()
    vectors[0] = 0
    return vectors


def export(folder: Path, build: Path) -> None:
    """Copy vocabulary, linear model and network with its ONNX export into the model folder."""
    import keras

    from core.engine import export_onnx
    from text.emotion_pieces import PIECES, PIECES_IN, WORDS_IN

    model: Any = keras.saving.load_model(build / NETWORK_FILE, compile=False)
    model.save(folder / f"{files.EMOTION_NETWORK}.keras")
    model({WORDS_IN: np.ones((1, 2), np.int32), PIECES_IN: np.zeros((1, 2, PIECES), np.int32)})
    export_onnx(model, folder / f"{files.EMOTION_NETWORK}.onnx")
    for name in (files.EMOTION_VOCABULARY, files.EMOTION_LINEAR):
        (folder / name).write_bytes((build / name).read_bytes())


def _opened(folder: Path) -> Any:
    from core.engine import OnnxNetwork, threads

    return OnnxNetwork(folder / f"{files.EMOTION_NETWORK}.onnx", threads())


def _no_calibration() -> Any:
    from text.emotions import EmotionCalibration

    return EmotionCalibration(1.0, 1.0, np.zeros(len(CLASSES)), 0.0, np.zeros(len(CLASSES)))
