"""The result: one schema for text, voice and video, and its JSON form.

Times are seconds from the beginning of the media with 3 decimals; probabilities sum to 1 with 4 decimals.
``analysis.schema.json`` beside this file describes the JSON; a test holds the two together.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

SCHEMA = 1
CLASSES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
UNCLEAR = "unclear"
GAPS = ("no face", "several", "side view", "dark", "too small", "silence", "noise")
TRAITS = ("openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism")
TIME_DECIMALS = 3
PROBABILITY_DECIMALS = 4

Modality = Literal["text", "audio", "video"]


@dataclass
class Source:
    """Name the analysed input: its file name, content hash and what decoding found."""

    name: str
    sha256: str
    seconds: float | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    has_audio: bool | None = None
    words: int | None = None


@dataclass
class ModelVersion:
    """Name a model that took part, by its version and the SHA-256 of its weights."""

    version: str
    sha256: str


@dataclass
class Moment:
    """Describe one point of the timeline: the network's probabilities, or a gap with its reason.

    ``raw`` and ``p`` (smoothed over time) have seven floats in the order of ``CLASSES``; both are ``None`` in a gap.
    ``box`` is ``[x, y, width, height]`` in pixels of the upright picture.
    """

    t: float
    raw: list[float] | None = None
    p: list[float] | None = None
    label: str | None = None
    gap: str | None = None
    box: list[int] | None = None


@dataclass
class Fact:
    """Give one observable fact with its unit, definition and source."""

    value: float | int | None
    unit: str
    definition: str
    source: str
    times: list[float] | None = None


@dataclass
class TraitWord:
    """Name one word or pair of words of the answer and how far it moved a trait: up (above 0) or down, in logits."""

    word: str
    effect: float


@dataclass
class Trait:
    """Give one Big Five trait: the probability of being above average, its 95 % interval, and how strong that is.

    ``words`` are those of the answer that moved the part of the model that reads words most, the largest effect first.
    """

    probability: float
    low: float
    high: float
    evidence: Literal["weak", "moderate", "strong"]
    words: list[TraitWord] = field(default_factory=list)


@dataclass
class Sentence:
    """Mark one sentence by its span in ``Analysis.text``.

    ``emotions`` are the probabilities of the seven classes, ``label`` the most probable one or ``unclear``; both are
    ``None`` where no model has read the sentence.
    """

    start: int
    end: int
    emotions: dict[str, float] | None = None
    label: str | None = None


@dataclass
class Example:
    """Name the sentences of one told example, by their places in ``Analysis.sentences``; ``task`` may be empty."""

    situation: list[int]
    task: list[int]
    action: list[int]
    result: list[int]


@dataclass
class Word:
    """Count one word (lemma) of the answer; ``shown`` is the form used most."""

    word: str
    count: int
    shown: str | None = None


@dataclass
class KeyFrame:
    """Choose one frame to show: its time, label, face box and 68 landmarks, in pixels of the upright picture.

    ``picture`` is the name of a JPEG in the folder that was given to ``analyze(pictures=...)``, else ``None``. ``places`` are rows
    of 0…1: how much each place of the square ``frame``, which is what the network saw, spoke for the class ``places_for``.
    """

    t: float
    label: str | None = None
    confidence: float | None = None
    box: list[int] | None = None
    landmarks: list[list[int]] | None = None
    width: int | None = None
    height: int | None = None
    picture: str | None = None
    frame: list[int] | None = None
    places: list[list[float]] | None = None
    places_for: str | None = None


@dataclass
class Evidence:
    """Mark a stretch of sound that spoke for a label: without it the label's probability falls by ``fall`` on average."""

    start: float
    end: float
    label: str
    fall: float


@dataclass
class Spectrogram:
    """Show what a voice network saw: a picture of the log-mel spectrogram, low sounds below, and the stretches that counted most.

    ``picture`` is the name of a JPEG in the folder that was given to ``analyze(pictures=...)``. Its left edge is the beginning of the
    sound, its right edge ``seconds``; ``lowest`` and ``highest`` are in Hz, ``width`` and ``height`` in pixels.
    """

    picture: str
    width: int
    height: int
    seconds: float
    lowest: float
    highest: float
    evidence: list[Evidence] = field(default_factory=list)


@dataclass
class SpokenWord:
    """Give one word with the time at which it is said, ``None`` where that is not known, and how sure the hearing was."""

    word: str
    t: float | None = None
    end: float | None = None
    probability: float | None = None


@dataclass
class Transcript:
    """Hold what was said, word for word: ``heard`` by a model, or ``corrected`` by the person."""

    language: str
    by: Literal["heard", "corrected"]
    words: list[SpokenWord]


@dataclass
class Highlight:
    """Point at a stretch worth watching, from ``t`` to ``end``.

    ``kind`` is ``disagreement`` (``labels`` by channel), ``change`` (``labels`` before and after) or ``pause`` (no labels).
    """

    kind: Literal["disagreement", "change", "pause"]
    t: float
    end: float
    labels: dict[str, str] = field(default_factory=dict)


@dataclass
class Together:
    """Put the channels of one answer together.

    ``timeline`` is the logarithmic opinion pool with ``weights``, every half second. ``agreements`` says for each of its moments
    whether all channels with a label have the same, ``None`` where fewer than two have one; ``agreement`` is the share of the
    former, ``None`` where there are too few moments to say.
    """

    channels: list[str]
    weights: dict[str, float]
    timeline: list[Moment]
    shares: dict[str, float]
    most_frequent: str | None
    coverage: float | None
    agreements: list[bool | None]
    agreement: float | None
    highlights: list[Highlight] = field(default_factory=list)

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Together:
        """Build it from its plain form."""
        values = dict(document)
        values["timeline"] = [Moment(**m) for m in values["timeline"]]
        values["highlights"] = [Highlight(**h) for h in values["highlights"]]
        return cls(**values)


