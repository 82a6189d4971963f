"""Train the face network on FER2013, resumably: it saves after every epoch and goes on from there when started again."""

from __future__ import annotations

import argparse
import json
import math
import os
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import keras
import numpy as np
import tensorflow as tf

from core.ahead import ahead
from core.analysis import CLASSES
from core.manifest import sha256_of
from video import network
from video.augmentation import epoch_batches, strength_at
from video.data import DATA, PUBLIC_TEST, TRAINING, Faces, cleaned, read_fer, vote_shares
from video.features import SIDE, normalised

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / ".build" / "video"
CHECKPOINT, STATE = "checkpoint.npz", "state.json"
QUEUED = 8  # batches prepared ahead

RATE = 0.06  # peak learning rate
RATE_LAST = 1e-4
WARM_UP_STEPS = 400
NESTEROV_MOMENTUM = 0.9
AVERAGE = 0.998  # decay a step of the averaged weights
SMOOTHING = 0.05  # of the labels (Szegedy et al., CVPR 2016)
CROWD_SHARE = 0.5  # weight of the loss of the second head, which learns the FER+ votes
SMALL_SIDE = 36  # pixels; small pictures first, at little more than half the price (Tan & Le, "EfficientNetV2", ICML 2021)
SMALL_UNTIL = 0.45  # of the training
STATISTICS_BATCHES = 20  # to give the averaged weights batch statistics of their own
STATISTICS_SIZE = 192
PLATEAU_PATIENCE, PLATEAU_FACTOR = 3, 0.4  # epochs; of the learning rate
STOP_PATIENCE = 8  # epochs
SMOKE_ROWS, SMOKE_EPOCHS, SMOKE_BATCH = 96, 2, 24


@dataclass
class Plan:
    """Say how to train; two runs with the same plan and data give the same weights up to the threads' rounding."""

    epochs: int = 60
    batch: int = 96
    seed: int = 1
    schedule: str = "cosine"
    threads: int = 2
    smoke: bool = False


@dataclass
class State:
    """Hold what a resumed training must know beside the weights."""

    epoch: int = 0
    step: int = 0
    rate: float = RATE
    best: float = -1.0
    best_epoch: int = 0
    seconds: float = 0.0


def side_at(done: float) -> int:
    """Return the side in pixels of the training pictures after the share ``done`` of the training."""
    return SMALL_SIDE if done < SMALL_UNTIL else SIDE


