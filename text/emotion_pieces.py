"""Tokens as numbers for the emotion network: rows of words, and rows of the pieces (character n-grams) of each word.

Pieces let the network read words it has never met (*heartbreakingly*, *soooo*); they share a hashed table, as in
fastText (Bojanowski et al., "Enriching Word Vectors with Subword Information", TACL 2017), with its own hash.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np

from text.vocabulary import RESERVED, UNKNOWN, WordTable

WORDS_IN, PIECES_IN = "words", "pieces"  # inputs of the network
WORDS = 11_000  # rows of the word table
LEAST_SEEN = 3  # training sentences with a word in the table
BUCKETS = 14_000  # rows of the piece table beside padding
SHORTEST, LONGEST = 3, 5  # characters of a piece, the marks of the word's ends among them
PIECES = 14  # of a word; a longer word is read by its first and last ones
FNV_PRIME, FNV_START = 16777619, 2166136261
CACHED = 50_000  # words


class EmotionVocabulary(WordTable):
    """Map tokens to rows of the word table and of the piece table."""

    @classmethod
    def of(cls, sentences: Iterable[Iterable[str]], size: int = WORDS, least: int = LEAST_SEEN) -> EmotionVocabulary:
        """Take the most frequent tokens that stand in ``least`` sentences; ties go by the alphabet."""
        counts = Counter(token for sentence in sentences for token in set(sentence))
        ranked = sorted((t for t, n in counts.items() if n >= least), key=lambda token: (-counts[token], token))
        return cls([*RESERVED, *ranked[: size - len(RESERVED)]])

    def encode(self, sentences: Sequence[Sequence[str]], length: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return int32 word rows ``(sentences, length)`` and piece rows ``(sentences, length, PIECES)``, padded behind."""
        longest = max((len(s) for s in sentences), default=1)
        length = max(length or longest, 1)
        words = np.zeros((len(sentences), length), np.int32)
        pieces = np.zeros((len(sentences), length, PIECES), np.int32)
        for i, sentence in enumerate(sentences):
            for j, token in enumerate(sentence[:length]):
                words[i, j] = self.index.get(token, UNKNOWN)
                rows = piece_rows(token)
                pieces[i, j, : len(rows)] = rows
        return words, pieces


@lru_cache(CACHED)
def piece_rows(token: str) -> tuple[int, ...]:
    """Return the rows (1 to ``BUCKETS``) of a token's pieces, at most ``PIECES``; a mark such as ``!`` or ``<shout>`` has none.

    >>> len(piece_rows("happy")), piece_rows("!")
    (12, ())
    """
    if not token[0].isalpha() or len(token) < 2:
        return ()
    marked = f"<{token}>"
    found = [marked[i : i + n] for n in range(SHORTEST, LONGEST + 1) for i in range(len(marked) - n + 1)]
    if len(found) > PIECES:
        found.sort(key=lambda piece: (not marked.startswith(piece) and not marked.endswith(piece), -len(piece), marked.index(piece)))
    return tuple(1 + _hash(piece) % BUCKETS for piece in found[:PIECES])


def _hash(piece: str) -> int:
    """Return the 32-bit FNV-1a hash of a piece's UTF-8 bytes."""
    value = FNV_START
    for byte in piece.encode("utf-8"):
        value = ((value ^ byte) * FNV_PRIME) & 0xFFFFFFFF
    return value
