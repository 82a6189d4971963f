"""Invitations: a link for one person, made many at once, expiring, revocable, and what the desk sees of how far they are."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app, url_for
from sqlalchemy import delete, func, select

from core.errors import InputError
from interview.database import change, db, now
from interview.desk_database import Interview, Invitation
from interview.sitting_database import Share, Sitting, Take
from interview.tables import harmless

MOST_AT_ONCE = 500
MOST_BYTES = 200_000  # of a pasted or uploaded list
NAME_LENGTH, CONTACT_LENGTH = 120, 200  # characters
HEADERS = ("name", "nom", "candidate")
DELIMITERS = ",;\t"
COLUMNS = ("name", "contact", "link", "expires", "state", "opened", "answered", "questions", "shared")


@dataclass(frozen=True)
class Standing:
    """Hold what the desk sees of an invitation without anything being shared: states and counts, no content."""

    state: str  # open, revoked, expired, declined
    answered: int
    shared: int


def people_in(listed: str) -> list[tuple[str, str]]:
    """Read a pasted list or a CSV: a name on each line, and perhaps an address or a note behind it.

    Raises
    ------
    InputError
        When there is nobody in it, or too many.
    """
    if len(listed.encode()) > MOST_BYTES:
        raise InputError("This list is too long; please invite at most %(most)d people at once.", most=MOST_AT_ONCE)
    lines = [line for line in listed.lstrip("\ufeff").splitlines() if line.strip()]
    delimiter = max(DELIMITERS, key=lambda d: sum(d in line for line in lines))
    found: list[tuple[str, str]] = []
    for row in csv.reader(lines, delimiter=delimiter):
        cells = [" ".join(cell.split()) for cell in row] or [""]
        if cells[0] and not (not found and cells[0].casefold() in HEADERS):
            found.append((cells[0][:NAME_LENGTH], next(filter(None, cells[1:]), "")[:CONTACT_LENGTH]))
    if not found:
        raise InputError("Please give at least one name, each on a line of its own.")
    if len(found) > MOST_AT_ONCE:
        raise InputError("This list is too long; please invite at most %(most)d people at once.", most=MOST_AT_ONCE)
    return found


def invite(interview: Interview, people: Sequence[tuple[str, str]]) -> list[Invitation]:
    """Make an invitation for each of these people, and return them."""
    ends = now() + _lasting()
    made = [Invitation(interview_id=interview.id, name=name, contact=contact, expires=ends) for name, contact in people]
    with change() as session:
        session.add_all(made)
    return made


def of_interview(interview: Interview) -> list[Invitation]:
    """Return an interview's invitations by name: never in the order of anything that a model said."""
    found = db.session.scalars(select(Invitation).where(Invitation.interview_id == interview.id)).all()
    return sorted(found, key=lambda each: (each.name.casefold(), each.created, each.id))


def by_token(token: str) -> Invitation | None:
    """Return the invitation that an address names."""
    return db.session.scalar(select(Invitation).where(Invitation.token == token))


def open_(invitation: Invitation) -> None:
    """Remember when an invitation was first opened."""
    if invitation.opened is None:
        with change():
            invitation.opened = invitation.opened or now()


def revoke(invitation: Invitation) -> None:
    """End an invitation; what was already shared stays shared until the candidate takes it back."""
    with change():
        invitation.revoked = now()


def renew(invitation: Invitation) -> None:
    """Let an invitation last anew, also one that was revoked."""
    with change():
        invitation.revoked, invitation.expires = None, now() + _lasting()


def remove(invitation: Invitation) -> None:
    """Delete an invitation; what was shared through it is no longer, and the answers stay their candidate's."""
    with change() as session:
        session.execute(delete(Invitation).where(Invitation.id == invitation.id))


def state_of(invitation: Invitation) -> str:
    """Return ``open``, ``revoked``, ``expired`` or ``declined``."""
    if invitation.declined is not None:
        return "declined"
    if invitation.revoked is not None:
        return "revoked"
    return "expired" if invitation.expires < now() else "open"


def standings(invitations: Sequence[Invitation]) -> dict[str, Standing]:
    """Return how far each invitation is, by its id."""
    wanted = [each.id for each in invitations]
    chosen = select(Sitting.invitation_id, func.count(func.distinct(Take.step_id))).join(Take, Take.sitting_id == Sitting.id)
    answered = _counts(chosen.where(Take.answer_id.is_not(None), Sitting.invitation_id.in_(wanted)).group_by(Sitting.invitation_id))
    of_shares = select(Sitting.invitation_id, func.count(Share.answer_id)).join(Share, Share.sitting_id == Sitting.id)
    shared = _counts(of_shares.where(Sitting.invitation_id.in_(wanted)).group_by(Sitting.invitation_id))
    return {each.id: Standing(state_of(each), answered.get(each.id, 0), shared.get(each.id, 0)) for each in invitations}


def link(invitation: Invitation) -> str:
    """Return the whole address of an invitation."""
    return url_for("sittings.invitation", token=invitation.token, _external=True)


def csv_of(interview: Interview) -> str:
    """Return an interview's invitations with their links as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    found = of_interview(interview)
    standing = standings(found)
    for each in found:
        seen = standing[each.id]
        opened = _written(each.opened) if each.opened else ""
        row = (harmless(each.name), harmless(each.contact), link(each), _written(each.expires), seen.state, opened)
        writer.writerow((*row, seen.answered, len(interview.steps), seen.shared))
    return out.getvalue()


def _counts(query: Any) -> dict[str, int]:
    return {identity: count for identity, count in db.session.execute(query)}


def _lasting() -> timedelta:
    return timedelta(days=current_app.config["INVITATION_DAYS"])


def _written(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
