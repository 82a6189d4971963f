import csv
import io
import re

import pytest
import vl_convert
from visiting import stand_in

from core.analysis import CLASSES, UNCLEAR, Example, Sentence
from interview import charts
from interview.passages import EXCERPT, excerpt, passages, told
from interview.tables import csv_of

TEXT = "When I came, nobody spoke.\n\nI asked <b>everyone</b>. I was so happy! It worked in the end."
LABELS = ["sad", UNCLEAR, "happy", "happy"]


def with_emotions(analysis):
    ends = [26, 52, 68, len(TEXT)]
    starts = [0, 28, 53, 69]
    low = {name: 0.1 for name in CLASSES}
    analysis.text = TEXT
    analysis.sentences = [Sentence(a, b, {**low, label if label in CLASSES else "fear": 0.4}, label) for a, b, label in zip(starts, ends, LABELS, strict=True)]
    analysis.shares = {**dict.fromkeys((*CLASSES, UNCLEAR), 0.0), "sad": 0.25, "happy": 0.5, UNCLEAR: 0.25}
    analysis.most_frequent = "happy"
    analysis.emotions = {**low, "happy": 0.4}
    analysis.examples = [Example([0], [], [1], [3])]
    return analysis


@pytest.fixture
def letter(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(TEXT, encoding="utf-8")
    return with_emotions(stand_in(path, "text")).to_dict()


@pytest.fixture
def settings(settings):
    return {**settings, "ANALYZE": lambda *given: with_emotions(stand_in(*given))}


@pytest.fixture
def page(visit, work):
    address = visit.write(TEXT).headers["Location"]
    work()
    return visit.client.get(address).text


def test_passages_are_the_whole_text_in_order(letter):
    found = passages(letter)
    assert "".join(passage.text for passage in found) == TEXT
    assert [(p.label, p.begins) for p in found if p.label] == [("sad", True), (UNCLEAR, True), ("happy", True), ("happy", False)]


def test_a_sentence_that_nobody_read_is_a_plain_passage(letter):
    letter["sentences"][1].update(label=None, emotions=None)
    assert [p.label for p in passages(letter) if p.number] == ["sad", None, "happy", "happy"]


def test_the_page_writes_each_label_as_a_word_beside_its_colour(page):
    own = page[page.index('class="own"') :]
    labels = re.findall(r'<span class="label (\w+)"[^>]*>([^<]+)</span>', own)
    assert labels == [("sad", "sad"), ("unclear", "unclear"), ("happy", "happy")]
    assert len(re.findall(r'<span class="sentence \w+"', own)) == 4
    assert "&lt;b&gt;everyone&lt;/b&gt;" in own and "<b>everyone" not in page


def test_the_page_shows_the_told_example_and_what_it_lacks(page):
    section = page[page.index('<dl class="told">') :]
    assert "When I came, nobody spoke." in section and "no sign of it found" in section


def test_the_page_says_where_there_is_no_example(letter):
    letter["examples"] = []
    assert told(letter) == []


def test_the_chart_has_a_bar_for_each_emotion_of_each_sentence(app, letter):
    with app.test_request_context("/"):
        document = charts.draw(letter, {})["sentences"]
    assert len(document["datasets"]["bars"]) == len(CLASSES) * 4
    assert {row["emotion"] for row in document["datasets"]["ribbon"]} == {"sad", "happy"}
    assert document["datasets"]["lines"]
    for width in (280, 900):
        assert vl_convert.vegalite_to_png({**document, "width": width}).startswith(b"\x89PNG")


def test_a_text_without_emotions_has_no_chart_of_them(letter):
    for sentence in letter["sentences"]:
        sentence.update(emotions=None, label=None)
    assert "sentences" not in charts.names(letter)


def test_the_table_to_take_away_has_emotions_and_labels(letter):
    rows = list(csv.DictReader(io.StringIO(csv_of(letter))))
    assert [row["name"] for row in rows if row["row"].startswith("sentence")] == LABELS
    assert [row["name"] for row in rows if row["row"] == "emotion"] == list(CLASSES)


def test_an_excerpt_is_one_short_line():
    assert excerpt("a\n b") == "a b"
    assert len(excerpt("word " * 40)) <= EXCERPT
