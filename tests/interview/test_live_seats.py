"""Who may be live: one seat a visitor, and no more than there are."""

import pytest

from interview.live_messages import ELSEWHERE, FULL, MOVED, NOT_AGREED, Refusal
from interview.live_seats import Seats


@pytest.fixture
def seats():
    return Seats(2)


def code_of(call, *arguments):
    with pytest.raises(Refusal) as refusal:
        call(*arguments)
    return refusal.value.code


def test_newcomers_are_told_when_every_seat_is_taken(seats):
    inside = [seats.take("ada", "1"), seats.take("bert", "1")]
    assert code_of(seats.take, "carla", "1") == FULL
    assert [seat.ended for seat in inside] == [None, None]
    seats.leave(inside[0])
    assert seats.take("carla", "1").ended is None


def test_a_second_tab_is_told_and_may_take_over(seats):
    first = seats.take("ada", "1")
    assert code_of(seats.take, "ada", "2") == ELSEWHERE
    assert first.ended is None
    second = seats.take("ada", "2", True)
    assert (first.ended, second.ended) == (MOVED, None)


def test_a_lost_connection_comes_back_to_its_seat_even_when_all_are_taken(seats):
    lost = seats.take("ada", "1")
    seats.take("bert", "1")
    again = seats.take("ada", "1")
    assert lost.ended == MOVED
    seats.leave(lost)  # the old connection notices late; the new one keeps its seat
    assert code_of(seats.take, "carla", "1") == FULL
    seats.leave(again)
    assert len(seats.taken) == 1


def test_who_takes_back_the_agreement_is_live_no_longer(seats):
    seat = seats.take("ada", "1")
    seats.end("ada")
    seats.end("nobody")
    assert seat.ended == NOT_AGREED
    assert not seats.taken
