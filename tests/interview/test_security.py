import re
import stat
from pathlib import Path

import pytest
from visiting import QUESTION

from app import create_app
from interview.database import upgrade

FORM = {"question": QUESTION, "consent": "on", "text": "I led a group of people to a goal"}


@pytest.fixture
def strict(settings):
    app = create_app({**settings, "WTF_CSRF_ENABLED": True, "RATELIMIT_ENABLED": True, "RATE_LIMIT": "5 per minute"})
    upgrade(app)
    return app


def token_of(page):
    return re.search(r'<meta name="csrf-token" content="([^"]+)"', page.text)[1]


@pytest.mark.parametrize("method", ["post", "patch", "delete"])
@pytest.mark.parametrize("address", ["/interviews/text", "/recordings", "/answers/x", "/recordings/x", "/visitor", "/answers/x/again"])
def test_a_change_without_a_token_is_refused(strict, address, method):
    answer = getattr(strict.test_client(), method)(address, data=FORM, headers={"Accept": "application/json"})
    assert answer.status_code in (400, 405)
    assert answer.json["error"]


def test_a_form_and_a_script_pass_with_their_token(strict):
    client = strict.test_client()
    token = token_of(client.get("/interviews/text"))
    address = client.post("/interviews/text", data={**FORM, "csrf_token": token}).headers["Location"]
    assert client.patch(address, json={"name": "new"}).status_code == 400
    assert client.patch(address, json={"name": "new"}, headers={"X-CSRFToken": token}).status_code == 200


def test_too_many_changes_are_told_to_wait_but_pages_stay_open(strict):
    client = strict.test_client()
    token = token_of(client.get("/interviews/text"))
    codes = [client.post("/interviews/text", data={**FORM, "csrf_token": token}).status_code for _ in range(7)]
    assert codes == [303] * 5 + [429] * 2
    assert "Retry-After" in client.post("/interviews/text", data={**FORM, "csrf_token": token}).headers
    assert all(client.get("/answers").status_code == 200 for _ in range(20))


def test_every_answer_carries_the_headers_that_keep_a_browser_safe(visit):
    for address in ("/", "/nothing", "/static/css/base.css", "/healthz"):
        headers = visit.client.get(address).headers
        policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
        assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "camera=(self)" in headers["Permissions-Policy"]


@pytest.mark.parametrize("secure", [True, False])
def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(settings, secure):
    app = create_app({**settings, "SECURE_COOKIES": secure})
    upgrade(app)
    cookie = app.test_client().post("/interviews/text", data=FORM).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert ("Secure" in cookie) is secure


def test_personal_pages_are_not_kept_by_a_cache(visit):
    address = visit.write().headers["Location"]
    for path in ("/answers", address, f"{address}/progress"):
        assert visit.client.get(path).headers["Cache-Control"] == "no-store"


def test_the_secret_key_is_made_once_and_is_its_owners_alone(settings):
    path = Path(settings["INSTANCE"], "secret_key")
    first = create_app(settings).config["SECRET_KEY"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert create_app(settings).config["SECRET_KEY"] == first == path.read_text()
    assert len(first) == 64


def test_a_defect_shows_an_id_and_no_detail(app, visit, caplog, monkeypatch):
    def break_down(*_):
        raise RuntimeError("a secret detail")

    monkeypatch.setitem(app.view_functions, "pages.health", break_down)
    page, data = visit.client.get("/healthz", headers={"Accept": "text/html"}), visit.client.get("/healthz", headers={"Accept": "application/json"})
    assert page.status_code == data.status_code == 500
    assert "secret" not in page.text + data.text
    assert data.json["id"] in data.json["error"]
    assert data.json["id"] in caplog.text


def test_not_found_is_a_page_or_json(visit):
    assert "<html" in visit.client.get("/nothing", headers={"Accept": "text/html"}).text
    assert visit.client.get("/nothing", headers={"Accept": "application/json"}).json["error"].endswith(".")


def test_an_upload_over_the_limit_gets_a_sentence(visit, tmp_path):
    path = tmp_path / "long.wav"
    path.write_bytes(b"RIFF" + bytes(4_500_000))
    answer = visit.upload("audio", path)
    assert answer.status_code == 413
    assert "3 MB" in answer.text
    path.write_bytes(b"RIFF" + bytes(3_000_001))
    answer = visit.upload("audio", path)
    assert answer.status_code == 422
    assert "3 MB" in answer.text


def test_a_name_is_never_a_path(app, visit):
    address = visit.upload("text", __file__, name="../../../../etc/cron.d/evil.txt").headers["Location"]
    assert visit.client.get(f"{address}/media").headers["Content-Disposition"].startswith("attachment")
    kept = [path.name for path in Path(app.config["INSTANCE"]).rglob("*") if path.is_file()]
    assert not any("evil" in name for name in kept)
    assert visit.client.get(f"{address}/pictures/..%2F..%2Fsecret_key").status_code == 404
