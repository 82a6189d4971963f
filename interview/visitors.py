"""Visitors: who is behind a signed session cookie, what they own, what they agreed to, and their page."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import func, select

from core.errors import InputError
from interview import deletion
from interview.database import Answer, Consent, Recording, Visitor, change, db, now
from interview.live_seats import seats
from interview.live_takes import takes
from interview.sitting_database import Share, Sitting

bp = Blueprint("visitors", __name__)

SESSION_KEY = "visitor"
SEEN_EVERY = timedelta(hours=12)
CONSENT_VERSION = "2026.3"
KINDS = ("text", "audio", "video", "live")

Owned = TypeVar("Owned", Answer, Recording)


def current() -> Visitor | None:
    """Return the visitor of this request, ``None`` when nothing is kept of them yet."""
    identity = session.get(SESSION_KEY)
    return db.session.get(Visitor, identity) if isinstance(identity, str) else None


def required() -> Visitor:
    """Return the visitor of this request, made when there is none yet."""
    visitor = current()
    if visitor is None:
        with change() as opened:
            visitor = Visitor()
            opened.add(visitor)
        session[SESSION_KEY] = visitor.id
        session.permanent = True
    elif now() - visitor.seen > SEEN_EVERY:
        with change():
            visitor.seen = now()
    return visitor


def own(table: type[Owned], identity: str) -> Owned:
    """Return what has this id and belongs to this visitor; anything else is not found (404)."""
    visitor = current()
    found = db.session.scalar(select(table).where(table.id == identity, table.visitor_id == visitor.id)) if visitor else None
    if found is None:
        abort(404)
    return found


def consented(visitor: Visitor | None, modality: str) -> bool:
    """Tell whether the visitor has agreed to the present wording for this modality and not withdrawn it."""
    return visitor is not None and _consent(visitor.id, modality) is not None


def consent(visitor: Visitor, modality: str, given: bool) -> None:
    """Record the visitor's consent, with time and version.

    Raises
    ------
    InputError
        When they neither give it now nor have given it before.
    """
    if consented(visitor, modality):
        return
    if not given:
        raise InputError("Please tick that you agree to this analysis; without your consent nothing is analysed or kept.")
    with change() as opened:
        opened.add(Consent(visitor_id=visitor.id, modality=modality, version=CONSENT_VERSION))


@bp.get("/visitor")
def show() -> ResponseReturnValue:
    visitor = current()
    identity = visitor.id if visitor else ""
    given = db.session.scalars(select(Consent).where(Consent.visitor_id == identity, Consent.withdrawn_at.is_(None)).order_by(Consent.given_at)).all()
    answers, media = db.session.execute(select(func.count(Answer.id), func.sum(Answer.media_bytes)).where(Answer.visitor_id == identity)).one()
    unfinished, pieces = db.session.execute(
        select(func.count(Recording.id), func.sum(Recording.offset)).where(Recording.visitor_id == identity, Recording.answer_id.is_(None))
    ).one()
    return render_template(
        "visitors/show.html",
        consents=[{"modality": c.modality, "given_at": c.given_at, "version": c.version} for c in given],
        answers=answers,
        sittings=db.session.scalar(select(func.count(Sitting.id)).where(Sitting.visitor_id == identity)),
        shared=db.session.scalar(select(func.count(Share.answer_id)).join(Sitting).where(Sitting.visitor_id == identity)),
        unfinished=unfinished,
        bytes=(media or 0) + (pieces or 0),
        created=visitor.created if visitor else None,
    )


@bp.post("/visitor", endpoint="change")
def change_visitor() -> ResponseReturnValue:
    visitor = current()
    action = request.form.get("action")
    if action == "delete":
        if visitor is not None:
            seats().end(visitor.id)
            takes().fetch(visitor.id)
            deletion.visitor(visitor)
        session.clear()
        flash(gettext("Everything that was kept about you has been deleted."))
        return redirect(url_for("pages.home"), 303)
    if action == "withdraw" and request.form.get("modality") in KINDS:
        if visitor is not None:
            if request.form["modality"] == "live":
                seats().end(visitor.id)
            deletion.modality(visitor, request.form["modality"])
        flash(gettext("Your consent is withdrawn, and what it allowed us to keep has been deleted."))
        return redirect(url_for("visitors.show"), 303)
    abort(400, gettext("This page can delete everything, or withdraw the consent to text, audio, video or live."))


def _consent(identity: str, modality: str) -> Consent | None:
    wanted = (Consent.visitor_id == identity, Consent.modality == modality, Consent.version == CONSENT_VERSION, Consent.withdrawn_at.is_(None))
    return db.session.scalar(select(Consent).where(*wanted).limit(1))
