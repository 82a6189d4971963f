"""Training of the tagger: Honnibal's averaged perceptron as NLTK has it, on one table of weights.

A wrong guess adds one to the true label's weight of every feature of the word and takes one from the guessed label's. The
weights are averaged over all steps with the usual second table of steps times changes, which gives the same average.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from text.tagger import DECIMALS, TaggedSentence, Tagger, TagTable

ITERATIONS = 9
SMALLEST_WEIGHT = 0.9  # smaller averaged weights are left out: the accuracy stays, the file is a fraction
LEAST_SEEN = 20  # times a word must occur to be given its one tag without asking the perceptron ...
LEAST_AGREED = 0.995  # ... and the share of them that must have that tag (NLTK: 0.97)
ROOM = 4096  # features that there is room for at the beginning


class GrowingTable(TagTable):
    """Learn the weights: ``table`` float32, shape ``(room, labels)``, which grows with the features met."""

    def __init__(self, labels: Sequence[str]) -> None:
        super().__init__([], np.zeros((ROOM, len(labels)), np.float32), labels)
        self.changes = np.zeros((ROOM, len(labels)))  # times the step of each
        self.column = {label: i for i, label in enumerate(labels)}
        self.step = 0

    def learn(self, features: Sequence[str], truth: str) -> str:
        """Guess a label, mend the weights where it is wrong, and return the guess."""
        guess, _ = self.predict(features)
        self.step += 1
        if guess != truth:
            rows = [self.index.setdefault(feature, len(self.index)) for feature in features]
            while len(self.index) > len(self.table):
                self.table = np.concatenate([self.table, np.zeros_like(self.table)])
                self.changes = np.concatenate([self.changes, np.zeros_like(self.changes)])
            for label, change in ((truth, 1), (guess, -1)):
                self.table[rows, self.column[label]] += change
                self.changes[rows, self.column[label]] += change * self.step
        return guess

    def averaged(self, smallest: float) -> TagTable:
        """Return the average over all steps in whole units of ``10 ** -DECIMALS``, without weights smaller than ``smallest``."""
        n = len(self.index)
        weights = self.table[:n] - self.changes[:n] / max(self.step, 1)
        weights = np.where(np.abs(weights) >= smallest, np.rint(weights * 10**DECIMALS), 0).astype(np.int16)
        kept, features = np.flatnonzero(np.abs(weights).sum(axis=1)), list(self.index)
        return TagTable([features[row] for row in kept], weights[kept], self.labels)


def train_tagger(sentences: Sequence[TaggedSentence], seed: int, iterations: int = ITERATIONS, smallest: float = SMALLEST_WEIGHT) -> Tagger:
    """Train a tagger; the sentences are shuffled after each iteration."""
    order, shuffle = list(sentences), random.Random(seed)
    labels = sorted({tag for sentence in order for _, tag in sentence}, reverse=True)
    table = GrowingTable(labels)
    tagger = Tagger(unambiguous(order), table)
    for _ in range(iterations):
        shuffle.shuffle(order)
        for sentence in order:
            _learn(tagger, table, sentence)
    return Tagger(tagger.tagdict, table.averaged(smallest))


def _learn(tagger: Tagger, table: GrowingTable, sentence: TaggedSentence) -> None:
    before, before2 = tagger.START
    context = [*tagger.START, *(tagger.normalize(word) for word, _ in sentence), *tagger.END]
    for i, (word, truth) in enumerate(sentence):
        guess = tagger.tagdict.get(word) or table.learn(tagger.features(i, word, context, before, before2), truth)
        before2, before = before, guess


def unambiguous(sentences: Sequence[TaggedSentence]) -> dict[str, str]:
    """Return the tag of each word that is seen often and nearly always with it."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for sentence in sentences:
        for word, tag in sentence:
            counts[word][tag] += 1
    most = {word: (tags.total(), *tags.most_common(1)[0]) for word, tags in counts.items()}
    return {word: tag for word, (n, tag, times) in most.items() if n >= LEAST_SEEN and times / n >= LEAST_AGREED}
