"""The whole road between a recruiter and a candidate, as both would go it."""

import re

import pytest
from browser_steps import ANALYSIS_MS, WRITTEN, begin, until
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

KINDS = ("text", "audio", "video")
TITLE = "Sales, first round"


def compose(page):
    """Compose an interview of three questions, one for each way of answering, and return Bob's link."""
    page.goto("/desk/interviews/new")
    page.get_by_label("Title").fill(TITLE)
    for number, kind in enumerate(KINDS):
        if number:
            page.get_by_role("button", name="Add a question").click()
        page.locator(f"#kind-{number}").select_option(kind)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
    page.get_by_label("One name a line").fill("Bob, bob@example.org")
    page.get_by_role("button", name="Make the links").click()
    return page.locator("td.link").inner_text()


def record(page):
    """Record an answer of two seconds and hand it in."""
    page.locator("#consent").check()
    if page.locator("[data-part=open]").is_visible():
        page.locator("[data-part=open]").click()
    begin(page)
    page.wait_for_timeout(2_500)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("[data-part=sending]")).to_contain_text("All of it has arrived")
    page.get_by_role("button", name="Hand in this answer").click()


def await_analyses(page):
    def ready():
        page.reload()
        return page.get_by_text("· ready").count() == len(KINDS)

    for _ in range(ANALYSIS_MS // 2_000):
        if ready():
            return
        page.wait_for_timeout(2_000)
    raise AssertionError(page.locator("main").inner_text())


def test_recruiter_invites_candidate_answers_shares_reads_a_comment_and_withdraws(visit, watch, sign_in):
    watch.allow("status of 404")
    watch.allow("status of 410")
    desk = sign_in(visit("/desk"))
    link = compose(desk)

    page = visit("/")
    page.goto(link)
    expect(page.get_by_role("heading", name="What Ann sees")).to_be_visible()
    page.get_by_label("I have read who asks").check()
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("link", name="Answer question 1").click()
    page.get_by_label("Your answer, in English").fill(WRITTEN)
    page.locator("#consent").check()
    page.get_by_role("button", name="Hand in this answer").click()
    page.get_by_role("link", name="Answer question 2").click()
    record(page)
    page.get_by_role("link", name="Answer question 3").click()
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_visible()  # the devices were checked at question 2
    record(page)
    expect(page.get_by_text("3 of 3 answered")).to_be_visible()
    await_analyses(page)

    desk.reload()
    expect(desk.get_by_role("row", name="Bob")).to_contain_text("3 of 3")
    expect(desk.get_by_role("row", name="Bob").get_by_role("cell").nth(2)).to_have_text("0")
    page.get_by_label("Share this answer").nth(2).check()
    page.get_by_role("button", name="Save what is shared").click()
    expect(page.get_by_role("status")).to_contain_text("Ann sees what is ticked")

    desk.get_by_role("link", name="Bob").click()
    shared = desk.locator(".answers h3 a")
    expect(shared).to_have_count(1)
    expect(desk.locator("main")).not_to_contain_text("food drive")
    shared.click()
    player = desk.locator("video[data-player]")
    assert player.evaluate("v => v.readyState > 0 || new Promise(r => v.onloadedmetadata = () => r(true))")
    assert not re.search(r"happy|sad|angry|surprise|neutral|unclear", desk.locator("main").inner_text(), re.IGNORECASE)
    player.evaluate("v => { v.currentTime = 1.2 }")
    desk.get_by_role("button", name="Where the player is").click()
    expect(desk.get_by_label("At the moment")).to_have_value("0:01.2")
    desk.get_by_label("Your comment").fill("A good pause")
    desk.get_by_role("button", name="Write the comment").click()
    expect(desk.get_by_text("A good pause")).to_be_visible()

    page.locator(".takes a").nth(2).click()
    expect(page.get_by_role("heading", name="Who looked at this answer")).to_be_visible()
    page.get_by_role("button", name="0:01.2").click()
    until(page, "() => Math.abs(document.querySelector('[data-player]').currentTime - 1.2) < 0.1")
    page.get_by_role("link", name="Back to the whole interview").click()
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_role("status")).to_contain_text("You have withdrawn")
    assert desk.reload().status == 404
    assert page.goto(link).status == 410


def test_a_preview_records_and_sends_nothing(visit, sign_in):
    desk = sign_in(visit("/desk"))
    compose(desk)
    desk.get_by_role("link", name="Preview as a candidate").click()
    desk.get_by_role("link", name="Preview this question").nth(1).click()
    changes = []
    desk.on("request", lambda request: changes.append(request.url) if request.method != "GET" else None)
    desk.locator("#consent").check()
    desk.locator("[data-part=open]").click()
    begin(desk)
    desk.get_by_role("button", name="Stop").click()
    expect(desk.get_by_text("nothing is sent or kept")).to_be_visible()
    expect(desk.get_by_role("button", name="Hand in this answer")).to_be_hidden()
    assert changes == []
