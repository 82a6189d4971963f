"""A live microphone hears what the recording's analysis hears, within tolerances that are stated here."""

import numpy as np
import pytest

from audio.live import KEPT_UNITS, UNIT, UNIT_FRAMES, Hearer
from audio.predict import analyze
from core.media import sound

RATE, PIECE = 16_000, 1_600
# What a live moment may differ from the recording's: the level is that of the speech so far, and nothing comes after it.
RAW_MEAN, SMOOTH_MEAN, GAPS_LEAST = 0.03, 0.05, 0.9


def samples_of(clip):
    return (np.concatenate(list(sound(clip))).clip(-1, 1) * 32767).astype(np.int16)


def heard(samples, piece=PIECE):
    hearer = Hearer()
    return [moment for begin in range(0, len(samples), piece) for moment in hearer.push(samples[begin : begin + piece])]


@pytest.mark.parametrize("name", ["a02_speech_man_17s.mp3", "a01_speech_woman_14s.ogg"])
def test_live_moments_are_those_of_the_recording_within_tolerance(clips, name):
    timeline, found = analyze(clips / name).timeline, heard(samples_of(clips / name))
    assert [moment.t for moment in found] == [moment.t for moment in timeline[: len(found)]]
    assert len(timeline) - len(found) <= 4  # the last second and a half has no future
    assert np.mean([a.gap == b.gap for a, b in zip(found, timeline, strict=False)]) >= GAPS_LEAST
    both = [(a, b) for a, b in zip(found, timeline, strict=False) if a.p and b.p]
    assert len(both) > 15
    assert np.mean([np.abs(np.array(a.raw) - b.raw).mean() for a, b in both]) < RAW_MEAN
    assert np.mean([np.abs(np.array(a.p) - b.p).mean() for a, b in both]) < SMOOTH_MEAN


def test_the_size_of_the_pieces_changes_nothing(clips):
    samples = samples_of(clips / "a04_speech_woman_8s.wav")
    small, large = heard(samples, 777), heard(samples, 16_000)
    # In the large pieces a moment may already see some of the speech after it, from which its level is taken.
    assert [m.t for m in small] == [m.t for m in large]
    assert np.mean([np.abs(np.array(a.raw) - b.raw).mean() for a, b in zip(small, large, strict=True) if a.raw and b.raw]) < 0.02


@pytest.mark.parametrize("name", ["a07_music_only_20s.mp3", "a08_noise_only_15s.wav"])
def test_what_is_no_speech_is_never_given_a_label(clips, name):
    assert {moment.label for moment in heard(samples_of(clips / name))} == {None}


def test_silence_is_a_gap():
    assert {moment.gap for moment in heard(np.zeros(5 * RATE, np.int16))} == {"silence"}


def test_an_hour_is_not_kept(clips):
    samples = np.tile(samples_of(clips / "a04_speech_woman_8s.wav"), 7)  # 53 s
    hearer = Hearer()
    found = [moment for begin in range(0, len(samples), RATE) for moment in hearer.push(samples[begin : begin + RATE])]
    assert hearer.forgotten > 2
    assert len(hearer.spectrogram) <= (KEPT_UNITS + 2) * UNIT_FRAMES
    assert len(samples) > (KEPT_UNITS + 2) * UNIT
    assert [moment.t for moment in found] == [k / 2 for k in range(len(found))]
    assert sum(moment.label is not None for moment in found[-20:]) > 10
