"""The live page and its socket: pictures and sound in, numbers out; nothing of them is kept.

The socket ends in the web process, which checks and counts, and hands each message on to the live process (``live_process``).
"""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Connection
from typing import Any

from flask import Blueprint, abort, current_app, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_sock import Sock
from simple_websocket import ConnectionClosed, Server
from werkzeug.wrappers import Response

from interview import live_link, questions, sittings, visitors
from interview.colours import EMOTIONS
from interview.database import db
from interview.desk_database import Step
from interview.interviews import limits, retention_days
from interview.live_messages import (
    CUT,
    HEAD,
    HELD_MESSAGES,
    IDLE,
    MESSAGE_BYTES,
    NOT_AGREED,
    PICTURE,
    PICTURES_A_SECOND,
    PICTURES_AT_ONCE,
    RECORD,
    SAMPLE_BYTES,
    SOUND_A_SECOND,
    SOUND_AT_ONCE,
    SOUND_RATE,
    TAB_CHARACTERS,
    TEXTS_A_SECOND,
    TEXTS_AT_ONCE,
    TOO_MUCH,
    UNAVAILABLE,
    WRONG,
    Allowance,
    Refusal,
    piece_of,
    wish_of,
)
from interview.live_seats import Seat, seats
from interview.live_takes import takes

bp = Blueprint("live", __name__, url_prefix="/live")
sock = Sock()

CONSENT = "live"
SOCKET = "live.socket"
HELLO_SECONDS = 10.0
LONGEST_SECONDS = 86_400.0 * 7  # that a page may have been open
IDLE_SECONDS = 60.0
LOOK_SECONDS = 0.5  # between two looks at whether the seat was taken over, while nothing arrives
ANSWER_SECONDS = 15.0  # that an answer of the live process may take
LOADING_SECONDS = 60.0  # that its networks may take to load
SEND_SECONDS = 10.0
PING_SECONDS = 15.0
REFUSALS_MOST = 20  # pictures that could not be decoded
RECEIVED_BYTES = 16_384  # read at once
LINK_ERRORS = (OSError, EOFError, AuthenticationError)
SERVER_OPTIONS = {"max_message_size": MESSAGE_BYTES, "receive_bytes": RECEIVED_BYTES, "ping_interval": PING_SECONDS}


class Held(list[Any]):
    """Hold the messages that arrived; the connection ends when somebody sends more than is being read."""

    def append(self, message: Any) -> None:
        if len(self) >= HELD_MESSAGES:
            raise OSError("more arrives than is being read")
        super().append(message)


@bp.record_once
def set_up(state: Any) -> None:
    state.app.config.setdefault("SOCK_SERVER_OPTIONS", SERVER_OPTIONS)


@bp.before_request
def check() -> None:
    if not current_app.config["LIVE_VISITORS"]:
        abort(404)
    if request.endpoint == SOCKET:
        if request.headers.get("Origin", "").lower() != request.host_url.rstrip("/").lower():
            abort(403)
        request.environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)  # JPEGs do not get smaller, and a small message must not swell


@bp.get("")
def show() -> ResponseReturnValue:
    place = _place()
    if isinstance(place, Response):
        return place
    _wake(dict(current_app.config))
    visitor = visitors.current()
    question = questions.choose(request.args.get("question"), None, None)
    return render_template(
        "live/show.html",
        emotions=list(EMOTIONS),
        question=place.question if place else question.text,
        fields={"sitting": request.args["sitting"], "step": place.id} if place else {"question": question.id},
        place=place,
        limits=limits() | (sittings.times(place) if place else {}),
        retention=retention_days(),
        agreed=visitors.consented(visitor, CONSENT),
        agreed_recording=visitors.consented(visitor, "video"),
    )


def _place() -> Step | Response | None:
    """Return the question of a whole interview that is to be answered live, or the way back to it where it takes no such answer."""
    if "sitting" not in request.args:
        return None
    sitting = sittings.own(request.args["sitting"])
    number = request.args.get("number", type=int) or 0
    step = sittings.step_of(sitting, number)
    if not sittings.takes_video(sitting, step):
        return redirect(url_for("sittings.question", id=sitting.id, number=number), 303)
    return step


@bp.post("/consent")
def consent() -> ResponseReturnValue:
    visitors.consent(visitors.required(), CONSENT, bool((request.get_json(silent=True) or {}).get("consent")))
    return jsonify(agreed=True), 201


