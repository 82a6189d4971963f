"""A candidate's way through a whole interview: the invitation, one question after the other, takes, sharing, leaving."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from core.errors import InputError
from interview import intake, invitations, jobs, places, questions, recordings, sets, sharing, sitting_deletion, takes, visitors
from interview.database import Answer, change, db, now
from interview.desk_database import Interview, Invitation, Step
from interview.errors import UNPROCESSABLE, sentence_of, wants_json
from interview.interviews import FILE_FIELDS, KINDS, NO_FILE, limits, retention_days
from interview.retention import media_kept
from interview.sitting_database import Share, Sitting, Take

bp = Blueprint("sittings", __name__)

GONE = 410
TAKEN = "This invitation has already been accepted in another browser. It is for one person; please go on where you began."


@bp.get("/invitations/<token>")
def invitation(token: str) -> ResponseReturnValue:
    found = _invitation(token)
    invitations.open_(found)
    sitting, visitor = _sitting_of(found), visitors.current()
    if sitting is not None and visitor is not None and sitting.visitor_id == visitor.id:
        return redirect(url_for("sittings.show", id=sitting.id), 303)
    closed = TAKEN if sitting is not None else places.CLOSED.get(invitations.state_of(found))
    page = render_template("sittings/invitation.html", invitation=found, interview=found.interview, closed=closed, **described(found.interview))
    return (page, GONE) if closed else page


@bp.post("/invitations/<token>", endpoint="accept")
def accept_invitation(token: str) -> ResponseReturnValue:
    found = _invitation(token)
    action = request.form.get("action")
    if action == "decline":
        if _sitting_of(found) is None:
            with change():
                found.declined = now()
        return redirect(url_for("sittings.invitation", token=token), 303)
    if action != "begin":
        abort(400)
    if request.form.get("agree") != "on":
        raise InputError("Please tick that you have read who asks and what they will see.")
    if (state := invitations.state_of(found)) in places.CLOSED:
        raise InputError(places.CLOSED[state])
    visitor = visitors.required()
    with change() as session:
        sitting = session.scalar(select(Sitting).where(Sitting.invitation_id == found.id))
        if sitting is None:
            sitting = Sitting(interview_id=found.interview_id, invitation_id=found.id, visitor_id=visitor.id)
            session.add(sitting)
        elif sitting.visitor_id != visitor.id:
            raise InputError(TAKEN)
    return redirect(url_for("sittings.show", id=sitting.id), 303)


@bp.get("/sittings")
def index() -> ResponseReturnValue:
    visitor = visitors.current()
    found = db.session.scalars(select(Sitting).where(Sitting.visitor_id == visitor.id).order_by(Sitting.begun.desc())).all() if visitor else []
    mine = [{"sitting": each, "answered": _answered(takes.of_sitting(each)), "questions": len(each.interview.steps)} for each in found]
    ready = [{"id": key, "title": each.title, "questions": [questions.find(q) for q in each.questions]} for key, each in sets.SETS.items()]
    return render_template("sittings/index.html", mine=mine, sets=ready)


@bp.post("/sittings")
def practise() -> ResponseReturnValue:
    name = request.form.get("set", "")
    if name not in sets.SETS:
        abort(400)
    return redirect(url_for("sittings.show", id=sets.begin(visitors.required(), name).id), 303)


@bp.get("/sittings/<id>")
def show(id: str) -> ResponseReturnValue:
    sitting = own(id)
    found, shares = takes.of_sitting(sitting), sharing.of_sitting(sitting)
    steps = [_shown(step, found[step.id], shares) for step in sitting.interview.steps]
    waiting = next((each["step"].number for each in steps if each["chosen"] is None), None)
    return render_template(
        "sittings/show.html",
        sitting=sitting,
        interview=sitting.interview,
        steps=steps,
        answered=_answered(found),
        next=waiting,
        closed=places.closed(sitting),
        shares=shares,
        inferences=sharing.allowed(sitting.interview.account),
        facts=facts_beside([each["chosen"] for each in steps], [each["step"].number for each in steps]),
    )


@bp.post("/sittings/<id>", endpoint="change")
def change_sitting(id: str) -> ResponseReturnValue:
    sitting = own(id)
    action = request.form.get("action")
    if action == "choose":
        take = db.session.scalar(select(Take).where(Take.sitting_id == sitting.id, Take.answer_id == request.form.get("answer", "")))
        if take is None:
            abort(404)
        number = take.step.number
        if takes.choose(take):
            flash(gettext("This take counts now. The one that you had shared is not shared any more."))
        return redirect(url_for("sittings.show", id=id, _anchor=f"question-{number}"), 303)
    if action == "share" and sitting.interview.account is not None:
        _share(sitting)
        flash(gettext("Saved. %(name)s sees what is ticked, and nothing else.", name=sitting.interview.account.name))
        return redirect(url_for("sittings.show", id=id, _anchor="sharing"), 303)
    if action == "withdraw":
        erased = request.form.get("erase") == "on"
        sitting_deletion.withdraw(sitting, erased)
        flash(
            gettext("You have withdrawn, and your answers are deleted for good.")
            if erased
            else gettext("You have withdrawn. Nothing is shared any more; your answers are still yours.")
        )
        return redirect(url_for("answers.index"), 303)
    abort(400)


@bp.get("/sittings/<id>/questions/<int:number>")
def question(id: str, number: int) -> ResponseReturnValue:
    sitting = own(id)
    return _page(sitting, step_of(sitting, number))


@bp.post("/sittings/<id>/questions/<int:number>")
def answer(id: str, number: int) -> ResponseReturnValue:
    sitting = own(id)
    step = step_of(sitting, number)
    kind = request.form.get("kind", "")
    try:
        visitor = visitors.required()
        asked = places.asked_in(visitor, id, step.id, kind)
        visitors.consent(visitor, kind, request.form.get("consent") == "on")
        upload = request.files.get(FILE_FIELDS[kind])
        if upload is not None and upload.filename:
            made = intake.uploaded(visitor, kind, asked, upload.filename, upload.stream)
        elif kind == "text":
            made = intake.typed(visitor, asked, request.form.get("text", ""))
        else:
            raise InputError(NO_FILE)
    except InputError as error:
        if wants_json() or kind not in KINDS:
            raise
        return _page(sitting, step, sentence_of(error)), UNPROCESSABLE
    return redirect(places.address_of(made), 303)


def own(identity: str) -> Sitting:
    """Return a sitting of this visitor's; anything else is not found (404)."""
    visitor = visitors.current()
    sitting = db.session.get(Sitting, identity)
    if visitor is None or sitting is None or sitting.visitor_id != visitor.id:
        abort(404)
    return sitting


