"""Every error becomes a page or JSON here, by what was asked for."""

from __future__ import annotations

import secrets

from flask import Flask, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from core.errors import InputError
from interview.database import db

UNPROCESSABLE = 422
ERROR_ID_BYTES = 4
DEFECT = "Something broke on our side (%(id)s). It has been written down; please try again."
SENTENCES = {
    400: lazy_gettext("This request could not be understood."),
    404: lazy_gettext("There is nothing at this address, or it is not yours."),
    405: lazy_gettext("This address does not do that."),
    413: lazy_gettext("This is too large."),
    429: lazy_gettext("That was a lot at once. Please wait a minute and try again."),
    507: lazy_gettext("There is no room left to save this, so it was not taken. What was saved before is still there. Please try again later."),
}
FORM_EXPIRED = lazy_gettext("This page was open for too long or its cookie is gone. Please reload it and try again.")


def new_error_id() -> str:
    """Return a short id under which a defect is logged and shown."""
    return secrets.token_hex(ERROR_ID_BYTES)


def sentence_of(error: InputError) -> str:
    """Return an input error's sentence in the language of the request."""
    return translated(error.sentence, error.values)


def translated(sentence: str, values: dict[str, object] | None) -> str:
    """Return a stored sentence with its values in the language of the request."""
    return gettext(sentence, **(values or {}))


def wants_json() -> bool:
    """Tell whether this request asks for JSON: by what it accepts, what it sends, or because it speaks tus."""
    if request.is_json or "Tus-Resumable" in request.headers or request.path.endswith((".json", "/progress", "/charts")):
        return True
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def answer(code: int, sentence: str, error_id: str | None = None) -> ResponseReturnValue:
    """Return an error as JSON or as a page."""
    if wants_json():
        return jsonify(error=sentence, **({"id": error_id} if error_id else {})), code
    return render_template("error.html", code=code, sentence=sentence, id=error_id), code


def init_app(app: Flask) -> None:
    """Register the one way in which errors are answered."""

    @app.errorhandler(InputError)
    def input_error(error: InputError) -> ResponseReturnValue:
        return answer(UNPROCESSABLE, sentence_of(error))

    @app.errorhandler(CSRFError)
    def csrf_error(error: CSRFError) -> ResponseReturnValue:
        return answer(400, str(FORM_EXPIRED))

    @app.errorhandler(RateLimitExceeded)
    def rate_limit(error: RateLimitExceeded) -> ResponseReturnValue:
        return answer(429, str(SENTENCES[429]))

    @app.errorhandler(413)
    def too_large(error: HTTPException) -> ResponseReturnValue:
        return answer(413, gettext("This is larger than %(most)d MB, the most that can be uploaded.", most=current_app.config["UPLOAD_MB"]))

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> ResponseReturnValue:
        if error.response is not None or (error.code or 500) < 400:
            return error.get_response()
        own_words = error.description if error.description != type(error).description else None
        return answer(error.code or 500, str(own_words or SENTENCES.get(error.code or 500) or error.name))

    @app.errorhandler(Exception)
    def defect(error: Exception) -> ResponseReturnValue:
        db.session.rollback()
        error_id = new_error_id()
        app.logger.exception("%s: %s %s", error_id, request.method, request.path)
        return answer(500, gettext(DEFECT, id=error_id), error_id)
