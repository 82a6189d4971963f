"""A visitor's answers: listed, shown, downloaded, renamed, offered to others' comparisons, tried again, deleted for good."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, abort, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.http import parse_range_header

from interview import charts, deletion, differences, heat, jobs, media, media_types, models, spoken, tables, takes, visitors
from interview import comments as comments_
from interview import looks as looks_
from interview import others as others_
from interview.database import Answer, Picture, change, db
from interview.errors import wants_json
from interview.intake import NAME_LENGTH
from interview.passages import passages, read_sentences, told
from interview.recordings import unfinished
from interview.retention import media_kept, result_kept

bp = Blueprint("answers", __name__, url_prefix="/answers")

DOWNLOAD_NAME = "answer-{id:.8}.{ending}"
PLAYABLE = ("audio/", "video/")

bp.add_app_template_filter(heat.places_of, "places")
bp.add_app_template_filter(heat.brightest, "brightest")


@bp.get("")
def index() -> ResponseReturnValue:
    visitor = visitors.current()
    mine = db.session.scalars(select(Answer).where(Answer.visitor_id == visitor.id).order_by(Answer.created.desc())).all() if visitor else []
    return render_template("answers/index.html", answers=[shown(a) for a in mine], unfinished=unfinished(visitor))


@bp.get("/<id>")
def show(id: str) -> ResponseReturnValue:
    answer = visitors.own(Answer, id)
    analysis = json.loads(answer.result) if answer.result else None
    compared = others_.comparison(answer) if analysis else None
    return render_template(
        "answers/show.html",
        answer=shown(answer),
        job=jobs.state_of(answer.job),
        analysis=analysis,
        charts=charts.names(analysis) if analysis else [],
        comparison=compared,
        figures=models.figures(answer.kind),
        take=takes.of_answer(answer),
        earlier=differences.earlier(answer) if analysis else [],
        comments=comments_.at(answer),
        looks=looks_.at(answer),
        **_text_parts(analysis, answer.kind),
        lines=spoken.lines_of(analysis) if analysis else [],
        transcriber=models.transcriber_there(),
    )


def _text_parts(analysis: dict[str, Any] | None, kind: str) -> dict[str, Any]:
    """Return what only the page of a text shows: its passages, the sentences that were read, the told examples."""
    if not analysis or kind != "text":
        return {}
    return {"passages": passages(analysis), "read_sentences": read_sentences(analysis), "examples": told(analysis)}


@bp.get("/<id>/progress")
def progress(id: str) -> ResponseReturnValue:
    return jsonify(jobs.state_of(visitors.own(Answer, id).job))


@bp.get("/<id>/charts", endpoint="charts")
def show_charts(id: str) -> ResponseReturnValue:
    answer = visitors.own(Answer, id)
    return jsonify(charts.draw(_analysis(answer), others_.comparison(answer)))


@bp.get("/<id>.json", endpoint="json")
def download_json(id: str) -> ResponseReturnValue:
    answer = visitors.own(Answer, id)
    document = json.dumps(_analysis(answer), ensure_ascii=False, indent=1)
    return download(document, "application/json", answer.id, "json")


@bp.get("/<id>.csv", endpoint="csv")
def download_csv(id: str) -> ResponseReturnValue:
    answer = visitors.own(Answer, id)
    return download(tables.csv_of(_analysis(answer)), "text/csv; charset=utf-8", answer.id, "csv")


@bp.get("/<id>/media", endpoint="media")
def play(id: str) -> ResponseReturnValue:
    answer = visitors.own(Answer, id)
    return media_of(answer)


@bp.get("/<id>/pictures/<name>")
def picture(id: str, name: str) -> ResponseReturnValue:
    answer = visitors.own(Answer, id)
    found = db.session.get(Picture, (answer.id, name))
    if found is None:
        abort(404)
    return serve(found.media_key, "image/jpeg")


@bp.route("/<id>", methods=["PATCH", "POST"], endpoint="change")
def change_answer(id: str) -> ResponseReturnValue:
    answer = visitors.own(Answer, id)
    if request.method == "PATCH":
        wanted = request.get_json()
        if not isinstance(wanted, dict) or not wanted or set(wanted) - {"name", "others"}:
            abort(400, gettext("What can change is the name, or whether the answer is among others'."))
        if "name" in wanted:
            _rename(answer, str(wanted["name"]))
        if "others" in wanted:
            _offer(answer, wanted["others"] is True)
        return jsonify(shown(answer))
    action = request.form.get("action")
    if action == "rename":
        _rename(answer, request.form.get("name", ""))
    elif action == "others":
        _offer(answer, request.form.get("others") == "on")
    elif action == "transcript":
        _correct(answer, request.form.get("transcript", ""))
    elif action == "again":
        return again(id)
    elif action == "delete":
        return delete(id)
    else:
        abort(400)
    return redirect(url_for("answers.show", id=id), 303)


@bp.delete("/<id>")
def delete(id: str) -> ResponseReturnValue:
    deletion.answers([visitors.own(Answer, id)])
    if request.method == "DELETE" or wants_json():
        return "", 204
    flash(gettext("The answer has been deleted for good."))
    return redirect(url_for("answers.index"), 303)


@bp.post("/<id>/again")
def again(id: str) -> ResponseReturnValue:
    answer = visitors.own(Answer, id)
    if answer.job is not None:
        jobs.again(answer.job)
    return jsonify(jobs.state_of(answer.job)) if wants_json() else redirect(url_for("answers.show", id=id), 303)


def shown(answer: Answer) -> dict[str, Any]:
    """Return what a page shows of an answer."""
    return {
        "id": answer.id,
        "name": answer.name,
        "kind": answer.kind,
        "theme": answer.theme,
        "question": answer.question,
        "created": answer.created,
        "state": jobs.state_of(answer.job)["state"],
        "media_until": answer.created + media_kept() if answer.media_key else None,
        "result_until": answer.created + result_kept(),
        "shared_with_others": answer.others,
        "file_name": answer.file_name,
        "media": {"type": media_types.shown_as(answer.media_type), "bytes": answer.media_bytes} if answer.media_key and answer.media_type else None,
        "typed": answer.text,
    }


def media_of(answer: Answer) -> Response:
    """Answer with an answer's recording or document; what a browser does not play is a download."""
    if answer.media_key is None or answer.media_type is None:
        abort(404)
    response = serve(answer.media_key, media_types.shown_as(answer.media_type))
    if not answer.media_type.startswith(PLAYABLE) or "download" in request.args:
        name = DOWNLOAD_NAME.format(id=answer.id, ending=media_types.ending(answer.media_type)[1:])
        response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def serve(key: str, media_type: str) -> Response:
    """Answer with a content of the media store, or with the one range of its bytes that was asked for (RFC 9110, section 14)."""
    if not media.exists(key):
        abort(404)
    total = media.size(key)
    begin, end, status = 0, total, 200
    asked = parse_range_header(request.headers.get("Range"))
    if asked is not None and asked.units == "bytes" and len(asked.ranges) == 1:
        found = asked.range_for_length(total)
        if found is None:
            return Response(status=416, headers={"Content-Range": f"bytes */{total}"})
        (begin, end), status = found, 206
    body = media.read(key, begin, end) if request.method == "GET" else iter(())
    response = Response(body, status, mimetype=media_type, direct_passthrough=True)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Content-Length"] = str(end - begin)
    if status == 206:
        response.headers["Content-Range"] = f"bytes {begin}-{end - 1}/{total}"
    return response


