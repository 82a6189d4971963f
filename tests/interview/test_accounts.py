"""Accounts are made in the terminal, sign in with a password, and are signed out for good."""

import io
import re
import sys
from datetime import timedelta

import pytest

import app as application
from core.errors import InputError
from interview import accounts
from interview.database import change, db, upgrade
from interview.desk_database import Account, SignIn

PASSWORD = "a long enough password"


pytestmark = pytest.mark.usefixtures("quick_hashes")


@pytest.fixture
def ann(app, quick_hashes):
    with app.app_context():
        accounts.add("Ann Recruiter", "recruiter", PASSWORD)
    return app.test_client()


def sign_in(client, name="ann recruiter", password=PASSWORD, **fields):
    return client.post("/desk/login", data={"name": name, "password": password, **fields})


def user(monkeypatch, settings, *arguments, stdin=""):
    monkeypatch.setenv("INSTANCE", settings["INSTANCE"])
    monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
    return application.main(["user", *arguments])


def test_the_terminal_makes_lists_and_removes_accounts(monkeypatch, settings, capsys):
    assert user(monkeypatch, settings, "add", "Ann", "--role", "coach", "--password-stdin", stdin=f"{PASSWORD}\n") == 0
    assert user(monkeypatch, settings, "add", "ANN", "--password-stdin", stdin=f"{PASSWORD}\n") == 1
    assert "already" in capsys.readouterr().err
    assert user(monkeypatch, settings, "list") == 0
    assert re.fullmatch(r"Ann\tcoach\tsince [\d-]+\n", capsys.readouterr().out)
    assert user(monkeypatch, settings, "password", "nobody", "--password-stdin", stdin=PASSWORD) == 1
    assert user(monkeypatch, settings, "remove", "ann") == 0
    capsys.readouterr()
    assert user(monkeypatch, settings, "list") == 0
    assert capsys.readouterr().out == ""


def test_a_password_is_asked_for_twice_and_never_kept_as_it_is(monkeypatch, settings, app):
    answers = iter([PASSWORD, "another password", PASSWORD, PASSWORD])
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(answers))
    assert user(monkeypatch, settings, "add", "Ann") == 1
    assert user(monkeypatch, settings, "add", "Ann") == 0
    with app.app_context():
        kept = db.session.query(Account).one().password
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept


@pytest.mark.parametrize("password", ["", "short", "x" * 201])
def test_a_password_that_is_too_short_or_too_long_is_refused(app, password):
    with app.app_context(), pytest.raises(InputError, match="between 12 and 200"):
        accounts.add("Ann", "recruiter", password)


def test_the_desk_opens_after_signing_in_and_closes_after_signing_out(app, ann):
    assert ann.get("/desk").headers["Location"] == "/desk/login?next=/desk"
    assert sign_in(ann).headers["Location"] == "/desk"
    assert "Ann Recruiter" in ann.get("/desk").text
    copied = ann.get_cookie("desk", path="/desk").value
    assert ann.post("/desk/logout").status_code == 303
    assert ann.get("/desk").status_code == 303
    thief = app.test_client()
    thief.set_cookie("desk", copied, path="/desk")
    assert thief.get("/desk").status_code == 303


@pytest.mark.parametrize(("name", "password"), [("ann recruiter", "a wrong long password"), ("bob", PASSWORD), ("", "")])
def test_a_wrong_name_or_password_gets_the_same_sentence(ann, name, password):
    refused = sign_in(ann, name, password)
    assert refused.status_code == 422
    assert "do not go together" in refused.text
    assert ann.get("/desk").status_code == 303


@pytest.mark.parametrize("target", ["https://evil.example/desk/", "//evil.example", "/desk//evil.example", "/desk/\\evil.example", "/answers"])
def test_signing_in_never_leads_elsewhere(ann, target):
    assert sign_in(ann, next=target).headers["Location"] == "/desk"


def test_another_password_and_removal_end_every_session(app, ann):
    sign_in(ann)
    with app.app_context():
        accounts.change_password("Ann Recruiter", "quite another password")
    assert ann.get("/desk").status_code == 303
    sign_in(ann, password="quite another password")
    assert ann.get("/desk").status_code == 200
    with app.app_context():
        accounts.remove("Ann Recruiter")
    assert ann.get("/desk").status_code == 303


@pytest.mark.parametrize(("column", "minutes"), [("seen", 61), ("created", 12 * 60 + 1)])
def test_a_session_ends_by_itself(app, ann, column, minutes):
    sign_in(ann)
    with app.app_context(), change() as session:
        row = session.query(SignIn).one()
        setattr(row, column, getattr(row, column) - timedelta(minutes=minutes))
    assert ann.get("/desk").status_code == 303
    refused = ann.get("/desk", headers={"Accept": "application/json"})
    assert (refused.status_code, "sign in" in refused.json["error"]) == (401, True)


def test_visitors_and_accounts_do_not_mix(app, visit, ann):
    address = visit.write().headers["Location"]
    both = visit.client
    sign_in(both)
    assert both.get("/desk").status_code == 200
    assert both.get(address).status_code == 200
    both.post("/desk/logout")
    assert both.get(address).status_code == 200
    sign_in(ann)
    assert ann.get_cookie("interview") is None
    assert ann.get(address).status_code == 404
    forged = app.test_client()
    forged.set_cookie("desk", visit.client.get_cookie("interview").value, path="/desk")
    assert forged.get("/desk").status_code == 303


def test_the_desks_cookie_is_out_of_reach_of_scripts_and_sent_to_the_desk_alone(ann):
    cookie = sign_in(ann).headers["Set-Cookie"]
    assert cookie.startswith("desk=")
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Lax", "Path=/desk"))


def test_guessing_passwords_is_slowed_down(settings):
    strict = application.create_app({**settings, "RATELIMIT_ENABLED": True, "LOGIN_RATE_LIMIT": "3 per minute"})
    upgrade(strict)
    client = strict.test_client()
    assert [sign_in(client).status_code for _ in range(5)] == [422] * 3 + [429] * 2
    other = {"REMOTE_ADDR": "192.0.2.7"}
    assert client.post("/desk/login", data={"name": "Ann Recruiter"}, environ_overrides=other).status_code == 429
    assert client.post("/desk/login", data={"name": "Bob"}, environ_overrides=other).status_code == 422


def test_signing_in_needs_the_pages_token(settings):
    strict = application.create_app({**settings, "WTF_CSRF_ENABLED": True})
    upgrade(strict)
    assert sign_in(strict.test_client()).status_code == 400
