"""What goes wrong while recording: a lost connection, a closed tab, a device that is refused or missing."""

import json
import re

import pytest
from browser_steps import ANSWER_SECONDS, await_results, begin, fetch, launch, open_devices, until
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_lost_connection_loses_nothing(visit, watch):
    watch.allow("ERR_INTERNET_DISCONNECTED")
    page = visit("/interviews/audio")
    open_devices(page)
    begin(page)
    expect(page.locator("[data-part=sending]")).to_contain_text("Saved up to here")
    page.context.set_offline(True)
    expect(page.locator("[data-part=sending]")).to_contain_text("The connection is lost")
    page.wait_for_timeout(2500)
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="Your answer")).to_be_visible()
    expect(page.locator("[data-part=sending]")).to_contain_text("All of it has arrived")
    page.get_by_role("button", name="Analyse this answer").click()
    await_results(page)
    assert abs(json.loads(fetch(page, page.url + ".json"))["source"]["seconds"] - ANSWER_SECONDS) < 1


def test_closed_tab_leaves_a_recording_that_can_be_finished(visit):
    page = visit("/interviews/audio")
    open_devices(page)
    begin(page)
    until(page, "() => /[1-9]\\d* kB/.test(document.querySelector('[data-part=sending]').textContent)")
    page.wait_for_timeout(2500)
    context = page.context
    page.close(run_before_unload=False)
    page = context.new_page()
    page.goto("/interviews/audio")
    expect(page.get_by_role("heading", name="A recording was not finished")).to_be_visible()
    page.get_by_role("button", name="Analyse what arrived").click()
    await_results(page)
    assert json.loads(fetch(page, page.url + ".json"))["source"]["seconds"] > 1.5
    page.goto("/interviews/audio")
    expect(page.get_by_role("heading", name="A recording was not finished")).to_have_count(0)


def test_recording_again_deletes_the_earlier_one(visit):
    page = visit("/interviews/audio")
    open_devices(page)
    begin(page)
    page.wait_for_timeout(1500)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("[data-part=sending]")).to_contain_text("All of it has arrived")
    page.get_by_role("button", name="Record again").click()
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/visitor")
    expect(page.locator("div").filter(has_text=re.compile(r"^Unfinished recordings")).locator("dd")).to_have_text("0")


def test_cancelled_thinking_time_records_nothing(visit):
    page = visit("/interviews/audio")
    open_devices(page)
    page.get_by_role("button", name="Record", exact=True).click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_visible()
    page.wait_for_timeout(1500)
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()


def test_nothing_is_recorded_without_consent(visit):
    page = visit("/interviews/audio")
    page.locator("[data-part=open]").click()
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator("#consent")).to_be_focused()
    expect(page.locator("[data-part=count]")).to_be_hidden()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("NotAllowedError", "was not allowed to use it"),
        ("NotFoundError", "No camera or no microphone was found"),
        ("NotReadableError", "in use by another program"),
        ("TypeError", "could not be started"),
    ],
)
def test_every_device_error_has_its_own_sentence(visit, name, sentence):
    page = visit("/interviews/video")
    page.evaluate("name => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', name)) }", name)
    page.locator("[data-part=open]").click()
    expect(page.locator("[data-part=trouble]")).to_contain_text(sentence)
    expect(page.locator("[data-part=open]")).to_be_enabled()


def test_refused_permission_is_explained_and_uploading_still_works(visit, playwright):
    refusing = launch(playwright, "--deny-permission-prompts")
    try:
        page = visit("/interviews/video", within=refusing)
        page.locator("[data-part=open]").click()
        expect(page.locator("[data-part=trouble]")).to_contain_text("was not allowed to use it")
        expect(page.get_by_role("button", name="Upload and analyse")).to_be_visible()
    finally:
        refusing.close()


def test_muted_microphone_is_noticed(visit):
    page = visit("/interviews/audio")
    page.evaluate("() => { navigator.mediaDevices.getUserMedia = async () => new AudioContext().createMediaStreamDestination().stream }")
    page.locator("[data-part=open]").click()
    expect(page.locator("[data-part=trouble]")).to_contain_text("gives no sound")


def test_insecure_address_is_explained(visit):
    page = visit("/")
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
    page.goto("/interviews/audio")
    expect(page.locator("[data-part=trouble]")).to_contain_text("only to secure pages")
    expect(page.locator("[data-part=open]")).to_be_disabled()
