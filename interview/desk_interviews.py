"""Interviews at the desk: composed, looked at as a candidate will see them, copied, deleted; and who is invited to them."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy import func, select

from core.errors import InputError
from interview import compositions, desk_sessions, exports, invitations, looks, mail, questions, reminders, sharing, sittings
from interview.database import db
from interview.desk_database import Account, Interview, Invitation
from interview.errors import UNPROCESSABLE, sentence_of

bp = Blueprint("desk_interviews", __name__, url_prefix=f"{desk_sessions.PATH}/interviews")


def listed(account: Account) -> list[tuple[Interview, int]]:
    """Return an account's interviews, the latest first, with how many people are invited to each."""
    invited = select(Invitation.interview_id, func.count(Invitation.id).label("people")).group_by(Invitation.interview_id).subquery()
    chosen = select(Interview, func.coalesce(invited.c.people, 0)).outerjoin(invited, invited.c.interview_id == Interview.id)
    return [(each, people) for each, people in db.session.execute(chosen.where(Interview.account_id == account.id).order_by(Interview.created.desc()))]


def own(identity: str) -> Interview:
    """Return an interview of this account's; anything else is not found (404)."""
    found = db.session.scalar(select(Interview).where(Interview.id == identity, Interview.account_id == desk_sessions.account().id))
    if found is None:
        abort(404)
    return found


@bp.get("/new", endpoint="compose")
def compose() -> ResponseReturnValue:
    return _form(compositions.blank())


@bp.post("", endpoint="create")
def create() -> ResponseReturnValue:
    return _save(None)


@bp.get("/<id>")
def show(id: str) -> ResponseReturnValue:
    return _page(own(id))


@bp.get("/<id>/edit")
def edit(id: str) -> ResponseReturnValue:
    interview = own(id)
    if compositions.begun(interview):
        flash(gettext(compositions.BEGUN), "error")
        return redirect(url_for("desk_interviews.show", id=id), 303)
    return _form(compositions.draft_of(interview), interview)


@bp.post("/<id>/edit", endpoint="save")
def save(id: str) -> ResponseReturnValue:
    return _save(own(id))


@bp.post("/<id>", endpoint="change")
def change_interview(id: str) -> ResponseReturnValue:
    interview = own(id)
    action = request.form.get("action")
    if action == "copy":
        copied = compositions.copy(interview, desk_sessions.account())
        flash(gettext("This is the copy."))
        return redirect(url_for("desk_interviews.edit", id=copied.id), 303)
    if action == "delete":
        compositions.remove(interview)
        flash(gettext("The interview and its invitations are deleted. What candidates answered stays theirs."))
        return redirect(url_for("desk.index"), 303)
    abort(400)


@bp.post("/<id>/invitations")
def invite(id: str) -> ResponseReturnValue:
    interview = own(id)
    upload = request.files.get("list")
    given = request.form.get("people", "")
    try:
        if upload is not None and upload.filename:
            given = upload.stream.read(invitations.MOST_BYTES + 1).decode("utf-8-sig", "replace")
        made = invitations.invite(interview, invitations.people_in(given))
    except InputError as error:
        return _page(interview, given, sentence_of(error)), UNPROCESSABLE
    if request.form.get("mail") == "on" and mail.ready():
        _send(made)
    return redirect(url_for("desk_interviews.show", id=id, _anchor="invitations"), 303)


@bp.get("/<id>/invitations.csv", endpoint="links")
def download_links(id: str) -> ResponseReturnValue:
    response = Response("\ufeff" + invitations.csv_of(own(id)), content_type="text/csv; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=f"invitations-{id:.8}.csv")
    return response


@bp.get("/<id>/export.zip", endpoint="export")
def download_export(id: str) -> ResponseReturnValue:
    interview = own(id)
    shared = sharing.of_interview(interview)
    looks.record(desk_sessions.account(), [share.answer for pairs in shared.values() for _, share in pairs], looks.EXPORT)
    names = {each.id: each.name for each in invitations.of_interview(interview)}
    return exports.answer([(names[key], pairs) for key, pairs in shared.items() if key in names], desk_sessions.account(), f"interview-{id:.8}.zip")


@bp.get("/<id>/preview")
def preview(id: str) -> ResponseReturnValue:
    interview = own(id)
    return render_template("desk/preview.html", interview=interview, invitation=None, preview=True, **sittings.described(interview))


@bp.get("/<id>/preview/<int:number>")
def preview_question(id: str, number: int) -> ResponseReturnValue:
    interview = own(id)
    step = next((each for each in interview.steps if each.number == number), None)
    if step is None:
        abort(404)
    kind = sittings.kind_asked(step)
    told = sittings.asking(step, len(interview.steps), kind)
    return render_template("sittings/question.html", preview=True, sitting=None, left=step.tries or None, rest=0, consent={"given": False}, typed={}, **told)


def _send(made: list[Invitation]) -> None:
    """Send new invitations by mail, and say to how many; the invitations are there in any case."""
    try:
        sent, sentence = reminders.send(made), None
    except mail.MailError as error:
        sent, sentence = error.sent, str(error)
    flash(ngettext("%(num)d invitation was sent by mail.", "%(num)d invitations were sent by mail.", sent))
    if sentence is not None:
        flash(gettext(sentence), "error")


def _page(interview: Interview, people: str = "", error: str | None = None) -> str:
    found = invitations.of_interview(interview)
    return render_template(
        "desk/interview.html",
        interview=interview,
        invitations=found,
        standings=invitations.standings(found),
        links={each.id: invitations.link(each) for each in found},
        begun=compositions.begun(interview),
        people=people,
        mail=mail.ready(),
        error=error,
    )


def _form(draft: compositions.Draft, interview: Interview | None = None, error: str | None = None) -> str:
    return render_template("desk/compose.html", draft=draft, interview=interview, error=error, themes=questions.themes(), bounds=compositions.BOUNDS)


def _save(interview: Interview | None) -> ResponseReturnValue:
    draft = compositions.read(request.form)
    if compositions.arrange(draft, request.form.get("action", "")):
        return _form(draft, interview)
    try:
        saved = compositions.save(draft, desk_sessions.account(), interview)
    except InputError as error:
        return _form(draft, interview, sentence_of(error)), UNPROCESSABLE
    return redirect(url_for("desk_interviews.show", id=saved.id), 303)
