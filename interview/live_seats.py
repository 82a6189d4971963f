"""The seats of those who are live: at most ``LIVE_VISITORS``, one for each visitor, so that newcomers wait and nobody inside suffers."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from flask import Flask, current_app

from interview.live_messages import ELSEWHERE, FULL, MOVED, NOT_AGREED, Refusal

EXTENSION = "interview_seats"


@dataclass(eq=False)
class Seat:
    """Hold a visitor's place; ``ended`` is the code with which its socket has to close."""

    visitor: str
    tab: str
    ended: int | None = field(default=None)


class Seats:
    """Give seats to visitors and take them back."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.taken: dict[str, Seat] = {}
        self.lock = threading.Lock()

    def take(self, visitor: str, tab: str, is_wanted_here: bool = False) -> Seat:
        """Seat a visitor. The same tab, or one where the visitor wants to go on, takes the seat over.

        Raises
        ------
        Refusal
            When the visitor is live in another tab, or every seat is taken.
        """
        with self.lock:
            before = self.taken.get(visitor)
            if before is not None:
                if before.tab != tab and not is_wanted_here:
                    raise Refusal(ELSEWHERE)
                before.ended = MOVED
            elif len(self.taken) >= self.most:
                raise Refusal(FULL)
            seat = self.taken[visitor] = Seat(visitor, tab)
            return seat

    def leave(self, seat: Seat) -> None:
        """Give a seat back."""
        with self.lock:
            if self.taken.get(seat.visitor) is seat:
                del self.taken[seat.visitor]

    def end(self, visitor: str) -> None:
        """Let a visitor who has taken back their agreement, or is gone, be live no longer."""
        with self.lock:
            seat = self.taken.pop(visitor, None)
            if seat is not None:
                seat.ended = NOT_AGREED


def init_app(app: Flask) -> None:
    """Set up the seats."""
    app.extensions[EXTENSION] = Seats(app.config["LIVE_VISITORS"])


def seats() -> Seats:
    """Return the seats of this installation."""
    return current_app.extensions[EXTENSION]
