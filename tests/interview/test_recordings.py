import pytest
from visiting import CLIPS, PIECE, TUS

from interview import media
from interview.database import Answer, Recording, db

VOICE = (CLIPS / "a01_speech_woman_14s.ogg").read_bytes()


def test_options_tell_what_is_spoken(visit):
    answer = visit.client.options("/recordings")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert set(answer.headers["Tus-Extension"].split(",")) >= {"creation", "creation-defer-length", "termination"}
    assert answer.headers["Tus-Max-Size"] == "3000000"


def test_a_recording_in_pieces_of_unknown_length_becomes_an_answer(app, visit):
    made = visit.begin(filename="answer.webm", others="on")
    assert made.status_code == 201
    address = made.headers["Location"]
    half = len(VOICE) // 2
    first = visit.send(address, 0, VOICE[:half])
    assert (first.status_code, first.headers["Upload-Offset"], first.headers["Tus-Resumable"]) == (204, str(half), "1.0.0")
    asked = visit.client.head(address, headers=TUS)
    assert (asked.headers["Upload-Offset"], asked.headers["Upload-Defer-Length"], asked.headers["Cache-Control"]) == (str(half), "1", "no-store")
    last = visit.send(address, half, VOICE[half:], **{"Upload-Length": str(len(VOICE))})
    assert last.headers["Upload-Offset"] == str(len(VOICE))
    done = visit.finish(address)
    assert done.status_code == 201
    with app.app_context():
        answer = db.session.query(Answer).one()
        assert done.json["address"] == f"/answers/{answer.id}"
        assert (answer.media_bytes, answer.media_type, answer.others, answer.job.state) == (len(VOICE), "audio/ogg", True, "waiting")
        assert b"".join(media.read(answer.media_key, 0, answer.media_bytes)) == VOICE


def test_a_full_disk_refuses_a_piece_and_keeps_what_was_saved(app, visit):
    address = visit.begin().headers["Location"]
    visit.send(address, 0, VOICE[:1000])
    app.config["RESERVE_MB"] = 10**9
    refused = visit.send(address, 1000, VOICE[1000:])
    assert (refused.status_code, "no room" in refused.json["error"]) == (507, True)
    assert visit.client.head(address, headers=TUS).headers["Upload-Offset"] == "1000"
    app.config["RESERVE_MB"] = 0
    assert visit.send(address, 1000, VOICE[1000:]).status_code == 204


def test_a_full_disk_refuses_a_form_and_nothing_of_it_stays(app, visit):
    app.config["RESERVE_MB"] = 10**9
    refused = visit.upload("audio", CLIPS / "a01_speech_woman_14s.ogg")
    assert (refused.status_code, "no room" in refused.text) == (507, True)
    with app.app_context():
        assert db.session.query(Recording).count() == 0
        assert not list(media.partial_path("any").parent.iterdir())


def test_finishing_twice_gives_the_same_answer(app, visit):
    address = visit.begin().headers["Location"]
    visit.send(address, 0, VOICE)
    assert visit.finish(address).json == visit.finish(address).json
    with app.app_context():
        assert db.session.query(Answer).count() == 1


def test_a_wrong_offset_is_refused_and_changes_nothing(visit):
    address = visit.begin(length=len(VOICE)).headers["Location"]
    visit.send(address, 0, VOICE[:1000])
    for offset in (0, 999, 1001):
        assert visit.send(address, offset, b"x").status_code == 409
    assert visit.client.head(address, headers=TUS).headers["Upload-Offset"] == "1000"


def test_bytes_that_were_written_but_never_recorded_are_written_again(app, visit):
    address = visit.begin().headers["Location"]
    visit.send(address, 0, VOICE[:1000])
    with app.app_context():
        path = media.partial_path(address.rsplit("/", 1)[1])
        path.write_bytes(VOICE[:1000] + b"of a process that died" * len(VOICE))
    visit.send(address, 1000, VOICE[1000:])
    with app.app_context():
        assert path.read_bytes() == VOICE


def test_two_pieces_at_once_are_told_to_wait(app, visit):
    address = visit.begin().headers["Location"]
    with app.app_context(), media.partial(address.rsplit("/", 1)[1]):
        assert visit.send(address, 0, VOICE).status_code == 423
    assert visit.send(address, 0, VOICE).status_code == 204


def test_a_broken_connection_keeps_what_had_arrived(app, visit):
    pieces = [VOICE[:700]]

    class Broken:
        def read(self, size=-1):
            if pieces:
                return pieces.pop()
            raise ConnectionResetError

        readline = read

    address = visit.begin().headers["Location"]
    headers = {**PIECE, "Upload-Offset": "0"}
    with visit.client as client:
        client.open(address, method="PATCH", headers=headers, environ_overrides={"wsgi.input": Broken(), "wsgi.input_terminated": True})
    assert visit.client.head(address, headers=TUS).headers["Upload-Offset"] == "700"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412),
        ({"Content-Type": "application/octet-stream"}, 415),
        ({"Upload-Offset": "-1"}, 400),
        ({"Upload-Offset": "one"}, 400),
        ({"Upload-Length": "2"}, 413),
        ({"Upload-Length": "3000001"}, 413),
    ],
)
def test_a_piece_that_breaks_the_protocol_is_refused(visit, headers, status):
    address = visit.begin().headers["Location"]
    visit.send(address, 0, VOICE[:10])
    answer = visit.client.patch(address, data=b"x", headers={**PIECE, "Upload-Offset": "10", **headers})
    assert answer.status_code == status
    assert answer.json["error"]
    assert visit.client.head(address, headers=TUS).headers["Upload-Offset"] == "10"


