"""The three interviews: a question, and an answer that is typed or uploaded; recordings come through ``recordings``."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core.errors import InputError
from interview import intake, questions, recordings, visitors
from interview.errors import UNPROCESSABLE, sentence_of, wants_json

bp = Blueprint("interviews", __name__, url_prefix="/interviews")

KINDS = ("text", "audio", "video")
FILE_FIELDS = {"text": "document", "audio": "recording", "video": "recording"}
NO_FILE = "Please record an answer, or choose a file."


@bp.get("/<kind>")
def show(kind: str) -> ResponseReturnValue:
    return _page(kind)


@bp.post("/<kind>")
def answer(kind: str) -> ResponseReturnValue:
    if kind not in KINDS:
        abort(404)
    form = request.form
    try:
        question_id, theme, text = questions.asked(form.get("question"), form.get("own_question"))
        asked = intake.Asked(question_id, theme, text, form.get("others") == "on")
        visitor = visitors.required()
        visitors.consent(visitor, kind, form.get("consent") == "on")
        upload = request.files.get(FILE_FIELDS[kind])
        if upload is not None and upload.filename:
            made = intake.uploaded(visitor, kind, asked, upload.filename, upload.stream)
        elif kind == "text":
            made = intake.typed(visitor, asked, form.get("text", ""))
        else:
            raise InputError(NO_FILE)
    except InputError as error:
        if wants_json():
            raise
        return _page(kind, sentence_of(error)), UNPROCESSABLE
    return redirect(url_for("answers.show", id=made.id), 303)


def limits() -> dict[str, int]:
    """Return the limits that a page tells."""
    names = ("upload_mb", "answer_seconds", "thinking_seconds", "min_words", "text_characters")
    return {name: current_app.config[name.upper()] for name in names} | {"question_characters": questions.OWN_LENGTH}


def retention_days() -> dict[str, int]:
    """Return for how many days media and results are kept."""
    return {"media_days": current_app.config["MEDIA_DAYS"], "result_days": current_app.config["RESULT_DAYS"]}


def _page(kind: str, error: str | None = None) -> str:
    if kind not in KINDS:
        abort(404)
    asked = request.form if error else request.args
    question = questions.choose(asked.get("question"), request.args.get("theme"), request.args.get("another"))
    visitor = visitors.current()
    typed: dict[str, Any] = {name: request.form.get(name, "") for name in ("text", "own_question", "consent", "others")} if error else {}
    return render_template(
        f"interviews/{kind}.html",
        kind=kind,
        question={"id": question.id, "theme": question.theme, "theme_name": questions.THEMES[question.theme], "text": question.text},
        themes=questions.themes(),
        limits=limits(),
        retention=retention_days(),
        consent={"version": visitors.CONSENT_VERSION, "given": visitors.consented(visitor, kind)},
        error=error,
        typed=typed,
        unfinished=recordings.unfinished(visitor, kind),
    )
