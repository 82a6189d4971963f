"""Train, calibrate, export and describe the voice network."""

from __future__ import annotations

import shutil
import tempfile
import time
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from audio import data, features, runs, voice
from audio.runs import Recipe
from core import calibration, manifest

VERSION = "2026.1"
SPEECH_VERSION = "silero-vad 6.2.3"
FOLDS = voice.MODELS / "folds.csv"
TEST_FOLD, CALIBRATION_FOLD = 5, 4
CALIBRATION_SHARE = 0.65  # of the epochs: enough for a network that only says how sure its like may be

THRESHOLDS = np.arange(0.2, 0.9, 0.01)
TRUSTED = 0.6  # share of the labels that should be right where one is given
LEAST_LABELLED = 0.1  # share of the clips that must keep their label
SMOKE_CLIPS, SMOKE_EPOCHS, SMOKE_BATCH = 60, 1, 8


def train(corpora: Path, out: Path, recipe: Recipe, limit: int | None = None, build: Path = data.BUILD) -> None:
    """Train, calibrate, export and describe the voice network in the folder ``out``.

    The shipped network learns from the actors of all folds but ``TEST_FOLD``, which nothing is chosen on. A second network
    that has not heard ``CALIBRATION_FOLD`` either says on it how sure such networks may be: the temperature and the threshold of *unclear*.
    """
    out.mkdir(parents=True, exist_ok=True)
    folds = data.read_folds(FOLDS)
    clips = data.load(corpora, data.RAVDESS, limit, build)
    shipped, _ = runs.fit("shipped", clips, folds, (TEST_FOLD,), recipe, out, build)
    shorter = replace(recipe, epochs=max(1, round(CALIBRATION_SHARE * recipe.epochs)))
    _, (networks, held_out) = runs.fit("calibration", clips, folds, (TEST_FOLD, CALIBRATION_FOLD), shorter, out, build)
    chosen = [clip for clip in held_out if folds[clip.speaker] == CALIBRATION_FOLD]
    logits, labels = runs.logits_of(networks, chosen), np.array([clip.label for clip in chosen])
    temperature = calibration.fit_temperature(logits, labels)
    unclear = choose_unclear(voice.merge_calm(calibration.softmax(logits, temperature)), voice.seven(labels))
    runs.export(shipped, out)  # last of all, so that the folder never holds networks that its manifest does not name
    describe(out, corpora, recipe, temperature, unclear, len(chosen))


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
    from audio.network import FILTERS

    if not (out / "speech.onnx").is_file():
        shutil.copyfile(voice.MODELS / "speech.onnx", out / "speech.onnx")
    manifest.write_manifest(
        out,
        VERSION,
        ("window.keras", "sequence.keras", "window.onnx", "sequence.onnx", "speech.onnx"),
        [data.source(corpora, data.RAVDESS)],
        recipe.seed,
        classes=list(data.EMOTIONS),
        input_shape={"window": [features.WINDOW, features.MELS, 1], "sequence": [features.WINDOWS, FILTERS[-1]]},
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
        calibration=f"{calibrated_on} clips of the actors of fold {CALIBRATION_FOLD}, by a network that heard neither them nor those of fold {TEST_FOLD}",
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
        train(corpora, out, replace(Recipe(), epochs=SMOKE_EPOCHS, batch=SMOKE_BATCH, warm_up=0), SMOKE_CLIPS, build)
        evaluate.evaluate(corpora, out, SMOKE_CLIPS, build, others=data.OTHERS[:1])
    print(f"Trained, calibrated, exported and measured on about {SMOKE_CLIPS} clips in {time.monotonic() - began:.0f} s.")
