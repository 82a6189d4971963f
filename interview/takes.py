"""Takes: the tries at a question of a sitting, how many are left, and which of them counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, selectinload

from core.errors import InputError
from interview.database import Answer, Recording, change, db
from interview.desk_database import Step
from interview.sitting_database import Share, Sitting, Take

NONE_LEFT = "You have used all your tries for this question."


@dataclass(frozen=True)
class Place:
    """Name where in a sitting an answer belongs."""

    sitting_id: str
    step_id: str
    tries: int


def add(session: Session, place: Place | None, recording: Recording | None = None, answer: Answer | None = None) -> None:
    """Write down a try, within the change that makes its recording or its answer.

    Raises
    ------
    InputError
        When no try is left.
    """
    if place is None:
        return
    session.flush()
    if place.tries and _used(session, place) >= place.tries:
        raise InputError(NONE_LEFT)
    identities = {"recording_id": recording.id if recording else None, "answer_id": answer.id if answer else None}
    session.add(Take(sitting_id=place.sitting_id, step_id=place.step_id, **identities))


def answered(session: Session, recording: Recording, answer: Answer) -> None:
    """Let the try that a recording was become the answer made of it."""
    session.execute(update(Take).where(Take.recording_id == recording.id).values(answer_id=answer.id))


def seconds_of(recording: Recording) -> int | None:
    """Return how long the answer to a recording's question may last, ``None`` when it belongs to no interview."""
    return db.session.scalar(select(Step.answer_seconds).join(Take, Take.step_id == Step.id).where(Take.recording_id == recording.id))


def give_back(recording: Recording) -> None:
    """Let a try not count whose file could not be used."""
    with change() as session:
        session.query(Take).filter(Take.recording_id == recording.id, Take.answer_id.is_(None)).delete()


def of_sitting(sitting: Sitting) -> dict[str, list[Take]]:
    """Return the takes of a sitting by the id of their question, the first take first."""
    found: dict[str, list[Take]] = {step.id: [] for step in sitting.interview.steps}
    chosen = select(Take).where(Take.sitting_id == sitting.id).options(selectinload(Take.answer).selectinload(Answer.job))
    for take in db.session.scalars(chosen.order_by(Take.id)):
        found[take.step_id].append(take)
    return found


def left(step: Step, takes: Sequence[Take]) -> int | None:
    """Return how many tries are left, ``None`` when there are as many as one likes."""
    return max(0, step.tries - len(takes)) if step.tries else None


def chosen(takes: Sequence[Take], shared: set[str]) -> Take | None:
    """Return the take that counts: the one that was chosen, else the one that is shared, else the latest answer."""
    answers = [take for take in takes if take.answer is not None]
    for wanted in ([t for t in answers if t.chosen], [t for t in answers if t.answer_id in shared], answers):
        if wanted:
            return wanted[-1]
    return None


def choose(take: Take) -> bool:
    """Let this take count, and share no other take of its question; ``True`` when one was shared."""
    same = (Take.sitting_id == take.sitting_id, Take.step_id == take.step_id)
    identity = take.id
    with change() as session:
        session.execute(update(Take).where(*same).values(chosen=False))
        session.execute(update(Take).where(Take.id == identity).values(chosen=True))
        others = select(Take.answer_id).where(*same, Take.id != identity, Take.answer_id.is_not(None))
        return bool(session.query(Share).filter(Share.answer_id.in_(others)).delete())


def of_answer(answer: Answer) -> Take | None:
    """Return the take that an answer is, ``None`` when it belongs to no interview."""
    return db.session.scalar(select(Take).where(Take.answer_id == answer.id))


def _used(session: Session, place: Place) -> int:
    return session.scalar(select(func.count(Take.id)).where(Take.sitting_id == place.sitting_id, Take.step_id == place.step_id)) or 0
