"""Mail by SMTP, where ``MAIL_URL`` names a server; without it nothing is ever sent."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

from flask import current_app

from interview.settings import SettingError

PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
WAIT_SECONDS = 15.0  # for the server, each time
UNREACHABLE = "The mail server could not be reached, so nothing was sent. The text is still here, to copy."
REFUSED = "The mail server refused a message, so it was not sent. The text is still here, to copy."


class MailError(Exception):
    """Say why mail was not sent, in a sentence of the catalogue; ``sent`` messages had gone before."""

    def __init__(self, sentence: str, sent: int = 0) -> None:
        super().__init__(sentence)
        self.sent = sent


def ready() -> bool:
    """Tell whether this installation sends mail."""
    return bool(current_app.config["MAIL_URL"])


def check(url: str, sender: str) -> None:
    """Refuse settings that cannot work, at the start.

    Raises
    ------
    SettingError
        When the address of the server is not of a known kind, or nobody is named as the sender.
    """
    if not url:
        return
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise SettingError(f"MAIL_URL must be like smtp+starttls://name:password@mail.example.org:587; it can begin with {', '.join(PORTS)}")
    if "@" not in sender:
        raise SettingError("MAIL_FROM must be the address that mail comes from when MAIL_URL is set")


def message(to: str, subject: str, text: str) -> EmailMessage:
    """Return a message of plain text.

    Raises
    ------
    ValueError
        When an address or the subject has more than one line.
    """
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = current_app.config["MAIL_FROM"], to, subject
    made["Date"], made["Message-ID"] = formatdate(), make_msgid()
    made.set_content(text)
    return made


def send(messages: Sequence[EmailMessage]) -> None:
    """Send messages by one connection.

    Raises
    ------
    MailError
        At the first that could not be sent.
    """
    sent = 0
    try:
        with _connection() as server:
            for each in messages:
                server.send_message(each)
                sent += 1
    except (smtplib.SMTPConnectError, smtplib.SMTPServerDisconnected) as error:
        raise MailError(UNREACHABLE, sent) from error
    except smtplib.SMTPException as error:
        raise MailError(REFUSED, sent) from error
    except OSError as error:
        raise MailError(UNREACHABLE, sent) from error


@contextmanager
def _connection() -> Iterator[smtplib.SMTP]:
    parts = urlsplit(current_app.config["MAIL_URL"])
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    trusted = ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=WAIT_SECONDS, context=trusted)
    else:
        server = smtplib.SMTP(host, port, timeout=WAIT_SECONDS)
    with server:
        if parts.scheme == "smtp+starttls":
            server.starttls(context=trusted)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        yield server
