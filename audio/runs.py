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

from audio import augment, data, features, teacher, voice
from audio.augment import Batch, Pool
from audio.baseline import Baseline, joined
from audio.data import Clip
from audio.voice import EMOTIONS
from core import engine, metrics
from core.analysis import CLASSES
from core.calibration import softmax

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

SEED = 2026
DIGEST = 8  # hexadecimal digits that tell recipes apart
GIVEN = 3  # neutral clips that make a baseline in the measurements
RUN_COLUMNS = ("run", "recipe", "left_out", "measured_on", "epochs", "clips", "seed")  # what names a run
LOG_COLUMNS = ("finished", *RUN_COLUMNS, "minutes", "training_loss", "training_accuracy", "accuracy", "uar", "uar_seven", "uar_seven_baseline", "note")


@dataclass(frozen=True)
class Recipe:
    """Name what a run depends on; a run is resumed only under the recipe it began with."""

    epochs: int = 60
    examples: int = 4608  # of an epoch
    batch: int = 96
    rate: float = 1.5e-3  # of AdamW, falling to nothing along a cosine
    weight_decay: float = 2e-3
    smoothing: float = 0.05
    taught: float = 0.5  # the teacher's share of the targets where it has heard the clip
    window_loss: float = 0.3  # weight of each window's own verdict
    lesson_loss: float = 0.5  # weight of the teacher's vectors
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
    taught = teacher.teach(build, clips, recipe.seed)
    recipe_of_run = {**asdict(recipe), "clips": len(clips), "taught_clips": int(taught.known.sum()) if taught else 0}
    state: dict[str, Any] = {"epoch": 0, "recipe": recipe_of_run, "minutes": 0.0}
    steps = -(-recipe.examples // recipe.batch)
    if saved.is_file() and state_file.is_file():
        state = json.loads(state_file.read_text(encoding="utf-8"))
        if state["recipe"] != recipe_of_run:
            raise ValueError(f"{folder} holds a run with another recipe; delete it to start afresh")
        model = keras.saving.load_model(saved, safe_mode=True)
    else:
        keras.utils.set_random_seed(recipe.seed)
        model = network.compose(network.window_network(trained=True), network.sequence_network(), teacher.LESSONS if taught else 0)
        _compile(model, recipe, steps)
    folder.mkdir(parents=True, exist_ok=True)
    pool = Pool(clips, _targets(clips, recipe, taught), taught.lessons if taught else np.zeros((len(clips), 0), np.float32), {}, network.FILTERS[-1])
    neutral = _neutral_windows(pool)
    for epoch in range(state["epoch"], recipe.epochs if stop_after is None else stop_after):
        began, used = time.monotonic(), time.process_time()
        _seed_dropout(model, recipe.seed, epoch)
        pool.vectors = _neutral_vectors(model, neutral)
        losses = [_step(model, batch) for batch in augment.epoch(pool, recipe.batch, recipe.examples, np.random.default_rng([recipe.seed, epoch]))]
        last = {key: float(np.mean([each[key] for each in losses])) for key in ("loss", "logits_accuracy")}
        state.update(epoch=epoch + 1, minutes=state["minutes"] + (time.process_time() - used) / 60, loss=last["loss"], accuracy=last["logits_accuracy"])
        partial = folder / "partial.keras"
        model.save(partial)
        partial.replace(saved)
        state_file.write_text(json.dumps(state, indent=1) + "\n", encoding="utf-8")
        print(
            f"{name}: epoch {epoch + 1}/{recipe.epochs}  loss {last['loss']:.3f}  accuracy {last['logits_accuracy']:.3f}  "
            f"{time.process_time() - used:.0f} s of processor, {time.monotonic() - began:.0f} s",
            flush=True,
        )
    return model, {"minutes": state["minutes"], "loss": state.get("loss", float("nan")), "accuracy": state.get("accuracy", float("nan"))}


def _targets(clips: Sequence[Clip], recipe: Recipe, taught: teacher.Teaching | None) -> np.ndarray:
    targets = np.eye(len(EMOTIONS), dtype=np.float32)[[clip.label for clip in clips]]
    targets = (1 - recipe.smoothing) * targets + recipe.smoothing / len(EMOTIONS)
    if taught is not None:
        targets[taught.known] = (1 - recipe.taught) * targets[taught.known] + recipe.taught * taught.soft[taught.known]
    return targets


def _neutral_windows(pool: Pool) -> dict[int, np.ndarray]:
    """Return the windows of the speech of some neutral clips of every speaker, by row."""
    return {row: voice.spoken_windows(pool.clips[row]) for several in pool.neutral.values() for row in several[: pool.MOST_NEUTRAL]}


def _neutral_vectors(model: Any, neutral: dict[int, np.ndarray]) -> dict[int, np.ndarray]:
    """Return the mean vector of each neutral clip by the window network as it is now; they serve as baselines for one epoch."""
    if not neutral:
        return {}
    ends = np.cumsum([len(windows) for windows in neutral.values()])
    vectors = np.asarray(parts(model)[0].predict(np.concatenate(list(neutral.values())), batch_size=256, verbose=0))
    return {row: vectors[end - len(windows) : end].mean(axis=0) for (row, windows), end in zip(neutral.items(), ends, strict=True)}


def _step(model: Any, batch: Batch) -> dict[str, float]:
    windows = np.repeat(batch.targets[:, None], features.WINDOWS, axis=1)
    targets = {"logits": batch.targets, "windows": windows}
    weights = {"logits": np.ones(len(windows), np.float32), "windows": batch.prosody[:, :, 0]}  # a window counts as much as there is speech in it
    if batch.lessons.shape[1]:
        targets["lessons"] = batch.lessons
        weights["lessons"] = (np.abs(batch.lessons).sum(axis=1) > 0).astype(np.float32)
    inputs = {"contexts": batch.contexts, "prosody": batch.prosody, "baseline": batch.baseline}
    return dict(model.train_on_batch(inputs, targets, weights, return_dict=True))


def _compile(model: Any, recipe: Recipe, steps: int) -> None:
    import keras

    schedule = keras.optimizers.schedules.CosineDecay(recipe.rate, recipe.epochs * steps)
    losses = {"logits": keras.losses.CategoricalCrossentropy(from_logits=True), "windows": keras.losses.CategoricalCrossentropy(from_logits=True)}
    if "lessons" in model.output_names:
        losses["lessons"] = keras.losses.MeanSquaredError()
    shares = {"logits": 1.0, "windows": recipe.window_loss, "lessons": recipe.lesson_loss}
    model.compile(
        keras.optimizers.AdamW(schedule, weight_decay=recipe.weight_decay, clipnorm=1.0),
        losses,
        loss_weights={name: shares[name] for name in losses},
        metrics={"logits": ["accuracy"]},
    )


def _seed_dropout(model: Any, seed: int, epoch: int) -> None:
    # Keras does not save where its random generators are: begun anew with every epoch, a run that goes on is the run that never stopped.
    for index, layer in enumerate([*parts(model)[1].layers, *model.layers]):
        if hasattr(layer, "seed_generator"):
            layer.seed_generator.state.assign(np.array([seed, 1000 * epoch + index], np.uint32))


def parts(model: Any) -> tuple[Any, Any]:
    """Return the window network and the sequence network, with its state as a second output, of a composed network."""
    return model.get_layer("window_network"), model.get_layer("sequence_with_state")


def export(members: Sequence[Any], folder: Path) -> None:
    """Save composed networks, joined into one pair, in float32, as ``window.keras``, ``sequence.keras`` and their ONNX exports."""
    from audio import network

    for name, side_by_side in zip(("window", "sequence"), network.join([parts(model) for model in members]), strict=True):
        side_by_side.save(folder / f"{name}.keras")
        zeros = [np.zeros((1, *tensor.shape[1:]), np.float32) for tensor in side_by_side.inputs]
        side_by_side(zeros if len(zeros) > 1 else zeros[0])
        engine.export_onnx(side_by_side, folder / f"{name}.onnx")


def exported(folder: Path) -> voice.Voice:
    """Return the exported networks of a folder that has no manifest yet."""
    return voice.Voice(engine.OnnxNetwork(folder / "window.onnx", 1), engine.OnnxNetwork(folder / "sequence.onnx", 1))


def logits_of(networks: voice.Voice, clips: Sequence[Clip], references: Sequence[Baseline | None] | None = None) -> np.ndarray:
    """Return each member's logits of whole clips, shape ``(clips, members, len(EMOTIONS))``, as ``predict_clip`` averages them, each clip with its baseline if it has one."""
    return np.stack([networks.members_of_clip(clip, reference) for clip, reference in zip(clips, references or [None] * len(clips), strict=True)])


def baselines_of(networks: voice.Voice, clips: Sequence[Clip], seed: int = SEED) -> list[Baseline | None]:
    """Return for each clip the baseline that ``GIVEN`` other neutral clips of its speaker make, drawn at random; ``None`` for a speaker without any."""
    random = np.random.default_rng(seed)
    neutral: dict[tuple[str, str], list[int]] = {}
    for row, clip in enumerate(clips):
        if clip.label == EMOTIONS.index("neutral"):
            neutral.setdefault((clip.corpus, clip.speaker), []).append(row)
    single = {row: networks.baseline([clips[row]]) for rows in neutral.values() for row in rows}
    found: list[Baseline | None] = []
    for row, clip in enumerate(clips):
        others = [other for other in neutral.get((clip.corpus, clip.speaker), []) if other != row]
        chosen = random.permutation(others)[:GIVEN].tolist()
        found.append(joined([single[other] for other in chosen]) if chosen else None)
    return found


def log(
    path: Path,
    name: str,
    member: int,
    networks: voice.Voice,
    heard: Sequence[Clip],
    measured: dict[str, list[Clip]],
    recipe: Recipe,
    figures: dict[str, float],
) -> None:
    """Log in ``experiments.csv`` what a member of exported networks says of each part that its run ``name`` left out, once for each run and part."""
    for part, clips in measured.items():
        named = {
            "run": name,
            "recipe": recipe.digest,
            "left_out": " ".join(measured),
            "measured_on": part,
            "epochs": recipe.epochs,
            "clips": len(heard),
            "seed": recipe.seed,
        }
        if is_logged(path, named) or not clips:
            continue
        labels = np.array([clip.label for clip in clips])
        alone, compared = (logits_of(networks, clips, references)[:, member] for references in (None, baselines_of(networks, clips)))
        table = metrics.confusion(labels, alone.argmax(axis=1), len(EMOTIONS))
        log_run(
            path,
            {
                **named,
                "minutes": round(figures["minutes"], 1),
                "training_loss": round(figures["loss"], 4),
                "training_accuracy": round(figures["accuracy"], 4),
                "accuracy": round(float(np.trace(table) / table.sum()), 4),
                "uar": round(metrics.unweighted_average_recall(table), 4),
                "uar_seven": round(uar_of_seven(alone, labels), 4),
                "uar_seven_baseline": round(uar_of_seven(compared, labels), 4),
                "note": "",
            },
        )


def uar_of_seven(logits: np.ndarray, labels: np.ndarray) -> float:
    """Return the unweighted average recall in the product's seven classes of logits (n, 8) and eight-class labels (n,)."""
    said = voice.merge_calm(softmax(logits, 1.0)).argmax(axis=1)
    return metrics.unweighted_average_recall(metrics.confusion(voice.seven(labels), said, len(CLASSES)))


def is_logged(path: Path, named: dict[str, Any]) -> bool:
    """Tell whether ``experiments.csv`` has a run of this name, recipe and data."""
    if not path.is_file():
        return False
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(str(named[name]) for name in RUN_COLUMNS) in [tuple(old[name] for name in RUN_COLUMNS) for old in csv.DictReader(file)]


def log_run(path: Path, row: dict[str, Any]) -> None:
    """Append a run to ``experiments.csv``."""
    begun = path.is_file()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, LOG_COLUMNS, lineterminator="\n")
        if not begun:
            writer.writeheader()
        writer.writerow({"finished": datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ"), **row})
