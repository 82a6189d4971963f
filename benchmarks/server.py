"""The application in a process of its own, on a free port and with an instance folder of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 120.0
POLL_SECONDS = 0.02


@dataclass
class Server:
    """Describe a running server: its address, and the seconds from the command to its first answer."""

    address: str
    seconds: float
    pid: int

    def memory(self) -> float:
        """Return the memory of its processes in MB."""
        parent = psutil.Process(self.pid)
        return sum(process.memory_info().rss for process in [parent, *parent.children(recursive=True)]) / 2**20


def free_port() -> int:
    """Return a port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def serving(instance: Path, **settings: str) -> Iterator[Server]:
    """Start ``python app.py`` with an instance folder, wait for ``/healthz``, and end it with the block.

    Raises
    ------
    RuntimeError
        When it ends by itself or does not answer in two minutes; its last words are in the message.
    """
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "HOST": "127.0.0.1", "PORT": str(port), "INSTANCE": str(instance), **settings}
    instance.mkdir(parents=True, exist_ok=True)
    with (instance / "server.log").open("w+") as log:
        began = time.perf_counter()
        process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            while not _answers(address):
                if process.poll() is not None or time.perf_counter() - began > PATIENCE_SECONDS:
                    log.seek(0)
                    raise RuntimeError(f"the server did not answer: {log.read()}")
                time.sleep(POLL_SECONDS)
            yield Server(address, time.perf_counter() - began, process.pid)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=PATIENCE_SECONDS)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except (urllib.error.URLError, OSError):
        return False
