"""Train, calibrate, export and describe the voice network."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from audio import data, features, prosody, runs, voice
from audio.data import Clip
from audio.runs import Recipe
from core import calibration, engine, manifest

VERSION = "2026.3"
SPEECH_VERSION = "silero-vad 6.2.3"
FOLDS = voice.MODELS / "folds.csv"
SHARED_OUT = "emodb"  # left out by two members, so that what averaging does to people whom none has heard can be measured
MEMBERS = (  # what each member has not heard: a fold of actors, and other corpora
    ("1", SHARED_OUT),
    ("2", SHARED_OUT, "emovo"),
    ("3", "nemo_balanced_800"),
    ("4", "ased_balanced_800"),
    ("5", "banglaser_balanced_800"),
)
RANDOM_RUN, RANDOM_PART = "random", "random fifth"

NETWORKS = ("window.keras", "sequence.keras", "window.onnx", "sequence.onnx")
THRESHOLDS = np.arange(0.2, 0.9, 0.01)
TRUSTED = 0.75  # share of the labels that should be right where one is given
LEAST_LABELLED = 0.1  # share of the clips that must keep their label
SMOKE_CLIPS, SMOKE_EPOCHS, SMOKE_BATCH, SMOKE_EXAMPLES = 24, 1, 8, 16


def train(corpora: Path, out: Path, recipe: Recipe, limit: int | None = None, build: Path = data.BUILD) -> None:
    """Train the members of the voice network, each without its part of ``MEMBERS``, join, calibrate, export and describe them in the folder ``out``.

    Every actor and every corpus is unheard by some member: those are what temperature and threshold are fitted on, and what ``evaluate`` measures.
    """
    out.mkdir(parents=True, exist_ok=True)
    folds = data.read_folds(FOLDS)
    clips = data.load_all(corpora, limit, build)
    part_of = partial(data.part_of, folds=folds)
    heard = [[clip for clip in clips if part_of(clip) not in left_out] for left_out in MEMBERS]
    names = [f"fold_{left_out[0]}" for left_out in MEMBERS]
    members, figures = zip(*[runs.run(name, own, recipe, build) for name, own in zip(names, heard, strict=True)], strict=True)
    runs.export(members, build)
    networks = runs.exported(build)
    for index, left_out in enumerate(MEMBERS):
        measured = {part: [clip for clip in clips if part_of(clip) == part] for part in left_out}
        runs.log(out / "experiments.csv", names[index], index, networks, heard[index], measured, recipe, figures[index])
    actors = [clip for clip in clips if clip.corpus == data.RAVDESS]
    labels = np.array([clip.label for clip in actors])
    both = [unheard(runs.logits_of(networks, actors, references), actors, folds) for references in (None, runs.baselines_of(networks, actors))]
    fitted = calibrate(np.concatenate(both), np.concatenate([labels, labels]))
    fitted = replace(fitted, temperature=fitted.temperature * averaging(networks, [clip for clip in clips if clip.corpus == SHARED_OUT]))
    for name in NETWORKS:  # last of all, so that the folder never holds networks that its manifest does not name
        shutil.copyfile(build / name, out / name)
    describe(out, corpora, recipe, fitted, len(actors))


def train_random_split(corpora: Path, out: Path, recipe: Recipe, build: Path = data.BUILD) -> None:
    """Train a network for comparison that leaves out random clips, whose actors and sentences it has heard, and log it: what most published figures are."""
    clips = data.load_all(corpora, None, build)
    actors = [clip for clip in clips if clip.corpus == data.RAVDESS]
    shuffled = np.random.default_rng(recipe.seed).permutation(len(actors))
    measured = [actors[row] for row in shuffled[: len(actors) // len(MEMBERS)]]
    files = {clip.file for clip in measured}
    heard = [clip for clip in clips if clip.corpus != data.RAVDESS or clip.file not in files]
    model, figures = runs.run(RANDOM_RUN, heard, recipe, build)
    runs.export([model], build / RANDOM_RUN)
    runs.log(out / "experiments.csv", RANDOM_RUN, 0, runs.exported(build / RANDOM_RUN), heard, {RANDOM_PART: measured}, recipe, figures)


def members_without(part: str) -> list[int]:
    """Return which members have not heard a part of the data."""
    return [index for index, left_out in enumerate(MEMBERS) if part in left_out]


def unheard(logits: np.ndarray, clips: Sequence[Clip], folds: dict[str, int]) -> np.ndarray:
    """Return for each clip the logits (n, 8) of the first member that has not heard its part, of those of all members (n, members, 8)."""
    return logits[np.arange(len(clips)), [members_without(data.part_of(clip, folds))[0] for clip in clips]]


def averaging(networks: voice.Voice, clips: Sequence[Clip]) -> float:
    """Return by what averaging members changes the temperature: an average is less sure than its members, and more often right.

    Measured on clips of ``SHARED_OUT``, which several members have not heard.
    """
    labels = np.array([clip.label for clip in clips])
    several = runs.logits_of(networks, clips)[:, members_without(SHARED_OUT)]
    alone = [calibration.fit_temperature(several[:, index], labels) for index in range(several.shape[1])]
    return calibration.fit_temperature(several.mean(axis=1), labels) / float(np.mean(alone))


@dataclass(frozen=True)
class Calibration:
    """Hold what makes logits (n, 8) mean what they say: a ``shift`` (8,) that is added, a temperature, and the confidence below which a label is unclear."""

    shift: np.ndarray
    temperature: float
    unclear: float

    def probabilities(self, logits: np.ndarray) -> np.ndarray:
        """Return calibrated probabilities of logits, of the same shape (…, 8)."""
        return calibration.softmax(logits + self.shift, self.temperature)


def calibrate(logits: np.ndarray, labels: np.ndarray) -> Calibration:
    """Return the calibration of logits (n, 8) whose labels (n,) are known.

    The shift makes up for classes that are said too often of people never heard (neutral) and too seldom (sad).
    """
    shift = calibration.fit_shift(logits, labels)
    temperature = calibration.fit_temperature(logits + shift, labels)
    probabilities = voice.merge_calm(calibration.softmax(logits + shift, temperature))
    return Calibration(shift, temperature, choose_unclear(probabilities, voice.seven(labels)))


def choose_unclear(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the smallest confidence from which on at least ``TRUSTED`` of the seven-class labels are right.

    ``probabilities`` (n, classes), ``labels`` (n,). Where no confidence reaches that, the one with the highest share among at least a tenth of the clips.
    """
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    shares = [(float(t), float(right[confidence >= t].mean())) for t in THRESHOLDS if (confidence >= t).mean() >= LEAST_LABELLED]
    trusted = [t for t, share in shares if share >= TRUSTED]
    return round(trusted[0] if trusted else max(shares, key=lambda pair: pair[1])[0], 3)


def describe(out: Path, corpora: Path, recipe: Recipe, fitted: Calibration, calibrated_on: int) -> None:
    """Write the manifest of the exported networks in ``out``."""
    width = engine.OnnxNetwork(out / "sequence.onnx", 1).session.get_inputs()[0].shape[-1]  # of the vectors of all members
    if not (out / "speech.onnx").is_file():
        shutil.copyfile(voice.MODELS / "speech.onnx", out / "speech.onnx")
    manifest.write_manifest(
        out,
        VERSION,
        (*NETWORKS, "speech.onnx"),
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
        shift=[round(float(value), 4) for value in fitted.shift],
        temperature=fitted.temperature,
        thresholds={"unclear": fitted.unclear},
        calibration=f"{calibrated_on} clips of actors, each by the member that has not heard them; for the average, times what averaging did to the temperature on {SHARED_OUT}",
        members=[list(left_out) for left_out in MEMBERS],
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
