"""Lemmas as numbers: the vocabulary of the network and the windows of 300 that it reads."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

import numpy as np

LENGTH = 300  # lemmas in a window
SIZE = 7500  # rows of the embedding, padding and unknown among them
PADDING, UNKNOWN = 0, 1
RESERVED = ("<pad>", "<unk>")
LEAST_REST = 50  # lemmas; a shorter rest is read together with the window before it, not alone


class WordTable:
    """Number words; 0 is padding, 1 any word that is not in the table."""

    def __init__(self, words: Sequence[str]) -> None:
        if tuple(words[: len(RESERVED)]) != RESERVED:
            raise ValueError(f"a vocabulary begins with {RESERVED}")
        self.words = list(words)
        self.index = {word: i for i, word in enumerate(words)}

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(self.words, ensure_ascii=False, indent=0), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Self:
        return cls(json.loads(path.read_text(encoding="utf-8")))


class Vocabulary(WordTable):
    """Map lemmas to rows of the embedding."""

    @classmethod
    def of(cls, texts: Iterable[Iterable[str]], size: int = SIZE) -> Vocabulary:
        """Take the most frequent lemmas; ties go by the alphabet."""
        counts = Counter(lemma for text in texts for lemma in text)
        ranked = sorted(counts, key=lambda lemma: (-counts[lemma], lemma))
        return cls([*RESERVED, *ranked[: size - len(RESERVED)]])

    def encode(self, lemmas: Iterable[str]) -> np.ndarray:
        """Return int32 row numbers, shape ``(lemmas,)``."""
        return np.array([self.index.get(lemma, UNKNOWN) for lemma in lemmas], np.int32)


def windows(numbers: np.ndarray, length: int = LENGTH) -> np.ndarray:
    """Cut row numbers into windows, int32, shape ``(windows, length)``; a shorter text is padded in front,
    where the LSTMs have forgotten it when they come to the end.

    The last window of a longer text ends where the text ends and so overlaps the one before; a rest of fewer than
    ``LEAST_REST`` lemmas makes no window of its own.
    """
    if len(numbers) <= length:
        return padded(numbers, length)[None]
    starts = list(range(0, len(numbers) - length + 1, length))
    if len(numbers) - (starts[-1] + length) >= LEAST_REST:
        starts.append(len(numbers) - length)
    return np.stack([numbers[start : start + length] for start in starts])


def padded(numbers: np.ndarray, length: int = LENGTH) -> np.ndarray:
    """Return exactly ``length`` row numbers: the first ones, padded in front where there are fewer."""
    row = np.full(length, PADDING, np.int32)
    kept = numbers[:length]
    row[length - len(kept) :] = kept
    return row
