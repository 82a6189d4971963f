"""What a page may send: read without trust, and counted."""

import json
import math
import random

import pytest

from interview.live_messages import HEAD, PICTURE, PICTURE_BYTES, SOUND, SOUND_BYTES, TOO_MUCH, WRONG, Allowance, Refusal, packed, piece_of, wish_of


def test_a_piece_is_read_as_it_was_packed():
    piece = piece_of(packed(PICTURE, 7, 1.25, b"jpeg"))
    assert (piece.kind, piece.number, piece.t, piece.data) == (PICTURE, 7, 1.25, b"jpeg")
    assert HEAD.size == 16


@pytest.mark.parametrize(
    "message",
    [
        b"", b"\x01", bytes(16), packed(0, 1, 0.0, b"x"), packed(3, 1, 0.0, b"x"), packed(255, 1, 0.0, b"x"), packed(PICTURE, 1, 0.0, b""),
        packed(PICTURE, 1, math.nan, b"x"), packed(PICTURE, 1, math.inf, b"x"), packed(PICTURE, 1, -1.0, b"x"), packed(PICTURE, 1, 0.0, bytes(PICTURE_BYTES + 1)),
        packed(SOUND, 1, 0.0, b"odd"), packed(SOUND, 1, 0.0, bytes(SOUND_BYTES + 2)),
    ],
)  # fmt: skip
def test_a_piece_that_is_none_is_refused(message):
    with pytest.raises(Refusal) as refusal:
        piece_of(message)
    assert refusal.value.code == WRONG


@pytest.mark.parametrize(
    "message", ["", "hello", "[]", "1", "null", '"type"', "{}", '{"type": 1}', '{"type": ' * 3, "[" * 499, '{"type": "' + "x" * 500 + '"}']
)
def test_a_wish_that_is_none_is_refused(message):
    with pytest.raises(Refusal):
        wish_of(message)


def test_random_bytes_are_a_piece_within_its_limits_or_refused():
    chance = random.Random(20261125)
    for _ in range(5000):
        message = chance.randbytes(chance.choice((0, 3, 15, 16, 17, 40, 300)))
        if chance.random() < 0.7 and message:
            message = bytes([chance.choice((PICTURE, SOUND))]) + message[1:]
        try:
            piece = piece_of(message)
        except Refusal:
            continue
        assert piece.kind in (PICTURE, SOUND)
        assert piece.data
        assert math.isfinite(piece.t) and piece.t >= 0


def test_random_text_is_a_wish_or_refused():
    chance = random.Random(20261125)
    for _ in range(3000):
        text = "".join(chance.choice('{}[]":,type0.e\\u\x00é ') for _ in range(chance.randrange(40)))
        try:
            assert isinstance(wish_of(text)["type"], str)
        except Refusal:
            continue
    assert wish_of(json.dumps({"type": "hello"})) == {"type": "hello"}


def test_an_allowance_refills_and_ends():
    allowance = Allowance(10, 5)
    begin = allowance.then
    for _ in range(5):
        allowance.take(1, begin)
    with pytest.raises(Refusal) as refusal:
        allowance.take(1, begin)
    assert refusal.value.code == TOO_MUCH
    allowance.take(1, begin + 0.11)
    for _ in range(5):
        allowance.take(1, begin + 100)
    with pytest.raises(Refusal):
        allowance.take(1, begin + 100)