def described(interview: Interview) -> dict[str, Any]:
    """Return what the page of an invitation tells of an interview."""
    wanted = {step.kind for step in interview.steps}
    kinds = [kind for kind in KINDS if wanted & {"any", kind}]
    return {"steps": interview.steps, "kinds": kinds, "retention": retention_days(), "inferences": sharing.allowed(interview.account)}


def asking(step: Step, count: int, kind: str) -> dict[str, Any]:
    """Return what the page of a question needs, for a candidate or for a preview."""
    told = limits() | times(step)
    return {"step": step, "count": count, "kind": kind, "choices": KINDS if step.kind == "any" else (step.kind,), "limits": told, "retention": retention_days()}


def times(step: Step) -> dict[str, int]:
    """Return how long one may think about a question and answer it, in seconds."""
    return {"answer_seconds": step.answer_seconds, "thinking_seconds": step.thinking_seconds}


def takes_video(sitting: Sitting, step: Step) -> bool:
    """Tell whether a question still takes an answer on camera."""
    return step.kind in ("any", "video") and places.closed(sitting) is None and takes.left(step, takes.of_sitting(sitting)[step.id]) != 0


def kind_asked(step: Step) -> str:
    """Return the kind of answer that a question's page is for: the one it wants, or the one chosen, on camera at first."""
    if step.kind != "any":
        return step.kind
    chosen = request.values.get("kind", "")
    return chosen if chosen in KINDS else "video"


