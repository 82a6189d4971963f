"""What the model looked at in one moment: looked at when asked for, by a process of its own, for whoever the answer belongs to."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from visiting import CLIPS

from core.errors import InputError
from core.media import frames
from interview import moments
from interview.moments import near, seconds_of

SINGLE = CLIPS / "v05_grid_man_3s.mpg"
JSON = {"Accept": "application/json"}


@pytest.fixture
def answered(visit, work):
    """Return the address of an analysed video answer."""
    address = visit.upload("video", SINGLE).headers["Location"]
    work()
    return address


@pytest.fixture
def looker(monkeypatch):
    """Let a stand-in answer in the place of the process, and return what it was asked."""
    asked = []

    def run(command, **options):
        wanted = json.loads(command[-1])
        asked.append(wanted)
        Path(wanted["picture"]).write_bytes(b"\xff\xd8\xff a moment")
        frame = {"t": wanted["at"], "label": "happy", "confidence": 0.6, "width": 360, "height": 288, "frame": [90, 60, 90, 90]}
        frame |= {"places": [[0.0, 0.1, 0.0], [0.2, 0.5, 0.3], [0.0, 1.0, 0.4]], "places_for": "happy"}
        return SimpleNamespace(returncode=0, stdout=json.dumps(frame), stderr="")

    monkeypatch.setattr(moments.subprocess, "run", run)
    return asked


def test_a_moment_is_looked_at_by_a_process_of_its_own(visit, answered):
    before = set(sys.modules)
    done = visit.client.post(f"{answered}/moment", json={"at": 1.0}, headers=JSON)
    assert done.status_code == 200, done.text
    html = done.json["html"]
    assert "data:image/jpeg;base64," in html and html.count("<rect") == 10 and "at 1 s" in html
    assert not {name for name in set(sys.modules) - before if name.startswith(("onnxruntime", "dlib"))}


def test_the_form_alone_opens_a_page_with_the_picture(visit, answered, looker):
    page = visit.client.post(f"{answered}/moment", data={"at": "1,5"})
    assert page.status_code == 200 and "data:image/jpeg" in page.text and 'value="1,5"' in page.text
    assert looker[0]["at"] == 1.5 and looker[0]["near"] is None
    assert 'action="' + answered.removeprefix("http://localhost") + '/moment"' in visit.client.get(answered).text


@pytest.mark.parametrize("typed", ["", "soon", "-1", "nan", "1e9"])
def test_a_time_that_is_none_is_asked_for_again(visit, answered, looker, typed):
    page = visit.client.post(f"{answered}/moment", data={"at": typed})
    assert page.status_code == 422 and "which second" in page.text and looker == []
    assert visit.client.post(f"{answered}/moment", json={"at": typed}, headers=JSON).status_code == 422
    assert visit.client.post(f"{answered}/moment", json=[typed], headers=JSON).status_code == 422


def test_a_moment_without_a_face_gets_a_sentence(visit, work):
    address = visit.upload("video", CLIPS / "pyfeat_no_face.mp4").headers["Location"]
    work()  # the stand-in sees a face everywhere
    said = visit.client.post(f"{address}/moment", json={"at": 1}, headers=JSON)
    assert said.status_code == 422 and "no face can be found" in said.json["error"]
    page = visit.client.post(f"{address}/moment", data={"at": "99"}, headers={"Accept-Language": "fr"})
    assert page.status_code == 422 and "Cette vidéo se termine avant 99" in page.text
    assert visit.client.get(f"{address}/moment?language=en").headers["Location"].endswith(address)


def test_strangers_and_other_kinds_of_answers_have_no_moments(visit, stranger, answered, work, looker):
    assert stranger.client.post(f"{answered}/moment", data={"at": "1"}).status_code == 404
    text = visit.write().headers["Location"]
    voice = visit.upload("audio", CLIPS / "a04_speech_woman_8s.wav").headers["Location"]
    work()
    assert [visit.client.post(f"{address}/moment", data={"at": "1"}).status_code for address in (text, voice)] == [404, 404]
    assert "/moment" not in visit.client.get(voice).text and looker == []


def test_nothing_of_a_moment_is_kept(app, visit, answered, looker):
    before = {path for path in Path(app.config["INSTANCE"]).rglob("*") if path.is_file() and path.suffix not in (".db", ".db-wal", ".db-shm")}
    visit.client.post(f"{answered}/moment", data={"at": "1"})
    assert {path for path in Path(app.config["INSTANCE"]).rglob("*") if path.is_file() and path.suffix not in (".db", ".db-wal", ".db-shm")} == before


def test_one_looks_at_a_time_and_the_others_are_told(app, visit, answered, looker, monkeypatch):
    monkeypatch.setattr(moments, "WAIT_SECONDS", 0.01)
    with app.extensions[moments.EXTENSION]:
        assert visit.client.post(f"{answered}/moment", data={"at": "1"}).status_code == 503
    assert visit.client.post(f"{answered}/moment", data={"at": "1"}).status_code == 200


def test_a_look_that_takes_too_long_is_stopped_and_one_that_breaks_is_a_defect(visit, answered, monkeypatch):
    def late(command, timeout, **options):
        raise moments.subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(moments.subprocess, "run", late)
    assert "too long" in visit.client.post(f"{answered}/moment", json={"at": 1}, headers=JSON).json["error"]
    monkeypatch.setattr(moments.subprocess, "run", lambda *a, **o: SimpleNamespace(returncode=-9, stdout="", stderr="killed"))
    assert visit.client.post(f"{answered}/moment", json={"at": 1}, headers=JSON).status_code == 500


def test_looks_are_limited(settings, tmp_path):
    from visiting import Visit

    from app import create_app
    from interview.database import upgrade

    app = create_app({**settings, "INSTANCE": str(tmp_path / "limited"), "RATELIMIT_ENABLED": True, "MOMENT_RATE_LIMIT": "2 per minute"})
    upgrade(app)
    codes = [Visit(app).client.post("/answers/none/moment", data={"at": "1"}).status_code for _ in range(3)]
    assert codes == [404, 404, 429]


def test_the_face_that_the_analysis_followed_is_looked_at():
    timeline = [{"t": 0.0, "box": [1, 2, 3, 3]}, {"t": 1.0, "box": [9, 2, 3, 3]}, {"t": 2.0, "box": None}]
    assert near(timeline, 0.9) == [9, 2, 3, 3] and near(timeline, 0.1) == [1, 2, 3, 3]
    assert near(timeline, 2.1) is None and near(timeline, 7.0) is None and near([], 0.0) is None


def test_seconds_may_be_written_with_a_comma():
    assert seconds_of("12,5") == seconds_of(12.5) == 12.5
    with pytest.raises(InputError):
        seconds_of(None)


def test_the_frame_is_the_one_that_a_player_shows_and_the_wanted_face_is_the_one_that_is_explained(tmp_path):
    from interview import dispatch

    two = CLIPS / "v10_two_faces_composite_3s.mp4"
    first = dispatch.explain(two, 1.0, None, tmp_path / "a.jpg")
    middle = first.frame[0] + first.frame[2] / 2
    other = [550, 90, 100, 100] if middle < 360 else [130, 90, 100, 100]
    second = dispatch.explain(two, 1.0, other, tmp_path / "b.jpg")
    assert abs(second.frame[0] + second.frame[2] / 2 - middle) > 200
    assert np.array(second.places).shape == (3, 3) and second.places_for in ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
    between = dispatch.explain(SINGLE, 1.03, None, tmp_path / "c.jpg")
    assert between.t == pytest.approx(1.0, abs=0.01)
    plain = next(picture for t, picture in frames(SINGLE) if t >= between.t - 1e-3)
    shown = cv2.cvtColor(cv2.imread(str(tmp_path / "c.jpg")), cv2.COLOR_BGR2RGB)
    assert np.abs(shown.astype(int) - plain).mean() < 4
