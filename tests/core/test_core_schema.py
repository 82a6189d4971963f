"""The JSON Schema and the dataclasses describe the same document, and real results follow it."""

import dataclasses
import importlib
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from test_core_analysis import full_analysis

from core import Analysis, analysis

SCHEMA = json.loads((Path(analysis.__file__).parent / "analysis.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
CLASSES_OF_DEFINITIONS = {
    "source": analysis.Source,
    "model": analysis.ModelVersion,
    "moment": analysis.Moment,
    "fact": analysis.Fact,
    "trait": analysis.Trait,
    "trait_word": analysis.TraitWord,
    "sentence": analysis.Sentence,
    "example": analysis.Example,
    "word": analysis.Word,
    "key_frame": analysis.KeyFrame,
    "evidence": analysis.Evidence,
    "spectrogram": analysis.Spectrogram,
    "together": analysis.Together,
    "transcript": analysis.Transcript,
    "spoken_word": analysis.SpokenWord,
    "highlight": analysis.Highlight,
}
ANSWER = (
    "In my last position I led a small team that rebuilt the scheduling of a hospital ward. Nobody trusted the old plan, and the nurses had stopped "
    "reading it. I began by listening for two weeks, and I wrote down every complaint without defending anything. Then we tried one change at a time, "
    "measured what it did, and dropped whatever did not help. After three months the plan was kept on most days. I learned that people accept a rule "
    "when they have seen where it comes from, and that a leader who admits a mistake early loses nothing."
)


@pytest.mark.parametrize(("schema", "cls"), [(SCHEMA, Analysis), *((SCHEMA["$defs"][name], cls) for name, cls in CLASSES_OF_DEFINITIONS.items())])
def test_schema_and_dataclass_have_the_same_fields(schema: dict[str, Any], cls: type) -> None:
    names = [field.name for field in dataclasses.fields(cls)]
    assert sorted(schema["properties"]) == sorted(names)
    assert sorted(schema["required"]) == sorted(names)
    assert schema["additionalProperties"] is False


def test_every_dataclass_has_its_definition() -> None:
    found = {value for value in vars(analysis).values() if dataclasses.is_dataclass(value) and value.__module__ == analysis.__name__}
    assert found == {Analysis, *CLASSES_OF_DEFINITIONS.values()}


def test_schema_names_the_same_classes_traits_and_gaps() -> None:
    definitions = SCHEMA["$defs"]
    assert definitions["class"]["enum"] == SCHEMA["properties"]["classes"]["const"] == list(analysis.CLASSES)
    assert definitions["label"]["enum"] == [*analysis.CLASSES, analysis.UNCLEAR]
    assert definitions["gap"]["enum"] == list(analysis.GAPS)
    assert SCHEMA["properties"]["traits"]["propertyNames"]["enum"] == list(analysis.TRAITS)
    assert SCHEMA["properties"]["schema"]["const"] == analysis.SCHEMA


def test_schema_is_a_schema_and_takes_a_full_analysis() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    VALIDATOR.validate(full_analysis().to_dict())


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("timeline", 0, "p"), [0.5, 0.5]),
        (("timeline", 0, "gap"), "no face"),
        (("timeline", 1, "label"), "happy"),
        (("timeline", 1, "gap"), "hidden"),
        (("source", "sha256"), "abc"),
        (("shares", "joy"), 0.1),
        (("coverage",), 1.5),
        (("traits", "openness", "evidence"), "certain"),
        (("key_frames", 0, "landmarks"), [[1, 2]]),
        (("score",), 77),
    ],
)
def test_schema_refuses_what_the_format_does_not_know(place: tuple[str | int, ...], value: object) -> None:
    document: Any = full_analysis().to_dict()
    inner = document
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    assert not VALIDATOR.is_valid(document)


@pytest.mark.parametrize(("modality", "clip"), [("text", None), ("audio", "a04_speech_woman_8s.wav"), ("video", "v06_grid_woman_3s.mp4")])
def test_a_real_result_follows_the_schema(modality: str, clip: str | None, data: Path, tmp_path: Path) -> None:
    source = data / clip if clip else tmp_path / "answer.txt"
    if not clip:
        source.write_text(ANSWER, encoding="utf-8")
    result = importlib.import_module(f"{modality}.predict").analyze(source)
    VALIDATOR.validate(json.loads(result.to_json()))
    assert Analysis.from_json(result.to_json()) == result
    assert result.modality == modality
    assert result.models
    assert all(sum(m.p) == pytest.approx(1, abs=1e-6) and sum(m.raw) == pytest.approx(1, abs=1e-6) for m in result.timeline if m.gap is None)
    assert all(earlier.t < later.t for earlier, later in zip(result.timeline, result.timeline[1:], strict=False))
    if modality != "text":
        assert sum(result.shares.values()) == pytest.approx(1, abs=0.001)
        assert result.timeline[-1].t <= result.source.seconds + 0.1
