"""The live socket: whose it is, what it lets in, and how it ends; on a real server, with a stand-in for the models."""

import json
import random
import threading
import time

import pytest
from simple_websocket import Client, ConnectionClosed, ConnectionError
from werkzeug.serving import make_server

from app import create_app
from interview import live, live_link, live_process, live_takes
from interview.database import upgrade
from interview.live_messages import (
    CUT,
    ELSEWHERE,
    FULL,
    HEAD,
    HELD_MESSAGES,
    IDLE,
    MESSAGE_BYTES,
    MOVED,
    NOT_AGREED,
    PICTURE,
    RECORD,
    SOUND,
    TOO_MUCH,
    UNAVAILABLE,
    WRONG,
    packed,
)  # fmt: skip
from interview.live_seats import EXTENSION
from interview.models import versions

PATIENCE = 10  # seconds
JPEG = b"\xff\xd8 a picture"


class StandIn:
    """Answer as the live process does, without a network; a picture ``slow`` takes a while, ``bad`` is refused, ``die`` breaks it."""

    def close(self):
        pass

    def answer(self, message):
        kind, _, t = HEAD.unpack_from(message)
        if kind == RECORD:
            return {"type": "recording", "t": t}
        if kind == CUT:
            return {"type": "taken", "take": "what was seen"}
        piece = live_process.piece_of(message)
        if piece.kind == SOUND:
            return {"type": "heard", "n": piece.number, "moments": []} if len(piece.data) > 100 else None
        if piece.data == b"slow":
            time.sleep(0.4)
        if piece.data == b"die":
            raise OSError("gone")
        if piece.data == b"bad":
            return {"type": "refused", "n": piece.number, "reason": "no"}
        return {"type": "seen", "n": piece.number, "t": piece.t, "bytes": len(piece.data)}


@pytest.fixture
def app(settings):
    app = create_app({**settings, "LIVE_VISITORS": 2, "SECRET_KEY": "for the tests"})
    upgrade(app)
    return app


@pytest.fixture
def looking(app):
    listening = live_link.listener(app.config)
    threading.Thread(target=live_process.serve, args=(listening, StandIn), daemon=True).start()
    yield listening
    listening.close()


@pytest.fixture
def address(app, looking):
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()


class Person:
    """A visitor's browser: a cookie, and sockets."""

    def __init__(self, app, address, agrees=True):
        self.app, self.address, self.client = app, address, app.test_client()
        if agrees:
            assert self.client.post("/live/consent", json={"consent": True}).status_code == 201

    def socket(self, origin="http://127.0.0.1", headers=None):
        cookie = self.client.get_cookie("interview")
        sent = {"Origin": origin, **({"Cookie": f"interview={cookie.value}"} if cookie else {}), **(headers or {})}
        return Client.connect(f"ws://{self.address}/live/socket", headers={k: v for k, v in sent.items() if v})

    def greeting(self, tab="1", headers=None, **wish):
        ws = self.socket(headers=headers)
        ws.send(json.dumps({"type": "hello", "tab": tab, **wish}))
        return ws

    def live(self, tab="1", **wish):
        ws = self.greeting(tab, **wish)
        assert json.loads(ws.receive(PATIENCE)) == {"type": "ready"}
        return ws


@pytest.fixture
def person(app, address):
    return Person(app, address)


def code_of(ws):
    """Return the code with which a socket is closed."""
    with pytest.raises(ConnectionClosed) as closed:
        for _ in range(200):
            assert ws.receive(PATIENCE) is not None, "it was not closed"
    return closed.value.reason


def seen(ws, number, data=JPEG):
    ws.send(packed(PICTURE, number, number / 25, data))
    return json.loads(ws.receive(PATIENCE))


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


@pytest.mark.parametrize(
    "hello",
    [
        "",
        "hello",
        "{}",
        '{"type": "hello"}',
        '{"type": "hello", "tab": 1}',
        '{"type": "hello", "tab": ""}',
        json.dumps({"type": "hello", "tab": "x" * 65}),
        b"\x01" * 40,
    ],
)
def test_who_does_not_say_hello_is_refused(person, hello):
    ws = person.socket()
    ws.send(hello)
    assert code_of(ws) == WRONG


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b"\x00", WRONG),
        (packed(9, 1, 0.0, b"x"), WRONG),
        (packed(PICTURE, 1, float("nan"), b"x"), WRONG),
        ("[]", WRONG),
        (packed(PICTURE, 1, 0.0, bytes(MESSAGE_BYTES)), 1009),
    ],
)
def test_garbage_ends_the_socket_with_its_code_and_leaves_the_server_well(person, message, code):
    ws = person.live()
    ws.send(message)
    assert code_of(ws) == code
    assert seen(person.live(), 1)["type"] == "seen"


