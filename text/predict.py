"""The door into the text modality: a document or a string in, an Analysis out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from core.analysis import CLASSES, PROBABILITY_DECIMALS, TRAITS, Analysis, ModelVersion, Sentence, Source, Trait, TraitWord, rounded
from core.engine import Network, load
from core.errors import InputError
from core.manifest import checked, read_manifest, sha256_of
from core.terminal import Progress
from text.calibration import Calibration, evidence_of, mixed
from text.documents import clean, read_document
from text.emotions import Reading, emotion_models, shares_of
from text.facts import count_words, facts_of, most_used
from text.features import Token, analyse, content
from text.files import CALIBRATION, EMOTION_NETWORK, FOLDER, INPUT, NETWORK, VOCABULARY
from text.language import ENGLISH, language_of
from text.linear import LinearModel, load_linear
from text.sentences import sentence_spans
from text.story import examples_of
from text.style import count, trait_tokens
from text.tagger import Tagger, load_tagger
from text.vocabulary import Vocabulary, windows

LEAST_WORDS = 50  # below, no traits: the calibration starts here
TYPED = "text"  # name of a source that is no file

NO_WORDS = "There are no words in the text."
NOT_ENGLISH = "The text does not seem to be English (%s): the models know English only, so no traits and no emotions are shown."
TOO_SHORT = f"The text has %d words; traits are shown from {LEAST_WORDS} words on, since fewer say nothing about a person."
SHORT = "The text is short: the longer the answer, the narrower the intervals."
SHORT_WORDS = 150
SPOKEN_WORTH = 4  # words said that count as one written: an assumption on the safe side, since the error for speech has not been measured
MOVED_SHOWN = 6  # words and pairs for each trait


@dataclass(frozen=True)
class Models:
    """Hold everything that turns words into traits."""

    tagger: Tagger
    vocabulary: Vocabulary
    network: Network
    linear: LinearModel
    calibration: Calibration
    network_weight: float

    def logits(self, tokens: list[str], sentences: list[list[Token]], vector: np.ndarray) -> np.ndarray:
        """Return the mean logit of both models for each trait, shape ``(5,)``, before calibration, of a text given as ``style.trait_tokens``
        and as its sentences' words; ``vector`` is that of its ``Reading``.
        """
        rows = self.vocabulary.encode(token.lemma for token in content(sentences))
        network = self.network({INPUT: windows(rows)})[0].mean(axis=0)
        return mixed(self.linear.logits(tokens, vector), network, self.network_weight)

    def moved(self, tokens: list[str], words: int) -> list[list[TraitWord]]:
        """Return for each trait the words and pairs of the text that moved the linear model's part of its logit most."""
        terms, effects = self.linear.moved_by(tokens)
        effects = effects * self.calibration.slope(words) * (1 - self.network_weight)
        shown = np.flatnonzero([all(word[0].isalpha() for word in term.split()) for term in terms])
        shown = shown[np.argsort(np.array(terms)[shown])]  # of equal effects, the first in the alphabet
        most = [shown[np.argsort(-np.abs(effect[shown]), kind="stable")[:MOVED_SHOWN]] for effect in effects.T]
        return [[TraitWord(terms[row], round(float(effects[row, i]), PROBABILITY_DECIMALS)) for row in rows] for i, rows in enumerate(most)]


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


def analyze_text(text: str, progress: Progress | None = None, *, name: str = TYPED, spoken: bool = False) -> Analysis:
    """Analyse a text that was typed, or ``spoken``; the source's hash is that of its UTF-8 form. Raises like ``analyze``.

    The models of the traits learnt from essays. What was said has traits as if it were a text of ``SPOKEN_WORTH`` times fewer words: nearer to the average, with wider
    intervals, and none below ``SPOKEN_WORTH * LEAST_WORDS`` words.
    """
    return _analysis(clean(text), Source(name, hashlib.sha256(text.encode("utf-8")).hexdigest()), progress, SPOKEN_WORTH if spoken else 1)


def warm() -> None:
    """Load the models, so that the first answer does not wait for them."""
    analyze_text("I am glad to be here, and I was never late for anything that mattered. " * 8)


def versions() -> dict[str, ModelVersion]:
    """Return the versions of the models without loading them."""
    manifest = read_manifest(FOLDER)
    files = {"traits": NETWORK, "emotions": EMOTION_NETWORK}
    return {name: ModelVersion(manifest["version"], manifest["files"][f"{file}.onnx"]["sha256"]) for name, file in files.items()}


def _analysis(text: str, source: Source, progress: Progress | None, worth: int = 1) -> Analysis:
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
    else:
        report("reading the sentences", 0.6)
        reading = _read_emotions(analysis, spans)
        if words < LEAST_WORDS * worth:
            analysis.warnings.append(TOO_SHORT % words)
        else:
            report("weighing the traits", 0.8)
            analysis.traits = _traits(loaded, text, sentences, reading, worth)
            if words < SHORT_WORDS:
                analysis.warnings.append(SHORT)
    report("done", 1.0)
    return analysis


def _read_emotions(analysis: Analysis, spans: list[tuple[int, int]]) -> Reading:
    text, loaded = analysis.text or "", emotion_models()
    reading = loaded.read([text[start:end] for start, end in spans])
    found = reading.probabilities
    words = [count_words(text[start:end]) for start, end in spans]
    analysis.sentences = [loaded.label(start, end, p) for (start, end), p in zip(spans, found, strict=True)]
    analysis.shares, analysis.most_frequent = shares_of(analysis.sentences, words)
    analysis.emotions = dict(zip(CLASSES, rounded(loaded.whole(text, found, words).tolist()), strict=True))
    analysis.coverage = 1.0
    return reading


def _traits(loaded: Models, text: str, sentences: list[list[Token]], reading: Reading, worth: int) -> dict[str, Trait]:
    tokens = trait_tokens(text)
    logits = loaded.logits(tokens, sentences, reading.vector())
    words = count(tokens) // worth
    probabilities = loaded.calibration.probabilities(logits, words)
    low, high = loaded.calibration.intervals(logits, words)
    rows = [[round(float(v), PROBABILITY_DECIMALS) for v in row] for row in zip(probabilities, low, high, strict=True)]
    moved = loaded.moved(tokens, words)
    return {name: Trait(p, a, b, evidence_of(p, a, b), own) for name, (p, a, b), own in zip(TRAITS, rows, moved, strict=True)}
