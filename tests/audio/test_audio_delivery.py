import numpy as np
import pytest

from audio import delivery, features, pitch

RATE = features.RATE


def tone(hz, seconds, harmonics=5):
    t = np.arange(round(seconds * RATE)) / RATE
    return 0.1 * sum(np.sin(2 * np.pi * hz * k * t) / k for k in range(1, harmonics + 1))


def syllable_train(rate, seconds):
    t = np.arange(round(seconds * RATE)) / RATE
    return tone(150, seconds, harmonics=20) * (0.1 + 0.9 * np.sin(np.pi * rate * t) ** 2)


@pytest.mark.parametrize("hz", [80.0, 123.4, 220.0, 440.0])
def test_pitch_of_a_tone_is_its_frequency(hz):
    found = pitch.PitchStream().push(tone(hz, 1.0))
    np.testing.assert_allclose(found, hz, rtol=0.005)


def test_a_missing_fundamental_is_still_heard():
    t = np.arange(RATE) / RATE
    found = pitch.PitchStream().push(sum(np.sin(2 * np.pi * 120 * k * t) for k in (3, 4, 5, 6)))
    np.testing.assert_allclose(found, 120, rtol=0.01)


def test_noise_has_no_pitch():
    found = pitch.PitchStream().push(np.random.default_rng(0).normal(0, 0.1, RATE))
    assert np.isnan(found).mean() > 0.95


def test_a_pitch_stream_gives_the_values_of_the_whole(samples_of):
    samples = samples_of("a02_speech_man_17s.mp3")[:32_000]
    stream = pitch.PitchStream()
    pieces = np.concatenate([stream.push(samples[i : i + 1000]) for i in range(0, len(samples), 1000)])
    np.testing.assert_allclose(pieces, pitch.PitchStream().push(samples))


def test_pitch_median_and_range_of_a_glide_over_an_octave(recording_of):
    seconds = 4.0
    t = np.arange(round(seconds * RATE)) / RATE
    phase = 2 * np.pi * 120 * seconds / np.log(2) * (2 ** (t / seconds) - 1)
    facts = delivery.describe(recording_of(0.2 * np.sin(phase) + 0.1 * np.sin(2 * phase), [(0.0, seconds)]))
    assert facts["pitch_median"].value == pytest.approx(120 * 2**0.5, rel=0.02)
    assert facts["pitch_range"].value == pytest.approx(0.8 * 12, abs=0.4)  # 10th to 90th percentile


def test_pauses_are_counted_measured_and_placed(recording_of):
    facts = delivery.describe(recording_of(tone(150, 10.0), [(1.0, 3.0), (3.5, 5.0), (6.5, 9.0)]))
    assert facts["pauses"].value == 2 and facts["pauses"].times == [3.0, 5.0]
    assert facts["longest_pause"].value == pytest.approx(1.5)
    assert facts["pause_share"].value == pytest.approx(2.0 / 8.0)
    assert facts["speaking_time"].value == pytest.approx(6.0)
    assert facts["speech_share"].value == pytest.approx(0.6)


def test_peaks_need_a_dip_on_both_sides():
    curve = np.array([0, 5, 4, 6, 1, 3, 0, 1.5, 0, 9.0, 8.5])
    assert delivery.peaks(curve, 2.0) == [3, 5]  # the last one has not fallen yet, 5 and 1.5 do not stand out
    assert delivery.peaks(curve, 1.0) == [1, 3, 5, 7]


@pytest.mark.parametrize("rate", [2.0, 4.0, 5.0])
def test_pace_of_a_train_of_syllables_is_its_rate(recording_of, rate):
    facts = delivery.describe(recording_of(syllable_train(rate, 6.0), [(0.0, 6.0)]))
    assert facts["pace"].value == pytest.approx(rate, abs=0.25)


def test_loudness_range_of_two_levels_is_their_distance(recording_of):
    samples = np.concatenate([tone(150, 3.0), tone(150, 3.0) * 10 ** (-12 / 20)])
    assert delivery.describe(recording_of(samples, [(0.0, 6.0)]))["loudness_range"].value == pytest.approx(12, abs=0.5)


def test_loudness_range_does_not_depend_on_the_level(recording_of, samples_of):
    samples = samples_of("a04_speech_woman_8s.wav")
    loud, soft = (delivery.describe(recording_of(gain * samples, [(0.5, 7.0)]))["loudness_range"].value for gain in (1.0, 0.1))
    assert loud == pytest.approx(soft, abs=0.11)


@pytest.mark.parametrize(
    "name, low, high",
    [("a02_speech_man_17s.mp3", 90, 170), ("a10_telephone_man_12s_8k_ulaw.wav", 90, 170), ("a06_speech_woman_9s_mediarecorder.webm", 190, 280)],
)
def test_pitch_of_real_voices_is_in_their_range(analysis_of, name, low, high):
    assert low < analysis_of(name).facts["pitch_median"].value < high


def test_every_fact_has_its_definition_and_source(analysis_of):
    facts = analysis_of("a01_speech_woman_14s.ogg").facts
    assert {"speaking_time", "speech_share", "pauses", "longest_pause", "pause_share", "pace", "loudness_range", "pitch_median", "pitch_range"} == set(facts)
    assert all(fact.definition.endswith(".") and fact.source and fact.unit for fact in facts.values())
