"""What the live socket does not stand: garbage, floods, silence, and a process that breaks."""

import json
import random
import time

import pytest
from live_steps import PATIENCE, Person, code_of, seen
from simple_websocket import ConnectionClosed

from interview import live, live_link
from interview.live_messages import (
    HELD_MESSAGES,
    IDLE,
    MESSAGE_BYTES,
    PICTURE,
    SOUND,
    TOO_MUCH,
    UNAVAILABLE,
    WRONG,
    packed,
)  # fmt: skip
from interview.live_seats import EXTENSION
from interview.models import versions


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
