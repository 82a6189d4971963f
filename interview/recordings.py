"""Recordings arrive in pieces, after tus 1.0: the core, creation with deferred length, and termination.

Source: https://tus.io/protocols/resumable-upload (version 1.0.0). Pieces are sent while the recording runs, so that a
closed tab or a lost connection loses seconds, not the answer.
"""

from __future__ import annotations

import base64
import binascii

from flask import Blueprint, Response, abort, current_app, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from core.errors import InputError
from interview import baselines, deletion, intake, live_takes, media, places, questions, visitors
from interview.database import Recording, Visitor, change, db, now
from interview.errors import sentence_of, translated, wants_json
from interview.retention import media_kept
from interview.security import limiter

bp = Blueprint("recordings", __name__, url_prefix="/recordings")

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-defer-length,termination"
PIECE_TYPE = "application/offset+octet-stream"
KINDS = ("text", "audio", "video")
LOCKED = 423
ON = ("on", "true", "1")


@bp.after_request
def speak_tus(response: Response) -> Response:
    response.headers["Tus-Resumable"] = VERSION
    return response


@bp.route("", methods=["OPTIONS"], provide_automatic_options=False)
@bp.route("/<id>", methods=["OPTIONS"], provide_automatic_options=False)
def options(id: str | None = None) -> ResponseReturnValue:
    return "", 204, {"Tus-Version": VERSION, "Tus-Extension": EXTENSIONS, "Tus-Max-Size": str(intake.upload_limit())}


@bp.post("")
def create() -> ResponseReturnValue:
    _check_version()
    length = _number("Upload-Length")
    if length is None and request.headers.get("Upload-Defer-Length") != "1":
        abort(400, gettext("Upload-Length or Upload-Defer-Length is missing."))
    if length is not None and length > intake.upload_limit():
        abort(413)
    told = _metadata()
    kind = told.get("kind", "")
    if kind not in KINDS:
        abort(400, gettext("The kind of an answer is text, audio or video."))
    asked = _asked(told, kind)
    visitor = visitors.required()
    visitors.consent(visitor, kind, told.get("consent") in ON)
    recording = intake.begin(visitor, kind, asked, told.get("filename"), length)
    return "", 201, {"Location": url_for("recordings.state", id=recording.id)}


@bp.get("/<id>")
def state(id: str) -> ResponseReturnValue:
    """Answer HEAD, by which a client learns where to go on; GET tells the same in JSON."""
    if request.method == "HEAD":
        _check_version()
    recording = visitors.own(Recording, id)
    headers = {"Upload-Offset": str(recording.offset)}
    headers |= {"Upload-Defer-Length": "1"} if recording.length is None else {"Upload-Length": str(recording.length)}
    return jsonify(shown(recording)), 200, headers


@bp.patch("/<id>")
@limiter.limit(lambda: current_app.config["PIECE_RATE_LIMIT"], override_defaults=True)
def append(id: str) -> ResponseReturnValue:
    _check_version()
    if request.mimetype != PIECE_TYPE:
        abort(415, gettext("A piece of a recording has the type %(type)s.", type=PIECE_TYPE))
    recording = visitors.own(Recording, id)
    offset, told = _number("Upload-Offset"), _number("Upload-Length")
    if offset is None:
        abort(400, gettext("Upload-Offset is missing."))
    if recording.answer_id is not None:
        abort(409, gettext("This recording is finished."))
    db.session.rollback()
    try:
        with media.partial(id) as file:
            db.session.refresh(recording)
            if recording.answer_id is not None or recording.offset != offset:
                abort(409, gettext("This recording goes on at byte %(offset)d.", offset=recording.offset))
            if told is not None and recording.length not in (None, told):
                abort(400, gettext("The length of a recording cannot change."))
            length, limit = recording.length if told is None else told, intake.upload_limit()
            if length is not None and (length > limit or length < offset):
                abort(413)
            most = (limit if length is None else length) - offset
            db.session.rollback()
            reached = media.append(file, offset, request.stream, most)
            with change():
                recording.offset, recording.length, recording.changed = min(reached, offset + most), length, now()
    except BlockingIOError:
        abort(LOCKED, gettext("Another piece of this recording is just arriving."))
    if reached > offset + most:
        abort(413)
    return "", 204, {"Upload-Offset": str(reached)}


