import json
import subprocess
import sys
import tracemalloc

import cv2
import jsonschema
import numpy as np
import pytest

from audio import features, predict, spectrogram
from core import CLASSES, InputError, manifest, media
from core.analysis import UNCLEAR

SCHEMA = manifest.MODELS.parent / "core" / "analysis.schema.json"
SPEECH = [
    "a01_speech_woman_14s.ogg",
    "a02_speech_man_17s.mp3",
    "a05_speech_woman_14s.m4a",
    "a06_speech_woman_9s_mediarecorder.webm",
    "a10_telephone_man_12s_8k_ulaw.wav",
    "v05_grid_man_3s.mpg",
]


@pytest.mark.parametrize("name", SPEECH)
def test_a_recording_becomes_a_timeline_of_half_seconds(analysis_of, name):
    analysis = analysis_of(name)
    assert [m.t for m in analysis.timeline] == [0.5 * k for k in range(len(analysis.timeline))]
    assert 0 <= analysis.source.seconds - analysis.timeline[-1].t <= 0.5
    for moment in analysis.timeline:
        if moment.gap is not None:
            assert moment.gap in ("silence", "noise") and (moment.raw, moment.p, moment.label) == (None, None, None)
        else:
            assert sum(moment.raw) == pytest.approx(1, abs=1e-6) and sum(moment.p) == pytest.approx(1, abs=1e-6)
            assert moment.label in (*CLASSES, UNCLEAR)
    assert sum(analysis.shares.values()) == pytest.approx(1, abs=0.001)
    jsonschema.validate(json.loads(analysis.to_json()), json.loads(SCHEMA.read_text()))


@pytest.mark.parametrize("name", SPEECH[:4])
def test_gaps_are_where_nobody_speaks(analysis_of, clips, name):
    analysis, heard = analysis_of(name), predict.recording.listen(clips / name)
    assert analysis.coverage > 0.7
    for moment in analysis.timeline:
        if moment.gap is not None:
            assert not any(start <= moment.t < end for start, end in heard.segments)


def test_the_label_is_unclear_below_the_models_threshold(analysis_of):
    threshold = manifest.read_manifest(predict.voice.MODELS)["thresholds"]["unclear"]
    for moment in analysis_of("a01_speech_woman_14s.ogg").timeline:
        if moment.p is not None:
            assert (moment.label == UNCLEAR) == (max(moment.p) < threshold)


def test_loud_noise_between_words_is_called_noise(samples_of, write_wav):
    spoken = samples_of("a04_speech_woman_8s.wav")
    noise = np.random.default_rng(0).normal(0, 0.05, 3 * features.RATE)
    timeline = predict.analyze(write_wav(np.concatenate([spoken, np.zeros(3 * features.RATE), noise]))).timeline
    end = len(spoken) / features.RATE
    assert {m.gap for m in timeline if end + 0.5 < m.t < end + 2.5} == {"silence"}
    assert {m.gap for m in timeline if end + 3.5 < m.t < end + 5.5} == {"noise"}


def test_a_louder_copy_gets_the_same_answer(samples_of, write_wav):
    spoken = samples_of("a04_speech_woman_8s.wav")
    soft, loud = (predict.predict_clip(write_wav(gain * spoken, f"{gain}.wav")).probabilities for gain in (0.2, 0.9))
    np.testing.assert_allclose(soft, loud, atol=0.03)


def test_the_same_words_later_give_the_same_probabilities_later(samples_of, write_wav):
    spoken = samples_of("a04_speech_woman_8s.wav")
    early = predict.analyze(write_wav(spoken)).timeline
    late = predict.analyze(write_wav(np.concatenate([np.zeros(2 * features.RATE), spoken]))).timeline
    for moment in early:
        if moment.raw is not None and 2 < moment.t < 5:
            np.testing.assert_allclose(late[round(moment.t / 0.5) + 4].raw, moment.raw, atol=0.02)


