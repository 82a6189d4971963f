"""Single training runs of the voice network: epoch by epoch, so that a run that was stopped goes on where it was."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from audio import augment, data, features, voice
from audio.data import Clip
from core import engine, metrics

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

SEED = 2026
DIGEST = 8  # hexadecimal digits that tell recipes apart
RUN_COLUMNS = ("run", "recipe", "left_out", "measured_on", "epochs", "clips", "seed")  # what names a run
LOG_COLUMNS = ("finished", *RUN_COLUMNS, "minutes", "training_loss", "training_accuracy", "accuracy", "uar")


@dataclass(frozen=True)
class Recipe:
    """Name what a run depends on; a run is resumed only under the recipe it began with."""

    epochs: int = 56
    batch: int = 32
    rate: float = 2e-3  # of AdamW, after the warm-up
    warm_up: int = 3  # epochs
    weight_decay: float = 2e-3
    smoothing: float = 0.1
    seed: int = SEED

    @property
    def digest(self) -> str:
        """Return a short name that differs between recipes."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:DIGEST]


def run(name: str, clips: list[Clip], recipe: Recipe, build: Path = data.BUILD, stop_after: int | None = None) -> tuple[Any, dict[str, float]]:
    """Train on ``clips``, or go on with the run ``name``, and return the composed network and the last epoch's figures.

    After every epoch the network with its optimizer and ``state.json`` are saved in ``build/name``. ``stop_after`` ends this
    call after that epoch, as if it had been interrupted.
    """
    import keras

    from audio import network

    folder = build / name
    saved, state_file = folder / "network.keras", folder / "state.json"
    recipe_of_run = {**asdict(recipe), "clips": len(clips)}
    state: dict[str, Any] = {"epoch": 0, "recipe": recipe_of_run, "minutes": 0.0}
    if saved.is_file() and state_file.is_file():
        state = json.loads(state_file.read_text(encoding="utf-8"))
        if state["recipe"] != recipe_of_run:
            raise ValueError(f"{folder} holds a run with another recipe; delete it to start afresh")
        model = keras.saving.load_model(saved, safe_mode=True)
    else:
        keras.utils.set_random_seed(recipe.seed)
        model = network.compose(network.window_network(), network.sequence_network())
        _compile(model, recipe, -(-len(clips) // recipe.batch))
    folder.mkdir(parents=True, exist_ok=True)
    for epoch in range(state["epoch"], recipe.epochs if stop_after is None else stop_after):
        began = time.monotonic()
        _seed_dropout(model, recipe.seed, epoch)
        inputs, targets = augment.epoch(clips, recipe.batch, np.random.default_rng([recipe.seed, epoch]))
        history = model.fit(cut(inputs), targets, batch_size=recipe.batch, shuffle=False, verbose=0)
        last = {key: float(values[-1]) for key, values in history.history.items()}
        state.update(epoch=epoch + 1, minutes=state["minutes"] + (time.monotonic() - began) / 60, **last)
        partial = folder / "partial.keras"
        model.save(partial)
        partial.replace(saved)
        state_file.write_text(json.dumps(state, indent=1) + "\n", encoding="utf-8")
        print(
            f"{name}: epoch {epoch + 1}/{recipe.epochs}  loss {last['loss']:.3f}  accuracy {last['accuracy']:.3f}  {time.monotonic() - began:.0f} s", flush=True
        )
    return model, {"minutes": state["minutes"], "loss": state.get("loss", float("nan")), "accuracy": state.get("accuracy", float("nan"))}


def _compile(model: Any, recipe: Recipe, steps: int) -> None:
    import keras

    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, max(1, (recipe.epochs - recipe.warm_up) * steps), alpha=0.0, warmup_target=recipe.rate, warmup_steps=recipe.warm_up * steps
    )
    model.compile(
        keras.optimizers.AdamW(schedule, weight_decay=recipe.weight_decay, clipnorm=1.0),
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=recipe.smoothing),
        metrics=["accuracy"],
    )


