"""From raw text to lemmas: tokens, tags, lemmas by tag, stop words out.

Nothing here needs an NLTK download: the tokenizer is rule-based, the tagger is ours, the stop words are in the package.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from text.patterns import standardise
from text.sentences import sentence_spans
from text.stopwords import STOP_WORDS
from text.tagger import Tagger

LEMMAS_KEPT = 50_000  # in the cache of lemmas
UNIVERSAL = {"N": "NOUN", "V": "VERB", "J": "ADJ", "R": "ADV", "M": "AUX"}  # by the first letter of a Penn tag


@dataclass(frozen=True)
class Token:
    """Hold one word: its standardised form in lower case, its Penn tag and its lemma."""

    form: str
    tag: str
    lemma: str


def tokenize(text: str) -> list[str]:
    """Return the tokens of one sentence, punctuation among them, contractions written out."""
    return _tokenizer().tokenize(standardise(text))


def analyse(text: str, tagger: Tagger, spans: Iterable[tuple[int, int]] | None = None) -> list[list[Token]]:
    """Return the words of each sentence of ``text``, without punctuation; ``spans`` are its sentences where known."""
    sentences = []
    for start, end in spans if spans is not None else sentence_spans(text):
        tagged = tagger.tag(tokenize(text[start:end]))
        words = ((form.lower(), tag) for form, tag in tagged if any(c.isalpha() for c in form))
        sentences.append([Token(form, tag, lemma_of(form, tag)) for form, tag in words])
    return sentences


def content(sentences: Iterable[Iterable[Token]]) -> list[Token]:
    """Return the words that are not stop words, in order."""
    return [token for sentence in sentences for token in sentence if token.form not in STOP_WORDS]


@lru_cache(LEMMAS_KEPT)
def lemma_of(form: str, tag: str) -> str:
    """Return the lemma of a lower-case word with a Penn tag.

    >>> lemma_of("went", "VBD"), lemma_of("better", "JJR"), lemma_of("us", "PRP")
    ('go', 'good', 'us')
    """
    kind = UNIVERSAL.get(tag[:1])
    if kind is None or tag.startswith(("NNP", "RP")):
        return form
    found = _lemminflect().getLemma(form, upos=kind)
    return found[0].lower() if found else form


@lru_cache(1)
def _tokenizer():  # type: ignore[no-untyped-def]
    """Return NLTK's tokenizer with its patterns compiled by ``re``: NLTK 3.10 guards each with a timeout, which costs more than the pattern."""
    from nltk.tokenize.destructive import NLTKWordTokenizer

    tokenizer = NLTKWordTokenizer()
    for name in ("STARTING_QUOTES", "PUNCTUATION", "ENDING_QUOTES"):
        setattr(tokenizer, name, [(re.compile(pattern.pattern), replacement) for pattern, replacement in getattr(tokenizer, name)])
    for name in ("PARENS_BRACKETS", "DOUBLE_DASHES"):
        pattern, replacement = getattr(tokenizer, name)
        setattr(tokenizer, name, (re.compile(pattern.pattern), replacement))
    for name in ("CONTRACTIONS2", "CONTRACTIONS3"):
        setattr(tokenizer, name, [re.compile(pattern.pattern) for pattern in getattr(tokenizer, name)])
    return tokenizer


@lru_cache(1)
def _lemminflect():  # type: ignore[no-untyped-def]
    import lemminflect

    return lemminflect
