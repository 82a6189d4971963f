"""A shared answer at the desk: what the candidate lets it see, comments, and downloads. Each look is written down first."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core.errors import InputError
from interview import answers, charts, comments, desk_sessions, looks, media_types, models, sharing, tables, takes
from interview.database import Answer
from interview.errors import UNPROCESSABLE, sentence_of
from interview.retention import media_kept
from interview.sitting_database import Share

bp = Blueprint("desk_answers", __name__, url_prefix=f"{desk_sessions.PATH}/answers")

NO_COMPARISON: dict[str, Any] = {"ready": False, "people": 0, "least": 0, "shares": None, "voice_shares": None, "traits": None, "words": None, "facts": {}}


@bp.get("/<id>")
def show(id: str) -> ResponseReturnValue:
    answer, share = sharing.shared_answer(id, desk_sessions.account())
    looks.record(desk_sessions.account(), [answer], looks.PAGE)
    return _page(answer, share)


@bp.get("/<id>/charts", endpoint="charts")
def show_charts(id: str) -> ResponseReturnValue:
    answer, share = sharing.shared_answer(id, desk_sessions.account())
    looks.record(desk_sessions.account(), [answer], looks.FILE)
    return jsonify(charts.draw(_document(answer, share), NO_COMPARISON))


@bp.get("/<id>.json", endpoint="json")
def download_json(id: str) -> ResponseReturnValue:
    answer, share = sharing.shared_answer(id, desk_sessions.account())
    looks.record(desk_sessions.account(), [answer], looks.FILE)
    return answers.download(json.dumps(_document(answer, share), ensure_ascii=False, indent=1), "application/json", id, "json")


@bp.get("/<id>.csv", endpoint="csv")
def download_csv(id: str) -> ResponseReturnValue:
    answer, share = sharing.shared_answer(id, desk_sessions.account())
    looks.record(desk_sessions.account(), [answer], looks.FILE)
    return answers.download(tables.facts_csv(_document(answer, share)), "text/csv; charset=utf-8", id, "csv")


@bp.get("/<id>/media", endpoint="media")
def play(id: str) -> ResponseReturnValue:
    answer, share = sharing.shared_answer(id, desk_sessions.account())
    if not share.media or answer.media_key is None or answer.media_type is None:
        abort(404)
    looks.record(desk_sessions.account(), [answer], looks.MEDIA)
    return answers.media_of(answer)


@bp.post("/<id>/comments", endpoint="comment")
def write_comment(id: str) -> ResponseReturnValue:
    answer, share = sharing.shared_answer(id, desk_sessions.account())
    try:
        comments.add(desk_sessions.account(), answer, request.form.get("text", ""), request.form.get("seconds", ""))
    except InputError as error:
        return _page(answer, share, sentence_of(error)), UNPROCESSABLE
    return redirect(url_for("desk_answers.show", id=id, _anchor="comments"), 303)


@bp.post("/<id>/comments/<comment>", endpoint="uncomment")
def delete_comment(id: str, comment: str) -> ResponseReturnValue:
    answer, _ = sharing.shared_answer(id, desk_sessions.account())
    comments.remove(desk_sessions.account(), answer, comment)
    return redirect(url_for("desk_answers.show", id=id, _anchor="comments"), 303)


def _document(answer: Answer, share: Share) -> dict[str, Any]:
    found = sharing.document(answer, share, desk_sessions.account())
    if found is None:
        abort(404)
    return found


def _page(answer: Answer, share: Share, error: str | None = None) -> str:
    account, take = desk_sessions.account(), takes.of_answer(answer)
    analysis = sharing.document(answer, share, account)
    with_media = share.media and answer.media_key is not None and answer.media_type is not None
    return render_template(
        "desk/answer.html",
        answer={
            "id": answer.id,
            "kind": answer.kind,
            "question": answer.question,
            "created": answer.created,
            "media": {"type": media_types.shown_as(answer.media_type or ""), "document": answer.kind == "text"} if with_media else None,
            "media_until": answer.created + media_kept() if with_media else None,
            "typed": answer.text if share.media else None,
        },
        take=take,
        share=share,
        inferences=share.inferences and sharing.allowed(account),
        analysis=analysis,
        charts=charts.names(analysis) if analysis else [],
        comments=comments.at(answer),
        figures=models.figures(answer.kind),
        comparison=NO_COMPARISON,
        error=error,
        typed=request.form if error else {},
    )
