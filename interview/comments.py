"""Comments: what somebody at the desk writes to a shared answer, at a second of its media or to the whole."""

from __future__ import annotations

from flask import abort
from sqlalchemy import delete, select

from core.errors import InputError
from interview.database import Answer, change, db
from interview.desk_database import Account
from interview.sitting_database import Comment

MOST = 2000  # characters
SECOND_DECIMALS = 1


def add(account: Account, answer: Answer, text: str, seconds: str) -> Comment:
    """Write a comment.

    Raises
    ------
    InputError
        When it is empty or too long, or its second is not a number.
    """
    text = text.replace("\r\n", "\n").strip()
    if not text or len(text) > MOST:
        raise InputError("A comment has between 1 and %(most)d characters.", most=MOST)
    at = _seconds(seconds)
    with change() as session:
        comment = Comment(answer_id=answer.id, account_id=account.id, author=account.name, seconds=at, text=text)
        session.add(comment)
    return comment


def at(answer: Answer) -> list[Comment]:
    """Return the comments to an answer: those to the whole first, then in the order of the media."""
    found = db.session.scalars(select(Comment).where(Comment.answer_id == answer.id)).all()
    return sorted(found, key=lambda each: (each.seconds is not None, each.seconds or 0.0, each.created))


def remove(account: Account, answer: Answer, identity: str) -> None:
    """Delete a comment of one's own; another's is not found (404)."""
    mine = (Comment.id == identity, Comment.answer_id == answer.id, Comment.account_id == account.id)
    if db.session.scalar(select(Comment.id).where(*mine)) is None:
        abort(404)
    with change() as session:
        session.execute(delete(Comment).where(*mine))


def _seconds(given: str) -> float | None:
    """Return the second of ``75.5`` or ``1:15.5``, ``None`` for the whole answer."""
    if not given.strip():
        return None
    minutes, _, rest = given.strip().replace(",", ".").rpartition(":")
    try:
        seconds = 60 * int(minutes or 0) + float(rest)
    except ValueError:
        raise InputError("Please give the moment in seconds, or as minutes:seconds.") from None
    if not 0 <= seconds < 100_000:
        raise InputError("Please give the moment in seconds, or as minutes:seconds.")
    return round(seconds, SECOND_DECIMALS)
