import csv
import json
import subprocess
import sys
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from audio import augment, data, features, prosody, teacher, train, voice
from core import manifest

LABELS = ("angry", "calm", "disgust", "fearful", "happy", "neutral", "sad", "surprised")
COLUMNS = ("file", "speaker", "sex", "label", "intensity", "sentence", "take", "seconds", "note")


@pytest.fixture
def corpora(tmp_path, samples_of, write_wav):
    """Make two tiny corpora in the form of the real ones, cut from real speech; their labels mean nothing."""
    spoken = np.concatenate([samples_of("a01_speech_woman_14s.ogg"), samples_of("a02_speech_man_17s.mp3")])
    folder = tmp_path / "corpora" / "voice"
    folder.mkdir(parents=True)
    for corpus, actors in ((data.RAVDESS, 20), *((corpus, 2) for corpus in data.OTHERS)):
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
        "recipe = replace(runs.Recipe(), epochs=2, batch=8, examples=16)\n"
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


def test_members_side_by_side_say_what_each_says_alone():
    code = (
        "import numpy as np; from audio import network\n"
        "pairs = [(network.window_network(), network.sequence_network()) for _ in range(2)]\n"
        "window, sequence = network.join(pairs)\n"
        "random = np.random.default_rng(0)\n"
        "seen = random.normal(size=(2, *window.input_shape[1:])).astype('float32')\n"
        "vectors, heard, reference = (random.normal(size=(2, *shape[1:])).astype('float32') for shape in sequence.input_shape)\n"
        "joined, each, size = sequence([vectors, heard, reference]), window(seen), pairs[0][0].output_shape[1]\n"
        "assert joined.shape == (2, 2, 8)\n"
        "for index, (own_window, own) in enumerate(pairs):\n"
        "    part = slice(index * size, (index + 1) * size)\n"
        "    np.testing.assert_allclose(each[:, part], own_window(seen), atol=1e-5)\n"
        "    np.testing.assert_allclose(joined[:, index], own([vectors[:, :, part], heard, reference[:, part]]), atol=1e-5)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=manifest.MODELS.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_clips_are_decoded_once(corpora, tmp_path):
    clips = data.load(corpora, data.RAVDESS, build=tmp_path / "build")
    (corpora / "voice" / f"{data.RAVDESS}.zip").unlink()
    again = data.load(corpora, data.RAVDESS, build=tmp_path / "build")
    assert [clip.file for clip in again] == [clip.file for clip in clips]
    np.testing.assert_array_equal(again[3].spectrogram, clips[3].spectrogram)
    assert {voice.EMOTIONS[clip.label] for clip in clips} == set(voice.EMOTIONS)


@pytest.fixture
def pool(corpora, tmp_path):
    """Make a pool of two corpora, whose neutral clips have vectors that name their row."""
    clips = [clip for corpus in (data.RAVDESS, data.OTHERS[0]) for clip in data.load(corpora, corpus, None, tmp_path / "build")]
    vectors = {row: np.full(4, row, np.float32) for row, clip in enumerate(clips) if clip.label == voice.EMOTIONS.index("neutral")}
    return augment.Pool(clips, np.eye(len(voice.EMOTIONS), dtype=np.float32)[[clip.label for clip in clips]], np.zeros((len(clips), 0), np.float32), vectors, 4)


def test_an_epoch_is_repeatable_and_in_whole_batches(pool):
    first, again, other = (list(augment.epoch(pool, 8, 20, np.random.default_rng(seed))) for seed in (1, 1, 2))
    assert len(first) == 3
    for batch, same, different in zip(first, again, other, strict=True):
        np.testing.assert_array_equal(batch.contexts, same.contexts)
        np.testing.assert_array_equal(batch.prosody, same.prosody)
        assert not np.array_equal(batch.contexts, different.contexts)
        assert batch.contexts.shape == (8, features.CONTEXT, features.MELS, features.VIEWS)
        assert batch.prosody.shape == (8, features.WINDOWS, prosody.SIZE)
        np.testing.assert_allclose(batch.targets.sum(axis=1), 1, rtol=1e-5)
        assert all(np.isfinite(values).all() for values in vars(batch).values())


def test_corpora_and_their_classes_are_drawn_evenly(pool):
    drawn = [pool.clips[row] for row in pool.draw(1000, np.random.default_rng(0))]
    assert sum(clip.corpus == data.RAVDESS for clip in drawn) / 1000 == pytest.approx(augment.RAVDESS_SHARE, abs=0.02)
    labels = [clip.label for clip in drawn if clip.corpus == data.RAVDESS]
    assert [labels.count(label) / len(labels) for label in range(8)] == pytest.approx([1 / 8] * 8, abs=0.03)


def test_a_training_baseline_is_of_the_same_speaker_and_never_the_clip_itself(pool):
    random = np.random.default_rng(0)
    clips = pool.clips
    neutral = voice.EMOTIONS.index("neutral")
    for row, clip in enumerate(clips):
        others = [r for r, c in enumerate(clips) if (c.corpus, c.speaker, c.label) == (clip.corpus, clip.speaker, neutral) and r != row]
        found = pool.reference(row, random)
        assert (found is None) == (not others)
        if found is not None:
            assert min(others) <= found.vector[0] <= max(others)


def test_the_teacher_never_judges_a_speaker_whose_labels_its_probe_knows(pool, tmp_path):
    clips = [clip for clip in pool.clips if clip.corpus == data.RAVDESS]
    vectors = np.random.default_rng(0).normal(0, 1, (len(clips), 128)).astype(np.float32)
    np.savez(teacher.path(tmp_path, data.RAVDESS), files=np.array([clip.file for clip in clips]), vectors=vectors)
    own = [row for row, clip in enumerate(clips) if clip.speaker == "actor03"]
    told = sorted({clips[row].label for row in own} - {voice.EMOTIONS.index("neutral")})  # neutral clips are what the vectors are centred on
    turn = dict(zip(told, [*told[1:], told[0]], strict=True))
    turned = [replace(clip, label=turn.get(clip.label, clip.label)) if clip.speaker == "actor03" else clip for clip in clips]
    assert [clip.label for clip in turned] != [clip.label for clip in clips]
    before, after = teacher.teach(tmp_path, clips, seed=1), teacher.teach(tmp_path, turned, seed=1)
    assert before.known.all() and before.lessons.shape == (len(clips), teacher.LESSONS)
    np.testing.assert_allclose(after.soft[own], before.soft[own], atol=1e-6)
    assert np.abs(after.soft - before.soft).max() > 1e-3
    assert teacher.teach(tmp_path / "nowhere", clips, seed=1) is None


def test_unclear_begins_where_labels_can_be_trusted():
    confidence = np.linspace(0.2, 0.9, 700)
    right = confidence > 0.5
    probabilities = np.stack([confidence, 1 - confidence - 0.01, np.full(700, 0.01)], axis=1)
    probabilities = np.where((confidence < 0.5)[:, None], np.stack([confidence, *[(1 - confidence) / 8] * 8], axis=1)[:, :3], probabilities)
    labels = np.where(right, 0, 1)
    threshold = train.choose_unclear(probabilities, labels)
    kept = confidence >= threshold
    assert right[kept].mean() >= train.TRUSTED and right[confidence >= threshold - 0.02].mean() < train.TRUSTED