@dataclass
class Analysis:
    """Hold everything that the models say about one answer.

    ``shares`` are shares of the moments that are not gaps and include ``unclear``; ``coverage`` is the share of the
    timeline that is not a gap. ``parts`` holds further analyses of the same media (a video's sound track as ``voice``, what was
    said as ``words``), and ``together`` what they say together. ``baseline`` says what a voice was compared with: recordings that were
    ``given``, or the ``answer`` as a whole. Of a text, ``shares`` are shares of the words, by the label of their
    sentence, and ``emotions`` the mean probabilities of its sentences, weighted by their words.
    """

    modality: Modality
    source: Source
    models: dict[str, ModelVersion] = field(default_factory=dict)
    created: str = field(default_factory=lambda: datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    schema: int = SCHEMA
    classes: list[str] = field(default_factory=lambda: list(CLASSES))
    timeline: list[Moment] = field(default_factory=list)
    shares: dict[str, float] = field(default_factory=dict)
    most_frequent: str | None = None
    coverage: float | None = None
    facts: dict[str, Fact] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    parts: dict[str, Analysis] = field(default_factory=dict)
    key_frames: list[KeyFrame] = field(default_factory=list)
    text: str | None = None
    language: str | None = None
    traits: dict[str, Trait] = field(default_factory=dict)
    sentences: list[Sentence] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    baseline: Literal["given", "answer"] | None = None
    spectrogram: Spectrogram | None = None
    emotions: dict[str, float] = field(default_factory=dict)
    examples: list[Example] = field(default_factory=list)
    together: Together | None = None
    transcript: Transcript | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain dictionaries and lists, ready for JSON."""
        return dataclasses.asdict(self)

    def to_json(self, indent: int | None = None) -> str:
        """Return the JSON document; a NaN is an error, never written."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False, indent=indent)

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Analysis:
        """Build an Analysis from ``to_dict``'s form.

        Raises
        ------
        ValueError
            When the document has another schema version.
        """
        if document.get("schema") != SCHEMA:
            raise ValueError(f"analysis schema {document.get('schema')!r}; this version reads {SCHEMA}")
        values = dict(document)
        values["source"] = Source(**values["source"])
        values["models"] = {k: ModelVersion(**v) for k, v in values["models"].items()}
        values["timeline"] = [Moment(**m) for m in values["timeline"]]
        values["facts"] = {k: Fact(**v) for k, v in values["facts"].items()}
        values["parts"] = {k: cls.from_dict(v) for k, v in values["parts"].items()}
        values["key_frames"] = [KeyFrame(**k) for k in values["key_frames"]]
        values["traits"] = {k: Trait(**{**v, "words": [TraitWord(**w) for w in v.get("words", [])]}) for k, v in values["traits"].items()}
        values["sentences"] = [Sentence(**s) for s in values["sentences"]]
        values["words"] = [Word(**w) for w in values["words"]]
        if drawn := values.get("spectrogram"):
            values["spectrogram"] = Spectrogram(**{**drawn, "evidence": [Evidence(**e) for e in drawn["evidence"]]})
        values["examples"] = [Example(**e) for e in values.get("examples", [])]
        if spoken := values.get("transcript"):
            values["transcript"] = Transcript(**{**spoken, "words": [SpokenWord(**w) for w in spoken["words"]]})
        if values.get("together") is not None:
            values["together"] = Together.from_dict(values["together"])
        return cls(**values)

    @classmethod
    def from_json(cls, document: str | bytes) -> Analysis:
        """Build an Analysis from ``to_json``'s form."""
        return cls.from_dict(json.loads(document))


def rounded(probabilities: Sequence[float]) -> list[float]:
    """Round probabilities to 4 decimals so that they still sum to exactly 1 in that precision."""
    values = [round(float(p), PROBABILITY_DECIMALS) for p in probabilities]
    largest = max(range(len(values)), key=values.__getitem__)
    values[largest] = round(values[largest] + 1.0 - sum(values), PROBABILITY_DECIMALS)
    return values


def label_of(p: Sequence[float], threshold: float) -> str:
    """Return the most probable class, or ``unclear`` when its probability is below ``threshold``."""
    best = max(range(len(p)), key=p.__getitem__)
    return CLASSES[best] if p[best] >= threshold else UNCLEAR


def summarise(timeline: Sequence[Moment]) -> tuple[dict[str, float], str | None, float]:
    """Sum a timeline up as ``(shares, most_frequent, coverage)``.

    Shares are of the moments that are not gaps; every class and ``unclear`` has a key. ``most_frequent`` is the class
    (never ``unclear``) with the largest share, ``None`` when no moment has a class.
    """
    seen = [m for m in timeline if m.gap is None and m.label is not None]
    counts = {name: 0 for name in (*CLASSES, UNCLEAR)}
    for moment in seen:
        counts[moment.label or UNCLEAR] += 1
    shares = {name: round(n / len(seen), PROBABILITY_DECIMALS) if seen else 0.0 for name, n in counts.items()}
    named = max(CLASSES, key=lambda name: counts[name])
    coverage = round(len(seen) / len(timeline), PROBABILITY_DECIMALS) if timeline else 0.0
    return shares, named if counts[named] else None, coverage
