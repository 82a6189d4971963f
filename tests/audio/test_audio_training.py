import csv
import json
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from audio import augment, data, features, train
from core import manifest

LABELS = ("angry", "calm", "disgust", "fearful", "happy", "neutral", "sad", "surprised")
COLUMNS = ("file", "speaker", "sex", "label", "intensity", "sentence", "take", "seconds", "note")


@pytest.fixture
def corpora(tmp_path, samples_of, write_wav):
    """Make two tiny corpora in the form of the real ones, cut from real speech; their labels mean nothing."""
    spoken = np.concatenate([samples_of("a01_speech_woman_14s.ogg"), samples_of("a02_speech_man_17s.mp3")])
    folder = tmp_path / "corpora" / "voice"
    folder.mkdir(parents=True)
    for corpus, actors in ((data.RAVDESS, 20), (data.OTHERS[0], 2)):
        rows = []
        with zipfile.ZipFile(folder / f"{corpus}.zip", "w") as archive:
            for actor in range(1, actors + 1):
                for label in LABELS[actor % 2 :: 2]:
                    name = f"{label}-{actor:02d}.wav"
                    start = (len(rows) * 4001) % (len(spoken) - 2 * features.RATE)
                    archive.write(write_wav(spoken[start : start + 2 * features.RATE], name), name)
                    rows.append((name, f"actor{actor:02d}", "m" if actor % 2 else "f", label, "normal", "01", "01", "2.0", ""))
        with (folder / f"{corpus}.csv").open("w", newline="") as file:
            csv.writer(file).writerows([COLUMNS, *rows])
    return tmp_path / "corpora"


def test_the_whole_training_runs_on_a_handful_of_clips(corpora):
    before = {path.name: manifest.sha256_of(path) for path in (manifest.MODELS / "audio").iterdir()}
    done = subprocess.run(
        [sys.executable, "-m", "audio", "train", "--smoke", "--data", str(corpora)], cwd=manifest.MODELS.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Trained, calibrated, exported and measured" in done.stdout
    assert {path.name: manifest.sha256_of(path) for path in (manifest.MODELS / "audio").iterdir()} == before


def test_a_stopped_run_goes_on_where_it_was_and_ends_the_same(corpora, tmp_path):
    code = (
        "import sys; from dataclasses import replace; from pathlib import Path; from audio import data, runs\n"
        "recipe = replace(runs.Recipe(), epochs=2, batch=8, warm_up=0)\n"
        "clips = data.load(Path(sys.argv[1]), data.RAVDESS, 16, Path(sys.argv[2]))\n"
        "for name in ('whole', 'stopped'):\n"
        "    print(runs.run(name, clips, recipe, Path(sys.argv[2]), stop_after=1 if name == 'stopped' else None)[1]['loss'])\n"
        "print(runs.run('stopped', clips, recipe, Path(sys.argv[2]))[1]['loss'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(corpora), str(tmp_path / "build")], cwd=manifest.MODELS.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    losses = [float(line) for line in done.stdout.splitlines() if ":" not in line]
    assert losses[0] == pytest.approx(losses[2], rel=1e-4) and losses[0] != losses[1]
    assert json.loads((tmp_path / "build" / "stopped" / "state.json").read_text())["epoch"] == 2


def test_clips_are_decoded_once(corpora, tmp_path):
    clips = data.load(corpora, data.RAVDESS, build=tmp_path / "build")
    (corpora / "voice" / f"{data.RAVDESS}.zip").unlink()
    again = data.load(corpora, data.RAVDESS, build=tmp_path / "build")
    assert [clip.file for clip in again] == [clip.file for clip in clips]
    np.testing.assert_array_equal(again[3].spectrogram, clips[3].spectrogram)
    assert {data.EMOTIONS[clip.label] for clip in clips} == set(data.EMOTIONS)


def test_an_epoch_is_repeatable_and_in_whole_batches(corpora, tmp_path):
    clips = data.load(corpora, data.RAVDESS, 20, tmp_path / "build")
    first, again, other = (augment.epoch(clips, 8, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first[0], again[0])
    assert not np.array_equal(first[0], other[0])
    assert first[0].shape[1:] == (features.CONTEXT, features.MELS) and len(first[0]) % 8 == 0
    np.testing.assert_allclose(first[1].sum(axis=1), 1, rtol=1e-5)
    assert np.isfinite(first[0]).all()


def test_unclear_begins_where_labels_can_be_trusted():
    confidence = np.linspace(0.2, 0.9, 700)
    right = confidence > 0.5
    probabilities = np.stack([confidence, 1 - confidence - 0.01, np.full(700, 0.01)], axis=1)
    probabilities = np.where((confidence < 0.5)[:, None], np.stack([confidence, *[(1 - confidence) / 8] * 8], axis=1)[:, :3], probabilities)
    labels = np.where(right, 0, 1)
    threshold = train.choose_unclear(probabilities, labels)
    kept = confidence >= threshold
    assert right[kept].mean() >= train.TRUSTED and right[confidence >= threshold - 0.02].mean() < train.TRUSTED
