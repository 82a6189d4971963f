"""A person's own text cut into pieces for the page: its sentences with their labels, and what stands between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

EXCERPT = 64  # characters of a sentence in the table


@dataclass(frozen=True)
class Passage:
    """Hold a piece of the text: ``label`` and ``probability`` for a sentence, ``begins`` where the label differs from the one before."""

    text: str
    label: str | None = None
    probability: float | None = None
    begins: bool = False
    number: int | None = None


def passages(analysis: Mapping[str, Any]) -> list[Passage]:
    """Return the whole text in order; a sentence without a label is a piece like the space between sentences."""
    return list(_pieces(analysis["text"] or "", analysis["sentences"]))


def _pieces(text: str, sentences: Sequence[Mapping[str, Any]]) -> Iterator[Passage]:
    place, before = 0, None
    for number, sentence in enumerate(sentences, 1):
        if text[place : sentence["start"]]:
            yield Passage(text[place : sentence["start"]])
        label = sentence.get("label")
        probability = max(sentence["emotions"].values()) if sentence["emotions"] else None
        yield Passage(text[sentence["start"] : sentence["end"]], label, probability, label is not None and label != before, number)
        place, before = sentence["end"], label
    if text[place:]:
        yield Passage(text[place:])


def excerpt(text: str) -> str:
    """Return the beginning of a sentence on one line."""
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT else f"{line[: EXCERPT - 1].rstrip()}…"


def read_sentences(analysis: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the sentences that a model has read, each with its ``number`` and its ``excerpt``."""
    text = analysis["text"] or ""
    numbered = enumerate(analysis["sentences"], 1)
    return [{**s, "number": number, "excerpt": excerpt(text[s["start"] : s["end"]])} for number, s in numbered if s["emotions"]]


def told(analysis: Mapping[str, Any]) -> list[dict[str, list[str]]]:
    """Return each told example as the words of its parts: ``situation``, ``task``, ``action``, ``result``."""
    text, sentences = analysis["text"] or "", analysis["sentences"]
    return [
        {part: [text[sentences[i]["start"] : sentences[i]["end"]] for i in places] for part, places in example.items()}
        for example in analysis.get("examples", [])
    ]
