"""Bad input gets a sentence and what was typed or uploaded is kept."""

import zipfile

import pytest
from visiting import CLIPS, QUESTION

from interview import media_types
from interview.database import Recording, db

BAD = CLIPS / "bad"
EMPTY, NOT_A_RECORDING, NOT_A_DOCUMENT = media_types.EMPTY, media_types.NOT_A_RECORDING, media_types.NOT_A_DOCUMENT


@pytest.mark.parametrize(
    ("kind", "path", "sentence"),
    [
        ("video", BAD / "x03_zero_byte.mp4", EMPTY),
        ("video", BAD / "x04_text_renamed.mp4", NOT_A_RECORDING),
        ("video", BAD / "x08_png_60000x60000.webm", NOT_A_RECORDING),
        ("video", CLIPS / "p03_obama.jpg", NOT_A_RECORDING),
        ("audio", BAD / "x10_random.webm", NOT_A_RECORDING),
        ("audio", BAD / "x06_corrupt_header.wav", NOT_A_RECORDING),
        ("text", CLIPS / "a04_speech_woman_8s.wav", NOT_A_DOCUMENT),
        ("text", CLIPS / "p03_obama.jpg", NOT_A_DOCUMENT),
        ("text", BAD / "x03_zero_byte.mp4", EMPTY),
    ],
)
def test_a_wrong_or_lying_file_gets_its_sentence_and_is_kept(app, visit, kind, path, sentence):
    answer = visit.upload(kind, path, own_question="Why did the chicken cross?")
    assert answer.status_code == 422
    assert sentence.split(",")[0] in answer.text
    assert "Why did the chicken cross?" in answer.text
    with app.app_context():
        kept = db.session.query(Recording).one()
        assert (kept.offset, kept.sentence) == (path.stat().st_size, sentence)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a01_speech_woman_14s.ogg", "audio/ogg"),
        ("a02_speech_man_17s.mp3", "audio/mpeg"),
        ("a04_speech_woman_8s.wav", "audio/x-wav"),
        ("a05_speech_woman_14s.m4a", "audio/mp4"),
        ("a06_speech_woman_9s_mediarecorder.webm", "audio/webm"),
        ("v05_grid_man_3s.mpg", "video/mpeg"),
        ("v06_grid_woman_3s.mp4", "video/mp4"),
    ],
)
def test_recordings_are_recognised_whatever_they_are_called(tmp_path, path, found):
    lying = tmp_path / "letter.pdf"
    lying.write_bytes((CLIPS / path).read_bytes())
    assert media_types.check(lying, "audio") == found


@pytest.mark.parametrize("content", [b"plain words", "d’été à Orléans".encode(), "d’été".encode("utf-16"), "d'été".encode("latin-1")])
def test_text_is_recognised_in_any_encoding(tmp_path, content):
    path = tmp_path / "letter.mp4"
    path.write_bytes(content)
    assert media_types.check(path, "text") == media_types.TEXT


def test_a_word_document_is_told_from_any_other_zip(tmp_path):
    path = tmp_path / "letter.zip"
    for inside, found in (("word/document.xml", media_types.DOCX), ("malware.exe", None)):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(inside, "x")
        assert media_types.recognise(path) == found


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"text": ""}, "write an answer"),
        ({"text": "x" * 20001}, "20001 characters"),
        ({"question": "unknown"}, "choose a question"),
        ({"own_question": "y" * 301}, "301 characters"),
    ],
)
def test_a_form_that_cannot_be_used_comes_back_with_a_sentence(visit, fields, word):
    answer = visit.write(**fields)
    assert answer.status_code == 422
    assert word in answer.text


def test_what_was_typed_is_kept_on_an_error(visit):
    answer = visit.write("my long considered answer", question="unknown", own_question="z" * 301)
    assert "my long considered answer" in answer.text
    assert "z" * 301 in answer.text


def test_a_recorded_interview_without_a_recording_says_so(visit):
    answer = visit.client.post("/interviews/video", data={"question": QUESTION, "consent": "on"})
    assert answer.status_code == 422
    assert "record an answer" in answer.text


@pytest.mark.parametrize("address", ["/interviews/smell", "/answers/unknown", "/answers/unknown.json", "/nothing"])
def test_what_does_not_exist_is_not_found(visit, address):
    assert visit.client.get(address).status_code == 404
    assert visit.client.post("/interviews/smell").status_code == 404
