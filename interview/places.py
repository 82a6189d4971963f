"""Where in a whole interview an answer belongs, and whether the interview still takes answers."""

from __future__ import annotations

from flask import abort, url_for
from sqlalchemy import select

from core.errors import InputError
from interview import intake, invitations, takes
from interview.database import Answer, Visitor, db
from interview.desk_database import Interview, Step
from interview.sitting_database import Sitting

KINDS = ("text", "audio", "video")
CLOSED = {
    "revoked": "This invitation has been taken back.",
    "expired": "This invitation has expired. Whoever sent it to you can renew it.",
    "declined": "You have declined this invitation, or withdrawn.",
}


def asked_in(visitor: Visitor, sitting_id: str, step_id: str, kind: str) -> intake.Asked:
    """Return the question of a sitting that an answer of this kind is to.

    Raises
    ------
    InputError
        When the invitation is closed, or the question wants another kind of answer.
    """
    step = db.session.scalar(select(Step).join(Interview).join(Sitting).where(Sitting.id == sitting_id, Sitting.visitor_id == visitor.id, Step.id == step_id))
    if step is None:
        abort(404)
    if (sentence := closed(db.session.get_one(Sitting, sitting_id))) is not None:
        raise InputError(sentence)
    if kind not in KINDS or step.kind not in ("any", kind):
        raise InputError("This question wants another kind of answer.")
    return intake.Asked(step.question_id, step.theme, step.question, place=takes.Place(sitting_id, step.id, step.tries))


def address_of(made: Answer) -> str:
    """Return where a visitor goes after giving an answer: to its interview, or to its own page."""
    take = takes.of_answer(made)
    if take is None:
        return url_for("answers.show", id=made.id)
    return url_for("sittings.show", id=take.sitting_id, _anchor=f"question-{take.step.number}")


def closed(sitting: Sitting) -> str | None:
    """Return the sentence, not translated yet, why no more answers are taken; ``None`` while they are."""
    if sitting.invitation is None:
        return None
    return CLOSED.get(invitations.state_of(sitting.invitation))