def download(document: str, media_type: str, identity: str, ending: str) -> Response:
    """Answer with a document to keep, named after the answer."""
    response = Response(document, content_type=media_type)
    response.headers.set("Content-Disposition", "attachment", filename=DOWNLOAD_NAME.format(id=identity, ending=ending))
    return response


def _analysis(answer: Answer) -> dict[str, Any]:
    if answer.result is None:
        abort(404, gettext("There is no result yet."))
    return json.loads(answer.result)


def _rename(answer: Answer, name: str) -> None:
    name = " ".join(name.split())[:NAME_LENGTH]
    if not name:
        abort(422, gettext("Please type a name."))
    with change():
        answer.name = name


def _offer(answer: Answer, offered: bool) -> None:
    """Let an answer be among others' answers, or take it out of every comparison that it is in."""
    if not offered:
        deletion.from_comparisons(answer)
    with change():
        answer.others = offered


def _correct(answer: Answer, text: str) -> None:
    """Keep what the person says they said, and let the worker read it."""
    if answer.kind == "text" or answer.result is None or answer.job is None:
        abort(400)
    text = text.strip()
    most = current_app.config["TEXT_CHARACTERS"]
    if len(text) > most:
        abort(422, gettext("The transcript has more than %(most)d characters.", most=most))
    with change():
        answer.text = text
    jobs.again(answer.job, (jobs.DONE, jobs.FAILED))
