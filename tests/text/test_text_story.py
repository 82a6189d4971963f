from pathlib import Path

import pytest

from text.features import analyse
from text.predict import analyze_text
from text.sentences import sentence_spans
from text.story import examples_of
from text.tagger import Tagger

TOLD = (
    "I like working with people. When our biggest customer left last year, nobody knew why. I had to find the reason within a week. "
    "I called every person who had worked with them. We changed our contract together. As a result, they came back in spring. I am proud of it."
)


def places(text: str, tagger: Tagger) -> list[dict[str, list[int]]]:
    spans = sentence_spans(text)
    return [vars(example) for example in examples_of(text, spans, analyse(text, tagger, spans))]


def test_an_example_has_situation_task_action_and_result(tagger: Tagger) -> None:
    assert places(TOLD, tagger) == [{"situation": [1], "task": [2], "action": [3, 4], "result": [5]}]


@pytest.mark.parametrize("sentence", ["When our biggest customer left last year, nobody knew why. ", "As a result, they came back in spring. "])
def test_without_situation_or_result_there_is_none(sentence: str, tagger: Tagger) -> None:
    assert places(TOLD.replace(sentence, ""), tagger) == []


def test_without_anything_done_there_is_none(tagger: Tagger) -> None:
    assert places(TOLD.replace("I called", "They called").replace("We changed", "They changed"), tagger) == []


def test_opinions_and_plans_are_no_examples(tagger: Tagger) -> None:
    assert places("I think I am a good leader. I would always listen first. I want to learn, and finally I hope to lead a team of my own. " * 3, tagger) == []


def test_two_examples_do_not_overlap(tagger: Tagger) -> None:
    found = places(TOLD + " " + TOLD, tagger)
    assert len(found) == 2
    assert found[0]["result"][-1] < found[1]["situation"][0]


def test_an_analysis_counts_the_examples_that_it_names() -> None:
    analysis = analyze_text(TOLD)
    assert analysis.facts["examples"].value == len(analysis.examples) == 1


@pytest.mark.parametrize(
    ("text", "passives"),
    [
        ("It was decided by the board.", 1),
        ("The plan was never really understood, but we got paid.", 2),
        ("I was tall and I was running.", 0),
        ("We have decided and they had left.", 0),
    ],
)
def test_passives_are_counted(text: str, passives: int) -> None:
    assert analyze_text(text).facts["passives"].value == passives


def test_real_answers_name_places_that_exist(answer: Path) -> None:
    analysis = analyze_text(answer.read_text(encoding="utf-8"))
    for example in analysis.examples:
        assert all(0 <= place < len(analysis.sentences) for places in vars(example).values() for place in places)
