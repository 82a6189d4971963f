import numpy as np
import pytest

from audio import features, recording, speech


def test_chunks_do_not_depend_on_how_the_sound_arrives(samples_of):
    samples = samples_of("a04_speech_woman_8s.wav")[:30_000]
    whole, pieces = speech.SpeechDetector(), speech.SpeechDetector()
    expected = whole.push(samples) + whole.finish()
    found = [p for i in range(0, len(samples), 777) for p in pieces.push(samples[i : i + 777])] + pieces.finish()
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize(
    "name, least",
    [
        ("a01_speech_woman_14s.ogg", 10.0),
        ("a02_speech_man_17s.mp3", 12.0),
        ("a05_speech_woman_14s.m4a", 10.0),
        ("a06_speech_woman_9s_mediarecorder.webm", 6.0),
        ("a10_telephone_man_12s_8k_ulaw.wav", 8.0),
        ("v05_grid_man_3s.mpg", 0.9),
    ],
)
def test_speech_is_found_in_real_recordings(clips, name, least):
    heard = recording.listen(clips / name)
    assert least < heard.speech_seconds < heard.seconds


@pytest.mark.parametrize("name", ["a07_music_only_20s.mp3", "a08_noise_only_15s.wav", "pyfeat_single_face.mp4"])
def test_music_noise_and_hiss_are_not_speech(clips, name):
    assert recording.listen(clips / name).segments == []


def test_silence_is_not_speech(write_wav):
    assert recording.listen(write_wav(np.zeros(10 * features.RATE))).segments == []


def test_speech_is_found_where_it_begins(samples_of, write_wav):
    spoken = samples_of("a04_speech_woman_8s.wav")
    first = recording.listen(write_wav(spoken)).segments[0][0]
    later = recording.listen(write_wav(np.concatenate([np.zeros(3 * features.RATE), spoken]))).segments[0][0]
    assert later - first == pytest.approx(3.0, abs=0.1)


def test_short_gaps_join_and_short_bursts_vanish():
    # Chunks of 32 ms: 0.64 s of speech, a gap of 0.16 s, 0.64 s of speech, a gap of 0.64 s, a burst of 0.096 s.
    probabilities = [0.9] * 20 + [0.1] * 5 + [0.9] * 20 + [0.1] * 20 + [0.9] * 3 + [0.1] * 10
    assert speech.segments(probabilities, 10.0) == [(0.0, pytest.approx(45 * 0.032))]


def test_speech_goes_on_between_the_two_thresholds():
    assert speech.segments([0.4] * 10 + [0.6] * 10 + [0.4] * 10, 10.0) == [(pytest.approx(0.32), pytest.approx(0.96))]


def test_a_voice_no_louder_than_what_surrounds_it_does_not_stand_out():
    levels = np.full(10 * features.FRAME_RATE, -10.0, np.float32)
    assert recording.standing_out([(4.0, 6.0)], levels) == []
    levels[4 * features.FRAME_RATE : 6 * features.FRAME_RATE] = 0.0
    assert recording.standing_out([(4.0, 6.0)], levels) == [(4.0, 6.0)]


def test_speech_without_any_pause_is_kept():
    levels = np.full(3 * features.FRAME_RATE, -10.0, np.float32)
    assert recording.standing_out([(0.0, 3.0)], levels) == [(0.0, 3.0)]
