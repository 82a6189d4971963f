"""From the question to the results, in all three ways, as a person would."""

import json
import re

import pytest
from browser_steps import CLIPS, DESKTOP, PHONE, WRITTEN, await_results, begin, fetch, open_devices, until
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

SIZES = pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])


def no_sideways_scroll(page):
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@SIZES
def test_written_answer_leads_to_traits(visit, viewport):
    page = visit("/", viewport)
    page.get_by_role("link", name="In writing").click()
    page.get_by_label("Your answer, in English").fill("Too short")
    expect(page.locator("#count")).to_have_text(re.compile(r"^Words: 2\. From 50 on"))
    page.get_by_label("Your answer, in English").fill(WRITTEN)
    expect(page.locator("#count")).to_have_text(f"Words: {len(WRITTEN.split())}.")
    page.locator("#consent").check()
    page.get_by_role("button", name="Analyse this answer").click()
    await_results(page)
    for trait in ("Openness", "Conscientiousness", "Extraversion", "Agreeableness", "Neuroticism"):
        expect(page.get_by_role("row", name=trait)).to_contain_text("evidence")
    expect(page.locator("[data-chart=traits] canvas")).to_be_visible()
    expect(page.locator("[data-chart=words] canvas")).to_be_visible()
    expect(page.locator(".own")).to_contain_text(WRITTEN.split(". ")[1])
    unlabelled = "() => { const copy = document.querySelector('.own').cloneNode(true); copy.querySelectorAll('.label').forEach((l) => l.remove()); return copy.textContent; }"
    assert page.evaluate(unlabelled).strip() == WRITTEN
    expect(page.get_by_text("needs at least 5 other people").first).to_be_visible()
    assert no_sideways_scroll(page)


@SIZES
def test_recorded_voice_leads_to_emotions_over_time(visit, viewport):
    page = visit("/interviews/audio", viewport)
    open_devices(page)
    expect(page.locator("[data-part=heard]")).to_have_text("The microphone hears you.")
    begin(page)
    expect(page.locator("[data-part=count-word]")).to_have_text("Recording")
    expect(page.locator("[data-part=sending]")).to_contain_text("Saved up to here")
    expect(page.get_by_role("heading", name="Your answer")).to_be_focused()
    expect(page.locator("[data-part=sending]")).to_contain_text("All of it has arrived")
    assert page.locator("audio[data-part=playback]").evaluate("a => new Promise(r => { a.onloadeddata = () => r(true); a.onerror = () => r(false); a.load() })")
    page.get_by_role("button", name="Analyse this answer").click()
    await_results(page)
    expect(page.locator("[data-chart=emotions] canvas")).to_be_visible()
    expect(page.locator("[data-chart=shares] canvas")).to_be_visible()
    result = json.loads(fetch(page, page.url + ".json"))
    assert result["modality"] == "audio" and 3 < result["source"]["seconds"] < 8
    assert no_sideways_scroll(page)


@SIZES
def test_recorded_video_leads_to_face_and_voice(visit, viewport):
    page = visit("/interviews/video", viewport)
    open_devices(page)
    assert page.locator("[data-part=preview]").evaluate("v => v.videoWidth") == 640
    begin(page)
    expect(page.get_by_role("heading", name="Your answer")).to_be_focused(timeout=20_000)
    expect(page.locator("[data-part=sending]")).to_contain_text("All of it has arrived")
    page.get_by_role("button", name="Analyse this answer").click()
    await_results(page)
    for name in ("emotions", "shares", "voice_emotions", "voice_shares"):
        expect(page.locator(f"[data-chart={name}] canvas")).to_be_visible()
    assert page.locator(".frame img").first.evaluate("i => i.decode().then(() => i.naturalWidth > 0)")
    expect(page.locator(".frame svg rect").first).to_be_attached()
    assert page.locator(".frame").first.locator("circle").count() == 68
    assert no_sideways_scroll(page)


def test_player_and_charts_move_together(visit):
    page = visit("/interviews/video")
    page.locator("#recording").set_input_files(CLIPS / "v06_grid_woman_3s.mp4")
    page.locator("#consent").check()
    page.get_by_role("button", name="Upload and analyse").click()
    await_results(page)
    player, canvas = page.locator("[data-player]"), page.locator("[data-chart=emotions] canvas")
    expect(canvas).to_be_visible()
    assert player.evaluate("v => v.readyState > 0 || new Promise(r => v.onloadedmetadata = () => r(true))")
    before = canvas.evaluate("c => c.toDataURL()")
    box = canvas.bounding_box()
    canvas.click(position={"x": box["width"] * 0.7, "y": box["height"] * 0.4})
    until(page, "() => document.querySelector('[data-player]').currentTime > 1")
    assert player.evaluate("v => v.currentTime") < 3
    until(page, "before => document.querySelector('[data-chart=emotions] canvas').toDataURL() !== before", before)
    frame = page.locator(".frame").last
    frame.click()
    wanted = float(frame.get_attribute("data-seek"))
    until(page, "t => Math.abs(document.querySelector('[data-player]').currentTime - t) < 0.1", wanted)


def test_own_question_takes_the_place_of_the_banks(visit):
    page = visit("/interviews/text")
    first = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("link", name="Another question").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text(first)
    page.get_by_text("Choose a question, or write your own").click()
    page.get_by_label("Your own question").fill("Why do you want to work on lighthouses?")
    expect(page.get_by_role("heading", level=1)).to_have_text("Why do you want to work on lighthouses?")
    page.get_by_label("Your answer, in English").fill(WRITTEN)
    page.locator("#consent").check()
    page.get_by_role("button", name="Analyse this answer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Why do you want to work on lighthouses?")


def test_draft_survives_a_reload(visit):
    page = visit("/interviews/text")
    page.get_by_label("Your answer, in English").fill("A draft that must not be lost")
    page.reload()
    expect(page.get_by_label("Your answer, in English")).to_have_value("A draft that must not be lost")


def test_file_that_is_no_recording_gets_a_sentence(visit, watch):
    watch.allow("status of 422")
    page = visit("/interviews/video")
    page.locator("#recording").set_input_files(CLIPS / "bad" / "x04_text_renamed.mp4")
    page.locator("#consent").check()
    page.get_by_role("button", name="Upload and analyse").click()
    expect(page.get_by_role("alert").first).to_be_visible()


def test_video_without_a_face_fails_with_a_sentence_and_keeps_the_file(visit):
    page = visit("/interviews/video")
    page.locator("#recording").set_input_files(CLIPS / "pyfeat_no_face.mp4")
    page.locator("#consent").check()
    page.get_by_role("button", name="Upload and analyse").click()
    expect(page.get_by_role("heading", name="This answer could not be analysed")).to_be_visible(timeout=120_000)
    expect(page.get_by_text("nothing is lost")).to_be_visible()
    page.get_by_role("button", name="Try the analysis again").click()
    expect(page.get_by_role("heading", name="This answer could not be analysed")).to_be_visible(timeout=120_000)