def test_progress_rises_to_one(clips):
    told = []
    predict.analyze(clips / "a06_speech_woman_9s_mediarecorder.webm", lambda stage, share: told.append((stage, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares) and shares[-1] == 1.0 and len(told) > 5
    assert all(stage for stage, _ in told)


@pytest.mark.parametrize(
    "name, sentence",
    [
        ("a07_music_only_20s.mp3", predict.NO_SPEECH),
        ("a08_noise_only_15s.wav", predict.NO_SPEECH),
        ("pyfeat_single_face.mp4", predict.NO_SPEECH),
        ("pyfeat_expressions_woman_20s.mp4", predict.SILENCE),
        ("v04_blink_man_20s_nosound.mp4", media.NO_SOUND),
        ("bad/x03_zero_byte.mp4", media.EMPTY),
        ("bad/x06_corrupt_header.wav", media.DAMAGED),
        ("bad/x10_random.webm", media.DAMAGED),
    ],
)
def test_what_cannot_be_heard_gets_a_sentence(clips, name, sentence):
    with pytest.raises(InputError) as error:
        predict.analyze(clips / name)
    assert error.value.sentence == sentence


def test_silence_gets_a_sentence(write_wav):
    with pytest.raises(InputError) as error:
        predict.analyze(write_wav(np.zeros(10 * features.RATE)))
    assert error.value.sentence == predict.SILENCE


def test_under_two_seconds_gets_a_sentence_with_the_seconds(samples_of, write_wav):
    with pytest.raises(InputError) as error:
        predict.analyze(write_wav(samples_of("a04_speech_woman_8s.wav")[: int(1.5 * features.RATE)]))
    assert error.value.sentence == media.TOO_SHORT and "1.5 seconds" in str(error.value)


def test_a_clip_under_two_seconds_has_probabilities_as_a_whole(samples_of, write_wav):
    found = predict.predict_clip(write_wav(samples_of("a04_speech_woman_8s.wav")[: int(1.2 * features.RATE)]))
    assert sum(found.probabilities) == pytest.approx(1, abs=1e-6) and found.confidence == max(found.probabilities)


def test_little_speech_is_said(analysis_of):
    assert predict.FEW_WORDS % analysis_of("v05_grid_man_3s.mpg").facts["speaking_time"].value in analysis_of("v05_grid_man_3s.mpg").warnings


def test_a_baseline_is_used_and_named(analysis_of, clips):
    alone, name = analysis_of("v05_grid_man_3s.mpg"), "v05_grid_man_3s.mpg"
    compared = predict.analyze(clips / name, baseline=[clips / "a02_speech_man_17s.mp3"])
    assert (alone.baseline, compared.baseline) == ("answer", "given")
    changes = [abs(a.raw[i] - b.raw[i]) for a, b in zip(alone.timeline, compared.timeline, strict=True) if a.raw for i in range(len(CLASSES))]
    assert max(changes) > 0.02


def test_several_baselines_count_alike_in_any_order(clips):
    several = [clips / "a02_speech_man_17s.mp3", clips / "a04_speech_woman_8s.wav"]
    first, second = (predict.analyze(clips / "v05_grid_man_3s.mpg", baseline=paths) for paths in (several, several[::-1]))
    assert [m.raw for m in first.timeline] == [m.raw for m in second.timeline]


def test_a_baseline_without_speech_is_left_out_with_a_warning(analysis_of, clips):
    found = predict.analyze(clips / "v05_grid_man_3s.mpg", baseline=[clips / "a08_noise_only_15s.wav"])
    assert predict.BASELINE_SILENT in found.warnings and found.baseline == "answer"
    assert [m.raw for m in found.timeline] == [m.raw for m in analysis_of("v05_grid_man_3s.mpg").timeline]


def test_a_damaged_baseline_is_an_error(clips):
    with pytest.raises(InputError):
        predict.analyze(clips / "v05_grid_man_3s.mpg", baseline=[clips / "bad/x10_random.webm"])


def test_the_spectrogram_is_drawn_with_what_spoke_for_the_labels(clips, tmp_path):
    found = predict.analyze(clips / "a04_speech_woman_8s.wav", pictures=tmp_path)
    drawn = found.spectrogram
    picture = cv2.imread(str(tmp_path / drawn.picture), cv2.IMREAD_GRAYSCALE)
    assert picture.shape == (drawn.height, drawn.width) and drawn.seconds == found.source.seconds
    labels = {moment.label for moment in found.timeline}
    for mark in drawn.evidence:
        assert 0 <= mark.start < mark.end <= drawn.seconds and mark.label in labels and mark.fall >= spectrogram.LEAST_FALL
    assert predict.analyze(clips / "a04_speech_woman_8s.wav").spectrogram is None


def test_smoothing_neither_takes_from_nor_gives_to_gaps():
    raw = np.eye(3)[[0, 1, 2, 0]]
    smooth = predict.smoothed(raw, np.array([True, True, False, True]))
    np.testing.assert_allclose(smooth[0], [2 / 3, 1 / 3, 0])
    np.testing.assert_allclose(smooth[1], [1 / 3, 2 / 3, 0])
    np.testing.assert_allclose(smooth[3], [1, 0, 0])


def test_calm_is_added_to_neutral():
    eight = np.arange(8) / 28
    seven = dict(zip(CLASSES, predict.voice.merge_calm(eight), strict=True))
    assert seven["neutral"] == pytest.approx(6 / 28) and seven["surprise"] == pytest.approx(7 / 28) and sum(seven.values()) == pytest.approx(1)


def test_listening_holds_log_mels_and_not_the_wave(samples_of, write_wav):
    minute = np.tile(samples_of("a04_speech_woman_8s.wav"), 8)[: 60 * features.RATE]
    peaks = []
    for minutes in (1, 4):
        path = write_wav(np.tile(minute, minutes), f"{minutes}.wav")
        tracemalloc.start()
        predict.recording.listen(path)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    wave_bytes = 3 * len(minute) * np.dtype(np.float32).itemsize  # of the three further minutes
    assert peaks[1] - peaks[0] < 0.75 * wave_bytes


def test_predicting_needs_neither_tensorflow_nor_librosa():
    code = (
        "import sys; from audio import predict; predict.warm(); print([m for m in ('tensorflow', 'keras', 'librosa', 'numba', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=manifest.MODELS.parent)
    assert done.stdout.strip() == "[]"
