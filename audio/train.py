"""Train the voice network on RAVDESS, by actor, epoch by epoch, so that a run that was stopped goes on where it was."""

from __future__ import annotations

import csv
import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from audio import augment, data, features
from audio.data import Clip

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

SEED = 2026
LOG_COLUMNS = ("finished", "run", "held_out", "epochs", "clips", "minutes", "seed", "training_loss", "training_accuracy", "accuracy", "uar")


@dataclass(frozen=True)
class Recipe:
    """Name what a run depends on; a run is resumed only under the recipe it began with."""

    epochs: int = 64
    batch: int = 32
    rate: float = 2e-3  # of AdamW, after the warm-up
    warm_up: int = 3  # epochs
    weight_decay: float = 2e-3
    smoothing: float = 0.1
    seed: int = SEED


def run(name: str, clips: list[Clip], recipe: Recipe, build: Path = data.BUILD) -> tuple[Any, dict[str, float]]:
    """Train on ``clips``, or go on with the run ``name``, and return the composed network and the last epoch's figures.

    After every epoch the network with its optimizer and ``state.json`` are saved in ``build/name``.
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
    for epoch in range(state["epoch"], recipe.epochs):
        began = time.monotonic()
        keras.utils.set_random_seed(recipe.seed + epoch)
        inputs, targets = augment.epoch(clips, recipe.batch, np.random.default_rng([recipe.seed, epoch]))
        history = model.fit(cut(inputs), targets, batch_size=recipe.batch, shuffle=False, verbose=0)
        last = {key: float(values[-1]) for key, values in history.history.items()}
        state.update(epoch=epoch + 1, minutes=state["minutes"] + (time.monotonic() - began) / 60, **last)
        partial = folder / "partial.keras"
        model.save(partial)
        partial.replace(saved)
        state_file.write_text(json.dumps(state, indent=1) + "\n", encoding="utf-8")
        print(f"{name}: epoch {epoch + 1}/{recipe.epochs}  loss {last['loss']:.3f}  accuracy {last['accuracy']:.3f}  {time.monotonic() - began:.0f} s", flush=True)
    return model, {"minutes": state["minutes"], "loss": state.get("loss", float("nan")), "accuracy": state.get("accuracy", float("nan"))}


def _compile(model: Any, recipe: Recipe, steps: int) -> None:
    import keras

    schedule = keras.optimizers.schedules.CosineDecay(0.0, max(1, (recipe.epochs - recipe.warm_up) * steps), alpha=0.0, warmup_target=recipe.rate,
                                                      warmup_steps=recipe.warm_up * steps)
    model.compile(keras.optimizers.AdamW(schedule, weight_decay=recipe.weight_decay, clipnorm=1.0),
                  keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=recipe.smoothing), metrics=["accuracy"])


def cut(contexts: np.ndarray) -> np.ndarray:
    """Cut contexts (n, CONTEXT, MELS) into windows, shape ``(n, WINDOWS, WINDOW, MELS, 1)``."""
    return np.stack([contexts[:, i * features.STEP : i * features.STEP + features.WINDOW] for i in range(features.WINDOWS)], axis=1)[..., None]


def parts(model: Any) -> tuple[Any, Any]:
    """Return the window network and the sequence network of a composed network."""
    return model.get_layer("window_network"), model.get_layer("sequence_network")


def log_run(path: Path, row: dict[str, Any]) -> None:
    """Append a run to ``experiments.csv``."""
    new = not path.is_file()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, LOG_COLUMNS, lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerow({"finished": datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ"), **row})


def held_in(clips: Sequence[Clip], folds: dict[str, int], left_out: Sequence[int]) -> list[Clip]:
    """Return the clips whose actor is in none of the folds ``left_out``."""
    return [clip for clip in clips if folds[clip.speaker] not in left_out]
