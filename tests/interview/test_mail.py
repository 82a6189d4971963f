"""Mail: off unless a setting names a server; what is sent; and that a failing server loses nothing."""

from __future__ import annotations

import re
import socket
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from desking import Desk, flashes

from app import create_app
from interview import mail
from interview.database import db, upgrade
from interview.desk_database import Invitation
from interview.settings import SettingError

NAME, PASSWORD = "mirror", "p@ss/word"
REFUSED = "nobody@example.org"


class Mailbox:
    """Take mail as a server does, but for one address."""

    def __init__(self):
        self.messages, self.names = [], []

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address == REFUSED:
            return "550 there is nobody here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"

    def authenticate(self, server, session, envelope, mechanism, given):
        assert isinstance(given, LoginPassword)
        self.names.append((given.login.decode(), given.password.decode()))
        return AuthResult(success=True)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def mailbox():
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port(), authenticator=box.authenticate, auth_require_tls=False)
    controller.start()
    box.url = f"smtp://{NAME}:p%40ss%2Fword@127.0.0.1:{controller.port}"
    yield box
    controller.stop()


@pytest.fixture
def mailing(settings, tmp_path, quick_hashes):
    """Return a function that gives a recruiter of an application which sends mail by this server."""

    def begin(url):
        app = create_app({**settings, "INSTANCE": str(tmp_path / "mailing"), "MAIL_URL": url, "MAIL_FROM": "mirror@example.org"})
        upgrade(app)
        return Desk(app)

    return begin


def test_without_the_setting_no_mail_is_sent_and_none_is_offered(ann, monkeypatch):
    monkeypatch.setattr(mail, "send", lambda messages: pytest.fail("mail was sent"))
    interview = ann.compose()
    ann.client.post(f"{interview}/invitations", data={"people": "Bob, bob@example.org", "mail": "on"})
    address = ann.invite(interview, "Eve, eve@example.org")["Eve"][1]
    assert "No mail is sent from here" in ann.client.get(interview).text
    page = ann.client.get(address).text
    assert "A text to copy" in page and "Send this text" not in page
    assert ann.client.post(address, data={"action": "mail"}).status_code == 400


def test_a_prepared_text_is_sent_to_the_address_of_its_invitation(mailing, mailbox):
    desk = mailing(mailbox.url)
    link, address = desk.invite(desk.compose(), "Zoë, zoe@example.org")["Zoë"]
    assert "Send this text to zoe@example.org" in desk.client.get(address).text
    answer = desk.client.post(address, data={"action": "mail"}, follow_redirects=True)
    assert flashes(answer) == ["Sent to zoe@example.org."]
    (message,) = mailbox.messages
    assert (message["To"], message["From"]) == ("zoe@example.org", "mirror@example.org")
    assert "Sales, first round" in message["Subject"]
    assert link in message.get_content() and "Hello Zoë," in message.get_content()
    assert mailbox.names == [(NAME, PASSWORD)]


def test_many_are_invited_by_mail_at_once_and_those_without_an_address_are_not(mailing, mailbox):
    desk = mailing(mailbox.url)
    interview = desk.compose()
    page = desk.client.post(
        f"{interview}/invitations", data={"people": "Bob, bob@example.org\nEve, room 12\nDora, dora@example.org", "mail": "on"}, follow_redirects=True
    )
    assert flashes(page) == ["2 invitations were sent by mail."]
    assert [message["To"] for message in mailbox.messages] == ["bob@example.org", "dora@example.org"]
    links = [re.search(r"http\S+", message.get_content())[0] for message in mailbox.messages]
    assert len(set(links)) == 2
    eve = desk.invite(interview, "Fay, fay")["Eve"][1]
    assert "Send this text" not in desk.client.get(eve).text


def test_a_server_that_is_not_there_gives_one_sentence_and_loses_nothing(mailing):
    desk = mailing(f"smtp://127.0.0.1:{free_port()}")
    interview = desk.compose()
    page = desk.client.post(f"{interview}/invitations", data={"people": "Bob, bob@example.org", "mail": "on"}, follow_redirects=True)
    assert page.status_code == 200
    assert flashes(page) == ["0 invitations were sent by mail.", mail.UNREACHABLE]
    with desk.app.app_context():
        assert [each.name for each in db.session.query(Invitation)] == ["Bob"]
    address = re.search(r'href="(/desk/invitations/[^"]+)"', page.text)[1]
    again = desk.client.post(address, data={"action": "mail"}, follow_redirects=True)
    assert flashes(again) == [mail.UNREACHABLE]
    assert "A text to copy" in again.text


def test_an_address_that_the_server_refuses_says_so_and_how_many_went_before(mailing, mailbox):
    desk = mailing(mailbox.url)
    page = desk.client.post(f"{desk.compose()}/invitations", data={"people": f"Bob, bob@example.org\nEve, {REFUSED}", "mail": "on"}, follow_redirects=True)
    assert flashes(page) == ["1 invitation was sent by mail.", mail.REFUSED]


def test_a_server_without_encryption_is_not_trusted_where_encryption_is_asked_for(mailing, mailbox):
    desk = mailing(mailbox.url.replace("smtp:", "smtp+starttls:"))
    address = desk.invite(desk.compose(), "Bob, bob@example.org")["Bob"][1]
    assert flashes(desk.client.post(address, data={"action": "mail"}, follow_redirects=True)) == [mail.REFUSED]
    assert mailbox.messages == [] and mailbox.names == []


def test_nothing_of_a_name_gets_into_the_head_of_a_message(mailing, mailbox):
    desk = mailing(mailbox.url)
    address = desk.invite(desk.compose(title="Sales\r\nBcc: eve@example.org"), "Bob, bob@example.org")["Bob"][1]
    desk.client.post(address, data={"action": "mail"})
    (message,) = mailbox.messages
    assert message["Bcc"] is None


@pytest.mark.parametrize(
    ("url", "sender"),
    [("mail.example.org", "a@example.org"), ("imap://mail.example.org", "a@example.org"), ("smtp://", "a@example.org"), ("smtp://mail.example.org", "")],
)
def test_settings_that_cannot_work_are_refused_at_the_start(settings, url, sender):
    with pytest.raises(SettingError, match="MAIL_"):
        create_app({**settings, "MAIL_URL": url, "MAIL_FROM": sender})


def test_the_password_of_the_mail_server_is_on_no_page(mailing, mailbox):
    desk = mailing(mailbox.url)
    assert "p%40ss" not in desk.client.get("/about").text
