"""A recording that was seen live: its result has the numbers of the file's analysis, within tolerances that are stated here."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from visiting import CLIPS

from core.analysis import CLASSES, Analysis
from core.media import frames
from interview import dispatch, live_takes
from interview.database import Answer, Picture, Visitor, db
from interview.live_messages import CUT, HEAD, PICTURE, RECORD, packed
from interview.live_process import Looking

CLIP = CLIPS / "pyfeat_single_face.mp4"  # 2.4 s, neutral, then a smile
BEFORE = 1.0  # s that the person was live before they pressed Record
# What the result of a live recording may differ from that of its file: JPEGs of 640 × 480 at most, and boxes that are carried along.
SHARES_MOST, SMOOTH_MEAN, SMOOTH_MOST, BLINKS_MOST = 0.05, 0.02, 0.15, 1


def take_of(clip, begin=0.0, end=np.inf, fps=30.0, seen=Looking):
    """Play a clip as a live page does, recorded from its beginning, and return the take."""
    looking, last = seen(), -1.0
    looking.answer(HEAD.pack(RECORD, 0, BEFORE))
    for number, (t, picture) in enumerate(frames(clip)):
        if begin <= t < end and t - last >= 1 / fps - 0.005:
            jpeg = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 80])[1].tobytes()
            assert looking.answer(packed(PICTURE, number, t + BEFORE, jpeg))["type"] == "seen"
            last = t
    take = looking.answer(HEAD.pack(CUT, 0, 0.0))["take"]
    looking.close()
    return take


@pytest.fixture(scope="module")
def take():
    return take_of(CLIP)


def analysed(take, folder, clip=CLIP):
    folder.mkdir()
    return dispatch.analyze(clip, "video", None, "mine.mp4", folder, face=live_takes.unpacked(take, folder))


def test_a_live_recording_gets_the_numbers_of_its_file_within_tolerance(tmp_path, take):
    live, file = analysed(take, tmp_path / "live"), dispatch.analyze(CLIP, "video")
    assert abs(len(live.timeline) - len(file.timeline)) <= 1
    pairs = [(a, b) for a, b in zip(live.timeline, file.timeline, strict=False) if a.p and b.p]
    assert len(pairs) > 0.95 * len(file.timeline)
    different = np.abs([np.array(a.p) - b.p for a, b in pairs])
    assert different.mean() < SMOOTH_MEAN
    assert np.percentile(different.max(axis=1), 95) < SMOOTH_MOST
    assert all(abs(live.shares[name] - file.shares[name]) <= SHARES_MOST for name in (*CLASSES, "unclear"))
    assert live.most_frequent == file.most_frequent
    assert abs((live.facts["blinks"].value or 0) - (file.facts["blinks"].value or 0)) <= BLINKS_MOST
    assert abs(live.source.seconds - file.source.seconds) < 0.1
    assert (live.source.name, live.source.sha256, live.models) == ("mine.mp4", file.source.sha256, file.models)
    assert any("while it was recorded" in warning for warning in live.warnings)
    assert Analysis.from_json(live.to_json()) == live


def test_its_key_frames_are_pictures_with_the_face_marked(tmp_path, take):
    live = analysed(take, tmp_path / "live")
    assert len(live.key_frames) >= 4
    for frame in live.key_frames:
        assert cv2.imread(str(tmp_path / "live" / frame.picture)).shape[1] == 480
        assert len(frame.landmarks) == 68 and frame.box


@pytest.mark.parametrize("missing", [{"fps": 9.0}, {"begin": 1.2}, {"end": 1.2}], ids=["too few pictures", "the beginning", "the end"])
def test_where_pictures_are_missing_the_file_is_looked_at_instead(tmp_path, missing):
    live = analysed(take_of(CLIP, **missing), tmp_path / "live")
    assert not any("while it was recorded" in warning for warning in live.warnings)
    assert len(live.timeline) > 65
    assert {path.name for path in (tmp_path / "live").glob("*.jpg")} == {frame.picture for frame in live.key_frames}


def test_without_a_face_there_is_no_take():
    assert take_of(CLIPS / "pyfeat_no_face.mp4", end=0.7) is None


def test_the_worker_uses_the_take_once_and_nothing_of_it_stays(app, visit, work, take, monkeypatch):
    given = []

    def analyze(path, kind, progress=None, name=None, pictures=None, baseline=(), face=None):
        given.append(face)
        return face

    monkeypatch.setitem(app.config, "ANALYZE", analyze)
    address = visit.begin("video", CLIP.stat().st_size).headers["Location"]
    visit.send(address, 0, CLIP.read_bytes())
    with app.app_context():
        live_takes.takes().keep(db.session.query(Visitor).one().id, take)
    assert visit.client.post(f"{address}/finish", json={"live": True}).status_code == 201
    with app.app_context():
        assert [picture.name for picture in db.session.query(Picture)] == [live_takes.NAME]
    work()
    assert [(face.modality, len(face.timeline)) for face in given] == [("video", 72)]
    with app.app_context():
        assert json.loads(db.session.query(Answer).one().result)["modality"] == "video"
        assert {picture.name for picture in db.session.query(Picture)} == {frame.picture for frame in given[0].key_frames}
    kept = [path for path in Path(app.config["INSTANCE"], "media").rglob("*") if path.is_file()]
    assert len(kept) == 1 + len(given[0].key_frames)
    assert not any(b'"analysis"' in path.read_bytes() for path in kept)


def test_a_take_is_used_only_where_the_page_says_that_it_belongs_to_the_recording(app, visit, take):
    address = visit.begin("video", CLIP.stat().st_size).headers["Location"]
    visit.send(address, 0, CLIP.read_bytes())
    with app.app_context():
        live_takes.takes().keep(db.session.query(Visitor).one().id, take)
    visit.finish(address)
    with app.app_context():
        assert db.session.query(Picture).count() == 0
