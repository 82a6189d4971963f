"""What becomes of the words: times, facts, sentences on the timeline, corrections. The words were heard in a real clip."""

import json
from pathlib import Path

import pytest
from visiting import CLIPS

from core.analysis import CLASSES, Analysis, Fact, Moment, Sentence, Source, SpokenWord, Transcript
from interview import dispatch, spoken
from text.predict import LEAST_WORDS, SPOKEN_WORTH

HEARD = json.loads((Path(__file__).resolve().parent.parent / "audio" / "heard_a01.json").read_text(encoding="utf-8"))


@pytest.fixture
def heard() -> Transcript:
    return Transcript(HEARD["language"], HEARD["by"], [SpokenWord(**word) for word in HEARD["words"]])


def read(transcript: Transcript, label: str = "fear") -> Analysis:
    """An analysis of the words as the text models give it, cut at full stops and question marks."""
    text = spoken.text_of(transcript)
    ends = [i + 1 for i, c in enumerate(text) if c in ".?" and text[max(0, i - 3) : i] != "Mrs"]
    starts = [0, *(end + 1 for end in ends[:-1])]
    emotions = {name: 0.7 if name == label else 0.05 for name in CLASSES}
    sentences = [Sentence(a, b, dict(emotions), label) for a, b in zip(starts, ends, strict=True)]
    return Analysis("text", Source("transcript", "0" * 64), text=text, language="en", sentences=sentences)


def test_a_correction_keeps_the_times_of_the_words_that_stay(heard):
    text = spoken.text_of(heard).replace("Chatherin", "Catherine dear")
    found = spoken.corrected(text, heard)
    assert found.by == "corrected"
    times = {word.word: word.t for word in found.words}
    assert times["Allen"] == 0.76 and times["morning."] == 2.12
    assert times["Catherine"] is None and times["dear"] is None
    assert [w.t for w in found.words if w.t is not None] == sorted(w.t for w in found.words if w.t is not None)


def test_words_that_were_only_typed_have_no_times():
    found = spoken.corrected("I led  a team.\n", None)
    assert [(w.word, w.t) for w in found.words] == [("I", None), ("led", None), ("a", None), ("team.", None)]


def test_the_facts_of_the_words_are_counted():
    words = [SpokenWord(w, float(i), i + 0.5) for i, w in enumerate(["Um,", "I", "I", "wanted,", "uh,", "to", "to", "win.", "To", "be", "clear"])]
    found = spoken.facts_of(Transcript("en", "heard", words), 30.0)
    assert found["speaking_rate"].value == 22.0
    assert (found["fillers"].value, found["fillers"].times) == (2, [0.0, 4.0])
    assert (found["repeated_starts"].value, found["repeated_starts"].times) == (2, [2.0, 6.0])
    assert "speaking_rate" not in spoken.facts_of(Transcript("en", "heard", words), 3.0)


def test_every_word_is_found_in_its_sentence(heard):
    sentences = spoken.sentences_of(read(heard).to_dict(), heard)
    assert [len(words) for _, words in sentences] == [16, 9, 13, 5] or sum(len(words) for _, words in sentences) == len(heard.words)
    assert sentences[0][1][0].word == "Mrs."


def test_a_sentence_is_on_the_timeline_while_it_is_said(heard):
    found = spoken.timeline_of(read(heard, "sad"), heard)
    first, last = heard.words[0], heard.words[-1]
    assert all(m.label == "sad" and sum(m.p) == pytest.approx(1) for m in found if m.gap is None)
    assert found[0].gap == "silence" and found[1].gap is None
    assert first.t > found[0].t and found[-1].t <= last.end


def test_sentences_that_no_model_has_read_are_not_on_the_timeline(heard):
    part = read(heard)
    for sentence in part.sentences:
        sentence.emotions = None
    assert spoken.timeline_of(part, heard) == []