def _page(sitting: Sitting, step: Step, error: str | None = None) -> str:
    kind, visitor = kind_asked(step), visitors.current()
    mine = takes.of_sitting(sitting)
    typed = {name: request.form.get(name, "") for name in ("text", "consent")} if error else {}
    return render_template(
        "sittings/question.html",
        sitting=sitting,
        left=takes.left(step, mine[step.id]),
        takes=len(mine[step.id]),
        closed=places.closed(sitting),
        rest=_rest(sitting, step, mine),
        consent={"version": visitors.CONSENT_VERSION, "given": visitors.consented(visitor, kind)},
        error=error,
        typed=typed,
        unfinished=recordings.unfinished(visitor, kind),
        **asking(step, len(sitting.interview.steps), kind),
    )


def _shown(step: Step, found: list[Take], shares: dict[str, Share]) -> dict[str, Any]:
    chosen = takes.chosen(found, set(shares))
    given = [
        {
            "number": number,
            "answer": take.answer,
            "state": jobs.state_of(take.answer.job)["state"],
            "chosen": take is chosen,
        }
        for number, take in enumerate(found, start=1)
        if take.answer is not None
    ]
    counting = chosen.answer if chosen else None
    return {
        "step": step,
        "takes": given,
        "left": takes.left(step, found),
        "chosen": counting,
        "share": shares.get(counting.id) if counting else None,
        "until": counting.created + media_kept() if counting else None,
    }


def facts_beside(answers: Sequence[Answer | None], numbers: Sequence[int] | None = None) -> dict[str, Any]:
    """Return the facts of the answers that count: a row for each fact, a column for each question."""
    columns = []
    for each in answers:
        analysis = json.loads(each.result) if each and each.result else None
        parts = [analysis, *analysis["parts"].values()] if analysis else []
        columns.append({name: fact for part in parts for name, fact in part["facts"].items()})
    names = list(dict.fromkeys(name for column in columns for name in column))
    told = list(numbers or range(1, len(answers) + 1))
    return {"numbers": told, "rows": [{"name": n, "cells": [column.get(n) for column in columns]} for n in names]}


def _share(sitting: Sitting) -> None:
    """Set what is shared of the takes that count, as the form says; an answer without its first tick is shared no more."""
    found, shares = takes.of_sitting(sitting), sharing.of_sitting(sitting)
    counting = [take.answer_id for step in found.values() if (take := takes.chosen(step, set(shares))) is not None]
    for identity in filter(None, counting):
        given = {name: identity in request.form.getlist(name) for name in ("share", "media", "facts", "inferences")}
        sharing.share(sitting, identity, **{name: given["share"] and given[name] for name in ("media", "facts", "inferences")})


def _answered(found: dict[str, list[Take]]) -> int:
    return sum(any(take.answer is not None for take in step) for step in found.values())


def _invitation(token: str) -> Invitation:
    found = invitations.by_token(token)
    if found is None:
        abort(404)
    return found


def _sitting_of(found: Invitation) -> Sitting | None:
    return db.session.scalar(select(Sitting).where(Sitting.invitation_id == found.id))


def step_of(sitting: Sitting, number: int) -> Step:
    """Return a question of a sitting by its number; another number is not found (404)."""
    found = next((step for step in sitting.interview.steps if step.number == number), None)
    if found is None:
        abort(404)
    return found


def _rest(sitting: Sitting, step: Step, mine: dict[str, list[Take]]) -> int:
    """Return the seconds that are left of the break after the question before this one."""
    before = next((each for each in sitting.interview.steps if each.number == step.number - 1), None)
    given = [take.answer.created for take in mine[before.id] if take.answer is not None] if before else []
    if before is None or not given or any(take.answer is not None for take in mine[step.id]):
        return 0
    return max(0, round(before.break_seconds - (now() - max(given)).total_seconds()))
