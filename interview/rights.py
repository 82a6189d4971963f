"""Who may do what: every route of the application, in one table.

The desk refuses what is not in this table (``check``). Everywhere else the views look things up through their owner; a test
walks every route as every role, holds it to this table, and fails for a route that is not in it.
"""

from __future__ import annotations

from flask import Flask, abort, request
from flask.typing import ResponseReturnValue

from interview.desk_sessions import account_or_none, ask_to_sign_in

EVERYONE = "everyone"
VISITOR = "the visitor whose it is"  # a candidate or somebody who practises; nobody else finds it
ACCOUNT = "every account"
DESK = "desk."

RIGHTS: dict[str, str] = {
    "static": EVERYONE,
    "pages.home": EVERYONE,
    "pages.about": EVERYONE,
    "pages.health": EVERYONE,
    "interviews.show": EVERYONE,
    "interviews.answer": EVERYONE,
    "visitors.show": EVERYONE,
    "visitors.change": EVERYONE,
    "recordings.options": EVERYONE,
    "recordings.create": EVERYONE,
    "recordings.state": VISITOR,
    "recordings.append": VISITOR,
    "recordings.terminate": VISITOR,
    "recordings.finish": VISITOR,
    "recordings.change": VISITOR,
    "answers.index": EVERYONE,
    "answers.show": VISITOR,
    "answers.progress": VISITOR,
    "answers.charts": VISITOR,
    "answers.json": VISITOR,
    "answers.csv": VISITOR,
    "answers.media": VISITOR,
    "answers.picture": VISITOR,
    "answers.change": VISITOR,
    "answers.delete": VISITOR,
    "answers.again": VISITOR,
    "desk.login": EVERYONE,
    "desk.sign_in": EVERYONE,
    "desk.sign_out": EVERYONE,
    "desk.index": ACCOUNT,
}


def init_app(app: Flask) -> None:
    """Hold every request to the desk to the table, before any of its views is reached."""
    app.before_request(check)


def check() -> ResponseReturnValue | None:
    """Refuse what the table does not allow: unknown routes of the desk, and its pages without an account."""
    endpoint = request.endpoint or ""
    if not endpoint.startswith(DESK):
        return None
    right = RIGHTS.get(endpoint)
    if right is None:
        abort(404)
    if right != EVERYONE and account_or_none() is None:
        return ask_to_sign_in()
    return None
