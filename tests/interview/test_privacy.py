"""Nobody sees what is not theirs, and what is deleted is gone."""

from pathlib import Path

import pytest
from visiting import CLIPS, QUESTION

from interview.database import Answer, Consent, Picture, Recording, Visitor, db

VIDEO = CLIPS / "v06_grid_woman_3s.mp4"
SECRET = "Quetzalcoatl whispered unmistakable syllables over and over to the committee"


def files(app):
    instance = Path(app.config["INSTANCE"])
    return [path for folder in ("media", "partial", "work") for path in (instance / folder).rglob("*") if path.is_file()]


def rows(app):
    with app.app_context():
        return {table.__name__: db.session.query(table).count() for table in (Visitor, Answer, Recording, Picture, Consent)}


@pytest.mark.parametrize("path", ["", ".json", ".csv", "/progress", "/charts", "/media", "/pictures/frame-1.jpg"])
def test_a_strangers_answer_is_not_found(visit, stranger, work, path):
    address = visit.upload("video", VIDEO).headers["Location"]
    work()
    stranger.write()
    assert visit.client.get(address + path).status_code == 200
    assert stranger.client.get(address + path).status_code == 404


def test_a_stranger_changes_nothing(visit, stranger, work):
    address = visit.upload("video", VIDEO).headers["Location"]
    stranger.write()
    assert stranger.client.delete(address).status_code == 404
    assert stranger.client.patch(address, json={"name": "mine"}).status_code == 404
    assert stranger.client.post(f"{address}/again").status_code == 404
    for action in ("rename", "others", "again", "delete"):
        assert stranger.client.post(address, data={"action": action, "name": "mine"}).status_code == 404
    assert stranger.client.post("/visitor", data={"action": "delete"}).status_code == 303
    assert visit.client.get(f"{address}/media").status_code == 200


def test_a_forged_cookie_is_nobody(visit, app):
    address = visit.write().headers["Location"]
    other = app.test_client()
    other.set_cookie("interview", "eyJ2aXNpdG9yIjoiYSJ9.aAAAAA.forged")
    assert other.get(address).status_code == 404


def test_deleting_an_answer_deletes_its_media_its_pictures_and_its_rows(app, visit, work):
    address = visit.upload("video", VIDEO).headers["Location"]
    work()
    assert len(files(app)) == 3  # the video, a key frame, the picture of its sound
    assert visit.client.delete(address).status_code == 204
    assert files(app) == []
    left = rows(app)
    assert (left["Answer"], left["Recording"], left["Picture"]) == (0, 0, 0)
    assert visit.client.get(address).status_code == 404


def test_content_that_two_answers_share_stays_until_the_last_is_deleted(app, visit, stranger):
    first = visit.upload("audio", CLIPS / "a01_speech_woman_14s.ogg").headers["Location"]
    second = stranger.upload("audio", CLIPS / "a01_speech_woman_14s.ogg").headers["Location"]
    assert len(files(app)) == 1
    visit.client.delete(first)
    assert stranger.client.get(f"{second}/media").status_code == 200
    stranger.client.delete(second)
    assert files(app) == []


def test_a_deleted_text_is_in_no_byte_of_the_database(app, visit, stranger, work):
    instance = Path(app.config["INSTANCE"])
    stranger.write()
    address = visit.write(SECRET * 20, own_question=f"{SECRET}?").headers["Location"]
    work()

    def found():
        return [path.name for path in instance.rglob("*") if path.is_file() and any(word.encode() in path.read_bytes() for word in SECRET.split()[:3])]

    assert found()
    visit.client.post(address, data={"action": "delete"})
    assert found() == []


def test_everything_of_a_visitor_can_be_deleted_at_once(app, visit, stranger, work):
    visit.write()
    visit.upload("video", VIDEO)
    unfinished = visit.begin().headers["Location"]
    visit.send(unfinished, 0, b"half a recording")
    kept = stranger.write().headers["Location"]
    work()
    assert visit.client.post("/visitor", data={"action": "delete"}).status_code == 303
    assert rows(app) == {"Visitor": 1, "Answer": 1, "Recording": 0, "Picture": 0, "Consent": 1}
    assert files(app) == []
    assert visit.client.get("/answers").status_code == 200
    assert stranger.client.get(kept).status_code == 200


def test_withdrawing_a_consent_deletes_what_it_allowed_and_asks_again(app, visit):
    text = visit.write().headers["Location"]
    audio = visit.upload("audio", CLIPS / "a01_speech_woman_14s.ogg").headers["Location"]
    visit.client.post("/visitor", data={"action": "withdraw", "modality": "audio"})
    assert visit.client.get(audio).status_code == 404
    assert visit.client.get(text).status_code == 200
    assert files(app) == []
    assert visit.upload("audio", CLIPS / "a01_speech_woman_14s.ogg", consent="").status_code == 422
    with app.app_context():
        audio_consent = db.session.query(Consent).filter_by(modality="audio").one()
        assert audio_consent.given_at < audio_consent.withdrawn_at
        assert audio_consent.version


def test_without_consent_nothing_is_kept_but_what_was_typed_is_on_the_page(app, visit):
    answer = visit.write(SECRET, consent="")
    assert answer.status_code == 422
    assert SECRET in answer.text
    assert "agree" in answer.text
    assert rows(app)["Answer"] == 0


def test_a_consent_given_once_is_remembered(app, visit):
    visit.write()
    assert visit.write(consent="").status_code == 303
    assert rows(app)["Consent"] == 1


def test_an_answer_is_renamed_and_offered_to_comparisons(visit):
    address = visit.write().headers["Location"]
    changed = visit.client.patch(address, json={"name": "  My   first  ", "others": True}).json
    assert (changed["name"], changed["shared_with_others"]) == ("My first", True)
    visit.client.post(address, data={"action": "others"})
    visit.client.post(address, data={"action": "rename", "name": "Second"})
    changed = visit.client.patch(address, json={"others": False}).json
    assert (changed["name"], changed["shared_with_others"]) == ("Second", False)
    for wrong in ({}, {"kind": "video"}, ["name"]):
        assert visit.client.patch(address, json=wrong).status_code == 400
    assert visit.client.patch(address, json={"name": " "}).status_code == 422


def test_one_person_answers_more_than_once(visit):
    assert visit.write(question=QUESTION).headers["Location"] != visit.write(question=QUESTION).headers["Location"]
