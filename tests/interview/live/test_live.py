"""The live socket: whose it is, what it lets in, and how it ends; on a real server, with a stand-in for the models."""

import json
import time

import pytest
from live_steps import JPEG, PATIENCE, Person, code_of, seen
from simple_websocket import ConnectionError

from app import create_app
from interview import live_takes
from interview.database import upgrade
from interview.live_messages import (
    CUT,
    ELSEWHERE,
    FULL,
    MOVED,
    NOT_AGREED,
    PICTURE,
    RECORD,
    SOUND,
    WRONG,
    packed,
)  # fmt: skip
from interview.live_seats import EXTENSION


def test_pictures_are_answered_in_turn_and_sound_when_there_is_something_to_say(person):
    ws = person.live()
    for number in range(5):
        assert seen(ws, number) == {"type": "seen", "n": number, "t": number / 25, "bytes": len(JPEG)}
    ws.send(packed(SOUND, 5, 1.0, bytes(100)))
    ws.send(packed(SOUND, 6, 1.0, bytes(200)))
    assert json.loads(ws.receive(PATIENCE))["n"] == 6
    ws.close()


def test_what_is_seen_during_a_recording_is_kept_for_its_visitor_once(app, person):
    ws = person.live()
    ws.send(json.dumps({"type": "record", "t": 1.5}))
    assert json.loads(ws.receive(PATIENCE)) == {"type": "recording", "t": 1.5}
    ws.send(json.dumps({"type": "cut"}))
    assert json.loads(ws.receive(PATIENCE)) == {"type": "taken", "kept": True}
    ((visitor, (_, take)),) = app.extensions[live_takes.EXTENSION].kept.items()
    assert take == "what was seen"
    assert app.extensions[live_takes.EXTENSION].fetch(visitor) == take
    assert app.extensions[live_takes.EXTENSION].fetch(visitor) is None


def test_a_take_that_nobody_fetches_is_forgotten(monkeypatch):
    takes = live_takes.Takes()
    takes.keep("ada", "seen")
    monkeypatch.setattr(live_takes, "KEPT_SECONDS", 0.0)
    assert takes.fetch("ada") is None
    takes.keep("ada", "seen")
    takes.keep("bert", "seen")
    assert list(takes.kept) == ["bert"]


@pytest.mark.parametrize(
    "wish", [{"type": "record"}, {"type": "record", "t": -1}, {"type": "record", "t": "now"}, {"type": "record", "t": 1e300}, {"type": "other"}]
)
def test_a_wish_that_is_none_ends_the_socket(person, wish):
    ws = person.live()
    ws.send(json.dumps(wish))
    assert code_of(ws) == WRONG


@pytest.mark.parametrize("kind", [RECORD, CUT])
def test_a_page_cannot_speak_to_the_live_process_in_the_servers_name(person, kind):
    ws = person.live()
    ws.send(packed(kind, 1, 0.0, b"x"))
    assert code_of(ws) == WRONG


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1.evil.example", "https://127.0.0.1", "null", None])
def test_another_sites_page_is_refused(person, origin):
    with pytest.raises(ConnectionError, match="403"):
        person.socket(origin)


def test_the_socket_belongs_to_a_visitor_who_agreed(app, address, person):
    assert code_of(Person(app, address, agrees=False).greeting()) == NOT_AGREED
    assert code_of(person.greeting(headers={"Cookie": "interview=forged"})) == NOT_AGREED
    assert Person(app, address, agrees=False).client.post("/live/consent", json={}).status_code == 422


def test_taking_the_agreement_back_ends_it_at_once(person):
    ws = person.live()
    person.client.post("/visitor", data={"action": "withdraw", "modality": "live"})
    assert code_of(ws) == NOT_AGREED
    assert code_of(person.greeting()) == NOT_AGREED


def test_deleting_everything_ends_it_at_once(person):
    ws = person.live()
    person.client.post("/visitor", data={"action": "delete"})
    assert code_of(ws) == NOT_AGREED


def test_a_newcomer_is_told_when_it_is_full_and_those_inside_go_on(app, address):
    inside = [Person(app, address).live() for _ in range(2)]
    assert code_of(Person(app, address).greeting()) == FULL
    assert [seen(each, 1)["type"] for each in inside] == ["seen", "seen"]
    inside[0].close()
    end = time.monotonic() + PATIENCE
    while len(app.extensions[EXTENSION].taken) > 1:
        assert time.monotonic() < end
        time.sleep(0.02)
    assert seen(Person(app, address).live(), 1)["type"] == "seen"


def test_a_second_tab_is_told_and_may_take_over(person):
    first = person.live("1")
    assert code_of(person.greeting("2")) == ELSEWHERE
    third = person.live("2", here=True)
    assert code_of(first) == MOVED
    assert seen(third, 1)["type"] == "seen"


def test_one_slow_visitor_does_not_slow_another(app, address):
    slow, quick = Person(app, address).live(), Person(app, address).live()
    slow.send(packed(PICTURE, 1, 0.0, b"slow"))
    began = time.monotonic()
    assert all(seen(quick, number)["type"] == "seen" for number in range(5))
    assert time.monotonic() - began < 0.3
    assert json.loads(slow.receive(PATIENCE))["n"] == 1


def test_the_page_shows_what_is_sent_where_and_is_linked(visit):
    page = visit.client.get("/live").text
    assert "to no other" in page
    assert 'href="/live"' in visit.client.get("/").text


def test_without_seats_there_is_no_live_page(settings):
    app = create_app({**settings, "LIVE_VISITORS": 0})
    upgrade(app)
    assert app.test_client().get("/live").status_code == 404
    assert 'href="/live"' not in app.test_client().get("/").text


def test_a_visit_to_the_page_keeps_nothing(visit):
    visit.client.get("/live")
    assert visit.client.get_cookie("interview") is None or "visitor" not in str(visit.client.get_cookie("interview").value)
