"""Who is signed in at the desk: a cookie of its own under ``/desk``, beside which the visitors' cookie means nothing.

The cookie only names a row (``SignIn``). Signing out, another password and the end of the time delete the row, so that a
copied cookie opens nothing any more.
"""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from flask import Flask, Request, Response, current_app, redirect, request, session, url_for
from flask.sessions import SecureCookieSessionInterface, SessionInterface, SessionMixin
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from sqlalchemy import ColumnElement, delete, or_

from interview.database import change, db, now
from interview.desk_database import Account, SignIn
from interview.errors import answer, wants_json

PATH = "/desk"
COOKIE = "desk"
SEEN_EVERY = timedelta(minutes=1)
SAFE_METHODS = ("GET", "HEAD")


class DeskCookie(SecureCookieSessionInterface):
    """Keep the desk's session in a cookie of its own, signed differently and sent to the desk alone."""

    salt = "desk-session"

    def get_cookie_name(self, app: Flask) -> str:
        return COOKIE

    def get_cookie_path(self, app: Flask) -> str:
        return PATH


class Cookies(SessionInterface):
    """Open the desk's session under ``/desk``, the visitor's everywhere else."""

    def __init__(self) -> None:
        self.desk, self.visitors = DeskCookie(), SecureCookieSessionInterface()

    def open_session(self, app: Flask, request: Request) -> SessionMixin | None:
        return self._of(request).open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        self._of(request).save_session(app, session, response)  # type: ignore[arg-type]

    def _of(self, request: Request) -> SecureCookieSessionInterface:
        return self.desk if request.path == PATH or request.path.startswith(f"{PATH}/") else self.visitors


class SignedIn(UserMixin):
    """Be an account in one browser, as Flask-Login wants it: ``id`` is the sign-in's."""

    def __init__(self, sign_in: SignIn) -> None:
        self.id = sign_in.id
        self.account = sign_in.account


def init_app(app: Flask) -> None:
    """Give the desk its cookie and its sign-in."""
    app.session_interface = Cookies()
    manager = LoginManager()
    manager.session_protection = None  # the row ends it; an address that changes on the way does not
    manager.init_app(app, add_context_processor=False)
    manager.user_loader(_load)
    manager.unauthorized_handler(ask_to_sign_in)

    @app.context_processor
    def desk() -> dict[str, object]:
        return {"account": account_or_none() if request.path.startswith(PATH) else None}


def account() -> Account:
    """Return the account of this request, which has been found to be signed in."""
    return cast(SignedIn, current_user).account


def account_or_none() -> Account | None:
    """Return the account of this request, ``None`` when nobody is signed in."""
    return account() if current_user.is_authenticated else None


def sign_in(found: Account) -> None:
    """Sign an account in with this browser, in a new session."""
    with change() as opened:
        opened.execute(delete(SignIn).where(_ended()))
        row = SignIn(account_id=found.id)
        opened.add(row)
    session.clear()
    login_user(SignedIn(db.session.get_one(SignIn, row.id)))


def sign_out() -> None:
    """End what this browser has opened."""
    if current_user.is_authenticated:
        identity = current_user.id
        with change() as opened:
            opened.execute(delete(SignIn).where(SignIn.id == identity))
    logout_user()
    session.clear()


def ask_to_sign_in() -> ResponseReturnValue:
    """Answer somebody who is not signed in (any more): with the page where they can, or with a sentence."""
    if wants_json() or request.method not in SAFE_METHODS:
        return answer(401, gettext("Please sign in first; after a while without a click everybody is signed out."))
    return redirect(url_for("desk.login", next=request.path), 303)


def _ended() -> ColumnElement[bool]:
    idle, most = timedelta(minutes=current_app.config["DESK_MINUTES"]), timedelta(hours=current_app.config["DESK_HOURS"])
    return or_(SignIn.seen < now() - idle, SignIn.created < now() - most)


def _load(identity: str) -> SignedIn | None:
    row = db.session.get(SignIn, identity)
    if row is None or db.session.query(SignIn.id).where(SignIn.id == identity, _ended()).first():
        return None
    if now() - row.seen > SEEN_EVERY:
        with change():
            row.seen = now()
    return SignedIn(row)
