"""Measure the face network on PublicTest, calibrate it, and export it with its manifest and metrics."""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from core import metrics
from core.analysis import CLASSES
from core.calibration import expected_calibration_error, fit_temperature, negative_log_likelihood, reliability, softmax
from core.engine import OnnxNetwork
from core.held_out import write_held_out
from core.manifest import MODELS, read_manifest, sha256_of, write_manifest
from video.data import DATA, PUBLIC_TEST, TRAINING, Faces, cleaned, majority_labels, read_fer, standing_in
from video.features import SIDE, normalised

FOLDER = MODELS / "video"
VERSION = "2026.1"
COMMAND = "python -m video evaluate"
PARITY = 1e-4  # of the logits, between the Keras file and its ONNX export
PARITY_FACES = 64
BATCH = 128
CLEAR_ACCURACY = 0.7  # wanted of the pictures that get a label rather than "unclear"
THRESHOLDS = np.arange(0.25, 0.71, 0.01)
SEED = 0
EXPERIMENTS = ("date", "name", "changed", "parameters", "epochs", "public_accuracy", "public_accuracy_no_copies", "hours", "seed")


class ParityError(RuntimeError):
    """Say by how much the exported graph differs from the Keras file."""


def logits_of(network: OnnxNetwork, pictures: np.ndarray) -> np.ndarray:
    """Return logits (n, 7) of uint8 pictures (n, 48, 48)."""
    return np.concatenate([network({"face": normalised(pictures[i : i + BATCH])})[0] for i in range(0, len(pictures), BATCH)])


def export(trained: Path, folder: Path, pictures: np.ndarray) -> tuple[float, int]:
    """Write ``face.keras`` and ``face.onnx`` to the folder; return their largest difference on some pictures, and the parameters.

    Raises
    ------
    ParityError
        When the two differ by more than ``PARITY``.
    """
    import keras

    folder.mkdir(parents=True, exist_ok=True)
    model = keras.saving.load_model(trained, compile=False, safe_mode=True)
    faces = normalised(pictures[:PARITY_FACES])
    expected = [np.asarray(output) for output in model(faces, training=False)]
    with tempfile.TemporaryDirectory() as folder_name:
        part = Path(folder_name) / "face.onnx"
        model.export(part, format="onnx", verbose=False)
        got = OnnxNetwork(part, 1)({"face": faces})
        difference = max(float(np.abs(a - b).max()) for a, b in zip(expected, got, strict=True))
        if difference > PARITY:
            raise ParityError(f"face.onnx differs from {trained} by {difference:.2e}, more than {PARITY:.0e}")
        shutil.copyfile(part, folder / "face.onnx")
    if trained.resolve() != (folder / "face.keras").resolve():
        shutil.copyfile(trained, folder / "face.keras")
    return difference, model.count_params()


