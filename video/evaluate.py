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
from core.engine import OnnxNetwork
from core.held_out import write_held_out
from core.manifest import MODELS, read_manifest, sha256_of, write_manifest
from video.data import DATA, PUBLIC_TEST, TRAINING, cleaned, read_fer
from video.features import SIDE, normalised
from video.figures import measure

FOLDER = MODELS / "video"
VERSION = "2026.1"
COMMAND = "python -m video evaluate"
PARITY = 1e-4  # of the logits, between the Keras file and its ONNX export
PARITY_FACES = 64
EXPERIMENTS = ("date", "name", "changed", "parameters", "epochs", "public_accuracy", "public_accuracy_no_copies", "hours", "seed")


class ParityError(RuntimeError):
    """Say by how much the exported graph differs from the Keras file."""


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
    network = OnnxNetwork(folder / "face.onnx", 2)
    measured = measure(network, public, everything, training["chosen"])
    write_held_out(folder, measured.honest, public.labels)
    digest = sha256_of(data)
    metrics.write_metrics(folder / "metrics.json", COMMAND, measured.figures, measured.tables)
    write_manifest(
        folder, VERSION, ("face.keras", "face.onnx"),
        [
            {"name": "FER2013 Training without copies, conflicts, one-colour pictures and non-faces", "rows": len(cleaned(everything)), "sha256": digest},
            {"name": "FER2013 PublicTest (choice of the epoch, temperature, threshold)", "rows": len(public), "sha256": digest},
        ],
        training["plan"]["seed"],
        classes=list(CLASSES), input_shape=[SIDE, SIDE, 1], inputs=["face"], outputs=["logits", "maps"],
        normalisation="each picture minus its own mean, divided by its own standard deviation (at least 1 grey level)",
        temperature=round(measured.temperature, 4), temperature_mirrored=round(measured.temperature_mirrored, 4),
        thresholds={"unclear": measured.threshold}, training=training, parameters=parameters, parity=difference,
    )  # fmt: skip
    return measured.figures


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


def measure_pipeline(data: Path, folder: Path) -> dict[str, Any]:
    """Add to ``metrics.json`` what concerns the way from a video to the network: framing, the fast way beside the slow one, blinks."""
    from video import agreement, crops

    network = OnnxNetwork(folder / "face.onnx", 2)
    cropped, crop_tables, best = crops.compare(network, read_fer(data).part(PUBLIC_TEST))
    print(f"Framing that the choosing half likes best: {best}; served: {crops.SHIPPED}")
    agreed, agreement_tables = agreement.compare(folder)
    blinks = agreement.blinks_beside_counts(agreement.GIVEN if agreement.GIVEN.is_dir() else agreement.CLIPS)
    document = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    figures, tables = document["figures"] | cropped | agreed, document["tables"] | crop_tables | agreement_tables | blinks
    metrics.write_metrics(folder / "metrics.json", COMMAND, figures, tables)
    return cropped | agreed


def command(options: argparse.Namespace) -> None:
    """Run ``python -m video evaluate``."""
    trained = options.trained or options.out / "face.keras"
    figures = evaluate(trained, options.data, options.out)
    if not options.quick:
        figures |= measure_pipeline(options.data, options.out)
    for figure in figures.values():
        print(f"{figure['name']:<48} {figure['value']:.4f}  [{figure['low']:.4f}, {figure['high']:.4f}]  n={figure['n']}  {figure['protocol']}")
    if options.log:
        manifest = read_manifest(options.out)
        log_experiment(figures, manifest["training"], manifest["parameters"], options.log, options.changed, options.out / "experiments.csv")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``python -m video evaluate``."""
    parser.add_argument("--data", type=Path, default=DATA, help="FER2013 zip")
    parser.add_argument("--trained", type=Path, help="face.keras of a training to export first (default: measure the model folder's own)")
    parser.add_argument("--out", type=Path, default=FOLDER, help="model folder that is written")
    parser.add_argument("--quick", action="store_true", help="leave out framing, the fast way beside the slow one, and blinks")
    parser.add_argument("--log", metavar="NAME", help="add a row of this name to experiments.csv")
    parser.add_argument("--changed", default="", help="with --log: what was changed in this run")
    parser.set_defaults(function=command)
