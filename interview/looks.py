"""The audit log: whoever looks at an answer from the desk is written down before they see it, for the candidate to read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import select

from interview.database import Answer, change, db, now
from interview.desk_database import Account
from interview.sitting_database import Look

PAGE, MEDIA, FILE, EXPORT, REPORT = "page", "media", "file", "export", "report"
ONE_LOOK = timedelta(minutes=1)  # a page draws its charts, a player asks for many ranges of one recording


def record(account: Account, answers: Iterable[Answer], what: str) -> None:
    """Write down that an account looks at these answers; one that opened the same within the last minute still looks."""
    with change() as session:
        for answer in answers:
            same = (Look.answer_id == answer.id, Look.account_id == account.id, Look.what == what, Look.time > now() - ONE_LOOK)
            if what not in (PAGE, MEDIA) or session.scalar(select(Look.id).where(*same).limit(1)) is None:
                session.add(Look(answer_id=answer.id, account_id=account.id, who=account.name, what=what))


def at(answer: Answer) -> list[Look]:
    """Return who looked at an answer, the latest first."""
    return list(db.session.scalars(select(Look).where(Look.answer_id == answer.id).order_by(Look.id.desc())))
