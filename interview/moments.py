"""One moment of a video answer: which places of the face the network went by, looked at when it is asked for and not kept."""

from __future__ import annotations

import base64
import json
import math
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Flask, abort, current_app, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.errors import InputError
from core.media import MAX_SECONDS
from core.terminal import EXIT_INPUT
from interview import media, visitors
from interview.answers import shown
from interview.database import Answer
from interview.errors import UNPROCESSABLE, sentence_of, wants_json
from interview.retention import work_folder
from interview.security import limiter
from interview.settings import ROOT

bp = Blueprint("moments", __name__, url_prefix="/answers")

EXTENSION = "interview_moments"
AT_ONCE = 1  # looks of one web process
WAIT_SECONDS = 10.0  # for the look before
LOOK_SECONDS = 30
NEAR_SECONDS = 0.5  # between the moment and the last one whose face is known
RECORDING, PICTURE = "recording", "moment.jpg"
NO_TIME = "Please say which second of the recording you mean."
TOO_LONG = "Looking at this moment took too long and was stopped. Please try another one."


def init_app(app: Flask) -> None:
    """Let few look at the same time: the analyses need the processor too."""
    app.extensions[EXTENSION] = threading.BoundedSemaphore(AT_ONCE)


@bp.route("/<id>/moment", methods=["GET", "POST"])
@limiter.limit(lambda: current_app.config["MOMENT_RATE_LIMIT"])
def look(id: str) -> ResponseReturnValue:
    answer = visitors.own(Answer, id)
    if request.method == "GET":  # another language was chosen on the page, or it was loaded again
        return redirect(url_for("answers.show", id=id), 303)
    if answer.kind != "video" or answer.media_key is None or answer.result is None:
        abort(404)
    given = request.get_json() if request.is_json else request.form
    typed = given.get("at", "") if hasattr(given, "get") else ""
    try:
        frame, picture = looked_at(answer.media_key, json.loads(answer.result), seconds_of(typed))
    except InputError as error:
        if wants_json():
            raise
        return _page(answer, typed, sentence=sentence_of(error)), UNPROCESSABLE
    values = {"frame": frame, "picture": f"data:image/jpeg;base64,{base64.b64encode(picture).decode()}"}
    return jsonify(html=render_template("answers/_explained.html", **values)) if wants_json() else _page(answer, typed, **values)


def seconds_of(typed: Any) -> float:
    """Return the seconds that somebody typed, or the player said.

    Raises
    ------
    InputError
        When they are none.
    """
    try:
        seconds = float(str(typed).replace(",", "."))
    except ValueError:
        raise InputError(NO_TIME) from None
    if not math.isfinite(seconds) or not 0 <= seconds <= MAX_SECONDS:
        raise InputError(NO_TIME)
    return seconds


def looked_at(media_key: str, analysis: dict[str, Any], at: float) -> tuple[dict[str, Any], bytes]:
    """Return the frame of a stored recording as a ``KeyFrame`` in JSON, and its JPEG; a process of its own looks, within limits.

    Raises
    ------
    InputError
        When no face can be read at that moment.
    """
    turn = current_app.extensions[EXTENSION]
    if not turn.acquire(timeout=WAIT_SECONDS):
        abort(503, gettext("Somebody else’s moment is being looked at. Please try again in a few seconds."))
    try:
        with work_folder() as folder, media.local(media_key, folder, RECORDING) as path:
            wanted = {
                "path": str(path), "at": at, "near": near(analysis.get("timeline", []), at), "picture": str(folder / PICTURE),
                "threads": current_app.config["THREADS"], "megabytes": current_app.config["JOB_MB"], "seconds": LOOK_SECONDS,
                "engine": current_app.config["ENGINE"],
            }  # fmt: skip
            return _told(wanted), (folder / PICTURE).read_bytes()
    finally:
        turn.release()


def near(timeline: Sequence[dict[str, Any]], at: float) -> list[int] | None:
    """Return where the followed face was at a moment, by what the analysis kept; ``None`` where there was none."""
    moment = min(timeline, key=lambda moment: abs(moment["t"] - at), default=None)
    return moment["box"] if moment is not None and abs(moment["t"] - at) <= NEAR_SECONDS else None


def _told(wanted: dict[str, Any]) -> dict[str, Any]:
    command = [sys.executable, "-m", "interview.moment_process", json.dumps(wanted)]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LOOK_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise InputError(TOO_LONG) from None
    if done.returncode == EXIT_INPUT and done.stdout:
        refused = json.loads(done.stdout)
        raise InputError(refused["sentence"], **refused["values"])
    if done.returncode:
        raise RuntimeError(f"looking at a moment failed: {done.stderr[-2000:]}")
    return json.loads(done.stdout)


def _page(answer: Answer, typed: Any, **values: Any) -> str:
    return render_template("answers/explained.html", answer=shown(answer), at=typed, **values)
