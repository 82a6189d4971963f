"""The door into the text modality: a document or a string in, an Analysis out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from core.analysis import PROBABILITY_DECIMALS, TRAITS, Analysis, ModelVersion, Sentence, Source, Trait
from core.engine import Network, load
from core.errors import InputError
from core.manifest import checked, read_manifest, sha256_of
from core.terminal import Progress
from text.calibration import Calibration, evidence_of, mixed
from text.documents import clean, read_document
from text.facts import count_words, facts_of, most_used
from text.features import Token, analyse, content
from text.files import CALIBRATION, FOLDER, INPUT, NETWORK, VOCABULARY
from text.language import ENGLISH, language_of
from text.linear import LinearModel, load_linear
from text.sentences import sentence_spans
from text.story import examples_of
from text.tagger import Tagger, load_tagger
from text.vocabulary import Vocabulary, windows

LEAST_WORDS = 50  # below, no traits: the calibration starts here
TYPED = "text"  # name of a source that is no file

NO_WORDS = "There are no words in the text."
NOT_ENGLISH = "The text does not seem to be English (%s): the models know English only, so no traits and no emotions are shown."
TOO_SHORT = f"The text has %d words; traits are shown from {LEAST_WORDS} words on, since fewer say nothing about a person."
SHORT = "The text is short: the longer the answer, the narrower the intervals."
SHORT_WORDS = 150


@dataclass(frozen=True)
class Models:
    """Hold everything that turns words into traits."""

    tagger: Tagger
    vocabulary: Vocabulary
    network: Network
    linear: LinearModel
    calibration: Calibration
    network_weight: float

    def logits(self, sentences: list[list[Token]]) -> np.ndarray:
        """Return the mean logit of both models for each trait, shape ``(5,)``, before calibration."""
        rows = self.vocabulary.encode(token.lemma for token in content(sentences))
        network = self.network({INPUT: windows(rows)})[0].mean(axis=0)
        linear = self.linear.logits([token.form for sentence in sentences for token in sentence])
        return mixed(linear, network, self.network_weight)


@cache
def models(folder: Path = FOLDER) -> Models:
    """Load the models of a folder once in a process; every file is held against the manifest."""
    calibration = Calibration.from_dict(json.loads(checked(folder, CALIBRATION).read_text(encoding="utf-8")))
    vocabulary = Vocabulary.read(checked(folder, VOCABULARY))
    weight = float(read_manifest(folder)["network_weight"])
    return Models(load_tagger(folder), vocabulary, load(folder, NETWORK), load_linear(folder), calibration, weight)


def analyze(source: Path, progress: Progress | None = None, *, name: str | None = None) -> Analysis:
    """Analyse a PDF, DOCX or plain text document.

    Parameters
    ----------
    source
        The file; its kind is told by its content.
    progress
        Called as ``progress(stage, share)`` with a rising share of the whole, 0…1.
    name
        The file name to show, ``source.name`` by default.

    Raises
    ------
    InputError
        When the document cannot be read or holds no words.
    """
    if progress:
        progress("reading the document", 0.0)
    text = read_document(source)
    return _analysis(text, Source(name or source.name, sha256_of(source)), progress)


def analyze_text(text: str, progress: Progress | None = None, *, name: str = TYPED) -> Analysis:
    """Analyse a text that was typed; the source's hash is that of its UTF-8 form. Raises like ``analyze``."""
    return _analysis(clean(text), Source(name, hashlib.sha256(text.encode("utf-8")).hexdigest()), progress)


def warm() -> None:
    """Load the models, so that the first answer does not wait for them."""
    analyze_text("I am glad to be here, and I was never late for anything that mattered. " * 8)


def versions() -> dict[str, ModelVersion]:
    """Return the versions of the models without loading them."""
    manifest = read_manifest(FOLDER)
    return {"traits": ModelVersion(manifest["version"], manifest["files"][f"{NETWORK}.onnx"]["sha256"])}


def _analysis(text: str, source: Source, progress: Progress | None) -> Analysis:
    report = progress or (lambda stage, share: None)
    words = count_words(text)
    if not words:
        raise InputError(NO_WORDS)
    source.words = words
    report("loading the models", 0.1)
    loaded = models()
    report("reading the words", 0.4)
    spans = sentence_spans(text)
    sentences = analyse(text, loaded.tagger, spans)
    analysis = Analysis("text", source, versions(), text=text, language=language_of(text))
    analysis.sentences = [Sentence(start, end) for start, end in spans]
    analysis.words = most_used(content(sentences))
    analysis.examples = examples_of(text, spans, sentences)
    analysis.facts = facts_of(text, sentences, spans, len(analysis.examples))
    if analysis.language != ENGLISH:
        analysis.warnings.append(NOT_ENGLISH % analysis.language)
    elif words < LEAST_WORDS:
        analysis.warnings.append(TOO_SHORT % words)
    else:
        report("weighing the traits", 0.8)
        analysis.traits = _traits(loaded, sentences)
        if words < SHORT_WORDS:
            analysis.warnings.append(SHORT)
    report("done", 1.0)
    return analysis


def _traits(loaded: Models, sentences: list[list[Token]]) -> dict[str, Trait]:
    logits = loaded.logits(sentences)
    words = sum(map(len, sentences))
    probabilities = loaded.calibration.probabilities(logits, words)
    low, high = loaded.calibration.intervals(logits, words)
    rounded = [[round(float(v), PROBABILITY_DECIMALS) for v in row] for row in zip(probabilities, low, high, strict=True)]
    return {name: Trait(p, a, b, evidence_of(p, a, b)) for name, (p, a, b) in zip(TRAITS, rounded, strict=True)}
