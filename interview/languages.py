"""The language of the interface: asked for in the address, remembered in a cookie, else the browser's."""

from __future__ import annotations

from flask import Flask, Response, has_request_context, request
from flask_babel import Babel, format_date, format_datetime, format_decimal, format_number, format_percent, format_timedelta, get_locale

from interview import sentences

LOCALES = {"en": "English", "fr": "Français"}
DEFAULT = "en"
FORMATS = (format_date, format_datetime, format_decimal, format_number, format_percent, format_timedelta)
QUERY, COOKIE = "language", "language"
COOKIE_SECONDS = 365 * 24 * 3600


def chosen() -> str:
    """Return the code of the language in which this request is answered."""
    if not has_request_context():
        return DEFAULT
    for code in (request.args.get(QUERY), request.cookies.get(COOKIE)):
        if code in LOCALES:
            return str(code)
    return request.accept_languages.best_match(list(LOCALES)) or DEFAULT


def init_app(app: Flask) -> None:
    """Attach the translations and remember a language that was asked for."""
    Babel(app, locale_selector=chosen)
    app.jinja_env.globals.update({f.__name__: f for f in FORMATS}, get_locale=get_locale, languages=list(LOCALES))
    app.jinja_env.filters["translated"] = sentences.translated

    @app.context_processor
    def languages() -> dict[str, object]:
        return {"locales": [{"code": code, "name": name} for code, name in LOCALES.items()], "locale": str(get_locale())}

    @app.after_request
    def remember(response: Response) -> Response:
        if request.args.get(QUERY) in LOCALES:
            secure = app.config["SESSION_COOKIE_SECURE"]
            response.set_cookie(COOKIE, request.args[QUERY], max_age=COOKIE_SECONDS, samesite="Lax", httponly=True, secure=secure)
        response.headers.add("Vary", "Accept-Language")
        return response
