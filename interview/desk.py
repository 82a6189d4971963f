"""The way into the desk: signing in and out, and its first page."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from interview import accounts, desk_interviews, desk_sessions
from interview.security import limiter

bp = Blueprint("desk", __name__, url_prefix=desk_sessions.PATH)


@bp.get("")
def index() -> ResponseReturnValue:
    return render_template("desk/index.html", interviews=desk_interviews.listed(desk_sessions.account()))


@bp.get("/login")
def login() -> ResponseReturnValue:
    return render_template("desk/login.html", next=_next(request.args.get("next")))


@bp.post("/login", endpoint="sign_in")
@limiter.limit(lambda: current_app.config["LOGIN_RATE_LIMIT"], override_defaults=True)
@limiter.limit(lambda: current_app.config["LOGIN_RATE_LIMIT"], key_func=lambda: f"account {accounts.key_of(request.form.get('name', ''))}")
def sign_in() -> ResponseReturnValue:
    name, target = request.form.get("name", ""), _next(request.form.get("next"))
    found = accounts.check(name, request.form.get("password", ""))
    if found is None:
        return render_template("desk/login.html", next=target, name=name, error=gettext("This name and password do not go together.")), 422
    desk_sessions.sign_in(found)
    return redirect(target, 303)


@bp.post("/logout", endpoint="sign_out")
def sign_out() -> ResponseReturnValue:
    desk_sessions.sign_out()
    flash(gettext("You are signed out."))
    return redirect(url_for("desk.login"), 303)


def _next(address: str | None) -> str:
    """Return where to go after signing in: a page of the desk, never another host."""
    inside = (address or "").startswith(f"{desk_sessions.PATH}/") and "//" not in (address or "") and "\\" not in (address or "")
    return address if inside and address else url_for("desk.index")