def _seed_dropout(model: Any, seed: int, epoch: int) -> None:
    # Keras does not save where its random generators are: begun anew with every epoch, a run that goes on is the run that never stopped.
    for index, layer in enumerate(parts(model)[1].layers):
        if hasattr(layer, "seed_generator"):
            layer.seed_generator.state.assign(np.array([seed, 1000 * epoch + index], np.uint32))


def cut(contexts: np.ndarray) -> np.ndarray:
    """Cut contexts (n, CONTEXT, MELS) into windows, shape ``(n, WINDOWS, WINDOW, MELS, 1)``."""
    return np.stack([contexts[:, i * features.STEP : i * features.STEP + features.WINDOW] for i in range(features.WINDOWS)], axis=1)[..., None]


def parts(model: Any) -> tuple[Any, Any]:
    """Return the window network and the sequence network of a composed network."""
    return model.get_layer("window_network"), model.get_layer("sequence_network")


def export(model: Any, folder: Path) -> None:
    """Save the two parts of a composed network as ``window.keras``, ``sequence.keras`` and their ONNX exports."""
    import keras

    for name, part in zip(("window", "sequence"), parts(model), strict=True):
        part.save(folder / f"{name}.keras")
        fresh = keras.saving.load_model(folder / f"{name}.keras", compile=False, safe_mode=True)
        fresh(np.zeros((1, *fresh.input_shape[1:]), np.float32))
        engine.export_onnx(fresh, folder / f"{name}.onnx")


def exported(folder: Path) -> voice.Voice:
    """Return the exported networks of a folder that has no manifest yet."""
    return voice.Voice(engine.OnnxNetwork(folder / "window.onnx", 1), engine.OnnxNetwork(folder / "sequence.onnx", 1))


def logits_of(networks: voice.Voice, clips: Sequence[Clip]) -> np.ndarray:
    """Return the logits of whole clips, shape ``(clips, len(EMOTIONS))``, as ``predict_clip`` computes them."""
    return np.stack([networks.logits_of_clip(clip) for clip in clips])


def fit(
    name: str, clips: Sequence[Clip], folds: dict[str, int], left_out: Sequence[int], recipe: Recipe, out: Path, build: Path
) -> tuple[Any, tuple[voice.Voice, list[Clip]]]:
    """Train without the folds ``left_out``, measure on them, log it in ``experiments.csv``; return the network, its export and the clips left out.

    With several folds left out, the figures are those of the last named.
    """
    heard = [clip for clip in clips if folds[clip.speaker] not in left_out]
    held_out = [clip for clip in clips if folds[clip.speaker] in left_out]
    model, figures = run(name, heard, recipe, build)
    export(model, build / name)
    networks = exported(build / name)
    measured = [clip for clip in held_out if folds[clip.speaker] == left_out[-1]]
    table = metrics.confusion(np.array([clip.label for clip in measured]), logits_of(networks, measured).argmax(axis=1), len(data.EMOTIONS))
    log_run(
        out / "experiments.csv",
        {
            "run": name,
            "recipe": recipe.digest,
            "left_out": " ".join(map(str, left_out)),
            "measured_on": left_out[-1],
            "epochs": recipe.epochs,
            "clips": len(heard),
            "seed": recipe.seed,
            "minutes": round(figures["minutes"], 1),
            "training_loss": round(figures["loss"], 4),
            "training_accuracy": round(figures["accuracy"], 4),
            "accuracy": round(float(np.trace(table) / table.sum()), 4),
            "uar": round(metrics.unweighted_average_recall(table), 4),
        },
    )
    return model, (networks, held_out)


def log_run(path: Path, row: dict[str, Any]) -> None:
    """Append a run to ``experiments.csv``, unless it stands there already."""
    known = []
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as file:
            known = [tuple(old[name] for name in RUN_COLUMNS) for old in csv.DictReader(file)]
    if tuple(str(row[name]) for name in RUN_COLUMNS) in known:
        return
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, LOG_COLUMNS, lineterminator="\n")
        if not known:
            writer.writeheader()
        writer.writerow({"finished": datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ"), **row})
