import csv
import json

import numpy as np
import pytest

from audio import data, features, prosody, train, voice
from core import engine, manifest

FACTS = manifest.read_manifest(voice.MODELS)
METRICS = json.loads((voice.MODELS / "metrics.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["window.keras", "sequence.keras", "window.onnx", "sequence.onnx", "speech.onnx"])
def test_files_are_those_that_the_manifest_names(name):
    assert manifest.checked(voice.MODELS, name).stat().st_size == FACTS["files"][name]["bytes"]


@pytest.mark.parametrize(("name", "inputs"), [("window", ("window",)), ("sequence", ("vectors", "prosody", "baseline"))])
def test_onnx_and_keras_agree(name, inputs):
    random = np.random.default_rng(0)
    values = {name: random.normal(0, 1, (2, *FACTS["input_shape"][name])).astype(np.float32) for name in inputs}
    onnx, keras = (engine.load(voice.MODELS, name, kind)(values)[0] for kind in engine.ENGINES)
    np.testing.assert_allclose(onnx, keras, atol=1e-4)


def test_the_manifest_says_how_the_sound_is_made():
    assert FACTS["classes"] == list(voice.EMOTIONS) and FACTS["normalisation"] == features.NORMALISATION
    assert (FACTS["sound"]["rate"], FACTS["sound"]["n_fft"], FACTS["sound"]["hop"], FACTS["sound"]["mels"]) == (
        features.RATE,
        features.N_FFT,
        features.HOP,
        features.MELS,
    )


def test_the_manifest_says_what_the_networks_take():
    assert FACTS["input_shape"]["window"] == [features.WINDOW, features.MELS, features.VIEWS]
    assert FACTS["prosody"] == list(prosody.NAMES) and FACTS["input_shape"]["prosody"] == [features.WINDOWS, prosody.SIZE]


def test_no_actor_is_in_two_folds_and_sexes_are_even():
    with (voice.MODELS / "folds.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["speaker"] for row in rows}) == len(rows) == 20
    for fold in range(1, 6):
        assert sorted(row["sex"] for row in rows if int(row["fold"]) == fold) == ["f", "f", "m", "m"]


def test_the_figures_are_of_the_actors_held_out():
    folds = data.read_folds(voice.MODELS / "folds.csv")
    held_out = [speaker for speaker, fold in folds.items() if fold in FACTS["held_out_folds"]]
    for name, figure in METRICS["figures"].items():
        assert figure["low"] <= figure["value"] <= figure["high"]
        assert all(part in figure["protocol"] for part in (train.STRANGERS[1:] if "corpora" in name else held_out))


def test_the_voice_network_is_clearly_above_chance_on_strangers():
    assert METRICS["figures"]["uar_eight"]["low"] > 2 / 8 and METRICS["figures"]["uar"]["low"] > 2 / 7


def test_confusion_tables_count_every_clip_once():
    n = METRICS["figures"]["accuracy"]["n"]
    for name in ("confusion", "confusion_eight"):
        assert sum(sum(row[1:]) for row in METRICS["tables"][name]["rows"]) == n
