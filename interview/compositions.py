"""Compose an interview: read the desk's form, move its questions about, and save it while nobody has begun it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import current_app
from sqlalchemy import delete, select
from werkzeug.datastructures import MultiDict

from core.errors import InputError
from interview import questions
from interview.database import change, db
from interview.desk_database import Account, Interview, Step
from interview.sitting_database import Sitting

KINDS = ("any", "text", "audio", "video")
MOST_STEPS = 20
TITLE_LENGTH, NOTE_LENGTH = 120, 2000  # characters
BOUNDS = {"thinking": (0, 300), "seconds": (10, 600), "tries": (0, 10), "pause": (0, 600)}
FIELDS = ("question", "own", "kind", *BOUNDS)
TRIES = 3
BEGUN = "Somebody has begun this interview, so it cannot change any more. You can make a copy of it and change that."


@dataclass
class Draft:
    """Hold an interview as it stands in the form: words as they were typed."""

    title: str = ""
    note: str = ""
    steps: list[dict[str, str]] = field(default_factory=list)


def blank() -> Draft:
    """Return a draft with one question."""
    return Draft(steps=[_new_step([])])


def read(form: MultiDict[str, str]) -> Draft:
    """Read the form; every question has all of its fields, so the lists are of one length."""
    columns = [form.getlist(name) for name in FIELDS]
    steps = [dict(zip(FIELDS, values, strict=True)) for values in zip(*columns, strict=False)]
    return Draft(form.get("title", ""), form.get("note", ""), steps[:MOST_STEPS])


def draft_of(interview: Interview) -> Draft:
    """Return a saved interview as a draft."""
    return Draft(interview.title, interview.note, [_shown(step) for step in interview.steps])


def arrange(draft: Draft, action: str) -> bool:
    """Add, remove or move a question as a button of the form says; ``False`` when it says something else."""
    verb, _, place = action.partition("-")
    steps, at = draft.steps, int(place) if place.isdigit() else -1
    if verb == "add" and len(steps) < MOST_STEPS:
        steps.append(_new_step(steps))
    elif verb == "remove" and 0 <= at < len(steps) and len(steps) > 1:
        del steps[at]
    elif verb == "up" and 0 < at < len(steps):
        steps[at - 1], steps[at] = steps[at], steps[at - 1]
    elif verb == "down" and 0 <= at < len(steps) - 1:
        steps[at + 1], steps[at] = steps[at], steps[at + 1]
    else:
        return verb in ("add", "remove", "up", "down")
    return True


def save(draft: Draft, account: Account, interview: Interview | None = None) -> Interview:
    """Save a draft as a new interview, or over one that nobody has begun.

    Raises
    ------
    InputError
        When something in it cannot be, or somebody has begun it.
    """
    title = " ".join(draft.title.split())
    if not title or len(title) > TITLE_LENGTH:
        raise InputError("The title has between 1 and %(most)d characters.", most=TITLE_LENGTH)
    note = draft.note.replace("\r\n", "\n").strip()
    if len(note) > NOTE_LENGTH:
        raise InputError("The words to the candidates have at most %(most)d characters.", most=NOTE_LENGTH)
    if not draft.steps:
        raise InputError("An interview has at least one question.")
    steps = [_step(number, values) for number, values in enumerate(draft.steps, start=1)]
    with change() as session:
        if interview is None:
            interview = Interview(account_id=account.id)
            session.add(interview)
        elif begun(interview):
            raise InputError(BEGUN)
        else:
            session.execute(delete(Step).where(Step.interview_id == interview.id))
            session.expire(interview, ["steps"])
        interview.title, interview.note = title, note
        session.flush()
        session.add_all(Step(interview_id=interview.id, **vars_) for vars_ in steps)
    return interview


def begun(interview: Interview) -> bool:
    """Tell whether anybody has begun this interview."""
    return db.session.scalar(select(Sitting.id).where(Sitting.interview_id == interview.id).limit(1)) is not None


def copy(interview: Interview, account: Account) -> Interview:
    """Save a copy of an interview, without its invitations."""
    return save(draft_of(interview), account)


def remove(interview: Interview) -> None:
    """Delete an interview with its invitations and what was shared through them; the answers stay their candidates'."""
    with change() as session:
        session.execute(delete(Interview).where(Interview.id == interview.id))


def _shown(step: Step) -> dict[str, str]:
    values = (step.thinking_seconds, step.answer_seconds, step.tries, step.break_seconds)
    chosen = {"question": step.question_id or "", "own": "" if step.question_id else step.question, "kind": step.kind}
    return chosen | dict(zip(BOUNDS, map(str, values), strict=True))


def _new_step(before: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return a question that is not asked yet, with the times of the one before it."""
    asked = {values["question"] for values in before}
    fresh = next((q.id for q in questions.BANK if q.id not in asked), questions.BANK[0].id)
    config = current_app.config
    times = {
        "kind": "any",
        "thinking": _within("thinking", config["THINKING_SECONDS"]),
        "seconds": _within("seconds", config["ANSWER_SECONDS"]),
        "tries": str(TRIES),
        "pause": "0",
    }
    return {**times, **(before[-1] if before else {}), "question": fresh, "own": ""}


def _within(name: str, value: int) -> str:
    """Return an installation's own value as far as the form takes it."""
    least, most = BOUNDS[name]
    return str(min(max(value, least), most))


def _step(number: int, values: Mapping[str, str]) -> dict[str, Any]:
    question_id, theme, text = questions.asked(values["question"], values["own"])
    if values["kind"] not in KINDS:
        raise InputError("A question is answered in writing, by voice, on camera, or as the candidate likes.")
    numbers = {}
    for name, (least, most) in BOUNDS.items():
        given = values[name].strip()
        if not (given.isascii() and given.isdigit() and least <= int(given) <= most):
            raise InputError(
                "Question %(number)d: “%(value)s” is not a number between %(least)d and %(most)d.", number=number, value=given[:20], least=least, most=most
            )
        numbers[name] = int(given)
    return {
        "number": number,
        "question_id": question_id,
        "theme": theme,
        "question": text,
        "kind": values["kind"],
        "thinking_seconds": numbers["thinking"],
        "answer_seconds": numbers["seconds"],
        "tries": numbers["tries"],
        "break_seconds": numbers["pause"],
    }
