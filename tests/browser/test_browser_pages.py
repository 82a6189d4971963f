"""The pages themselves: without JavaScript, by keyboard, in the dark, in French, at phone width, and nothing from elsewhere."""

import hashlib
import itertools
import re
from pathlib import Path

import pytest
from browser_steps import CLIPS, DESKTOP, PHONE, ROOT, WRITTEN, await_results
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

PAGES = ["/", "/about", "/interviews/text", "/interviews/audio", "/interviews/video", "/live", "/answers", "/visitor", "/sittings", "/desk/login"]
SMALLEST_TEXT = 14  # px
LEAST_CONTRAST = 4.5  # WCAG 2.2, 1.4.3
TARGET = 24  # px, WCAG 2.2, 2.5.8

CONTRASTS = """() => {
  const channel = (c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parse = (s) => { const v = s.match(/[\\d.]+/g).map(Number); return v.length === 4 ? v : [...v, 1]; };
  const ground = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c[3] === 1) return c; } return [255, 255, 255]; };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !element.checkVisibility({ checkVisibilityCSS: true }) || element.closest('noscript, script, .unseen, .skip')) continue;
    const style = getComputedStyle(element);
    const [a, b] = [luminance(parse(style.color)), luminance(ground(element))].sort((x, y) => y - x);
    found.push({ text: walker.currentNode.textContent.trim().slice(0, 40), contrast: (a + 0.05) / (b + 0.05), size: parseFloat(style.fontSize) });
  }
  return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_large_and_contrasts_enough(visit, scheme):
    page = visit("/", color_scheme=scheme)
    for path in PAGES:
        page.goto(path)
        seen = page.evaluate(CONTRASTS)
        assert len(seen) > 5
        assert [t for t in seen if t["size"] < SMALLEST_TEXT] == [], path
        assert [t for t in seen if t["contrast"] < LEAST_CONTRAST] == [], path


def test_dark_mode_is_dark(visit):
    page = visit("/", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(15, 17, 21)"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_page_scrolls_sideways_on_a_phone(visit, language):
    page = visit(f"/?language={language}", PHONE)
    for path in PAGES:
        page.goto(path)
        wide = page.evaluate(
            "[...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > 361 && !e.closest('.scroll, .frames')).map(e => e.outerHTML.slice(0, 80))"
        )
        assert wide == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path


def test_targets_are_large_enough(visit):
    page = visit("/", PHONE)
    for path in PAGES:
        page.goto(path)
        small = page.evaluate(
            """least => [...document.querySelectorAll('button, input:not([type=hidden]), select, summary, nav a, a.button')]
            .filter(e => e.checkVisibility()).filter(e => { const b = e.getBoundingClientRect(); return (b.height && b.height < least) || (b.width && b.width < least); })
            .filter(e => !(e.type === 'checkbox' && e.closest('label').getBoundingClientRect().height >= least)).map(e => e.outerHTML.slice(0, 80))""",
            TARGET,
        )
        assert small == [], path


def test_everything_has_a_name_and_headings_are_in_order(visit):
    page = visit("/")
    for path in PAGES:
        page.goto(path)
        nameless = page.evaluate(
            """() => [...document.querySelectorAll('input:not([type=hidden]), select, textarea, button, a, video, audio, [role=img]')].filter(e => e.checkVisibility())
            .filter(e => !(e.labels?.length || e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.textContent.trim())).map(e => e.outerHTML)"""
        )
        assert nameless == [], path
        levels = page.evaluate("[...document.querySelectorAll('h1, h2, h3')].filter(e => e.checkVisibility()).map(e => Number(e.tagName[1]))")
        assert levels[0] == 1 and levels.count(1) == 1, path
        assert all(b - a <= 1 for a, b in itertools.pairwise(levels)), path
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
        assert len(ids) == len(set(ids)), path


def test_text_interview_works_with_the_keyboard_alone(visit):
    page = visit("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="In writing")).to_be_focused()
    page.keyboard.press("Enter")
    area = page.get_by_label("Your answer, in English")
    expect(area).to_be_visible()
    for _ in range(20):
        if area.evaluate("e => e === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.insert_text(WRITTEN)
    for _ in range(8):
        page.keyboard.press("Tab")
        if page.locator("#consent").evaluate("e => e === document.activeElement"):
            break
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Analyse this answer")).to_be_focused()
    page.keyboard.press("Enter")
    await_results(page)


def test_written_interview_works_without_javascript(visit, watch):
    page = visit("/interviews/text", java_script_enabled=False)
    watch.allow("status of 422")
    page.get_by_label("Your answer, in English").fill(WRITTEN)
    page.locator("#consent").check()
    page.get_by_role("button", name="Analyse this answer").click()
    await_results(page)
    expect(page.get_by_role("row", name="Openness")).to_contain_text("evidence")
    expect(page.locator("article noscript .note")).to_be_visible()  # what is said there is no text to Playwright
    expect(page.locator("figure.chart").first).to_be_hidden()
    page.get_by_label("Name").fill("Without a script")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_text("Without a script").first).to_be_visible()
    page.get_by_role("button", name="Delete this answer").click()
    expect(page.get_by_role("status")).to_contain_text("deleted for good")


def test_upload_works_without_javascript(visit):
    page = visit("/interviews/audio", java_script_enabled=False)
    expect(page.locator("[data-recorder]")).to_be_hidden()
    page.locator("#recording").set_input_files(CLIPS / "a04_speech_woman_8s.wav")
    page.locator("#consent").check()
    page.get_by_role("button", name="Upload and analyse").click()
    await_results(page)


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_answer_is_renamed_and_deleted_for_good(visit, watch, viewport):
    watch.allow("status of 404")
    page = visit("/interviews/text", viewport)
    page.get_by_label("Your answer, in English").fill(WRITTEN)
    page.locator("#consent").check()
    page.get_by_role("button", name="Analyse this answer").click()
    await_results(page)
    address = page.url
    page.get_by_label("Name").fill("The food drive")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("status").filter(has_text="The name is saved.")).to_be_visible()
    page.get_by_label("Count this answer").check()
    expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    page.goto("/answers")
    expect(page.get_by_role("link", name="The food drive")).to_be_visible()
    page.get_by_role("button", name="Delete “The food drive”").click()
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("link", name="The food drive")).to_be_visible()
    page.get_by_role("button", name="Delete “The food drive”").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("link", name="The food drive")).to_have_count(0)
    page.goto(address)
    expect(page.get_by_role("heading", name="This page does not exist")).to_be_visible()


def test_downloads_arrive(visit):
    page = visit("/interviews/text")
    page.get_by_label("Your answer, in English").fill(WRITTEN)
    page.locator("#consent").check()
    page.get_by_role("button", name="Analyse this answer").click()
    await_results(page)
    for name, ending in (("Everything as JSON", ".json"), ("The table as CSV", ".csv")):
        with page.expect_download() as waiting:
            page.get_by_role("link", name=name).click()
        assert waiting.value.suggested_filename.endswith(ending)
        assert Path(waiting.value.path()).stat().st_size > 50


def test_interface_is_wholly_french_when_asked_for(visit):
    page = visit("/?language=fr")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    for path in PAGES:
        page.goto(path)
        said = page.locator("main, header, footer").evaluate_all(
            "es => es.flatMap(e => [...e.querySelectorAll('*')]).filter(e => e.checkVisibility() && !e.closest('[lang=en]')).map(e => [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.textContent).join(' ')).join(' ')"
        )
        assert not re.search(r"\b(the|your|with|and|which|this)\b", said), path


def test_vendored_files_are_those_of_the_table():
    folder = ROOT / "static" / "vendor"
    table = dict(re.findall(r"^\| (\S+) \|.*\| ([0-9a-f]{64}) \|$", (folder / "README.md").read_text(), re.MULTILINE))
    files = {path.name for path in folder.iterdir() if path.suffix in (".js", ".woff2")}
    assert files == set(table)
    for name, sha256 in table.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == sha256, name
        assert b"sourceMappingURL" not in (folder / name).read_bytes()


def test_nothing_is_inline_in_the_templates():
    for path in (ROOT / "templates").rglob("*.html"):
        source = path.read_text()
        assert not re.search(r"\sstyle=|\son[a-z]+=\"|<style", source), path.name
        for script in re.findall(r"<script[^>]*>", source):
            assert "src=" in script or 'type="application/json"' in script, path.name
