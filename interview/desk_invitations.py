"""One invitation at the desk: how far it is, a reminder to copy or to send, what its candidate has shared, and its end."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from interview import desk_sessions, exports, invitations, looks, mail, reminders, sharing
from interview.database import db
from interview.desk_database import Interview, Invitation

bp = Blueprint("desk_invitations", __name__, url_prefix=f"{desk_sessions.PATH}/invitations")


def own(identity: str) -> Invitation:
    """Return an invitation to an interview of this account's; anything else is not found (404)."""
    wanted = (Invitation.id == identity, Interview.account_id == desk_sessions.account().id)
    found = db.session.scalar(select(Invitation).join(Interview).where(*wanted))
    if found is None:
        abort(404)
    return found


@bp.get("/<id>")
def show(id: str) -> ResponseReturnValue:
    invitation = own(id)
    return render_template(
        "desk/invitation.html",
        invitation=invitation,
        interview=invitation.interview,
        standing=invitations.standings([invitation])[id],
        link=invitations.link(invitation),
        reminder=reminders.text_of(invitation),
        address=reminders.address_of(invitation),
        shared=sharing.of_invitation(id),
    )


@bp.post("/<id>", endpoint="change")
def change_invitation(id: str) -> ResponseReturnValue:
    invitation = own(id)
    action, interview_id = request.form.get("action"), invitation.interview_id
    if action == "revoke":
        invitations.revoke(invitation)
        flash(gettext("The invitation is taken back: its link takes no more answers."))
    elif action == "renew":
        invitations.renew(invitation)
        flash(gettext("The invitation is open again."))
    elif action == "mail":
        try:
            if not reminders.send([invitation] if invitations.state_of(invitation) == "open" else []):
                abort(400)
            flash(gettext("Sent to %(address)s.", address=invitation.contact.strip()))
        except mail.MailError as error:
            flash(gettext(str(error)), "error")
    elif action == "delete":
        invitations.remove(invitation)
        flash(gettext("The invitation is deleted."))
        return redirect(url_for("desk_interviews.show", id=interview_id), 303)
    else:
        abort(400)
    return redirect(url_for("desk_invitations.show", id=id), 303)


@bp.get("/<id>/export.zip", endpoint="export")
def download_export(id: str) -> ResponseReturnValue:
    invitation, account = own(id), desk_sessions.account()
    shared = sharing.of_invitation(id)
    looks.record(account, [share.answer for _, share in shared], looks.EXPORT)
    return exports.answer([(invitation.name, shared)], account, f"answers-{id:.8}.zip")
