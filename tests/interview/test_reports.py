"""Reports to keep: what is in them, for whom, in which language, and that nothing is fetched for them."""

import io
import json
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from desking import VIDEO, Desk, Road
from pypdf import PdfReader
from visiting import Visit

from app import create_app
from interview import charts, press, stills
from interview.database import Answer, db, upgrade

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = "I led <b>a team</b> <img src='{address}/picture.png'> <script src='{address}/script.js'></script> http://example.org"


@pytest.fixture
def drawn(monkeypatch):
    """Let the press do nothing, quickly: what is tried is who gets what."""
    asked = []

    def work(what, given):
        asked.append((what, given.decode()))
        return json.dumps({name: "<svg/>" for name in json.loads(given)["charts"]}).encode() if what == "pictures" else b"%PDF-"

    monkeypatch.setattr(press, "_work", work)
    return asked


@pytest.fixture
def listener():
    """Give the address of a server that writes down what is asked of it."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def words_of(document):
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(document)).pages)


def pango_there():
    return (
        shutil.which("ldconfig", path="/sbin:/usr/sbin:/usr/bin:/bin") is None
        or "libpango-1.0"
        in subprocess.run(["ldconfig", "-p"], capture_output=True, text=True, check=False, env={"PATH": "/sbin:/usr/sbin:/usr/bin:/bin"}).stdout
    )


needs_pango = pytest.mark.skipif(not pango_there(), reason="Pango is not installed (.ci/system)")


def test_a_page_has_what_was_observed_perceived_and_its_limits(visit, work):
    address = visit.upload("video", VIDEO).headers["Location"]
    work()
    page = visit.client.get(f"{address}/report").text
    for wanted in ("What could be observed in the picture", "Face: what the model saw", "this model was right in", "The limits of this report"):
        assert wanted in page
    assert page.count('src="data:image/svg+xml;base64,') == len(charts.names(json.loads(_result(visit))))
    assert "must not be used to decide about anybody" in page
    assert f'href="{address}/report.pdf"' in page
    assert f'href="{address}/report"' in visit.client.get(address).text


@needs_pango
def test_a_pdf_says_what_the_page_says_in_the_language_of_the_page(visit, work):
    address = visit.write().headers["Location"]
    work()
    answer = visit.client.get(f"{address}/report.pdf?language=fr")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    words = words_of(answer.data)
    assert "Les limites de ce rapport" in words
    assert "small group towards a hard goal" in words.replace("\n", " ")
    assert PdfReader(io.BytesIO(answer.data)).trailer["/Root"]["/Lang"] == "fr"


@needs_pango
def test_what_somebody_wrote_is_shown_as_written_and_fetches_nothing(visit, work, listener):
    address, asked = listener
    location = visit.write(text=HOSTILE.format(address=address)).headers["Location"]
    work()
    page = visit.client.get(f"{location}/report").text
    assert "&lt;b&gt;a team" in page
    assert f"src='{address}" not in page
    assert "<b>a team</b>" in words_of(visit.client.get(f"{location}/report.pdf").data).replace("\n", " ")
    assert asked == []


@needs_pango
def test_the_press_gives_out_nothing_but_static_files(listener, tmp_path):
    address, asked = listener
    secret = tmp_path / "secret.css"
    secret.write_text("body::before { content: 'SECRET' }")
    page = f"""<link rel=stylesheet href="{secret.as_uri()}"><link rel=stylesheet href="{address}/style.css"><style>@import url("{address}/more.css");
        body {{ background: url("{address}/ground.png") }}</style><p>Hello<img src="{address}/a.png"><object data="{secret.as_uri()}"></object>
        <img src="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'%3E%3Cimage href='{address}/inner.png'/%3E%3C/svg%3E">"""
    made = press.pdf(page)
    assert words_of(made).strip() == "Hello"
    assert asked == []


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "http://example.org/a.css",
        "http://static.invalid/static/../app.py",
        "http://static.invalid/app.py",
        "http://static.invalid/static/",
    ],
)
def test_addresses_beyond_static_are_refused(url):
    with pytest.raises(ValueError, match="not fetched"):
        press.fetched(url)


def test_a_page_gets_its_style_and_its_letters_from_static():
    assert press.fetched("http://static.invalid/static/css/report.css").content_type == "text/css"
    assert press.fetched("http://static.invalid/static/vendor/inter-latin-wght-normal.woff2").read().startswith(b"wOF2")


def test_without_pango_one_sentence_says_so_and_the_page_is_there(visit, work, monkeypatch):
    code = "import sys; sys.modules['weasyprint'] = None; from interview import press; press.main('pdf')"
    done = subprocess.run([sys.executable, "-c", code], input=b"<p>", capture_output=True, cwd=ROOT, check=False)
    assert done.returncode == press.MISSING_LIBRARY
    monkeypatch.setattr(press.subprocess, "run", lambda *args, **kept: done)
    address = visit.write().headers["Location"]
    work()
    answer = visit.client.get(f"{address}/report.pdf")
    assert answer.status_code == 503
    assert "WeasyPrint or the libraries that it needs (Pango) are not installed" in answer.text
    page = visit.client.get(f"{address}/report")
    assert page.status_code == 200
    assert "The charts are missing here." in page.text
    assert "small group" in page.text


def test_one_report_is_made_at_a_time(monkeypatch):
    monkeypatch.setattr(press, "PATIENCE_SECONDS", 0.01)
    with press._turn, pytest.raises(press.PressError, match="just being made"):
        press.pdf("<p>")


def test_reports_are_counted_though_they_change_nothing(settings, tmp_path, drawn):
    app = create_app({**settings, "INSTANCE": str(tmp_path / "limited"), "RATELIMIT_ENABLED": True, "REPORT_RATE_LIMIT": "2 per minute"})
    upgrade(app)
    client = app.test_client()
    codes = [client.get(f"/answers/{n}/report").status_code for n in range(3)]
    assert codes == [404, 404, 429]
    assert client.get("/answers").status_code == 200


def test_the_web_process_loads_neither_the_press_nor_vega():
    code = "import sys; from app import create_app; create_app({'INSTANCE': sys.argv[1]}); print(sorted({'weasyprint', 'vl_convert'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code, str(ROOT / ".build" / "instance")], capture_output=True, text=True, cwd=ROOT, check=True)
    assert found.stdout.strip() == "[]"


def test_paper_has_no_playhead_and_nothing_for_a_pointer(app, visit, work):
    visit.upload("video", VIDEO)
    work()
    analysis = json.loads(_result(visit))
    with app.test_request_context("/"):
        for document in charts.draw(analysis, {}).values():
            made = stills.still(document)
            assert "playhead" not in json.dumps(made["layer"]).replace("playhead_at", "")
            assert not [layer for layer in made["layer"] if isinstance(layer["mark"], dict) and layer["mark"].get("opacity") == 0]
            assert isinstance(made["width"], int)


def test_a_whole_interview_has_the_answers_that_count_and_says_what_is_missing(invited, work, drawn):
    invited.answer(1, text="The first of my two takes")
    invited.answer(1, text="The second of my two takes")
    invited.answer(2, "audio")
    work()
    page = invited.client.get(f"{invited.sitting}/report").text
    assert "asked by Ann (recruiter)" in page
    assert "The second of my two takes" in page
    assert "The first of my two takes" not in page
    assert "1 question has no result yet" in page
    assert "All answers side by side" in page
    assert "Take beside take" in page  # what has changed since the first
    assert invited.client.get(f"{invited.sitting}/report.pdf").data == b"%PDF-"
    assert f'{invited.sitting}/report"' in invited.client.get(invited.sitting).text


def test_a_recruiters_report_has_what_is_shared_and_no_label(ann, invited, work, drawn):
    invited.answer(1, text="A secret of mine")
    invited.answer(3, "video", path=VIDEO)
    work()
    first, second = invited.answers()
    invited.share(second, facts=True, media=True)
    whole, one = f"{invited.desk}/report", f"/desk/answers/{second}/report"
    for address in (whole, one, f"{one}.pdf"):
        assert ann.client.get(address).status_code == 200
    for page in [ann.client.get(address).text for address in (whole, one)] + [given for what, given in drawn if what == "pdf"]:
        told = page.split("The limits of this report")[0].casefold()
        assert "no label of an emotion" in told
        assert "blinks" in told
        assert "a secret of mine" not in told
        assert not [label for label in ("happy", "neutral", "surprise", "openness", "traits in a text") if label in told]
        assert "how often it is wrong" not in page.casefold()
    assert not [given for what, given in drawn if what == "pictures" and "emotions" in json.loads(given)["charts"]]
    assert ann.client.get(f"/desk/answers/{first}/report").status_code == 404
    looks = invited.client.get(f"/answers/{second}").text
    assert looks.count("opened or took its report") == 5


@pytest.mark.parametrize(("role", "seen"), [("coach", True), ("recruiter", False)])
def test_labels_are_in_a_coachs_report_where_setting_and_candidate_allow(settings, tmp_path, quick_hashes, work_of, drawn, role, seen):
    app = create_app({**settings, "INSTANCE": str(tmp_path / role), "SHARE_INFERENCES": True})
    upgrade(app)
    desk = Desk(app, "Cora", role)
    road = Road(Visit(app), desk.invite(desk.compose())["Bob"][0])
    road.begin()
    road.answer(1)
    road.answer(3, "video", path=VIDEO)
    work_of(app)
    road.share(*road.answers(), inferences=True)
    page = desk.client.get(f"/desk/answers/{road.answers()[0]}/report").text + desk.client.get(f"/desk/answers/{road.answers()[1]}/report").text
    assert ("The expression that the model saw most is “happy”" in page) == seen
    assert ("Openness" in page) == seen
    assert ("How often it is wrong" in page) == seen


def _result(visit):
    with visit.app.app_context():
        return db.session.query(Answer).one().result
