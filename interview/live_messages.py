"""What a live page and the server say to each other, and the limits of it.

The page sends binary messages: 16 bytes of head (kind, number, seconds), then a JPEG or 16-bit sound at 16 kHz; and text
messages in JSON for what it wants. The server answers in JSON alone, and closes with one of the codes below.
"""

from __future__ import annotations

import json
import math
import struct
import time
from dataclasses import dataclass, field
from typing import Any

HEAD = struct.Struct("<BxxxId")  # kind, number of the message, seconds since the page began
PICTURE, SOUND = 1, 2
RECORD, CUT = 3, 4  # of the web process to the live process alone
SOUND_RATE = 16_000  # Hz
SAMPLE_BYTES = 2

MESSAGE_BYTES = 256_000  # of a whole message
PICTURE_BYTES = 200_000
SOUND_BYTES = SOUND_RATE * SAMPLE_BYTES  # one second
TEXT_CHARACTERS = 500
TAB_CHARACTERS = 64
HELD_MESSAGES = 16  # that arrived and were not looked at yet: two pictures may be on their way, the rest is sound
PICTURES_A_SECOND, PICTURES_AT_ONCE = 40.0, 20.0
SOUND_A_SECOND, SOUND_AT_ONCE = 2.0, 10.0  # seconds of sound: after a hiccup of the network some of it comes at once
TEXTS_A_SECOND, TEXTS_AT_ONCE = 2.0, 10.0

ELSEWHERE, MOVED, FULL, IDLE, TOO_MUCH, UNAVAILABLE, WRONG, NOT_AGREED = range(4001, 4009)  # codes that close a socket


class Refusal(Exception):
    """Close the socket with a code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Piece:
    """Hold a picture or a piece of sound as it arrived: its kind, number, time in seconds, and bytes."""

    kind: int
    number: int
    t: float
    data: bytes


@dataclass
class Allowance:
    """Allow so much a second, and so much at once (a token bucket)."""

    a_second: float
    at_once: float
    left: float = field(init=False)
    then: float = field(init=False)

    def __post_init__(self) -> None:
        self.left, self.then = self.at_once, time.monotonic()

    def take(self, much: float, at: float | None = None) -> None:
        """Take ``much`` of it.

        Raises
        ------
        Refusal
            When more is taken than has been allowed.
        """
        at = time.monotonic() if at is None else at
        self.left = min(self.at_once, self.left + (at - self.then) * self.a_second)
        self.then = at
        if much > self.left:
            raise Refusal(TOO_MUCH)
        self.left -= much


def packed(kind: int, number: int, t: float, data: bytes) -> bytes:
    """Return a picture or a piece of sound as it is sent."""
    return HEAD.pack(kind, number, t) + data


def piece_of(message: bytes) -> Piece:
    """Read a binary message.

    Raises
    ------
    Refusal
        When it is none of ours.
    """
    if len(message) <= HEAD.size:
        raise Refusal(WRONG)
    kind, number, t = HEAD.unpack_from(message)
    data = message[HEAD.size :]
    limit = {PICTURE: PICTURE_BYTES, SOUND: SOUND_BYTES}.get(kind)
    if limit is None or not (math.isfinite(t) and t >= 0) or len(data) > limit or (kind == SOUND and len(data) % SAMPLE_BYTES):
        raise Refusal(WRONG)
    return Piece(kind, number, t, data)


def wish_of(message: str) -> dict[str, Any]:
    """Read a text message: an object with a ``type``.

    Raises
    ------
    Refusal
        When it is none of ours.
    """
    if len(message) > TEXT_CHARACTERS:
        raise Refusal(WRONG)
    try:
        wish = json.loads(message)
    except (ValueError, RecursionError):
        raise Refusal(WRONG) from None
    if not isinstance(wish, dict) or not isinstance(wish.get("type"), str):
        raise Refusal(WRONG)
    return wish