class Trainer:
    """Train one network and keep its averaged weights (Polyak & Juditsky 1992), with a checkpoint after every epoch."""

    def __init__(self, plan: Plan, training: Faces, public: Faces, folder: Path) -> None:
        self.plan, self.training, self.public, self.folder = plan, training, public, folder
        keras.utils.set_random_seed(plan.seed)
        self.model = network.build(fused=True, crowd=True, side=None)
        self.averaged_model = network.build(fused=True, crowd=True, side=None)
        self.averages = [tf.Variable(value) for value in self.model.trainable_variables]
        self.optimizer = keras.optimizers.SGD(RATE, momentum=NESTEROV_MOMENTUM, nesterov=True)
        self.optimizer.build(self.model.trainable_variables)
        smooth = np.eye(len(CLASSES), dtype=np.float32)[training.labels] * (1 - SMOOTHING) + SMOOTHING / len(CLASSES)
        self.targets = np.concatenate([smooth, vote_shares(training)], axis=1)
        self.steps = len(training) // plan.batch
        self.state, self.history = State(), list[dict[str, Any]]()

    def rate(self, step: int) -> float:
        """Return the learning rate of a step: a linear warm-up, then half a cosine, or what the plateaus have left."""
        warm_up = min(WARM_UP_STEPS, self.steps)
        if step < warm_up:
            return self.state.rate * (step + 1) / warm_up
        if self.plan.schedule == "plateau":
            return self.state.rate
        done = (step - warm_up) / max(1, self.steps * self.plan.epochs - warm_up)
        return RATE_LAST + (RATE - RATE_LAST) * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))

    @tf.function
    def train_step(self, faces: tf.Tensor, targets: tf.Tensor, decay: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Change the weights by one batch and return the loss and accuracy of its labels; ``targets`` (n, 14) are labels and vote shares."""
        with tf.GradientTape() as tape:
            logits, _, votes = self.model(faces, training=True)
            labels, shares = targets[:, : len(CLASSES)], targets[:, len(CLASSES) :]
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels, logits))
            crowd_loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(shares, votes))
            total = loss + CROWD_SHARE * crowd_loss + tf.add_n(self.model.losses)
        variables = self.model.trainable_variables
        self.optimizer.apply(tape.gradient(total, variables), variables)
        for average, variable in zip(self.averages, variables, strict=True):
            average.assign(decay * average + (1 - decay) * variable)
        accuracy = tf.reduce_mean(tf.cast(tf.argmax(logits, 1) == tf.argmax(labels, 1), tf.float32))
        return loss, accuracy

    @tf.function
    def statistics_step(self, faces: tf.Tensor) -> None:
        """Move the averaged network's batch statistics towards those of a batch."""
        self.averaged_model(faces, training=True)

    @tf.function
    def logits_step(self, faces: tf.Tensor) -> tf.Tensor:
        """Return the averaged network's logits (n, 7)."""
        return self.averaged_model(faces, training=False)[0]

    def average(self) -> None:
        """Put the averaged weights in the averaged network and measure its batch statistics on plain training pictures."""
        self.averaged_model.set_weights(self.model.get_weights())  # batch statistics to start from, also after a resume
        for target, source in zip(self.averaged_model.trainable_variables, self.averages, strict=True):
            target.assign(source)
        random = np.random.default_rng(self.plan.seed)
        for _ in range(min(STATISTICS_BATCHES, self.steps)):
            rows = random.choice(len(self.training), min(STATISTICS_SIZE, len(self.training)), replace=False)
            self.statistics_step(tf.constant(normalised(self.training.pictures[rows])))

    def measure(self) -> tuple[float, float]:
        """Return the averaged network's loss (nats) and accuracy on PublicTest, one look at each picture."""
        faces = normalised(self.public.pictures)
        logits = np.concatenate([self.logits_step(tf.constant(faces[i : i + 256])).numpy() for i in range(0, len(faces), 256)])
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(self.public.labels, logits).numpy()
        return float(losses.mean()), float((logits.argmax(1) == self.public.labels).mean())

    def run_epoch(self) -> None:
        """Go once through the training pictures, measure, and save the checkpoint."""
        began = time.monotonic()
        random = np.random.default_rng([self.plan.seed, self.state.epoch])
        sums = np.zeros(3)
        strength, side = strength_at((self.state.epoch + 1) / self.plan.epochs), side_at(self.state.epoch / self.plan.epochs)
        for faces, targets in ahead(epoch_batches(self.training.pictures, self.targets, self.plan.batch, random, strength, side), QUEUED):
            self.optimizer.learning_rate.assign(self.rate(self.state.step))
            decay = min(AVERAGE, (1 + self.state.step) / (10 + self.state.step))
            loss, accuracy = self.train_step(tf.constant(faces), tf.constant(targets), tf.constant(decay, tf.float32))
            self.state.step += 1
            sums += (float(loss), float(accuracy), 1)
        self.state.epoch += 1
        self.average()
        public_loss, public_accuracy = self.measure()
        self.state.seconds += time.monotonic() - began
        row = {
            "epoch": self.state.epoch, "rate": round(float(self.optimizer.learning_rate.numpy()), 6), "loss": sums[0] / sums[2], "accuracy": sums[1] / sums[2],
            "public_loss": public_loss, "public_accuracy": public_accuracy, "seconds": round(self.state.seconds),
        }  # fmt: skip
        self.history.append({key: round(value, 4) if isinstance(value, float) else value for key, value in row.items()})
        better = public_accuracy > self.state.best
        if better:
            self.state.best, self.state.best_epoch = public_accuracy, self.state.epoch
        if self.plan.schedule == "plateau" and self.losses_stand_still():
            self.state.rate *= PLATEAU_FACTOR
        self.save(better)
        print(json.dumps(self.history[-1]), flush=True)

    def losses_stand_still(self) -> bool:
        """Say whether the PublicTest loss has not fallen for ``PLATEAU_PATIENCE`` epochs since it or the rate last changed."""
        losses = [row["public_loss"] for row in self.history]
        since = len(losses) - 1 - int(np.argmin(losses))
        return since > 0 and since % PLATEAU_PATIENCE == 0

    def stopped(self) -> bool:
        """Say whether the accuracy has not risen for ``STOP_PATIENCE`` epochs."""
        return self.state.epoch - self.state.best_epoch >= STOP_PATIENCE

    def save(self, better: bool) -> None:
        """Write the checkpoint, and the averaged network as ``face.keras`` when it is the best so far."""
        self.folder.mkdir(parents=True, exist_ok=True)
        arrays = {f"weights_{i:03}": value for i, value in enumerate(self.model.get_weights())}
        arrays |= {f"averages_{i:03}": value.numpy() for i, value in enumerate(self.averages)}
        arrays |= {f"optimizer_{i:03}": np.asarray(value) for i, value in enumerate(self.optimizer.variables)}
        part = self.folder / "part.npz"
        np.savez(part, **arrays)
        part.replace(self.folder / CHECKPOINT)
        if better:
            network.transplanted(self.averaged_model.get_weights()).save(self.folder / "face.keras")
        document = {"plan": asdict(self.plan), "state": asdict(self.state), "history": self.history}
        part = self.folder / "part.json"
        part.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        part.replace(self.folder / STATE)

    def resume(self) -> None:
        """Take up a checkpoint of the same seed and schedule, if the folder has one."""
        path = self.folder / STATE
        if not path.is_file():
            return
        document = json.loads(path.read_text(encoding="utf-8"))
        if (document["plan"]["seed"], document["plan"]["schedule"], document["plan"]["batch"]) != (self.plan.seed, self.plan.schedule, self.plan.batch):
            raise SystemExit(f"{path} belongs to another training ({document['plan']}); choose another folder with --build")
        self.state, self.history = State(**document["state"]), document["history"]
        with np.load(self.folder / CHECKPOINT, allow_pickle=False) as arrays:
            named = {kind: [arrays[name] for name in sorted(arrays.files) if name.startswith(kind)] for kind in ("weights", "averages", "optimizer")}
        self.model.set_weights(named["weights"])
        for average, value in zip(self.averages, named["averages"], strict=True):
            average.assign(value)
        for variable, value in zip(self.optimizer.variables, named["optimizer"], strict=True):
            variable.assign(value)
        print(f"going on after epoch {self.state.epoch}", flush=True)

    def run(self) -> None:
        """Train to the last epoch or until the accuracy stands still."""
        self.resume()
        while self.state.epoch < self.plan.epochs and not self.stopped():
            self.run_epoch()


def handful(faces: Faces, rows: int, seed: int) -> Faces:
    """Return ``rows`` rows chosen by ``seed``."""
    return faces.chosen(np.random.default_rng(seed).choice(len(faces), min(rows, len(faces)), replace=False))


def train(plan: Plan, data: Path, build: Path) -> Path:
    """Train and return the path of the best averaged network, ``face.keras`` in the build folder.

    Raises
    ------
    FileNotFoundError
        When the data file is not there.
    """
    tf.config.threading.set_intra_op_parallelism_threads(plan.threads)
    tf.config.threading.set_inter_op_parallelism_threads(plan.threads)
    cv2.setNumThreads(1)
    faces = read_fer(data)
    training, public = cleaned(faces.part(TRAINING)), faces.part(PUBLIC_TEST)
    if plan.smoke:
        training, public = handful(training, SMOKE_ROWS, plan.seed), handful(public, SMOKE_ROWS, plan.seed)
    print(f"{len(training)} training pictures, {len(public)} of PublicTest, data {sha256_of(data)[:12]}", flush=True)
    Trainer(plan, training, public, build).run()
    return build / "face.keras"


def command(options: argparse.Namespace) -> None:
    """Run ``python -m video train``; with ``--smoke`` also export and measure."""
    if options.smoke:
        from video.evaluate import evaluate

        with tempfile.TemporaryDirectory() as folder:
            plan = Plan(SMOKE_EPOCHS, SMOKE_BATCH, options.seed, options.schedule, smoke=True)
            trained = train(plan, options.data, Path(folder) / "build")
            evaluate(trained, options.data, options.out or Path(folder) / "models")
            print("The whole road works on a handful of rows; nothing was kept." if not options.out else f"Written to {options.out}.")
        return
    plan = Plan(options.epochs, options.batch, options.seed, options.schedule, options.threads)
    trained = train(plan, options.data, options.build)
    print(f"Export and measure it with: python -m video evaluate --trained {os.path.relpath(trained)}")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``python -m video train``."""
    parser.add_argument("--data", type=Path, default=DATA, help="FER2013 zip")
    parser.add_argument("--build", type=Path, default=BUILD, help="folder of the checkpoint, gone on from when it is there")
    parser.add_argument("--out", type=Path, help="with --smoke: keep the exported model in this folder")
    parser.add_argument("--epochs", type=int, default=Plan.epochs)
    parser.add_argument("--batch", type=int, default=Plan.batch)
    parser.add_argument("--seed", type=int, default=Plan.seed)
    parser.add_argument("--schedule", choices=("cosine", "plateau"), default=Plan.schedule, help="cosine, or the learning rate lowered on plateaus")
    parser.add_argument("--threads", type=int, default=Plan.threads)
    parser.add_argument("--smoke", action="store_true", help="everything on a handful of rows, in under a minute, in a temporary folder")
    parser.set_defaults(function=command)