@bp.delete("/<id>")
def terminate(id: str) -> ResponseReturnValue:
    deletion.recordings([visitors.own(Recording, id)])
    return "", 204


@bp.put("/<id>/baseline")
def keep_baseline(id: str) -> ResponseReturnValue:
    """Take the sentences that were read aloud in an ordinary voice."""
    recording = visitors.own(Recording, id)
    if recording.answer_id is not None or recording.kind == "text":
        abort(409, gettext("This recording is finished.") if recording.answer_id else gettext("A text has no voice to compare with."))
    try:
        baselines.keep(recording, request.stream)
    except BlockingIOError:
        abort(LOCKED, gettext("Another piece of this recording is just arriving."))
    return "", 204


@bp.post("/<id>/finish")
def finish(id: str) -> ResponseReturnValue:
    recording = visitors.own(Recording, id)
    was_live = (request.get_json(silent=True) or {}).get("live") is True
    answer = intake.finish(recording, live_takes.takes().fetch(recording.visitor_id) if was_live else None)
    address = places.address_of(answer)
    return (jsonify(address=address), 201, {"Location": address}) if wants_json() else redirect(address, 303)


@bp.post("/<id>", endpoint="change")
def change_recording(id: str) -> ResponseReturnValue:
    """Serve the forms of pages without JavaScript: ``action`` is ``finish`` or ``delete``."""
    recording = visitors.own(Recording, id)
    if request.form.get("action") == "delete":
        deletion.recordings([recording])
        flash(gettext("The recording has been deleted."))
        return redirect(url_for("answers.index"), 303)
    if request.form.get("action") == "finish":
        try:
            answer = intake.finish(recording)
        except InputError as error:
            flash(sentence_of(error), "error")
            return redirect(url_for("answers.index"), 303)
        return redirect(places.address_of(answer), 303)
    abort(400)


def unfinished(visitor: Visitor | None, kind: str | None = None) -> list[dict[str, object]]:
    """Return a visitor's recordings that have not become answers, the latest first, for a page."""
    if visitor is None:
        return []
    wanted = [Recording.visitor_id == visitor.id, Recording.answer_id.is_(None), *([Recording.kind == kind] if kind else [])]
    return [shown(r) for r in db.session.scalars(select(Recording).where(*wanted).order_by(Recording.created.desc()))]


def shown(recording: Recording) -> dict[str, object]:
    """Return what a page shows of a recording."""
    return {
        "id": recording.id,
        "kind": recording.kind,
        "question": recording.question,
        "created": recording.created,
        "bytes": recording.offset,
        "complete": recording.length is not None and recording.offset == recording.length,
        "sentence": translated(recording.sentence, recording.sentence_values) if recording.sentence else None,
        "media_until": recording.changed + media_kept(),
    }


def _asked(told: dict[str, str], kind: str) -> intake.Asked:
    """Return the question that a recording is to: one of an interview that this visitor is in, of the bank, or their own."""
    if "sitting" in told:
        return places.asked_in(visitors.required(), told["sitting"], told.get("step", ""), kind)
    question_id, theme, text = questions.asked(told.get("question"), told.get("own_question"))
    return intake.Asked(question_id, theme, text, told.get("others") in ON)


def _check_version() -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        response = jsonify(error=gettext("This server speaks tus %(version)s.", version=VERSION))
        response.status_code = 412
        response.headers["Tus-Version"] = VERSION
        abort(response)


def _number(header: str) -> int | None:
    value = request.headers.get(header)
    if value is None:
        return None
    if not (value.isascii() and value.isdigit()):
        abort(400, gettext("%(header)s must be a whole number.", header=header))
    return int(value)


def _metadata() -> dict[str, str]:
    """Return the pairs of ``Upload-Metadata``: a key, and a value in base64 (or none)."""
    told = {}
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        key, _, value = pair.strip().partition(" ")
        try:
            told[key] = base64.b64decode(value, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            abort(400, gettext("Upload-Metadata must hold values in base64."))
    return told
