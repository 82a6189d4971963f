"""What a sentence's words say of its emotion: network and linear model together, calibrated, seven probabilities."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from core.analysis import CLASSES, PROBABILITY_DECIMALS, UNCLEAR, Sentence, label_of, rounded
from core.calibration import softmax
from core.engine import Network, load
from core.manifest import checked
from text.emotion_linear import EmotionLinear, load_emotion_linear
from text.emotion_pieces import PIECES_IN, WORDS_IN, EmotionVocabulary
from text.emotion_tokens import LONGEST, LONGEST_WORD, emotion_tokens, negated, without_denied, without_negation
from text.files import EMOTION_CALIBRATION, EMOTION_NETWORK, EMOTION_VOCABULARY, FOLDER

DENIABLE = ("happy", "sad", "fear")  # chosen on GoEmotions dev, where denying all six costs 0.003 of F1
FAR = 1.0  # below the highest of the two models' logits added, from where on there is nothing to deny; chosen there too
AT_ONCE = 8  # sentences in one run of the network


@dataclass(frozen=True)
class EmotionCalibration:
    """Hold what joins the two models: their weights, a bias for each class (7,), and the least confidence of a label.

    ``thresholds`` (7,) are the probabilities from which each class counts as given where several may be (for measuring).
    """

    network: float
    linear: float
    bias: np.ndarray
    unclear: float
    thresholds: np.ndarray

    def probabilities(self, network: np.ndarray, linear: np.ndarray) -> np.ndarray:
        """Return probabilities that sum to 1, shape ``(n, 7)``, of both models' logits ``(n, 7)``."""
        return softmax(self.network * network + self.linear * linear + self.bias)

    def to_dict(self) -> dict[str, Any]:
        return {
            "network": self.network,
            "linear": self.linear,
            "bias": dict(zip(CLASSES, self.bias.round(5).tolist(), strict=True)),
            "unclear": self.unclear,
            "thresholds": dict(zip(CLASSES, self.thresholds.round(4).tolist(), strict=True)),
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> EmotionCalibration:
        bias, thresholds = (np.array([document[key][name] for name in CLASSES]) for key in ("bias", "thresholds"))
        return cls(document["network"], document["linear"], bias, document["unclear"], thresholds)


@dataclass(frozen=True)
class Reading:
    """Hold what was read in some texts, mostly the sentences of one: ``probabilities`` (n, 7), ``vectors`` (n, size), in which the
    network has put what it takes to tell them, and the number of ``tokens`` (n,) of each.
    """

    probabilities: np.ndarray
    vectors: np.ndarray
    tokens: np.ndarray

    def part(self, rows: Sequence[int]) -> Reading:
        """Return what was read in some of the texts."""
        return Reading(self.probabilities[rows], self.vectors[rows], self.tokens[rows])

    def vector(self) -> np.ndarray:
        """Return the vector of all texts together, shape ``(size,)``: a mean in which the square root of its tokens is a text's weight."""
        return np.average(self.vectors, axis=0, weights=np.sqrt(self.tokens))


@dataclass(frozen=True)
class EmotionModels:
    """Hold what reads emotions in sentences."""

    vocabulary: EmotionVocabulary
    network: Network
    linear: EmotionLinear
    calibration: EmotionCalibration

    def logits(self, sentences: Sequence[Sequence[str]]) -> tuple[np.ndarray, np.ndarray]:
        """Return the logits of network and linear model, each ``(sentences, 7)``, of sentences of at most ``LONGEST`` tokens.

        A sentence with a negation is read again without the words in its reach, and, where that is not enough, without the negation
        too, which alone sounds sad: what speaks for ``DENIABLE`` only through them does not count. Denied anger or surprise mostly
        stays (*I do not like this*), so the others are left alone.
        """
        network, linear, _ = self._scored(sentences)
        return network, linear

    def _scored(self, sentences: Sequence[Sequence[str]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the logits of network and linear model, with what negations take away, and the vectors (sentences, size)."""
        network, vectors = self._run(sentences)
        linear = self.linear.logits(sentences)
        columns = [CLASSES.index(name) for name in DENIABLE]
        rows = [i for i, tokens in enumerate(sentences) if any(negated(tokens))]
        for left, far in ((without_denied, FAR), (without_negation, 0.0)):
            both = network + linear
            rows = [i for i in rows if both[i, columns].max() >= both[i].max() - far]
            if rows:
                again = [left(sentences[i]) for i in rows]
                for found, scored in ((network, self._run(again)[0]), (linear, self.linear.logits(again))):
                    found[np.ix_(rows, columns)] = np.minimum(found[np.ix_(rows, columns)], scored[:, columns])
        return network, linear, vectors

    def _run(self, sentences: Sequence[Sequence[str]]) -> tuple[np.ndarray, np.ndarray]:
        order = np.argsort([len(tokens) for tokens in sentences], kind="stable")
        batches = [order[begin : begin + AT_ONCE] for begin in range(0, len(order), AT_ONCE)]
        found: list[list[np.ndarray]] = []
        for rows in batches:
            words, pieces = self.vocabulary.encode([sentences[row] for row in rows])
            found.append(self.network({WORDS_IN: words, PIECES_IN: pieces}))
        back = np.argsort(order, kind="stable")
        logits, vectors = (np.concatenate([outputs[i] for outputs in found])[back] for i in range(2))
        return logits.astype(np.float64), vectors

    def read(self, texts: Sequence[str]) -> Reading:
        """Read texts, at least one, mostly sentences; one of more than ``LONGEST`` tokens is read in parts, and what is found averaged."""
        parts = [cut(emotion_tokens(text)) for text in texts]
        network, linear, vectors = self._scored([part for own in parts for part in own])
        lengths = np.array([len(part) for own in parts for part in own])
        begins = np.cumsum([0, *(len(own) for own in parts[:-1])])
        tokens = np.add.reduceat(lengths, begins)
        found, vectors = (
            np.add.reduceat(table * lengths[:, None], begins) / tokens[:, None] for table in (self.calibration.probabilities(network, linear), vectors)
        )
        return Reading(found, vectors, tokens)

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Return calibrated probabilities, shape ``(texts, 7)``, that sum to 1."""
        return self.read(texts).probabilities if texts else np.zeros((0, len(CLASSES)))

    def whole(self, text: str, sentences: np.ndarray, words: Sequence[int]) -> np.ndarray:
        """Return the probabilities of a whole text, shape ``(7,)``: of at most ``LONGEST`` tokens, read at once, as the comments were
        that the models learned from; else the mean of its ``sentences`` (n, 7), weighted by their ``words``.
        """
        if len(sentences) == 1 or (len(text) < LONGEST * LONGEST_WORD and len(emotion_tokens(text)) <= LONGEST):
            return sentences[0] if len(sentences) == 1 else self.probabilities([text])[0]
        return np.average(sentences, axis=0, weights=np.maximum(words, 1))

    def label(self, start: int, end: int, probabilities: np.ndarray) -> Sentence:
        """Return a sentence with its emotions and its label."""
        p = rounded(probabilities.tolist())
        return Sentence(start, end, dict(zip(CLASSES, p, strict=True)), label_of(p, self.calibration.unclear))


def cut(tokens: Sequence[str]) -> list[Sequence[str]]:
    """Return tokens in parts of at most ``LONGEST``, of like length; one part, of one unknown token, where there are none."""
    if not tokens:
        return [["?"]]
    parts = -(-len(tokens) // LONGEST)
    length = -(-len(tokens) // parts)
    return [tokens[i : i + length] for i in range(0, len(tokens), length)]


@cache
def emotion_models(folder: Path = FOLDER) -> EmotionModels:
    """Load the emotion models of a folder once in a process; every file is held against the manifest."""
    calibration = EmotionCalibration.from_dict(json.loads(checked(folder, EMOTION_CALIBRATION).read_text(encoding="utf-8")))
    vocabulary = EmotionVocabulary.read(checked(folder, EMOTION_VOCABULARY))
    return EmotionModels(vocabulary, load(folder, EMOTION_NETWORK), load_emotion_linear(folder), calibration)


def shares_of(sentences: Sequence[Sentence], words: Sequence[int]) -> tuple[dict[str, float], str | None]:
    """Return ``(shares, most_frequent)``: the shares of the words by the label of their sentence, ``unclear`` among them, and
    the class with the largest share, ``None`` when no sentence has a clear label.
    """
    weights = np.maximum(np.asarray(words, np.float64), 1e-9)
    shares = {name: float(weights[[s.label == name for s in sentences]].sum() / weights.sum()) for name in (*CLASSES, UNCLEAR)}
    named = max(CLASSES, key=lambda name: shares[name])
    return {name: round(share, PROBABILITY_DECIMALS) for name, share in shares.items()}, named if shares[named] else None
