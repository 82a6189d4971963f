import json

import numpy as np
import pytest

from core.analysis import CLASSES
from core.calibration import softmax
from core.ensemble import LEAST_WEIGHT, average, majority, pool, weight_of
from core.ensemble_evaluate import FOLDERS, drawn, evaluate, halved
from core.held_out import HELD_OUT, HeldOut, read_held_out, write_held_out

RANDOM = np.random.default_rng(1)
NOTHING = np.full(7, np.nan)


def some(moments: int, channels: int = 2) -> np.ndarray:
    return softmax(2 * RANDOM.normal(size=(channels, moments, 7)))


def channel(skill: float, people: int = 30, each: int = 14) -> HeldOut:
    """Rows of a model that is right more often the larger ``skill`` is; calibrated by construction of a softmax of noisy evidence."""
    labels = np.tile(np.arange(7), people * each // 7)
    logits = RANDOM.normal(size=(len(labels), 7))
    logits[np.arange(len(labels)), labels] += skill
    return HeldOut(softmax(skill * logits), labels, np.repeat(np.arange(people), each))


def test_one_channel_alone_is_the_pool_and_the_average():
    p = some(5, channels=1)
    assert pool(p, np.array([0.3])) == pytest.approx(p[0], abs=1e-3)
    assert average(p, np.array([0.3])) == pytest.approx(p[0])


def test_a_missing_channel_gives_its_weight_to_the_other():
    p = some(3)
    p[1, 1] = NOTHING
    p[:, 2] = NOTHING
    for way in (pool, average):
        made = way(p, np.array([1.0, 4.0]))
        assert made[1] == pytest.approx(p[0, 1], abs=1e-3)
        assert np.isnan(made[2]).all()
        assert made[:2].sum(axis=1) == pytest.approx(1)
    assert list(majority(p, np.ones(2)))[2] == -1


def test_a_channel_that_repeats_another_makes_the_pool_no_surer():
    p = some(4, channels=1)
    assert pool(np.concatenate([p, p, p]), np.array([0.2, 0.7, 0.5])) == pytest.approx(pool(p, np.ones(1)))


def test_the_pool_does_not_care_in_which_order_it_is_asked():
    p, weights = some(6, channels=3), np.array([0.2, 0.5, 0.3])
    assert pool(p[::-1], weights[::-1]) == pytest.approx(pool(p, weights))


def test_a_class_that_one_channel_rules_out_is_doubted_by_the_pool_more_than_by_the_average():
    sure, wide = np.array([0.0, 0.5, 0.5, 0, 0, 0, 0]), np.full(7, 1 / 7)
    p = np.stack([sure, wide])[:, None]
    assert pool(p, np.ones(2))[0, 0] < average(p, np.ones(2))[0, 0]


def test_the_majority_follows_the_heavier_channel_where_two_differ():
    p = np.eye(7)[[[2], [4]]] * 0.9 + 0.1 / 7
    assert majority(p, np.array([1.0, 2.0]))[0] == 4
    assert majority(np.concatenate([p, p[:1]]), np.array([1.0, 5.0, 1.0]))[0] == 2


def test_a_model_that_tells_more_weighs_more_and_one_that_guesses_hardly_anything():
    good, weak = channel(2.0), channel(0.7)
    assert weight_of(good.probabilities, good.labels) > weight_of(weak.probabilities, weak.labels) > LEAST_WEIGHT
    assert weight_of(np.full((7, 7), 1 / 7), np.arange(7)) == LEAST_WEIGHT


def test_halves_share_no_person_and_lose_nobody():
    rows = channel(1.0)
    halves = halved(rows)
    assert not set(halves.fit.groups) & set(halves.test.groups)
    assert len(halves.fit.labels) + len(halves.test.labels) == len(rows.labels)


def test_combinations_are_of_one_class_each():
    channels = [channel(1.0), channel(2.0)]
    for one in channels:
        one.probabilities = np.eye(7)[one.labels]  # says which class a row is of
    probabilities, labels = drawn(channels, np.random.default_rng(0), 700)
    assert (probabilities.argmax(axis=2) == labels).all()
    assert list(np.bincount(labels)) == [100] * 7


def test_held_out_rows_survive_their_file_and_refuse_what_does_not_belong_together(tmp_path):
    rows = channel(1.0)
    write_held_out(tmp_path, rows.probabilities, rows.labels, rows.groups)
    read = read_held_out(tmp_path)
    assert read is not None
    assert read.probabilities == pytest.approx(rows.probabilities, abs=1e-3)
    assert (read.labels == rows.labels).all() and (read.groups == rows.groups).all()
    assert read_held_out(tmp_path / "nowhere") is None
    with pytest.raises(ValueError, match="belong together"):
        write_held_out(tmp_path, rows.probabilities, rows.labels[1:])


def test_two_independent_channels_are_better_together_and_a_second_measurement_gives_the_same_digits(tmp_path, monkeypatch):
    monkeypatch.setattr("core.ensemble_evaluate.RESAMPLES", 5)
    for name, skill in (("face", 1.2), ("voice", 1.0)):
        folder = tmp_path / FOLDERS[name]
        folder.mkdir()
        rows = channel(skill)
        write_held_out(folder, rows.probabilities, rows.labels, rows.groups)
    figures = evaluate(tmp_path, tmp_path / "one")
    assert figures["accuracy_face_voice"]["value"] > figures["accuracy_face_voice_single"]["value"] + 0.03
    evaluate(tmp_path, tmp_path / "two")
    assert (tmp_path / "one" / "metrics.json").read_bytes() == (tmp_path / "two" / "metrics.json").read_bytes()
    assert set(json.loads((tmp_path / "one" / "manifest.json").read_text())["weights"]) == {"face", "voice"}


def test_the_shipped_weights_belong_to_the_shipped_models():
    from core.ensemble_evaluate import FOLDER
    from core.manifest import MODELS, read_manifest, sha256_of

    manifest = read_manifest(FOLDER)
    assert manifest["held_out"] == {name: sha256_of(MODELS / FOLDERS[name] / HELD_OUT) for name in manifest["weights"]}
    assert set(manifest["weights"]) >= {"face", "voice"}
    assert len(CLASSES) == 7