def test_the_words_stand_beside_the_voice(heard):
    voice = Analysis("audio", Source("a", "0" * 64), facts={"speaking_time": Fact(12.0, "s", "d", "s")}, timeline=[Moment(0.0, gap="silence")])
    spoken.put(voice, heard, read(heard))
    assert voice.parts["words"].facts["speaking_rate"].value == pytest.approx(60 * len(heard.words) / 12, abs=0.1)
    lines = spoken.lines_of(voice.to_dict())
    assert [line["label"] for line in lines] == ["fear"] * len(lines)
    assert sum(len(line["words"]) for line in lines) == len(heard.words)
    assert not lines[0]["words"][0]["clear"] and lines[0]["words"][1]["clear"]  # 0.46 and 0.81
    spoken.put(voice, None, None)
    assert not voice.parts and spoken.lines_of(voice.to_dict()) == []


def test_english_words_are_not_counted_in_another_language(heard):
    heard.language = "pt"
    part = read(heard)
    part.facts = {name: Fact(0, "count", "d", "s") for name in ("words", "i_share", "hedges")}
    voice = Analysis("audio", Source("a", "0" * 64))
    spoken.put(voice, heard, part)
    assert set(voice.parts["words"].facts) == {"words", "repeated_starts"}


def test_a_typed_transcript_is_read_by_the_worker_and_the_media_is_not_analysed_again(visit, work, app):
    address = visit.upload("audio", CLIPS / "a04_speech_woman_8s.wav").headers["Location"]
    work()
    before = visit.client.get(f"{address}.json").json
    said = "I was glad that we finished in time. My team had worked for weeks."
    app.config["ANALYZE"] = None  # would fail if it were asked
    assert visit.client.post(address, data={"action": "transcript", "transcript": said}).status_code == 303
    work()
    after = visit.client.get(f"{address}.json").json
    assert [w["word"] for w in after["transcript"]["words"]] == said.split() and after["transcript"]["by"] == "corrected"
    assert after["parts"]["words"]["facts"]["words"]["value"] == 14
    assert after["timeline"] == before["timeline"] and after["spectrogram"] == before["spectrogram"]
    page = visit.client.get(address).text
    assert "finished" in page and "Corrected by you." in page
    visit.client.post(address, data={"action": "transcript", "transcript": " "})
    work()
    assert visit.client.get(f"{address}.json").json["transcript"] is None


def test_traits_of_spoken_words_are_shown_from_two_hundred_words_on_and_say_what_they_are(visit, work):
    address = visit.upload("audio", CLIPS / "a04_speech_woman_8s.wav").headers["Location"]
    work()
    said = "I was glad that we finished in time, and my team had worked for weeks. " * 15
    for text, words in ((said, 225), (said[: len(said) // 2], None)):
        visit.client.post(address, data={"action": "transcript", "transcript": text})
        work()
        page, found = visit.client.get(address).text, visit.client.get(f"{address}.json").json
        assert "as your spoken words suggest them" in page
        assert bool(found["parts"]["words"]["traits"]) == bool(words)
        assert ("four words said count as one written" in page) == bool(words)
        assert (f"Fewer than {SPOKEN_WORTH * LEAST_WORDS} words were said" in page) != bool(words)
    assert found["traits"] == {}


def test_a_transcript_is_refused_where_it_is_too_long_or_belongs_to_a_text(visit, work, app):
    address = visit.upload("audio", CLIPS / "a04_speech_woman_8s.wav").headers["Location"]
    work()
    app.config["TEXT_CHARACTERS"] = 10
    assert visit.client.post(address, data={"action": "transcript", "transcript": "x" * 11}).status_code == 422
    app.config["TEXT_CHARACTERS"] = 20000
    written = visit.write().headers["Location"]
    work()
    assert visit.client.post(written, data={"action": "transcript", "transcript": "x"}).status_code == 400


def test_where_hearing_fails_the_rest_of_the_result_stands(monkeypatch, heard):
    from audio import transcript

    monkeypatch.setattr(transcript, "available", lambda: True)
    monkeypatch.setattr(transcript, "transcribe", lambda path, progress: 1 / 0)
    found = dispatch.analyze(CLIPS / "a04_speech_woman_8s.wav", "audio")
    assert found.timeline and dispatch.WORDS_FAILED in found.warnings and found.transcript is None
