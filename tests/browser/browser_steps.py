"""Chromium, and the steps that several browser tests take."""

from __future__ import annotations

import os
import re
import shutil
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

ROOT = Path(__file__).resolve().parents[2]
CLIPS = ROOT / "tests" / "data"
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 780}
FLAGS = ["--use-fake-device-for-media-stream", "--autoplay-policy=no-user-gesture-required", "--disable-background-networking"]
ANSWER_SECONDS = 5
ANALYSIS_MS = 120_000
UNTIL_SECONDS = 15
ANSWER = re.compile(r"/answers/[\w-]+$")
WRITTEN = (
    "When I led the volunteers for our food drive, we had three weeks and half of the helpers that we needed. I began by listening to everyone, maybe "
    "longer than was comfortable, and I think that this decided the rest. We split the work into small visible pieces, and each team chose its own. "
    "When two drivers argued about the routes I asked both to draw a map, and we found that they were solving different problems. In the end we "
    "collected more than the year before, and most of the helpers came back. I learned that a plan is worth less than people who call it theirs."
)


def chromium() -> str:
    """Return the path of the machine's Chromium."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    pytest.skip("there is no Chromium on this machine; `make test` installs it where it may")


def launch(playwright: Playwright, *flags: str) -> Browser:
    """Start Chromium with fake devices; without its sandbox where the tests run as root."""
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS, *root, *flags])


def await_results(page: Page) -> None:
    """Wait on an answer's page until its analysis has ended well."""
    expect(page).to_have_url(ANSWER)
    expect(page.get_by_role("heading", name="Download")).to_be_visible(timeout=ANALYSIS_MS)


def open_devices(page: Page) -> None:
    """Agree, and turn the devices on."""
    page.locator("#consent").check()
    page.locator("[data-part=open]").click()
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_visible()


def begin(page: Page) -> None:
    """Begin to record, without waiting for the end of the thinking time."""
    page.get_by_role("button", name="Record", exact=True).click()
    page.get_by_role("button", name="Start now").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()


def until(page: Page, expression: str, argument: object = None) -> None:
    """Wait until a JavaScript function is true in the page (Playwright's own way needs eval, which the page forbids)."""
    end = time.monotonic() + UNTIL_SECONDS
    while not page.evaluate(expression, argument):
        assert time.monotonic() < end, f"never true: {expression}"
        page.wait_for_timeout(100)


def fetch(page: Page, path: str) -> bytes:
    """Return what the server sends to this visitor for a path."""
    response = page.request.get(path)
    assert response.ok, f"{path}: {response.status}"
    return response.body()
