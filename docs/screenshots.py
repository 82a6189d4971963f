"""``make screenshots``: the pictures of README.md, taken from the running application with real clips.

Starts the application with an instance folder of its own, gives it a text, a voice and a video as a person would, waits for
the results, goes the road of a recruiter and a candidate, and takes each page at desktop and at phone width.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.answers import CLIPS, TEXT
from benchmarks.camera import chromium, flags
from benchmarks.server import ROOT, serving

FOLDER = Path(__file__).resolve().parent / "screenshots"
WIDTHS = {"": (1280, 800), "-phone": (360, 740)}  # CSS pixels, by the ending of the picture's name
SCALE = 1.5  # device pixels in a CSS pixel
LONGEST = 1800  # CSS pixels of a page that one picture shows
VIDEO = CLIPS / "v02_talk_man_portrait_20s.mp4"
VOICE = CLIPS / "a02_speech_man_17s.mp3"
LIVE_MS = 14_000  # of pictures and sound before the live page is taken
RECRUITER, PASSWORD = "Ann Example", "only for these pictures"
ANALYSIS_MS = 300_000
DRAWING_MS = 2_000  # fonts, charts and the first frame of the player


def take_live(page: Page, address: str) -> None:
    """Take the live page with the models' marks on it, at every width."""
    for ending, (width, height) in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{address}/live")
        page.check("#agree")
        page.click("[data-part=start]")
        page.check("[data-part=show-points]", timeout=ANALYSIS_MS)
        while not page.inner_text("[data-part=rate]"):  # until the networks are loaded
            page.wait_for_timeout(500)
        page.wait_for_timeout(LIVE_MS)
        page.evaluate("document.querySelector('[data-part=camera]').selectedOptions[0].text = 'Camera 1'")  # else the path of the fake one's file
        page.screenshot(path=FOLDER / f"live{ending}.png", full_page=True, clip={"x": 0, "y": 0, "width": width, "height": LONGEST})
        print(f"docs/screenshots/live{ending}.png")


def give(page: Page, address: str, kind: str) -> str:
    """Answer the interview ``kind`` by its form, wait for the result and return its address."""
    page.goto(f"{address}/interviews/{kind}")
    if kind == "text":
        page.fill("textarea[name=text]", TEXT.read_text(encoding="utf-8"))
    else:
        page.set_input_files("input[name=recording]", VIDEO if kind == "video" else VOICE)
    page.check("input[name=consent]")
    page.locator("form#answer button:not([type=button])").last.click()
    page.wait_for_url("**/answers/*")
    page.wait_for_selector("figure.chart canvas, figure.chart svg", timeout=ANALYSIS_MS)
    return page.url


def take(page: Page, address: str, name: str) -> None:
    """Take the page at ``address`` at every width; an error page is an error."""
    for ending, (width, height) in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        response = page.goto(address)
        if response is None or not response.ok:
            raise RuntimeError(f"{address} answered {response and response.status}")
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(DRAWING_MS)
        whole = int(page.evaluate("document.documentElement.scrollHeight"))
        page.screenshot(path=FOLDER / f"{name}{ending}.png", full_page=True, clip={"x": 0, "y": 0, "width": width, "height": min(whole, LONGEST)})
        print(f"docs/screenshots/{name}{ending}.png")


def visit(browser: Browser, address: str) -> None:
    """Go through the application as one visitor and take its pages."""
    context = browser.new_context(device_scale_factor=SCALE, locale="en-GB", color_scheme="light", reduced_motion="reduce")
    page = context.new_page()
    take(page, f"{address}/", "home")
    take(page, f"{address}/interviews/video", "question")
    take_live(page, address)
    for kind in ("text", "audio", "video"):
        take(page, give(page, address, kind), f"results-{kind}")
    context.close()


def recruit(browser: Browser, address: str, instance: Path) -> None:
    """Compose an interview and invite somebody, answer and share as that person, and take the pages of both."""
    command = [sys.executable, "app.py", "user", "add", RECRUITER, "--password-stdin"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "INSTANCE": str(instance)}, input=PASSWORD, text=True, check=True)
    contexts = [browser.new_context(device_scale_factor=SCALE, locale="en-GB", color_scheme="light", reduced_motion="reduce") for _ in range(2)]
    desk, page = (context.new_page() for context in contexts)
    desk.goto(f"{address}/desk/login")
    desk.fill("#name", RECRUITER)
    desk.fill("#password", PASSWORD)
    desk.click("main form button")
    desk.goto(f"{address}/desk/interviews/new")
    desk.fill("#title", "Sales, first round")
    desk.select_option("#kind-0", "video")
    desk.click("button[value=add]")
    desk.select_option("#kind-1", "text")
    desk.click("button.main[value=save]")
    interview = desk.url
    desk.fill("#people", "Bob Example\nDora Example")
    desk.click("form:has(#people) button")
    link = desk.locator("td.link").first.inner_text()
    take(page, link, "invitation")
    page.check("[name=agree]")
    page.click("button[value=begin]")
    sitting = page.url
    page.goto(f"{sitting}/questions/1")
    page.set_input_files("#recording", VIDEO)
    page.check("#consent")
    page.click("form#answer button")
    page.click(".takes a")
    page.wait_for_selector("figure.chart canvas", timeout=ANALYSIS_MS)
    page.goto(sitting)
    page.check("[name=share]")
    page.click("button[value=share]")
    take(page, sitting, "whole-interview")
    take(desk, interview, "desk")
    desk.click("table a")
    desk.click(".answers h3 a")
    desk.fill("#seconds", "0:03.4")
    desk.fill("#text", "A good pause: it lets the point land.")
    desk.click(".section form:has(#text) button.main")
    take(desk, desk.url.partition("#")[0], "desk-answer")
    for context in contexts:
        context.close()


def main() -> int:
    """Start the application and the browser, take every picture, end both."""
    FOLDER.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder, serving(Path(folder, "instance"), RATE_LIMIT="1000 per minute") as server, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=flags(Path(folder)))
        visit(browser, server.address)
        recruit(browser, server.address, Path(folder, "instance"))
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