def test_without_the_version_nothing_is_made(visit):
    answer = visit.client.post("/recordings", headers={"Upload-Length": "1"})
    assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0")


@pytest.mark.parametrize("told", [{"kind": "smell"}, {"question": "unknown"}])
def test_an_unknown_kind_or_question_is_refused(visit, told):
    assert visit.begin(**told).status_code in (400, 422)


def test_over_the_limit_is_refused_at_once_or_when_it_is_reached(visit):
    assert visit.begin(length=3_000_001).status_code == 413
    address = visit.begin().headers["Location"]
    assert visit.send(address, 0, b"x" * 2_999_000).status_code == 204
    assert visit.send(address, 2_999_000, b"x" * 2_000).status_code == 413
    assert visit.client.head(address, headers=TUS).headers["Upload-Offset"] == "3000000"


def test_more_than_the_promised_length_is_cut_off(visit):
    address = visit.begin(length=100).headers["Location"]
    assert visit.send(address, 0, b"x" * 200).status_code == 413
    assert visit.client.head(address, headers=TUS).headers["Upload-Offset"] == "100"


def test_terminating_deletes_what_had_arrived(app, visit):
    address = visit.begin().headers["Location"]
    visit.send(address, 0, VOICE)
    with app.app_context():
        path = media.partial_path(address.rsplit("/", 1)[1])
    assert path.exists()
    assert visit.client.delete(address, headers=TUS).status_code == 204
    assert not path.exists()
    assert visit.client.head(address, headers=TUS).status_code == 404


def test_a_strangers_recording_is_not_found(visit, stranger):
    address = visit.begin().headers["Location"]
    stranger.begin()
    assert stranger.client.head(address, headers=TUS).status_code == 404
    assert stranger.send(address, 0, b"x").status_code == 404
    assert stranger.finish(address).status_code == 404
    assert stranger.client.delete(address, headers=TUS).status_code == 404
    assert stranger.client.post(address, data={"action": "delete"}).status_code == 404


def test_an_unfinished_recording_is_listed_and_can_become_an_answer_without_javascript(app, visit):
    address = visit.begin().headers["Location"]
    visit.send(address, 0, VOICE)
    assert address in visit.client.get("/answers").text
    assert address in visit.client.get("/interviews/audio").text
    done = visit.client.post(f"{address}/finish", headers={"Accept": "text/html"})
    assert done.status_code == 303
    assert address not in visit.client.get("/answers").text
    with app.app_context():
        assert db.session.query(Recording).one().answer_id == done.headers["Location"].rsplit("/", 1)[1]


@pytest.mark.parametrize("content", [b"", b"just words, whatever the name says"])
def test_what_is_no_recording_gets_a_sentence_and_is_kept(visit, content):
    address = visit.begin(filename="answer.webm").headers["Location"]
    visit.send(address, 0, content)
    answer = visit.finish(address)
    assert answer.status_code == 422
    assert answer.json["error"].endswith(".")
    kept = visit.client.get(address).json
    assert (kept["bytes"], kept["sentence"]) == (len(content), answer.json["error"])


def test_without_consent_no_recording_begins(app, visit):
    answer = visit.begin(consent="")
    assert answer.status_code == 422
    assert "agree" in answer.json["error"]
    with app.app_context():
        assert db.session.query(Recording).count() == 0


def test_nothing_arrives_any_more_while_a_recording_is_finished_or_after(app, visit):
    address = visit.begin().headers["Location"]
    visit.send(address, 0, VOICE)
    with app.app_context(), media.partial(address.rsplit("/", 1)[1]):
        assert visit.finish(address).status_code == 422
    assert visit.finish(address).status_code == 201
    assert visit.send(address, len(VOICE), b"late").status_code == 409


def test_a_full_disk_is_not_taken_for_a_broken_connection(app, visit, monkeypatch):
    address = visit.begin().headers["Location"]

    def full(file):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(media.os, "fsync", full)
    assert visit.send(address, 0, VOICE).status_code == 500
    monkeypatch.undo()
    assert visit.client.head(address, headers=TUS).headers["Upload-Offset"] == "0"


def test_a_file_that_is_not_ours_is_copied_and_stays_as_it_was(app, tmp_path):
    path = tmp_path / "somebodys.ogg"
    path.write_bytes(VOICE)
    before = path.stat()
    with app.app_context():
        media.put(path)
    after = path.stat()
    assert (after.st_mode, after.st_nlink, after.st_mtime) == (before.st_mode, 1, before.st_mtime)
