"""Reports to keep: an answer, or a whole interview, as a page to print and as a PDF, for the visitor whose it is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, abort, current_app, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from interview import differences, models, others, press, sharing, sittings, stills, takes, visitors
from interview.database import Answer, db, now
from interview.desk_database import Account
from interview.passages import read_sentences
from interview.security import limiter
from interview.sitting_database import Sitting
from interview.spoken import lines_of

bp = Blueprint("reports", __name__)

UNAVAILABLE = 503
TRAITS, EMOTIONS = "traits", "emotions"
MEASURED = {"face": "video", "voice": "audio", TRAITS: "text", EMOTIONS: "text"}  # networks with figures, and whose manifest they are in

limited = limiter.limit(lambda: current_app.config["REPORT_RATE_LIMIT"], override_defaults=True)


@bp.get("/answers/<id>/report")
@limited
def answer(id: str) -> ResponseReturnValue:
    return page(**_of_answer(id))


@bp.get("/answers/<id>/report.pdf")
@limited
def answer_pdf(id: str) -> ResponseReturnValue:
    return document(f"report-{id:.8}.pdf", **_of_answer(id))


@bp.get("/sittings/<id>/report")
@limited
def sitting(id: str) -> ResponseReturnValue:
    return page(**_of_sitting(id))


@bp.get("/sittings/<id>/report.pdf")
@limited
def sitting_pdf(id: str) -> ResponseReturnValue:
    return document(f"interview-{id:.8}.pdf", **_of_sitting(id))


def page(**told: Any) -> ResponseReturnValue:
    """Answer with a report as a page to look at and to print; without its charts where these cannot be drawn."""
    return render_template("reports/show.html", printed=False, **_drawn(told))


def document(name: str, **told: Any) -> ResponseReturnValue:
    """Answer with a report as PDF, or with the sentence that says why there is none."""
    try:
        made = press.pdf(render_template("reports/show.html", printed=True, **_drawn(told)))
    except press.PressError as error:
        current_app.logger.warning("no PDF: %s", error.__cause__ or error)
        abort(UNAVAILABLE, gettext(str(error)))
    response = Response(made, mimetype="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def entry(given: Answer, analysis: dict[str, Any], own: bool, typed: str | None, comparison: dict[str, Any]) -> dict[str, Any]:
    """Return what a report tells of one answer.

    Parameters
    ----------
    analysis
        The whole analysis for the person whose it is, what ``sharing`` lets through for anybody else.
    own
        Whether it is made for the person whose answer it is.
    typed
        A typed answer's text, where it may be seen.
    comparison
        What others said, for the charts.
    """
    beside = next(iter(differences.earlier(given)), None) if own else None
    pair = sorted((given, beside), key=lambda each: each.created) if beside else []
    return {
        "id": given.id,
        "kind": given.kind,
        "question": given.question,
        "created": given.created,
        "analysis": analysis,
        "comparison": comparison,
        "text": typed or analysis["text"],
        "lines": lines_of(analysis),
        "read": read_sentences(analysis),
        "takes": [each.created for each in pair],
        "changes": differences.parts_of(*(json.loads(each.result or "") for each in pair)) if pair else [],
        "networks": networks(analysis),
        "figures": models.figures(given.kind),
    }


def networks(analysis: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the models that an analysis names: version, SHA-256, whose figures hold for it, and whether they are of this version."""
    manifests = models.described()
    found = {}
    for part in (analysis, *analysis["parts"].values()):
        for name, model in part["models"].items():
            modality = MEASURED.get(name)
            manifest = manifests[modality]["manifest"] if modality else None
            current = manifest is not None and manifest["version"] == model["version"]
            figures = manifests[modality]["metrics"]["figures"] if modality and current and manifests[modality]["metrics"] else {}
            found[name] = {"name": name, **model, "measured": modality, "current": current, "figures": figures}
    return list(found.values())


def _of_answer(id: str) -> dict[str, Any]:
    given = visitors.own(Answer, id)
    if given.result is None:
        abort(404, gettext("There is no result yet."))
    return {"entries": [_own(given)], "title": given.question, "own": True, "facts": None, "back": ("answers.show", id), "pdf": ("reports.answer_pdf", id)}


def _of_sitting(id: str) -> dict[str, Any]:
    found = sittings.own(id)
    counting = [(number, given) for number, given in _counting(found) if given.result is not None]
    return {
        "entries": [{**_own(given), "number": number} for number, given in counting],
        "title": found.interview.title,
        "own": True,
        "facts": sittings.facts_beside([given for _, given in counting], [number for number, _ in counting]),
        "asked_by": person(found.interview.account),
        "missing": len(found.interview.steps) - len(counting),
        "back": ("sittings.show", id),
        "pdf": ("reports.sitting_pdf", id),
    }


def _own(given: Answer) -> dict[str, Any]:
    return entry(given, json.loads(given.result or ""), True, given.text if given.kind == "text" else None, others.comparison(given))


def person(account: Account | None) -> dict[str, str] | None:
    """Return what a report says of an account."""
    return {"name": account.name, "role": account.role} if account else None


def _counting(found: Sitting) -> Sequence[tuple[int, Answer]]:
    """Return the numbers of the questions with the answers that count."""
    of_step, shared = takes.of_sitting(found), set(sharing.of_sitting(found))
    chosen = ((step.number, takes.chosen(of_step[step.id], shared)) for step in found.interview.steps)
    return [(number, take.answer) for number, take in chosen if take is not None and take.answer is not None]


def _drawn(told: dict[str, Any]) -> dict[str, Any]:
    """Return what the template needs; the database is let go before the pictures are drawn."""
    made = now()
    db.session.rollback()
    try:
        drawn = stills.draw({each["id"]: (each["analysis"], each["comparison"]) for each in told["entries"]})
    except press.PressError as error:
        current_app.logger.warning("no pictures: %s", error.__cause__ or error)
        return {**told, "pictures": {}, "undrawn": str(error), "made": made}
    return {**told, "pictures": drawn, "undrawn": None, "made": made}
