import csv
import json
from types import SimpleNamespace

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


def test_every_actor_and_every_corpus_is_unheard_by_a_member():
    members = FACTS["members"]
    assert members == [list(left_out) for left_out in train.MEMBERS] and FACTS["input_shape"]["vectors"][1] % len(members) == 0
    unheard = {part for left_out in members for part in left_out}
    assert unheard == {str(fold) for fold in data.read_folds(voice.MODELS / "folds.csv").values()} | set(data.OTHERS)


def test_a_clip_is_measured_by_a_member_that_has_not_heard_it():
    folds = data.read_folds(voice.MODELS / "folds.csv")
    clips = [SimpleNamespace(corpus=data.RAVDESS, speaker=speaker, label=0) for speaker in folds]
    clips += [SimpleNamespace(corpus=corpus, speaker="1", label=0) for corpus in data.OTHERS]
    names = np.broadcast_to(np.arange(len(train.MEMBERS))[:, None], (len(clips), len(train.MEMBERS), len(voice.EMOTIONS)))
    chosen = train.unheard(names, clips, folds)[:, 0]
    assert all(data.part_of(clip, folds) in FACTS["members"][member] for clip, member in zip(clips, chosen, strict=True))


def test_figures_lie_in_their_intervals_and_say_who_was_measured_how():
    for figure in METRICS["figures"].values():
        assert figure["low"] <= figure["value"] <= figure["high"]
        assert "has not heard them" in figure["protocol"] and figure["interval"] == "bootstrap by speaker"


def test_the_folds_make_the_figures():
    rows = {row[0]: row[1:] for row in METRICS["tables"]["folds"]["rows"]}
    five = np.array([rows[str(fold)] for fold in range(1, 6)])
    np.testing.assert_allclose(rows["mean of 5"], five.mean(axis=0), atol=2e-4)
    assert METRICS["figures"]["accuracy_eight"]["value"] == pytest.approx(five[:, 0].mean(), abs=0.01)


def test_the_voice_network_is_clearly_above_chance_on_strangers():
    assert METRICS["figures"]["uar_eight"]["low"] > 2 / 8 and METRICS["figures"]["uar"]["low"] > 2 / 7


def test_confusion_tables_count_every_clip_once():
    n = METRICS["figures"]["accuracy"]["n"]
    for name in ("confusion", "confusion_eight"):
        assert sum(sum(row[1:]) for row in METRICS["tables"][name]["rows"]) == n
