"""The steps that several browser tests take."""

from __future__ import annotations

import re
import urllib.request

from playwright.sync_api import Page, expect

ANALYSIS_MS = 120_000
ANSWER = re.compile(r"/answers/[\w-]+$")
WRITTEN = (
    "When I led the volunteers for our food drive, we had three weeks and half of the helpers that we needed. I began by listening to everyone, maybe "
    "longer than was comfortable, and I think that this decided the rest. We split the work into small visible pieces, and each team chose its own. "
    "When two drivers argued about the routes I asked both to draw a map, and we found that they were solving different problems. In the end we "
    "collected more than the year before, and most of the helpers came back. I learned that a plan is worth less than people who call it theirs."
)


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


def bytes_at_server(page: Page) -> int:
    """Return how many bytes of the page's recording have arrived, by what the page says."""
    said = re.search(r"([\d.,]+) (kB|MB)", page.locator("[data-part=sending]").inner_text())
    return round(float(said[1].replace(",", "")) * {"kB": 1e3, "MB": 1e6}[said[2]]) if said else 0


def fetch(page: Page, path: str) -> bytes:
    """Return what the server sends to this visitor for a path."""
    response = page.request.get(path)
    assert response.ok, f"{path}: {response.status}"
    return response.body()


def is_up(address: str) -> bool:
    with urllib.request.urlopen(f"{address}/healthz", timeout=5) as response:
        return response.status == 200