def test_too_many_pictures_or_too_much_sound_is_refused(person):
    ws = person.live()
    with pytest.raises(ConnectionClosed) as closed:
        for number in range(200):
            seen(ws, number)
    assert closed.value.reason == TOO_MUCH
    ws = person.live()
    with pytest.raises(ConnectionClosed) as closed:
        for number in range(200):
            ws.send(packed(SOUND, number, 0.0, bytes(32_000)))
            ws.receive(PATIENCE)
    assert closed.value.reason == TOO_MUCH


def test_a_flood_that_nobody_reads_ends_the_connection(person):
    ws = person.live()
    with pytest.raises((ConnectionClosed, OSError)):
        for number in range(50 * HELD_MESSAGES):
            ws.send(packed(PICTURE, number, 0.0, b"slow"))
            time.sleep(0.001)
    assert seen(person.live(), 1)["type"] == "seen"


def test_pictures_that_are_none_are_told_and_in_the_end_refused(person):
    ws = person.live()
    assert seen(ws, 1, b"bad")["type"] == "refused"
    with pytest.raises(ConnectionClosed) as closed:
        for number in range(live.REFUSALS_MOST + 1):
            time.sleep(1 / 40)
            seen(ws, number, b"bad")
    assert closed.value.reason == TOO_MUCH


def test_an_idle_socket_is_closed_and_its_seat_given_back(app, person, monkeypatch):
    monkeypatch.setattr(live, "IDLE_SECONDS", 1.0)
    ws = person.live()
    assert code_of(ws) == IDLE
    assert not app.extensions[EXTENSION].taken


def test_who_never_says_hello_is_closed(person, monkeypatch):
    monkeypatch.setattr(live, "HELLO_SECONDS", 0.3)
    assert code_of(person.socket()) == IDLE


def test_a_broken_live_process_is_told_and_the_next_attempt_works(person):
    ws = person.live()
    ws.send(packed(PICTURE, 1, 0.0, b"die"))
    assert code_of(ws) == UNAVAILABLE
    assert seen(person.live(), 1)["type"] == "seen"


def test_without_a_live_process_it_says_so(app, address, looking, person):
    looking.close()
    assert code_of(person.greeting()) == UNAVAILABLE


def test_nobody_without_the_key_reaches_the_live_process(app, looking):
    from multiprocessing import AuthenticationError

    with pytest.raises((AuthenticationError, EOFError, OSError)):
        live_link.connect({**app.config, "SECRET_KEY": "another"})
    with live_link.connect(app.config) as link:
        assert json.loads(link.recv_bytes()) == {"type": "ready"}


def test_a_long_instance_folder_still_has_a_socket(tmp_path):
    path = live_link.address(str(tmp_path / ("long" * 40)))
    assert len(path) < live_link.LONGEST_PATH
    assert path == live_link.address(str(tmp_path / ("long" * 40))) != live_link.address(str(tmp_path / ("other" * 40)))


def test_random_messages_never_break_the_server(app, address):
    chance = random.Random(20261125)
    people = [Person(app, address) for _ in range(2)]
    for turn in range(60):
        ws = people[turn % 2].socket()
        try:
            if chance.random() < 0.8:
                ws.send(json.dumps({"type": "hello", "tab": "1", "here": True}))
            for _ in range(chance.randrange(1, 6)):
                message = chance.randbytes(chance.choice((0, 1, 16, 17, 200, 5000)))
                choice = chance.random()
                if choice < 0.3:
                    message = packed(chance.choice((PICTURE, SOUND, 7)), chance.randrange(2**32), chance.uniform(-1, 9), message)
                elif choice < 0.4:
                    message = message.decode("latin-1")
                elif choice < 0.5:
                    ws.sock.send(message)  # no frame at all
                    continue
                ws.send(message)
        except (ConnectionClosed, OSError):
            pass
        finally:
            ws.sock.close()
    assert seen(people[0].live(here=True), 1)["type"] == "seen"
    assert people[0].client.get("/healthz").json["models"] == versions()


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
