"""What somebody at the desk sends to a candidate: a text to copy, or to send by mail where the installation can."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask import current_app
from flask_babel import format_date, gettext, ngettext

from interview import invitations, mail
from interview.desk_database import Invitation

ADDRESS = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\"]+")


def text_of(invitation: Invitation) -> str:
    """Return a text to send: an invitation while nothing is answered, else a reminder."""
    interview, standing = invitation.interview, invitations.standings([invitation])[invitation.id]
    count = len(interview.steps)
    asked = ngettext(
        "It has %(num)d question, and you can stop and go on whenever you like.",
        "It has %(num)d questions, and you can stop and go on whenever you like.",
        count,
    )
    begun = gettext("You have answered %(answered)d of %(count)d questions.", answered=standing.answered, count=count)
    lines = (
        gettext("Hello %(name)s,", name=invitation.name),
        gettext("this is the link to the interview “%(title)s”:", title=interview.title),
        invitations.link(invitation),
        begun if standing.answered else asked,
        gettext(
            "The link is for you alone and open until %(date)s. Nobody sees an answer before you share it.", date=format_date(invitation.expires, "d MMMM y")
        ),
        gettext("Kind regards"),
        interview.account.name if interview.account else "",
    )
    return "\n\n".join(lines)


def address_of(invitation: Invitation) -> str | None:
    """Return the mail address that stands in an invitation's contact, ``None`` where there is none or no mail is sent."""
    found = ADDRESS.fullmatch(invitation.contact.strip()) if mail.ready() else None
    return found[0] if found else None


def send(found: Sequence[Invitation]) -> int:
    """Send each of these that has an address its text by mail, and return to how many.

    Raises
    ------
    mail.MailError
        When the server takes one of them not; those before it are sent.
    """
    addressed = [(address, each) for each in found if (address := address_of(each)) is not None]
    messages = [
        mail.message(address, gettext("Interview “%(title)s”", title=" ".join(each.interview.title.split())), text_of(each)) for address, each in addressed
    ]
    try:
        if messages:
            mail.send(messages)
    except mail.MailError as error:
        current_app.logger.warning("mail was not sent: %r", error.__cause__)
        raise
    return len(messages)
