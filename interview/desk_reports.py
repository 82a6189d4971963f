"""Reports at the desk: of a shared answer, or of all that a candidate has shared, with what is let through. Each look is written down first."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from interview import desk_answers, desk_invitations, desk_sessions, looks, reports, sharing
from interview.database import Answer
from interview.sitting_database import Share

bp = Blueprint("desk_reports", __name__, url_prefix=desk_sessions.PATH)


@bp.get("/answers/<id>/report")
@reports.limited
def answer(id: str) -> ResponseReturnValue:
    return reports.page(**_of_answer(id))


@bp.get("/answers/<id>/report.pdf")
@reports.limited
def answer_pdf(id: str) -> ResponseReturnValue:
    return reports.document(f"report-{id:.8}.pdf", **_of_answer(id))


@bp.get("/invitations/<id>/report")
@reports.limited
def invitation(id: str) -> ResponseReturnValue:
    return reports.page(**_of_invitation(id))


@bp.get("/invitations/<id>/report.pdf")
@reports.limited
def invitation_pdf(id: str) -> ResponseReturnValue:
    return reports.document(f"interview-{id:.8}.pdf", **_of_invitation(id))


def _of_answer(id: str) -> dict[str, Any]:
    given, share = sharing.shared_answer(id, desk_sessions.account())
    entries = _entries([(given, share)])
    if not entries:
        abort(404, gettext("There is no result yet."))
    return {"entries": entries, "title": given.question, **_told([share]), "back": ("desk_answers.show", id), "pdf": ("desk_reports.answer_pdf", id)}


def _of_invitation(id: str) -> dict[str, Any]:
    invited = desk_invitations.own(id)
    shared = [(take.answer, share) for take, share in sharing.of_invitation(id) if take.answer is not None]
    back, pdf = ("desk_invitations.show", id), ("desk_reports.invitation_pdf", id)
    title = f"{invited.interview.title} · {invited.name}"
    return {"entries": _entries(shared), "title": title, **_told([share for _, share in shared]), "back": back, "pdf": pdf}


def _entries(shared: list[tuple[Answer, Share]]) -> list[dict[str, Any]]:
    """Write the looks down, then return what of each answer is let through."""
    account = desk_sessions.account()
    ready = [(given, share) for given, share in shared if given.result is not None]
    looks.record(account, [given for given, _ in ready], looks.REPORT)
    found = []
    for given, share in ready:
        if (analysis := sharing.document(given, share, account)) is not None:
            typed = given.text if share.media and given.kind == "text" else None
            found.append(reports.entry(given, analysis, False, typed, desk_answers.NO_COMPARISON))
    return found


def _told(shares: list[Share]) -> dict[str, Any]:
    account = desk_sessions.account()
    return {
        "own": False,
        "reader": reports.person(account),
        "inferences": sharing.allowed(account) and any(share.inferences for share in shares),
        "facts": None,
    }
