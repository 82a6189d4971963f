"""Serve: the web server, the workers and the live process as child processes, from the migrated database to the last handed-back job."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field

from flask import Flask

from interview import jobs
from interview.database import upgrade
from interview.settings import ROOT, SettingError

HEALTH = "/healthz"
POLL_SECONDS = 0.5
START_SECONDS = 60.0
STOP_SECONDS = 20.0
QUICK_DEATH_SECONDS = 10.0
MOST_REST_SECONDS = 30.0
EXIT_SERVER = 1


@dataclass
class Child:
    """Hold a child process and when it may be started again."""

    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    rest: float = 0.0
    due: float = field(default_factory=time.monotonic)

    def start(self) -> None:
        """Start the process in a session of its own, so that a Ctrl-C reaches it through us and in order."""
        self.process = subprocess.Popen(self.command, cwd=ROOT, start_new_session=True)
        self.began = time.monotonic()

    def keep(self) -> int | None:
        """Start the process again when it has died, later each time when it dies at once; return its id when it had died."""
        at, dead = time.monotonic(), None
        if self.process is not None and self.process.poll() is not None:
            self.rest = min(MOST_REST_SECONDS, 2 * self.rest + 1) if at - self.began < QUICK_DEATH_SECONDS else 0.0
            dead, self.process, self.due = self.process.pid, None, at + self.rest
        elif self.process is None and at >= self.due:
            self.start()
        return dead


class Supervisor:
    """Run the server and its workers until a signal ends them all."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.stopping = threading.Event()
        host = f"[{app.config['HOST']}]" if ":" in app.config["HOST"] else app.config["HOST"]
        self.address = f"{host}:{app.config['PORT']}"
        parent = str(os.getpid())
        self.server = Child(
            [
                *(sys.executable, "-m", "gunicorn", "app:create_app()", "--config", "python:interview.gunicorn"),
                *("--bind", self.address, "--threads", str(app.config["WEB_THREADS"]), "--log-level", app.config["LOG_LEVEL"].lower()),
                *("--env", f"INTERVIEW_PARENT={parent}"),
            ]
        )
        self.workers = [Child([sys.executable, str(ROOT / "app.py"), "worker", "--parent", parent]) for _ in range(app.config["WORKERS"])]
        self.live = [Child([sys.executable, str(ROOT / "app.py"), "live", "--parent", parent])] if app.config["LIVE_VISITORS"] else []

    def run(self) -> int:
        """Migrate, start, keep, and end everything; return the exit status."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: self.stopping.set())
        self._check_address()
        upgrade(self.app)
        try:
            self.server.start()
            if not self._wait_for_server():
                return 0 if self.stopping.is_set() else EXIT_SERVER
            print(f"Interview Mirror is at http://{self.address} (Ctrl-C ends it)", flush=True)
            while not self.stopping.wait(POLL_SECONDS):
                if self.server.process is None or self.server.process.poll() is not None:
                    print("The web server has ended unexpectedly.", file=sys.stderr)
                    return EXIT_SERVER
                for worker in self.workers:
                    if (dead := worker.keep()) is not None:
                        print("A worker has ended; another takes its place.", file=sys.stderr)
                        with self.app.app_context():
                            jobs.expire(jobs.worker_name(dead))
                for live in self.live:
                    if live.keep() is not None:
                        print("The live process has ended; another takes its place.", file=sys.stderr)
            return 0
        finally:
            self._stop()

    def _check_address(self) -> None:
        host, port = self.app.config["HOST"], self.app.config["PORT"]
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind((host, port))
            except OSError as error:
                raise SettingError(f"{self.address} cannot be used ({os.strerror(error.errno or 0)}); set PORT or HOST to another") from error

    def _wait_for_server(self) -> bool:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.app.config["HOST"], self.app.config["HOST"])
        ends = time.monotonic() + START_SECONDS
        connection = http.client.HTTPConnection(host, self.app.config["PORT"], timeout=START_SECONDS)
        while time.monotonic() < ends and not self.stopping.is_set() and self.server.process and self.server.process.poll() is None:
            try:
                connection.request("GET", HEALTH)
                return connection.getresponse().status == 200
            except OSError:
                self.stopping.wait(0.05)
            finally:
                connection.close()
        return False

    def _stop(self) -> None:
        """Ask all to end, the server first so that no answer comes in without a home; what does not listen is killed."""
        running = [child.process for child in (self.server, *self.workers, *self.live) if child.process is not None and child.process.poll() is None]
        for process in running:
            process.terminate()
        ends = time.monotonic() + STOP_SECONDS
        for process in running:
            try:
                process.wait(max(0.0, ends - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
