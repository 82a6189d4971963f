"""The command line: serving as a tree of processes, and an analysis in the terminal."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from visiting import CLIPS, stand_in

import app as command
from interview import dispatch
from interview.supervisor import Child

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60  # seconds


def free_port():
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return tried.getsockname()[1]


def children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def wait_until(true):
    ends = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.1)


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def served(tmp_path):
    environment = {**os.environ, "INSTANCE": str(tmp_path / "instance"), "PORT": str(free_port()), "HOST": "127.0.0.1", "HOME": str(tmp_path / "home")}
    process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    process.address = process.stdout.readline().split()[4]
    yield process
    process.kill()
    process.wait()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_serve_keeps_its_workers_and_ends_with_all_of_them(served, tmp_path, end):
    assert json.load(urllib.request.urlopen(f"{served.address}/healthz"))["status"] == "ok"
    wait_until(lambda: len(children(served.pid)) == 3)
    server, worker, live = children(served.pid)
    if end == signal.SIGINT:
        os.kill(worker, signal.SIGKILL)
        os.kill(live, signal.SIGKILL)
        wait_until(lambda: len(children(served.pid)) == 3 and not {worker, live} & {*children(served.pid)})
    family = [*children(served.pid), *children(server)]
    served.send_signal(end)
    assert served.wait(PATIENCE) == (0 if end == signal.SIGINT else -signal.SIGKILL)
    wait_until(lambda: not any(alive(pid) for pid in family))
    assert not [path for path in (tmp_path / "home").rglob("*") if path.is_socket() or "onnxruntime" in path.name]


def test_a_port_in_use_is_told(capsys, monkeypatch, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("PORT", str(taken.getsockname()[1]))
        monkeypatch.setenv("INSTANCE", str(tmp_path))
        assert command.main(["serve"]) == 2
    assert "set PORT" in capsys.readouterr().err


def test_a_child_that_dies_at_once_is_given_longer_and_longer_rests():
    child = Child([sys.executable, "-c", ""])
    rests = []
    for _ in range(3):
        child.start()
        pid = child.process.pid
        child.process.wait()
        assert child.keep() == pid
        assert child.keep() is None
        rests.append(child.rest)
    assert rests == [1, 3, 7]
    assert child.process is None


@pytest.fixture
def terminal(monkeypatch, capsys):
    def run(*arguments):
        status = command.main(["analyze", *map(str, arguments)])
        return status, *capsys.readouterr()

    monkeypatch.setattr(dispatch, "analyze", stand_in)
    return run


def test_analyze_prints_the_analysis_and_nothing_else(terminal):
    status, out, err = terminal(CLIPS / "v06_grid_woman_3s.mp4", "--json")
    assert (status, json.loads(out)["modality"], err) == (0, "video", "")


def test_analyze_prints_a_summary_to_read(terminal):
    status, out, _ = terminal(CLIPS / "a01_speech_woman_14s.ogg")
    assert status == 0
    assert "happy" in out
    assert "50%" in out


@pytest.mark.parametrize("name", ["x03_zero_byte.mp4", "x10_random.webm", "x02_no_moov.mp4", "nothing.mp4", ""])
def test_analyze_says_in_one_sentence_what_is_wrong(terminal, name):
    status, out, err = terminal(CLIPS / "bad" / name)
    assert (status, out, err.count("\n")) == (1, "", 1)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a05_speech_woman_14s.m4a", "audio"), ("a06_speech_woman_9s_mediarecorder.webm", "audio"), ("v05_grid_man_3s.mpg", "video"), ("README.md", "text")],
)
def test_the_kind_of_a_file_is_told_from_its_content(name, kind):
    assert dispatch.kind_of(CLIPS / name) == kind
