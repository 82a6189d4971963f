import os
from datetime import timedelta
from pathlib import Path

from visiting import CLIPS

from interview import media, retention
from interview.database import Answer, Recording, Visitor, change, db, now


def grow_older(app, days):
    with app.app_context(), change() as session:
        for table, columns in ((Answer, ("created",)), (Recording, ("created", "changed")), (Visitor, ("created", "seen"))):
            for row in session.query(table):
                for column in columns:
                    setattr(row, column, getattr(row, column) - timedelta(days=days))


def clear_up(app):
    with app.app_context():
        retention.clear_up()


def files(app):
    return [path for folder in ("media", "partial") for path in Path(app.config["INSTANCE"], folder).rglob("*") if path.is_file()]


def test_media_end_before_results_and_results_before_nothing(app, visit, work):
    address = visit.upload("video", CLIPS / "v06_grid_woman_3s.mp4").headers["Location"]
    work()
    grow_older(app, 6)
    clear_up(app)
    assert visit.client.get(f"{address}/media").status_code == 200
    grow_older(app, 2)
    clear_up(app)
    assert files(app) == []
    assert visit.client.get(f"{address}/media").status_code == 404
    assert visit.client.get(address).status_code == 200
    assert visit.client.get(f"{address}.json").status_code == 200
    grow_older(app, 90)
    clear_up(app)
    assert visit.client.get(address).status_code == 404
    with app.app_context():
        assert db.session.query(Visitor).count() == 0


def test_unfinished_recordings_end_with_the_media(app, visit):
    address = visit.begin().headers["Location"]
    visit.send(address, 0, b"half")
    clear_up(app)
    assert len(files(app)) == 1
    grow_older(app, 8)
    clear_up(app)
    assert files(app) == []
    assert visit.client.get(address).status_code == 404


def test_pages_tell_how_long_things_are_kept(app, visit):
    visit.write()
    address = visit.upload("audio", CLIPS / "a01_speech_woman_14s.ogg").headers["Location"]
    shown = visit.client.patch(address, json={"name": "voice"}).json
    with app.app_context():
        answer = db.session.get(Answer, address.rsplit("/", 1)[1])
        assert shown["media_until"] and shown["result_until"]
        assert answer.created + retention.media_kept() > now() + timedelta(days=6)


def test_a_failed_analysis_of_deleted_media_says_so(app, visit, work):
    address = visit.upload("audio", CLIPS / "a01_speech_woman_14s.ogg").headers["Location"]
    grow_older(app, 8)
    clear_up(app)
    work()
    assert "has been deleted" in visit.client.get(f"{address}/progress").json["sentence"]


def test_what_a_killed_process_wrote_and_never_named_is_deleted(app, visit):
    visit.upload("audio", CLIPS / "a01_speech_woman_14s.ogg")
    with app.app_context():
        media.put(CLIPS / "a02_speech_man_17s.mp3")
    clear_up(app)
    assert len(files(app)) == 2
    for path in files(app):
        os.utime(path, (0, 0))
    clear_up(app)
    assert [path.read_bytes() for path in files(app)] == [(CLIPS / "a01_speech_woman_14s.ogg").read_bytes()]
