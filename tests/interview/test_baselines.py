import os
import time

import pytest
from test_retention import clear_up, files, grow_older
from visiting import CLIPS

from interview.database import Answer, Recording, db

VOICE = (CLIPS / "a06_speech_woman_9s_mediarecorder.webm").read_bytes()
READ = (CLIPS / "a04_speech_woman_8s.wav").read_bytes()


def record(visit, kind="audio", read=READ):
    recording = visit.begin(kind, length=len(VOICE)).headers["Location"]
    visit.send(recording, 0, VOICE)
    if read is not None:
        assert visit.read_aloud(recording, read).status_code == 204
    return recording


@pytest.mark.parametrize("kind", ["audio", "video"])
def test_sentences_read_aloud_reach_the_analysis_of_the_answer(visit, work, kind):
    address = visit.finish(record(visit, kind)).json["address"]
    work()
    result = visit.client.get(f"{address}.json").json
    voice = result if kind == "audio" else result["parts"]["voice"]
    assert voice["baseline"] == "given"


def test_an_answer_without_them_says_so(visit, work):
    address = visit.finish(record(visit, read=None)).json["address"]
    work()
    assert visit.client.get(f"{address}.json").json["baseline"] == "answer"


def test_they_are_deleted_with_the_answer(app, visit, work):
    address = visit.finish(record(visit)).json["address"]
    work()
    assert len(files(app)) == 3  # the answer, the sentences, the picture of the sound
    visit.client.delete(address)
    assert files(app) == []


def test_they_are_deleted_with_the_media_while_the_result_stays(app, visit, work):
    address = visit.finish(record(visit)).json["address"]
    work()
    grow_older(app, 8)
    clear_up(app)
    assert files(app) == []
    assert visit.client.get(f"{address}.json").json["baseline"] == "given"
    with app.app_context():
        answer = db.session.query(Answer).one()
        assert (answer.baseline_key, answer.baseline_type) == (None, None)


def test_they_are_deleted_when_the_consent_is_withdrawn(app, visit, work):
    visit.finish(record(visit))
    work()
    record(visit)
    visit.client.post("/visitor", data={"action": "withdraw", "modality": "audio"})
    assert files(app) == []


def test_they_are_deleted_with_an_unfinished_recording(app, visit):
    recording = record(visit)
    assert len(files(app)) == 2
    visit.client.delete(recording, headers={"Tus-Resumable": "1.0.0"})
    assert files(app) == []


def test_clearing_up_keeps_the_sentences_of_a_recording_that_goes_on(app, visit):
    record(visit)
    for path in files(app):
        os.utime(path, (time.time() - 3 * 24 * 3600,) * 2)
    clear_up(app)
    assert len(files(app)) == 2


def test_reading_again_replaces_what_was_read_before(app, visit):
    recording = record(visit)
    visit.read_aloud(recording, (CLIPS / "a02_speech_man_17s.mp3").read_bytes())
    assert len(files(app)) == 2
    with app.app_context():
        assert db.session.query(Recording).one().baseline_type == "audio/mpeg"


@pytest.mark.parametrize(("data", "sentence"), [(b"", "empty"), (b"%PDF-1.4 not a voice", "not a recording"), (READ * 10, "more than 2 MB")])
def test_what_cannot_be_a_voice_is_refused_with_a_sentence(app, visit, data, sentence):
    recording = record(visit, read=None)
    response = visit.client.put(f"{recording}/baseline", data=data, headers={"Accept": "application/json"})
    assert response.status_code in (413, 422) and sentence in response.json["error"]
    assert len(files(app)) == 1


def test_nobody_reads_into_the_recording_of_another(visit, stranger):
    recording = record(visit, read=None)
    stranger.write()
    assert stranger.read_aloud(recording, READ).status_code == 404


def test_a_finished_recording_takes_no_sentences(visit):
    recording = record(visit, read=None)
    visit.finish(recording)
    assert visit.read_aloud(recording, READ).status_code == 409


def test_two_answers_with_the_same_sentences_keep_them_until_both_are_gone(app, visit, work):
    first, second = (visit.finish(record(visit)).json["address"] for _ in range(2))
    visit.client.delete(first)
    work()
    assert visit.client.get(f"{second}.json").json["baseline"] == "given"