def crossfitted(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return probabilities (n, 7) whose temperature was always fitted on the other half of the rows."""
    random = np.random.default_rng(SEED)
    half = random.permutation(len(labels)) < len(labels) // 2
    result = np.empty((len(labels), len(CLASSES)))
    for inside in (half, ~half):
        result[inside] = softmax(logits[inside], fit_temperature(logits[~inside], labels[~inside]))
    return result


def unclear_threshold(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the lowest confidence from which on the pictures are right at least seven times in ten."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    for threshold in THRESHOLDS:
        clear = confidence >= threshold
        if clear.any() and right[clear].mean() >= CLEAR_ACCURACY:
            return round(float(threshold), 2)
    return round(float(THRESHOLDS[-1]), 2)


def accuracy_figure(name: str, predicted: np.ndarray, labels: np.ndarray, protocol: str) -> dict[str, Any]:
    """Return an accuracy with its Wilson interval."""
    right = int((predicted == labels).sum())
    return metrics.figure(name, right / len(labels), len(labels), *metrics.wilson(right, len(labels)), "Wilson", protocol)


def resampled_figure(name: str, labels: np.ndarray, predicted: np.ndarray, statistic: Any, protocol: str) -> dict[str, Any]:
    """Return a statistic of the confusion table with its bootstrap interval."""

    def of(rows: np.ndarray) -> float:
        return float(statistic(metrics.confusion(labels[rows], predicted[rows], len(CLASSES))))

    n = len(labels)
    return metrics.figure(name, of(np.arange(n)), n, *metrics.bootstrap(of, n, seed=SEED), "bootstrap", protocol)


def measure(network: OnnxNetwork, public: Faces, training: Faces, note: str) -> tuple[dict[str, Any], dict[str, Any], float, float]:
    """Return figures, tables, the temperature and the threshold of "unclear", all from PublicTest."""
    labels = public.labels
    logits = logits_of(network, public.pictures)
    mirrored = logits_of(network, np.ascontiguousarray(public.pictures[:, :, ::-1]))
    predicted = logits.argmax(axis=1)
    temperature = fit_temperature(logits, labels)
    honest = crossfitted(logits, labels)
    copies = standing_in(public, training)
    majority, voted = majority_labels(public)
    protocol = f"FER2013 PublicTest, one look at each picture as shipped; {note}"
    calibrated = "FER2013 PublicTest, temperature always fitted on the other half of the pictures"

    def ece(rows: np.ndarray) -> float:
        return expected_calibration_error(honest[rows], labels[rows])

    everything = np.arange(len(labels))
    figures = {
        "accuracy": accuracy_figure("Accuracy", predicted, labels, protocol),
        "accuracy_no_copies": accuracy_figure(
            "Accuracy without copies", predicted[~copies], labels[~copies], f"as accuracy, without the {int(copies.sum())} pictures that also stand in Training"
        ),
        "accuracy_flip": accuracy_figure(
            "Accuracy with flip", (softmax(logits) + softmax(mirrored)).argmax(axis=1), labels, "as accuracy, mean of picture and mirror image; not what is shipped"
        ),
        "accuracy_ferplus": accuracy_figure(
            "Accuracy against the crowd", predicted[voted], majority[voted], "FER2013 PublicTest, against the FER+ majority where one of the seven has it"
        ),
        "macro_f1": resampled_figure("Macro-F1", labels, predicted, metrics.macro_f1, protocol),
        "unweighted_average_recall": resampled_figure("Unweighted average recall", labels, predicted, metrics.unweighted_average_recall, protocol),
        "ece": metrics.figure("Expected calibration error", ece(everything), len(labels), *metrics.bootstrap(ece, len(labels), seed=SEED), "bootstrap", calibrated),
        "nll": metrics.figure(
            "Negative log-likelihood", negative_log_likelihood(honest, labels), len(labels),
            *metrics.bootstrap(lambda rows: negative_log_likelihood(honest[rows], labels[rows]), len(labels), seed=SEED), "bootstrap", calibrated,
        ),
    }  # fmt: skip
    threshold = unclear_threshold(softmax(logits, temperature), labels)
    clear = honest.max(axis=1) >= threshold
    if clear.any():
        figures["accuracy_clear"] = accuracy_figure(
            "Accuracy where not unclear",
            predicted[clear],
            labels[clear],
            f"FER2013 PublicTest, the {clear.mean():.0%} with a confidence of at least {threshold}",
        )
    counts = metrics.confusion(labels, predicted, len(CLASSES))
    rows = [
        [name, int(counts[i].sum()), metrics.recalls(counts)[i], *metrics.wilson(int(counts[i, i]), int(counts[i].sum())), int(counts[:, i].sum())]
        for i, name in enumerate(CLASSES)
    ]
    tables = {
        "classes": metrics.table("Recall of each class, PublicTest", ("class", "n", "recall", "low", "high", "predicted"), rows),
        "confusion": metrics.table("Confusion, PublicTest: rows are the labels", ("label", *CLASSES), [[name, *counts[i]] for i, name in enumerate(CLASSES)]),
        "reliability": metrics.table(
            "Confidence and accuracy, PublicTest, temperature fitted on the other half", ("low", "high", "n", "confidence", "accuracy"),
            [list(row.values()) for row in reliability(honest, labels)],
        ),
    }  # fmt: skip
    return figures, tables, temperature, threshold


def evaluate(trained: Path, data: Path, folder: Path) -> dict[str, Any]:
    """Export a trained network, measure it and write ``manifest.json`` and ``metrics.json``; return the figures.

    ``trained`` lies beside the ``state.json`` of its training, or in the model folder itself to measure it again.
    """
    faces = read_fer(data)
    public, everything = faces.part(PUBLIC_TEST), faces.part(TRAINING)
    difference, parameters = export(trained, folder, public.pictures)
    training = training_of(trained)
    if training is None:
        training = read_manifest(folder)["training"]
    figures, tables, temperature, threshold = measure(OnnxNetwork(folder / "face.onnx", 2), public, everything, training["chosen"])
    write_held_out(folder, crossfitted(logits_of(OnnxNetwork(folder / "face.onnx", 2), public.pictures), public.labels), public.labels)
    digest = sha256_of(data)
    metrics.write_metrics(folder / "metrics.json", COMMAND, figures, tables)
    write_manifest(
        folder, VERSION, ("face.keras", "face.onnx"),
        [
            {"name": "FER2013 Training without copies, conflicts, one-colour pictures and non-faces", "rows": len(cleaned(everything)), "sha256": digest},
            {"name": "FER2013 PublicTest (choice of the epoch, temperature, threshold)", "rows": len(public), "sha256": digest},
        ],
        training["plan"]["seed"],
        classes=list(CLASSES), input_shape=[SIDE, SIDE, 1], inputs=["face"], outputs=["logits", "maps"],
        normalisation="each picture minus its own mean, divided by its own standard deviation (at least 1 grey level)",
        temperature=round(temperature, 4), thresholds={"unclear": threshold}, training=training, parameters=parameters, parity=difference,
    )  # fmt: skip
    return figures


def training_of(trained: Path) -> dict[str, Any] | None:
    """Return how a network was trained, from the ``state.json`` beside it, or ``None`` where there is none."""
    path = trained.parent / "state.json"
    if not path.is_file():
        return None
    document = json.loads(path.read_text(encoding="utf-8"))
    best = document["state"]["best_epoch"]
    chosen = f"averaged weights of epoch {best} of {document['plan']['epochs']}, the best on these same pictures"
    return {"plan": document["plan"], "epoch": best, "hours": round(document["state"]["seconds"] / 3600, 2), "chosen": chosen}


def log_experiment(figures: dict[str, Any], training: dict[str, Any], parameters: int, name: str, changed: str, path: Path) -> None:
    """Add one row to ``experiments.csv``: what was changed and what came of it."""
    fresh = not path.is_file()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if fresh:
            writer.writerow(EXPERIMENTS)
        writer.writerow([
            datetime.now(UTC).strftime("%Y-%m-%d"), name, changed, parameters, training["epoch"], figures["accuracy"]["value"],
            figures["accuracy_no_copies"]["value"], training["hours"], training["plan"]["seed"],
        ])  # fmt: skip


def command(options: argparse.Namespace) -> None:
    """Run ``python -m video evaluate``."""
    trained = options.trained or options.out / "face.keras"
    figures = evaluate(trained, options.data, options.out)
    for figure in figures.values():
        print(f"{figure['name']:<32} {figure['value']:.4f}  [{figure['low']:.4f}, {figure['high']:.4f}]  n={figure['n']}  {figure['protocol']}")
    if options.log:
        manifest = read_manifest(options.out)
        log_experiment(figures, manifest["training"], manifest["parameters"], options.log, options.changed, options.out / "experiments.csv")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``python -m video evaluate``."""
    parser.add_argument("--data", type=Path, default=DATA, help="FER2013 zip")
    parser.add_argument("--trained", type=Path, help="face.keras of a training to export first (default: measure the model folder's own)")
    parser.add_argument("--out", type=Path, default=FOLDER, help="model folder that is written")
    parser.add_argument("--log", metavar="NAME", help="add a row of this name to experiments.csv")
    parser.add_argument("--changed", default="", help="with --log: what was changed in this run")
    parser.set_defaults(function=command)
