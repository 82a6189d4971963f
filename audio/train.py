"""Train, calibrate, export and describe the voice network."""

from __future__ import annotations

import shutil
import tempfile
import time
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from audio import data, features, prosody, runs, voice
from audio.runs import Recipe
from core import calibration, engine, manifest

VERSION = "2026.2"
SPEECH_VERSION = "silero-vad 6.2.3"
FOLDS = voice.MODELS / "folds.csv"
TEST_FOLD = 5
SHIPPED_RUN, STRANGERS_RUN = "shipped", "strangers"
STRANGERS = (str(TEST_FOLD), "emovo", "banglaser_balanced_800")  # whom the second network has not heard
STRANGERS_EPOCHS = 30  # enough to say how far the recipe carries

THRESHOLDS = np.arange(0.2, 0.9, 0.01)
TRUSTED = 0.75  # share of the labels that should be right where one is given
LEAST_LABELLED = 0.1  # share of the clips that must keep their label
SMOKE_CLIPS, SMOKE_EPOCHS, SMOKE_BATCH, SMOKE_EXAMPLES = 60, 1, 8, 64


def train(corpora: Path, out: Path, recipe: Recipe, limit: int | None = None, build: Path = data.BUILD) -> None:
    """Train, calibrate, export and describe the voice network in the folder ``out``.

    The shipped network learns from all corpora but the actors of ``TEST_FOLD``. On them, temperature and the threshold of *unclear* are fitted; ``evaluate`` measures half of them by what the other half gives. A second network has not heard two of the corpora either: on those,
    ``evaluate`` measures how far the recipe carries.
    """
    out.mkdir(parents=True, exist_ok=True)
    folds = data.read_folds(FOLDS)
    clips = data.load_all(corpora, limit, build)
    shipped, (networks, held_out) = runs.fit(SHIPPED_RUN, clips, folds, (str(TEST_FOLD),), recipe, out, build)
    shorter = replace(recipe, epochs=min(recipe.epochs, STRANGERS_EPOCHS), cycle=min(recipe.cycle, STRANGERS_EPOCHS))
    runs.fit(STRANGERS_RUN, clips, folds, STRANGERS, shorter, out, build)
    temperature, unclear = calibrate(runs.logits_of(networks, held_out), np.array([clip.label for clip in held_out]))
    runs.export(shipped, out)  # last of all, so that the folder never holds networks that its manifest does not name
    describe(out, corpora, recipe, temperature, unclear, len(held_out))


def calibrate(logits: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Return the temperature that makes logits (n, 8) mean what they say of labels (n,), and the confidence below which a label is unclear."""
    temperature = calibration.fit_temperature(logits, labels)
    return temperature, choose_unclear(voice.merge_calm(calibration.softmax(logits, temperature)), voice.seven(labels))


def choose_unclear(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the smallest confidence from which on at least ``TRUSTED`` of the seven-class labels are right.

    ``probabilities`` (n, classes), ``labels`` (n,). Where no confidence reaches that, the one with the highest share among at least a tenth of the clips.
    """
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    shares = [(float(t), float(right[confidence >= t].mean())) for t in THRESHOLDS if (confidence >= t).mean() >= LEAST_LABELLED]
    trusted = [t for t, share in shares if share >= TRUSTED]
    return round(trusted[0] if trusted else max(shares, key=lambda pair: pair[1])[0], 3)


def describe(out: Path, corpora: Path, recipe: Recipe, temperature: float, unclear: float, calibrated_on: int) -> None:
    """Write the manifest of the exported networks in ``out``."""
    width = engine.OnnxNetwork(out / "sequence.onnx", 1).session.get_inputs()[0].shape[-1]  # of the vectors: of one network or of two
    if not (out / "speech.onnx").is_file():
        shutil.copyfile(voice.MODELS / "speech.onnx", out / "speech.onnx")
    manifest.write_manifest(
        out,
        VERSION,
        ("window.keras", "sequence.keras", "window.onnx", "sequence.onnx", "speech.onnx"),
        [data.source(corpora, corpus) for corpus in (data.RAVDESS, *data.OTHERS)],
        recipe.seed,
        classes=list(voice.EMOTIONS),
        input_shape={
            "window": [features.WINDOW, features.MELS, features.VIEWS],
            "vectors": [features.WINDOWS, width],
            "prosody": [features.WINDOWS, prosody.SIZE],
            "baseline": [width],
        },
        prosody=list(prosody.NAMES),
        sound={
            "rate": features.RATE,
            "n_fft": features.N_FFT,
            "hop": features.HOP,
            "mels": features.MELS,
            "hz": [features.LOWEST, features.HIGHEST],
            "window_frames": features.WINDOW,
            "step_frames": features.STEP,
            "windows": features.WINDOWS,
        },
        normalisation=features.NORMALISATION,
        temperature=temperature,
        thresholds={"unclear": unclear},
        calibration=f"{calibrated_on} clips of the actors of fold {TEST_FOLD}, whom the network has not heard",
        held_out_folds=[TEST_FOLD],
        recipe=asdict(recipe),
        speech_version=SPEECH_VERSION,
    )


def smoke(corpora: Path) -> None:
    """Go the whole way, training to metrics, on a handful of clips into a temporary folder, and say how long it took."""
    from audio import evaluate

    began = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        out, build = Path(scratch) / "model", Path(scratch) / "build"
        train(corpora, out, replace(Recipe(), epochs=SMOKE_EPOCHS, batch=SMOKE_BATCH, examples=SMOKE_EXAMPLES), SMOKE_CLIPS, build)
        evaluate.evaluate(corpora, out, SMOKE_CLIPS, build)
    print(f"Trained, calibrated, exported and measured on about {SMOKE_CLIPS} clips in {time.monotonic() - began:.0f} s.")
