"""What a voice is compared with, what prosody says of it, and what damage does to a sound."""

import itertools

import numpy as np
import pytest

from audio import baseline, damage, features, prosody, recording, teach

RATE = features.RATE
COLUMN = {name: index for index, name in enumerate(prosody.NAMES)}


def hum(hz, decibels, seconds=3.0):
    t = np.arange(round(seconds * RATE)) / RATE
    return 10 ** (decibels / 20) * 0.05 * sum(np.sin(2 * np.pi * hz * k * t) / k for k in range(1, 8))


def described(sound, reference):
    return prosody.of_windows(sound.levels, sound.pitches, sound.speech, reference)


def test_a_voice_half_an_octave_higher_and_six_decibels_louder_is_told_so(recording_of):
    usual, raised = recording_of(hum(120, 0), [(0.0, 3.0)]), recording_of(hum(120 * 2**0.5, 6), [(0.0, 3.0)])
    found = described(raised, baseline.own(usual))[0]
    assert found[COLUMN["pitch_from_baseline"]] * prosody.SEMITONE_SCALE == pytest.approx(6, abs=0.1)
    assert found[COLUMN["level_from_baseline"]] * prosody.DECIBEL_SCALE == pytest.approx(6, abs=0.5)
    assert described(usual, baseline.own(usual))[0][COLUMN["pitch_from_baseline"]] == pytest.approx(0, abs=0.01)


def test_a_rising_pitch_rises_and_a_steady_one_does_not(recording_of):
    t = np.arange(3 * RATE) / RATE
    glide = 0.1 * np.sin(2 * np.pi * 120 / np.log(2) * (2**t - 1))  # an octave a second
    rising = described(sound := recording_of(glide, [(0.0, 3.0)]), baseline.own(sound))[0]
    steady = described(sound := recording_of(hum(120, 0), [(0.0, 3.0)]), baseline.own(sound))[0]
    assert rising[COLUMN["pitch_rise"]] * prosody.SPREAD_SCALE == pytest.approx(6, abs=0.6)  # halves of a window are half a second apart
    assert abs(steady[COLUMN["pitch_rise"]]) < 0.01 and steady[COLUMN["pitch_spread"]] < 0.01


def test_silence_has_no_prosody(recording_of):
    sound = recording_of(hum(120, 0), [])
    found = described(sound, baseline.own(sound))
    assert np.abs(found[:, [COLUMN[name] for name in ("speech", "voiced", "pitch", "pitch_from_baseline", "level_from_baseline")]]).max() == 0
    assert np.isfinite(found).all()


def test_only_a_baseline_with_a_vector_raises_the_flag(recording_of):
    sound = recording_of(hum(120, 0), [(0.0, 3.0)])
    own = baseline.own(sound)
    given = baseline.Baseline(own.bands, own.level, own.pitch, np.ones(4, np.float32))
    assert described(sound, own)[0][COLUMN["baseline"]] == 0 and described(sound, given)[0][COLUMN["baseline"]] == 1


def test_joined_baselines_are_their_mean_and_pitchless_ones_do_not_count():
    first = baseline.Baseline(np.zeros(2, np.float32), -20.0, 10.0, np.array([1.0, 3.0], np.float32))
    second = baseline.Baseline(np.full(2, 4, np.float32), -30.0, float("nan"), np.array([3.0, 5.0], np.float32))
    found = baseline.joined([first, second])
    assert found.bands.tolist() == [2, 2] and (found.level, found.pitch) == (-25.0, 10.0) and found.vector.tolist() == [2, 4]


@pytest.mark.parametrize("decibels", [10, 20])
def test_noise_is_as_far_below_the_sound_as_it_says(decibels):
    sound = hum(150, 0)
    noise = damage.noisy(decibels)(sound, np.random.default_rng(0)) - sound
    assert 10 * np.log10(np.mean(sound**2) / np.mean(noise**2)) == pytest.approx(decibels, abs=0.1)


def test_a_telephone_keeps_its_band_alone():
    t = np.arange(RATE) / RATE
    for hz, kept in ((100, False), (1000, True), (6000, False)):
        heard = damage.telephone(0.1 * np.sin(2 * np.pi * hz * t) + 0.1 * np.sin(2 * np.pi * 900 * t), np.random.default_rng(0))
        power = np.abs(np.fft.rfft(heard))
        assert (power[hz] > 0.5 * power[900]) == kept


def test_every_damaged_clip_can_still_be_heard(samples_of, tmp_path):
    samples = samples_of("a04_speech_woman_8s.wav")[: 3 * RATE]
    for name, (damaged, ending) in damage.DAMAGES.items():
        path = tmp_path / f"damaged.{ending}"
        damage.write(samples if damaged is None else damaged(samples, np.random.default_rng(0)), path)
        heard = recording.listen(path)
        assert heard.seconds == pytest.approx(3, abs=0.05), name
        assert heard.speech.mean() > 0.5, name


def test_clips_of_one_speaker_are_packed_and_none_is_lost():
    class Known:
        def __init__(self, speaker):
            self.speaker = speaker

    clips = [Known("a")] * 5 + [Known("b")] * 2
    sounds = [np.ones(8 * RATE, np.float32)] * len(clips)
    packed = list(teach.packs(iter(sounds), clips))
    assert [len(pack) for pack in packed] == [3, 2, 2]
    for pack in packed:
        assert len({clip.speaker for clip, _, _ in pack}) == 1
        assert all(start + len(sound) <= teach.SAMPLES for _, start, sound in pack)
        assert all(later - start >= len(sound) + teach.GAP for (_, start, sound), (_, later, _) in itertools.pairwise(pack))


def test_the_teachers_spectrogram_is_whispers(samples_of):
    import librosa

    samples = np.zeros(teach.SAMPLES, np.float32)
    samples[: 8 * RATE // 2] = samples_of("a04_speech_woman_8s.wav")[: 8 * RATE // 2]
    power = librosa.feature.melspectrogram(y=samples, sr=RATE, n_fft=teach.N_FFT, hop_length=teach.HOP, n_mels=teach.MELS, pad_mode="reflect")[:, :-1]
    expected = np.log10(np.maximum(power, 1e-10))
    expected = (np.maximum(expected, expected.max() - 8) + 4) / 4
    np.testing.assert_allclose(teach.log_mel(samples), expected, atol=1e-3)
