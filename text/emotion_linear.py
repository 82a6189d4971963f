"""The linear model beside the emotion network: TF-IDF of words, phrases and letters, seven logistic regressions.

Words in the reach of a negation are terms of their own. scikit-learn fits it; prediction is the same arithmetic in NumPy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path

import numpy as np

from core.analysis import CLASSES
from core.manifest import checked
from text.emotion_tokens import NEGATED, negated
from text.files import EMOTION_LINEAR

PHRASE = 3  # words at most
LETTERS = (3, 4, 5)  # of a piece, the spaces around the word among them
LEAST_PHRASES, LEAST_LETTERS = 2, 3  # training sentences that a term must occur in
STRENGTH = 1.0  # inverse regularisation
STOP_AT = 1e-2  # of liblinear; smaller changes nothing that is measured
SEPARATOR = "\n"
CACHED = 50_000  # words

Terms = Callable[[Sequence[str]], list[str]]


def phrases_of(tokens: Sequence[str]) -> list[str]:
    """Return the tokens, marked where negated, and the phrases of two and three."""
    marked = [NEGATED + token if inside else token for token, inside in zip(tokens, negated(tokens), strict=True)]
    return [*marked, *(" ".join(tokens[i : i + n]) for n in range(2, PHRASE + 1) for i in range(len(tokens) - n + 1))]


def letters_of(tokens: Sequence[str]) -> list[str]:
    """Return the pieces of three to five letters of the words."""
    spaced = [f" {token} " for token in tokens if len(token) > 2 and token[0] != "<"]
    return [word[i : i + n] for word in spaced for n in LETTERS for i in range(len(word) - n + 1)]


class TermWeights:
    """Hold one kind of term: rows of ``names``, their inverse document frequencies and coefficients ``(terms, 7)``."""

    def __init__(self, kind: Terms, names: Sequence[str], idf: np.ndarray, coefficients: np.ndarray) -> None:
        self.kind, self.names = kind, list(names)
        self.index = {name: i for i, name in enumerate(names)}
        self.idf, self.coefficients = idf.astype(np.float32), coefficients.astype(np.float32)
        self._rows_of_token = lru_cache(CACHED)(lambda token: tuple(self._rows(kind([token]))))

    def logits(self, sentences: Sequence[Sequence[str]]) -> np.ndarray:
        """Return this kind's part of the logits, shape ``(sentences, 7)``."""
        rows = [self._rows_in(tokens) for tokens in sentences]
        owner = np.repeat(np.arange(len(rows)), [len(own) for own in rows])
        keys, counts = np.unique(owner * len(self.names) + np.fromiter(chain.from_iterable(rows), np.int64, len(owner)), return_counts=True)
        owner, row = np.divmod(keys, len(self.names))
        weights = (1 + np.log(counts)) * self.idf[row]
        lengths = np.sqrt(np.bincount(owner, np.square(weights), len(rows)))
        found = np.zeros((len(rows), len(CLASSES)))
        there = np.flatnonzero(lengths)
        if len(there):
            begins = np.searchsorted(owner, there)
            found[there] = np.add.reduceat((weights / lengths[owner])[:, None] * self.coefficients[row], begins)
        return found

    def _rows_in(self, tokens: Sequence[str]) -> list[int]:
        """Return the rows of a sentence's terms; letters belong to one token each, so every word is looked up once."""
        return list(chain.from_iterable(map(self._rows_of_token, tokens))) if self.kind is letters_of else self._rows(self.kind(tokens))

    def _rows(self, terms: Iterable[str]) -> list[int]:
        return [row for row in map(self.index.get, terms) if row is not None]


class EmotionLinear:
    """Score sentences by their phrases and letters."""

    def __init__(self, parts: Sequence[TermWeights], intercepts: np.ndarray) -> None:
        self.parts, self.intercepts = list(parts), intercepts

    def logits(self, sentences: Sequence[Sequence[str]]) -> np.ndarray:
        """Return logits, shape ``(sentences, 7)``, of sentences given as tokens."""
        return sum((part.logits(sentences) for part in self.parts), np.tile(self.intercepts, (len(sentences), 1)))

    def save(self, path: Path) -> None:
        """Write terms and weights as one compressed ``.npz``; the coefficients have half precision."""
        arrays: dict[str, np.ndarray] = {"intercepts": self.intercepts.astype(np.float32)}
        for part in self.parts:
            name = part.kind.__name__
            arrays[f"{name}_names"] = np.frombuffer(SEPARATOR.join(part.names).encode("utf-8"), np.uint8)
            arrays[f"{name}_idf"], arrays[f"{name}_coefficients"] = part.idf.astype(np.float16), part.coefficients.astype(np.float16)
        np.savez_compressed(path, allow_pickle=False, **arrays)

    @classmethod
    def read(cls, path: Path) -> EmotionLinear:
        """Read what ``save`` wrote."""
        with np.load(path, allow_pickle=False) as file:
            parts = [
                TermWeights(kind, file[f"{n}_names"].tobytes().decode("utf-8").split(SEPARATOR), file[f"{n}_idf"], file[f"{n}_coefficients"])
                for kind, n in ((phrases_of, "phrases_of"), (letters_of, "letters_of"))
            ]
            return cls(parts, file["intercepts"].astype(np.float64))


def load_emotion_linear(folder: Path) -> EmotionLinear:
    """Read the linear model of a model folder after holding it against the manifest."""
    return EmotionLinear.read(checked(folder, EMOTION_LINEAR))


def fit_emotion_linear(sentences: Sequence[Sequence[str]], labels: np.ndarray, weights: np.ndarray) -> EmotionLinear:
    """Fit on sentences (tokens), labels (n, 7) of 0 and 1 and a weight for each sentence; rare classes count as much as common ones."""
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    kinds = ((phrases_of, LEAST_PHRASES), (letters_of, LEAST_LETTERS))
    vectorizers = [TfidfVectorizer(analyzer=kind, min_df=least, sublinear_tf=True) for kind, least in kinds]
    table = hstack([vectorizer.fit_transform(sentences) for vectorizer in vectorizers]).tocsr()
    recipe = {"C": STRENGTH, "class_weight": "balanced", "solver": "liblinear", "tol": STOP_AT, "random_state": 0}
    fitted = [LogisticRegression(**recipe).fit(table, column, sample_weight=weights) for column in labels.T]
    coefficients = np.stack([model.coef_[0] for model in fitted], axis=1)
    parts, begin = [], 0
    for (kind, _), vectorizer in zip(kinds, vectorizers, strict=True):
        names = vectorizer.get_feature_names_out().tolist()
        parts.append(TermWeights(kind, names, vectorizer.idf_, coefficients[begin : begin + len(names)]))
        begin += len(names)
    return EmotionLinear(parts, np.array([model.intercept_[0] for model in fitted]))
