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
OWNER = "the account whose it is"
SHARED = "the account that it is shared with, for as long as it is"
INVITED = "whoever has the link; it is bound to the first who accepts"
DESK = "desk"  # how the endpoints of the desk begin

RIGHTS: dict[str, str] = {
    "static": EVERYONE,
    "pages.home": EVERYONE,
    "pages.about": EVERYONE,
    "pages.health": EVERYONE,
    "interviews.show": EVERYONE,
    "interviews.answer": EVERYONE,
    "live.show": EVERYONE,
    "live.consent": EVERYONE,
    "live.socket": VISITOR,
    "visitors.show": EVERYONE,
    "visitors.change": EVERYONE,
    "recordings.options": EVERYONE,
    "recordings.create": EVERYONE,
    "recordings.state": VISITOR,
    "recordings.append": VISITOR,
    "recordings.keep_baseline": VISITOR,
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
    "moments.look": VISITOR,
    "differences.show": VISITOR,
    "reports.answer": VISITOR,
    "reports.answer_pdf": VISITOR,
    "reports.sitting": VISITOR,
    "reports.sitting_pdf": VISITOR,
    "desk.login": EVERYONE,
    "desk.sign_in": EVERYONE,
    "desk.sign_out": EVERYONE,
    "desk.index": ACCOUNT,
    "desk_interviews.compose": ACCOUNT,
    "desk_interviews.create": ACCOUNT,
    "desk_interviews.show": OWNER,
    "desk_interviews.edit": OWNER,
    "desk_interviews.save": OWNER,
    "desk_interviews.change": OWNER,
    "desk_interviews.invite": OWNER,
    "desk_interviews.links": OWNER,
    "desk_interviews.export": OWNER,
    "desk_interviews.preview": OWNER,
    "desk_interviews.preview_question": OWNER,
    "desk_invitations.show": OWNER,
    "desk_invitations.change": OWNER,
    "desk_invitations.export": OWNER,
    "desk_answers.show": SHARED,
    "desk_answers.charts": SHARED,
    "desk_answers.json": SHARED,
    "desk_answers.csv": SHARED,
    "desk_answers.media": SHARED,
    "desk_answers.comment": SHARED,
    "desk_answers.uncomment": SHARED,
    "desk_reports.answer": SHARED,
    "desk_reports.answer_pdf": SHARED,
    "desk_reports.invitation": OWNER,
    "desk_reports.invitation_pdf": OWNER,
    "sittings.invitation": INVITED,
    "sittings.accept": INVITED,
    "sittings.index": EVERYONE,
    "sittings.practise": EVERYONE,
    "sittings.show": VISITOR,
    "sittings.change": VISITOR,
    "sittings.question": VISITOR,
    "sittings.answer": VISITOR,
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