@sock.route("/socket", bp=bp, endpoint="socket")
def socket(ws: Server) -> None:
    ws.input_buffer = Held(ws.input_buffer)
    ws.sock.settimeout(SEND_SECONDS)
    try:
        tab, is_wanted_here = _greeted(ws)
        visitor = visitors.current()
        if visitor is None or not visitors.consented(visitor, CONSENT):
            raise Refusal(NOT_AGREED)
        identity = visitor.id
        db.session.remove()  # no connection to the database is held while somebody is live
        seat = seats().take(identity, tab, is_wanted_here)
        try:
            with live_link.connect(current_app.config) as link:
                _converse(ws, seat, link)
        finally:
            seats().leave(seat)
    except Refusal as refusal:
        _close(ws, refusal.code)
    except ConnectionClosed:
        pass
    except LINK_ERRORS as error:
        current_app.logger.warning("the live process cannot be reached: %r", error)
        _close(ws, UNAVAILABLE)


def _greeted(ws: Server) -> tuple[str, bool]:
    """Return the tab that says hello, and whether it takes the seat of another one."""
    message = ws.receive(timeout=HELLO_SECONDS)
    if message is None:
        raise Refusal(IDLE)
    wish = wish_of(message) if isinstance(message, str) else {}
    tab = wish.get("tab")
    if wish.get("type") != "hello" or not isinstance(tab, str) or not 0 < len(tab) <= TAB_CHARACTERS:
        raise Refusal(WRONG)
    return tab, wish.get("here") is True


def _converse(ws: Server, seat: Seat, link: Connection) -> None:
    ws.send(_answered(link, LOADING_SECONDS).decode())
    pictures, sounds = Allowance(PICTURES_A_SECOND, PICTURES_AT_ONCE), Allowance(SOUND_A_SECOND, SOUND_AT_ONCE)
    texts, refused, waited = Allowance(TEXTS_A_SECOND, TEXTS_AT_ONCE), 0, 0.0
    while True:
        message = ws.receive(timeout=LOOK_SECONDS)
        if seat.ended is not None:
            raise Refusal(seat.ended)
        if message is None:
            waited += LOOK_SECONDS
            if waited >= IDLE_SECONDS:
                raise Refusal(IDLE)
            continue
        waited = 0.0
        if isinstance(message, str):
            texts.take(1)
            _grant(ws, seat, link, wish_of(message))
            continue
        piece = piece_of(message)
        if piece.kind == PICTURE:
            pictures.take(1)
        else:
            sounds.take(len(piece.data) / SAMPLE_BYTES / SOUND_RATE)
        link.send_bytes(message)
        if answer := _answered(link, ANSWER_SECONDS):
            refused = refused + 1 if answer.startswith(b'{"type": "refused"') else 0
            if refused > REFUSALS_MOST:
                raise Refusal(TOO_MUCH)
            ws.send(answer.decode())


def _grant(ws: Server, seat: Seat, link: Connection, wish: dict[str, Any]) -> None:
    """Do what a text message wants: ``record`` keeps what is seen from a time on, ``cut`` ends that."""
    if wish["type"] == "record":
        t = wish.get("t")
        if not isinstance(t, (int, float)) or not 0 <= t < LONGEST_SECONDS:
            raise Refusal(WRONG)
        link.send_bytes(HEAD.pack(RECORD, 0, t))
        ws.send(_answered(link, ANSWER_SECONDS).decode())
    elif wish["type"] == "cut":
        link.send_bytes(HEAD.pack(CUT, 0, 0.0))
        take = json.loads(_answered(link, ANSWER_SECONDS))["take"]
        if take is not None:
            takes().keep(seat.visitor, take)
        ws.send(json.dumps({"type": "taken", "kept": take is not None}))
    else:
        raise Refusal(WRONG)


def _answered(link: Connection, seconds: float) -> bytes:
    if not link.poll(seconds):
        raise TimeoutError("the live process does not answer")
    return link.recv_bytes()


def _close(ws: Server, code: int) -> None:
    with suppress(ConnectionClosed, OSError):
        ws.close(code)


def _wake(config: dict[str, Any]) -> None:
    """Let the live process load its networks while the person reads the page."""

    def knock() -> None:
        with suppress(*LINK_ERRORS), live_link.connect(config) as link:
            link.poll(LOADING_SECONDS)

    threading.Thread(target=knock, name="knock", daemon=True).start()
