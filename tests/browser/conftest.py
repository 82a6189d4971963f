"""The real application on a port of its own, and a real Chromium whose camera and microphone play real clips."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError

import pytest
from browser_steps import ANSWER_SECONDS, CLIPS, DESKTOP, ROOT, launch
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from benchmarks.camera import write_mjpeg, write_wav

FACE, VOICE = CLIPS / "pyfeat_expressions_woman_20s.mp4", CLIPS / "a02_speech_man_17s.mp3"
FACE_SECONDS = 8.0
THINKING_SECONDS = 1
START_SECONDS, STOP_SECONDS = 90, 30

expect.set_options(timeout=15_000)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the environment of the application: an instance folder and a port of its own."""
    return os.environ | {
        "PORT": str(free_port()), "HOST": "127.0.0.1", "INSTANCE": str(tmp_path_factory.mktemp("instance") / "instance"), "WORKERS": "1", "OTHERS_LEAST": "5", "UPLOAD_MB": "20",
        "ANSWER_SECONDS": str(ANSWER_SECONDS), "THINKING_SECONDS": str(THINKING_SECONDS), "RATE_LIMIT": "5000 per minute", "PIECE_RATE_LIMIT": "50000 per minute",
    }  # fmt: skip


@pytest.fixture(scope="session")
def server(settings: dict[str, str]) -> Iterator[str]:
    """Start ``python app.py`` on an instance folder of its own; give its address; end it with Ctrl-C."""
    folder, port = Path(settings["INSTANCE"]).parent, settings["PORT"]
    log = (folder / "server.log").open("w")
    process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=settings, stdout=log, stderr=log, start_new_session=True)
    address, end = f"http://127.0.0.1:{port}", time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=2).close()
            break
        except (URLError, OSError):
            if process.poll() is not None or time.monotonic() > end:
                process.kill()
                pytest.fail(f"the server did not start:\n{(folder / 'server.log').read_text()}")
            time.sleep(0.2)
    yield address
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    finally:
        log.close()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Start Chromium with a face before its camera and a voice at its microphone, both allowed."""
    folder = tmp_path_factory.mktemp("devices")
    face, voice = write_mjpeg(FACE, folder / "face.mjpeg", FACE_SECONDS), write_wav(VOICE, folder / "voice.wav")
    running = launch(playwright, "--use-fake-ui-for-media-stream", f"--use-file-for-fake-video-capture={face}", f"--use-file-for-fake-audio-capture={voice}")
    yield running
    running.close()


class Watch:
    """Keep what a page must not do: write errors to the console, throw, or ask another host."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.complaints: list[str] = []
        self.allowed: list[str] = []

    def allow(self, part: str) -> None:
        """Expect complaints that contain ``part``: this test provokes them."""
        self.allowed.append(part)

    def follow(self, page: Page) -> None:
        page.on("console", lambda message: self.complain(f"console: {message.text}") if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.complain(f"exception: {error}"))
        page.on("request", lambda request: None if self.own(request.url) else self.complain(f"another host: {request.url}"))

    def own(self, url: str) -> bool:
        return url.startswith((self.address, f"blob:{self.address}", "data:"))

    def complain(self, sentence: str) -> None:
        self.complaints.append(sentence)

    def check(self) -> None:
        assert [c for c in self.complaints if not any(part in c for part in self.allowed)] == []


@pytest.fixture
def watch(server: str) -> Iterator[Watch]:
    watching = Watch(server)
    yield watching
    watching.check()


@pytest.fixture
def visit(server: str, browser: Browser, watch: Watch) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a page as a new visitor; every such page is watched."""
    contexts = []

    def open_page(path: str = "/", viewport: dict[str, int] = DESKTOP, within: Browser = browser, **options: object) -> Page:
        context = within.new_context(viewport=viewport, base_url=server, locale="en-GB", **options)
        contexts.append(context)
        page = context.new_page()
        watch.follow(page)
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def password(server: str, settings: dict[str, str]) -> str:
    """Make Ann's account in the terminal, and return its password."""
    words = "a long enough password"
    subprocess.run([sys.executable, "app.py", "user", "add", "Ann", "--password-stdin"], cwd=ROOT, env=settings, input=words, text=True, check=True)
    return words


@pytest.fixture
def sign_in(password: str) -> Callable[[Page], Page]:
    """Return a function that signs Ann in on a page that asks for it."""

    def sign(page: Page) -> Page:
        page.get_by_label("Name").fill("Ann")
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        return page

    return sign
