import csv
import json

import numpy as np
import pytest

from audio import features
from audio.__main__ import main
from audio.table import COLUMNS
from core import Analysis


def rows_of(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_json_is_the_analysis_and_nothing_else(clips, capsys):
    assert main(["predict", str(clips / "a06_speech_woman_9s_mediarecorder.webm"), "--json"]) == 0
    analysis = Analysis.from_json(capsys.readouterr().out)
    assert analysis.modality == "audio" and set(analysis.models) == {"voice", "speech"}


def test_json_of_several_files_is_a_list(clips, capsys):
    files = [str(clips / name) for name in ("a04_speech_woman_8s.wav", "v05_grid_man_3s.mpg")]
    assert main(["predict", *files, "--json"]) == 0
    assert [document["source"]["name"] for document in json.loads(capsys.readouterr().out)] == ["a04_speech_woman_8s.wav", "v05_grid_man_3s.mpg"]


def test_text_names_facts_and_shares(clips, capsys):
    assert main(["predict", str(clips / "a04_speech_woman_8s.wav")]) == 0
    said = capsys.readouterr().out
    assert "speaking time" in said and "neutral" in said


def test_a_list_becomes_a_table_in_its_order(clips, samples_of, write_wav, tmp_path):
    write_wav(samples_of("a04_speech_woman_8s.wav")[: int(1.3 * features.RATE)], "short/clip.wav")
    write_wav(samples_of("a02_speech_man_17s.mp3")[: 4 * features.RATE], "long.wav")
    (tmp_path / "list.csv").write_text("file,baseline\nshort/clip.wav,long.wav;short/clip.wav\nlong.wav,\n")
    assert main(["predict", "--list", str(tmp_path / "list.csv"), "--csv", str(tmp_path / "out.csv")]) == 0
    rows = rows_of(tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text().splitlines()[0] == "file,label,confidence,speech_s,angry,calm,disgust,fear,happy,neutral,sad,surprise"
    assert [row["file"] for row in rows] == ["short/clip.wav", "long.wav"]
    for row in rows:
        probabilities = {name: float(row[name]) for name in COLUMNS[4:]}
        assert sum(probabilities.values()) == pytest.approx(1, abs=1e-6)
        assert row["label"] == max(probabilities, key=probabilities.get) and float(row["confidence"]) == max(probabilities.values())
        assert 0.5 < float(row["speech_s"]) < 4


def test_the_baselines_of_a_list_count_and_those_that_cannot_be_used_are_said(clips, samples_of, write_wav, tmp_path, capsys):
    write_wav(samples_of("a04_speech_woman_8s.wav")[: 3 * features.RATE], "clip.wav")
    write_wav(samples_of("a02_speech_man_17s.mp3")[: 4 * features.RATE], "neutral.wav")
    write_wav(np.zeros(features.RATE), "silent.wav")
    (tmp_path / "list.csv").write_text("file,baseline\nclip.wav,\nclip.wav,neutral.wav\nclip.wav,gone.wav; silent.wav\n")
    assert main(["predict", "--list", str(tmp_path / "list.csv"), "--csv", str(tmp_path / "out.csv")]) == 0
    alone, compared, unusable = ([float(row[name]) for name in COLUMNS[4:]] for row in rows_of(tmp_path / "out.csv"))
    assert unusable == alone and max(abs(a - b) for a, b in zip(alone, compared, strict=True)) > 0.01
    said = capsys.readouterr().err
    assert "gone.wav: There is no such file." in said and "silent.wav: In a baseline recording no speech" in said


def test_text_says_what_the_voice_was_compared_with(clips, capsys):
    file, neutral = str(clips / "v05_grid_man_3s.mpg"), str(clips / "a02_speech_man_17s.mp3")
    assert main(["predict", file]) == 0 and "the recording's own average" in capsys.readouterr().out
    assert main(["predict", file, "--baseline", neutral]) == 0 and "the baseline given" in capsys.readouterr().out


def test_a_file_that_cannot_be_heard_keeps_its_row(clips, write_wav, tmp_path, capsys):
    write_wav(np.zeros(features.RATE), "silent.wav")
    (tmp_path / "list.csv").write_text("file,baseline\nsilent.wav,\nmissing.wav,\n")
    assert main(["predict", "--list", str(tmp_path / "list.csv"), "--csv", str(tmp_path / "out.csv")]) == 1
    assert [(row["file"], row["label"], row["angry"]) for row in rows_of(tmp_path / "out.csv")] == [("silent.wav", "", ""), ("missing.wav", "", "")]
    said = capsys.readouterr().err
    assert "silent.wav: Nothing can be heard" in said and "missing.wav: There is no such file." in said


def test_files_become_a_table_too(clips, tmp_path):
    file = str(clips / "a04_speech_woman_8s.wav")
    assert main(["predict", file, "--csv", str(tmp_path / "out.csv")]) == 0
    assert [row["file"] for row in rows_of(tmp_path / "out.csv")] == [file]


def test_bad_input_is_one_sentence_and_status_1(clips, capsys):
    assert main(["predict", str(clips / "a08_noise_only_15s.wav")]) == 1
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.startswith("No speech") and captured.err.count("\n") == 1


def test_a_list_without_its_column_is_said(tmp_path, capsys):
    (tmp_path / "list.csv").write_text("path\nx.wav\n")
    assert main(["predict", "--list", str(tmp_path / "list.csv"), "--csv", str(tmp_path / "out.csv")]) == 1
    assert "no column “file”" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["predict"], ["predict", "a.wav", "--list", "b.csv"], ["predict", "--list", "b.csv"], ["sing"], []])
def test_wrong_use_is_status_2(arguments):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2


def test_bench_names_every_stage(clips, capsys):
    assert main(["bench", str(clips / "v05_grid_man_3s.mpg")]) == 0
    said = capsys.readouterr().out
    assert all(stage in said for stage in ("decode", "log-mel", "speech", "pitch", "networks", "memory"))
