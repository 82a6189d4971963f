"""The road around the recogniser; what it hears itself is measured by ``python -m benchmarks.words``."""

from types import SimpleNamespace

import numpy as np
import pytest

from audio import transcript
from audio.features import RATE


def test_pieces_hold_all_speech_are_short_enough_and_end_in_silence():
    segments = [(0.5, 9.0), (9.5, 20.0), (21.0, 27.0), (27.4, 33.0), (40.0, 41.0)]
    found = transcript.pieces(segments, 41.1)
    assert all(end - start <= transcript.LONGEST + 2 * transcript.MARGIN for start, end in found)
    assert all(any(a <= start and end <= b for a, b in found) for start, end in segments)
    assert [round(a, 1) for a, _ in found] == [0.3, 27.2, 39.8]
    assert found[-1][1] == 41.1


def test_speech_without_a_pause_is_cut_into_equal_parts():
    found = transcript.pieces([(0.0, 70.0)], 70.0)
    assert len(found) == 3
    assert found[1][1] - found[1][0] == pytest.approx(70 / 3 + 2 * transcript.MARGIN)


def test_each_piece_gets_its_own_samples_though_the_sound_comes_in_blocks(monkeypatch):
    samples = np.arange(10 * RATE, dtype=np.float32)
    monkeypatch.setattr(transcript.media, "sound", lambda source, rate: iter(np.split(samples, 10)))
    wanted = [(0.5, 2.25), (2.1, 2.9), (7.0, 10.0)]
    found = list(transcript._sounds("x", wanted))
    assert [start for start, _ in found] == [0.5, 2.1, 7.0]
    for (start, end), (_, part) in zip(wanted, found, strict=True):
        assert (part[0], len(part)) == (round(start * RATE), round(end * RATE) - round(start * RATE))


def test_a_sound_that_ends_early_gives_what_there_is(monkeypatch):
    samples = np.arange(2 * RATE, dtype=np.float32)
    monkeypatch.setattr(transcript.media, "sound", lambda source, rate: iter([samples]))
    ((start, part),) = transcript._sounds("x", [(1.0, 3.0)])
    assert (start, part[0], len(part)) == (1.0, RATE, RATE)


def test_word_times_count_from_the_beginning_of_the_recording(monkeypatch, clips):
    told = []

    class Recogniser:
        def transcribe(self, samples, language, **options):
            told.append((len(samples) / RATE, language))
            word = SimpleNamespace(word=" hello", start=np.float64(0.25), end=np.float64(0.5), probability=0.9)
            return iter([SimpleNamespace(words=[word])]), SimpleNamespace(language="en")

    monkeypatch.setattr(transcript, "available", lambda: True)
    monkeypatch.setattr(transcript, "_model", Recogniser)
    found = transcript.transcribe(clips / "a04_speech_woman_8s.wav")
    assert found is not None and (found.language, found.by) == ("en", "heard")
    assert len(found.words) == len(told)
    assert 0 < told[0][0] < 9 and told[0][1] is None
    assert type(found.words[0].t) is float and 0.25 <= found.words[0].t < 2


def test_weights_that_are_not_the_expected_ones_are_refused(tmp_path, monkeypatch):
    for number, name in enumerate(transcript.PARTS, 1):
        (tmp_path / name / "data").mkdir(parents=True)
        (tmp_path / name / "__init__.py").touch()
        (tmp_path / name / "data" / f"model.bin.part{number}").write_bytes(b"half")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(transcript.TranscriberError, match="SHA-256"):
        transcript.install(tmp_path / "model")
    assert not (tmp_path / "model" / "model.bin").exists()


def test_without_the_transcriber_there_is_one_sentence_that_says_how_to_get_it(tmp_path, monkeypatch, clips, capsys):
    from audio.__main__ import main

    monkeypatch.setenv("WHISPER_MODEL", str(tmp_path))
    assert not transcript.available() and transcript.version() is None
    assert main(["transcribe", str(clips / "a04_speech_woman_8s.wav")]) == 1
    assert capsys.readouterr().err.strip() == transcript.MISSING
