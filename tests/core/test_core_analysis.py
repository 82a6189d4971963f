import json
from fractions import Fraction

import pytest

from core import CLASSES, Analysis
from core.analysis import (
    UNCLEAR,
    Evidence,
    Example,
    Fact,
    Highlight,
    KeyFrame,
    ModelVersion,
    Moment,
    Sentence,
    Source,
    Spectrogram,
    SpokenWord,
    Together,
    Trait,
    TraitWord,
    Transcript,
    Word,
    label_of,
    rounded,
    summarise,
)


def full_analysis() -> Analysis:
    """An Analysis with something in every field."""
    p = rounded([1 / 7] * 7)
    voice = Analysis("audio", Source("answer.webm", "b" * 64), timeline=[Moment(0.5, p, p, "sad"), Moment(1.0, gap="silence")])
    return Analysis(
        "video",
        Source("answer.webm", "a" * 64, 45.2, 640, 480, 25.0, True, 120),
        {"face": ModelVersion("2026.1", "c" * 64)},
        timeline=[Moment(0.04, p, p, "unclear", box=[1, 2, 3, 4]), Moment(0.08, gap="no face")],
        shares={"happy": 0.25, "unclear": 0.75},
        most_frequent="happy",
        coverage=0.5,
        facts={"blinks": Fact(12, "count", "closures of both eyes", "Soukupová & Čech 2016", [1.2])},
        warnings=["Two faces in 3 % of the frames; the larger one was followed."],
        parts={"voice": voice},
        key_frames=[KeyFrame(0.04, "happy", 0.5, [1, 2, 3, 4], [[1, 2]] * 68, 640, 480, "1.jpg")],
        text="Élan vital.",
        language="en",
        traits={"openness": Trait(0.55, 0.46, 0.63, "weak", [TraitWord("vital", 0.1)])},
        sentences=[Sentence(0, 11, {"happy": 1.0}, "happy")],
        words=[Word("vital", 1, "vital")],
        baseline="given",
        spectrogram=Spectrogram("spectrogram.jpg", 1446, 192, 45.2, 40.0, 8000.0, [Evidence(1.0, 2.5, "happy", 0.2)]),
        emotions={"happy": 1.0},
        examples=[Example([0], [], [1, 2], [3])],
        transcript=Transcript("en", "heard", [SpokenWord("vital", 0.2, 0.5, 0.9), SpokenWord("Élan")]),
        together=Together(
            ["face", "voice"],
            {"face": 0.7, "voice": 0.3},
            [Moment(0.5, p, p, "sad"), Moment(1.0, gap="silence")],
            {"sad": 1.0},
            "sad",
            0.5,
            [False, None],
            None,
            [Highlight("disagreement", 0.5, 1.0, {"face": "happy", "voice": "sad"})],
        ),
    )


def test_an_analysis_survives_its_json() -> None:
    analysis = full_analysis()
    assert Analysis.from_json(analysis.to_json()) == analysis
    assert Analysis.from_json(analysis.to_json(indent=1).encode()) == analysis


def test_a_document_from_before_emotions_in_words_is_still_read() -> None:
    document = json.loads(full_analysis().to_json())
    del document["emotions"], document["examples"], document["traits"]["openness"]["words"], document["sentences"][0]["label"]
    old = Analysis.from_dict(document)
    assert (old.emotions, old.examples, old.traits["openness"].words, old.sentences[0].label) == ({}, [], [], None)


def test_json_keeps_letters_and_refuses_nan() -> None:
    analysis = full_analysis()
    assert "Élan" in analysis.to_json()
    analysis.coverage = float("nan")
    with pytest.raises(ValueError):
        analysis.to_json()


def test_a_document_of_another_schema_is_refused() -> None:
    document = json.loads(full_analysis().to_json())
    document["schema"] = 2
    with pytest.raises(ValueError, match="schema 2"):
        Analysis.from_dict(document)


@pytest.mark.parametrize("probabilities", [[1 / 7] * 7, [1, 0, 0, 0, 0, 0, 0], [0.33333, 0.33333, 0.33334], [0.00004] * 6 + [0.99976]])
def test_rounded_probabilities_still_sum_to_one(probabilities: list[float]) -> None:
    values = rounded(probabilities)
    assert sum(Fraction(str(value)) for value in values) == 1
    assert all(abs(value - p) < 0.001 for value, p in zip(values, probabilities, strict=True))


def test_a_label_below_the_threshold_is_unclear() -> None:
    p = [0.1, 0.1, 0.1, 0.4, 0.1, 0.1, 0.1]
    assert label_of(p, 0.4) == "happy"
    assert label_of(p, 0.41) == UNCLEAR


def test_gaps_count_for_coverage_and_not_for_shares() -> None:
    p = [1 / 7] * 7
    timeline = [Moment(0, p, p, "happy"), Moment(1, p, p, "happy"), Moment(2, p, p, "unclear"), Moment(3, p, p, "sad"), Moment(4, gap="no face")]
    shares, most_frequent, coverage = summarise(timeline)
    assert shares == {name: {"happy": 0.5, "unclear": 0.25, "sad": 0.25}.get(name, 0) for name in (*CLASSES, UNCLEAR)}
    assert (most_frequent, coverage) == ("happy", 0.8)


def test_nothing_stands_out_where_nothing_was_seen() -> None:
    assert summarise([])[1:] == (None, 0.0)
    assert summarise([Moment(0, gap="silence")])[1:] == (None, 0.0)
    p = [1 / 7] * 7
    assert summarise([Moment(0, p, p, "unclear")])[1] is None
