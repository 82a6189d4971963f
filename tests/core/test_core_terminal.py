import argparse
import subprocess
import sys
from pathlib import Path

import pytest

from core import InputError
from core.terminal import progress_bar, run


def parser(function) -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m audio")
    commands = made.add_subparsers(required=True)
    command = commands.add_parser("predict")
    command.add_argument("file")
    command.set_defaults(function=function)
    return made


def test_a_command_that_works_ends_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(parser(lambda options: print(options.file)), ["predict", "a.wav"]) == 0
    assert capsys.readouterr() == ("a.wav\n", "")


def test_an_input_that_cannot_be_analysed_ends_with_1_and_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(options: argparse.Namespace) -> None:
        raise InputError("This recording lasts %(seconds).1f seconds.", seconds=1.25)

    assert run(parser(refuse), ["predict", "a.wav"]) == 1
    assert capsys.readouterr() == ("", "This recording lasts 1.2 seconds.\n")


def test_a_missing_file_ends_with_1_and_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(parser(lambda options: Path(options.file).read_bytes() and None), ["predict", "nowhere.wav"]) == 1
    assert capsys.readouterr().err == "There is no file nowhere.wav.\n"


def test_wrong_use_ends_with_2() -> None:
    with pytest.raises(SystemExit) as ending:
        run(parser(lambda options: None), ["guess", "a.wav"])
    assert ending.value.code == 2


def test_a_defect_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        run(parser(lambda options: 1 / 0), ["predict", "a.wav"])


def test_progress_is_silent_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    progress = progress_bar()
    progress("Looking for the face", 0.5)
    progress("Done", 1.0)
    assert capsys.readouterr() == ("", "")


def test_progress_is_drawn_on_stderr_of_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    progress = progress_bar()
    progress("Looking for the face", 1.0)
    out, err = capsys.readouterr()
    assert out == ""
    assert "100% Looking for the face" in err


def test_a_closed_pipe_is_no_error() -> None:
    code = (
        "import argparse, sys; from core.terminal import run\n"
        "def flood(options):\n    for _ in range(100000): print('x' * 100)\n"
        "p = argparse.ArgumentParser(); p.set_defaults(function=flood); sys.exit(run(p, []))"
    )
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    child.stdout.readline()
    child.stdout.close()
    assert child.wait() == 0
    assert b"Traceback" not in child.stderr.read()
