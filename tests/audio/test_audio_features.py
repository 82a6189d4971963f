import librosa
import numpy as np
import pytest

from audio import features


@pytest.mark.parametrize("name", ["a04_speech_woman_8s.wav", "a03_speech_man_jfk_11s.flac", "a08_noise_only_15s.wav"])
def test_log_mel_is_that_of_librosa_to_a_hundred_thousandth_of_a_decibel(samples_of, name):
    samples = samples_of(name)
    power = librosa.feature.melspectrogram(
        y=samples.astype(np.float64),
        sr=features.RATE,
        n_fft=features.N_FFT,
        hop_length=features.HOP,
        center=False,
        n_mels=features.MELS,
        fmin=features.LOWEST,
        fmax=features.HIGHEST,
    )
    theirs = librosa.power_to_db(power.T, ref=1.0, amin=features.POWER_FLOOR, top_db=None)
    np.testing.assert_allclose(features.log_mel(samples), theirs, atol=1e-5)


def test_mel_filters_are_those_of_librosa():
    theirs = librosa.filters.mel(sr=features.RATE, n_fft=features.N_FFT, n_mels=features.MELS, fmin=features.LOWEST, fmax=features.HIGHEST)
    np.testing.assert_allclose(features.mel_filters(), theirs.T, atol=1e-5)


def test_no_mel_filter_is_empty():
    assert (features.mel_filters().sum(axis=0) > 0).all()


@pytest.mark.parametrize("block", [100, 511, 16_000])
def test_a_stream_gives_the_frames_of_the_whole(samples_of, block):
    samples = samples_of("a04_speech_woman_8s.wav")[:40_000]
    stream = features.LogMelStream()
    pieces = [stream.push(samples[i : i + block]) for i in range(0, len(samples), block)]
    np.testing.assert_allclose(np.concatenate(pieces), features.log_mel(samples), atol=1e-4)


def test_the_networks_input_does_not_depend_on_the_level_of_the_recording(samples_of):
    samples = samples_of("a04_speech_woman_8s.wav")[16_000:64_000]
    samples = samples + 1e-3 * np.random.default_rng(0).normal(size=len(samples)).astype(np.float32)  # a room: digital silence has no level to change
    inputs = []
    for gain in (1.0, 0.1):
        spectrogram = features.log_mel(gain * samples)
        loud = features.frame_levels(spectrogram) > features.frame_levels(spectrogram).max() - 30
        spectrogram = spectrogram[loud]
        inputs.append(features.normalise(spectrogram, features.level_of(features.frame_levels(spectrogram)), spectrogram.mean(axis=0)))
    assert inputs[0].shape == (*spectrogram.shape, features.VIEWS)
    np.testing.assert_allclose(*inputs, atol=1e-3)


def test_a_reference_takes_a_microphones_colour_away(samples_of):
    spectrogram = features.log_mel(samples_of("a02_speech_man_17s.mp3")[:48_000])
    level, bands = features.level_of(features.frame_levels(spectrogram)), spectrogram.mean(axis=0)
    coloured = np.linspace(-6, 6, features.MELS, dtype=np.float32)
    plain, other = features.normalise(spectrogram, level, bands), features.normalise(spectrogram + coloured, level, bands + coloured)
    np.testing.assert_allclose(plain[..., 1], other[..., 1], atol=1e-4)
    assert np.abs(plain[..., 0] - other[..., 0]).max() > 0.1


def test_crop_fills_beyond_both_ends():
    spectrogram = np.ones((4, features.MELS), np.float32)
    cropped = features.crop(spectrogram, -2, 8, -7.0)
    assert cropped[:, 0].tolist() == [-7, -7, 1, 1, 1, 1, -7, -7]


def test_windows_are_one_second_every_half_second():
    frames = np.arange(features.CONTEXT, dtype=np.float32)[:, None, None].repeat(features.MELS, axis=1).repeat(features.VIEWS, axis=2)
    cut = features.windows(frames)
    assert cut.shape == (5, features.WINDOW, features.MELS, features.VIEWS)
    assert cut[:, 0, 0, 0].tolist() == [0, 32, 64, 96, 128]
    assert features.CONTEXT_SECONDS == 3.0 and features.STEP_SECONDS == 0.5


def test_the_level_counts_speech_frames_alone():
    levels = np.array([-10.0, -10.0, -60.0], np.float32)
    assert features.level_of(levels, np.array([True, True, False])) == pytest.approx(-10)
    assert features.level_of(levels, np.zeros(3, bool)) == pytest.approx(10 * np.log10((0.2 + 1e-6) / 3), abs=0.01)
