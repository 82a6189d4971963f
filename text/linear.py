"""The linear model beside the network: TF-IDF of words and word pairs, style, a vector of what is said, five ridge regressions.

Words, pairs, style and vector are four kernels; ridge regression on their weighted sum is solved in the dual, as there are fewer
essays than terms. Its strength and the vector's weight are chosen by the leave-one-out error, which the dual gives for nothing
(Rifkin & Lippert, "Notes on Regularized Least Squares", MIT 2007). Prediction is the same arithmetic in NumPy, from one
``.npz`` file without pickles.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from core.manifest import checked
from text.files import LINEAR
from text.style import MEASURES, style_of

LEAST_TEXTS = 3  # training texts that a term must occur in
STRENGTHS = (4.0, 8.0, 16.0)  # of the ridge, to choose from
STYLE_WEIGHT = 0.3  # of the kernel of style; that of words and that of pairs weigh 1
VECTOR_WEIGHTS = (0.5, 1.0, 2.0)  # of the kernel of the text's vector, to choose from
FURTHEST = 3.0  # standard deviations at which a measure is cut off
TO_LOGIT = 4.0  # a probability's distance from one half times this is its logit, to first order
SEPARATOR = "\n"
ARRAYS = ("idf", "means", "coefficients", "measures", "intercepts")  # of a model's file


def words_of(tokens: Sequence[str]) -> list[str]:
    """Return the tokens in lower case."""
    return [token.lower() for token in tokens]


def pairs_of(tokens: Sequence[str]) -> list[str]:
    """Return the pairs of neighbouring tokens in lower case."""
    lower = words_of(tokens)
    return [f"{a} {b}" for a, b in pairwise(lower)]


KINDS: tuple[Callable[[Sequence[str]], list[str]], ...] = (words_of, pairs_of)


class LinearModel:
    """Score a text's tokens and its vector (``emotions.Reading.vector``).

    ``terms`` are words and pairs; ``idf``, ``means`` (over the training texts) and ``coefficients`` (terms, 5) belong to
    their TF-IDF, ``measures`` holds mean, spread and coefficients (measures, 2 + 5) of the measures of style and, after
    them, of the vector's components.
    """

    def __init__(
        self, terms: Sequence[str], idf: np.ndarray, means: np.ndarray, coefficients: np.ndarray, measures: np.ndarray, intercepts: np.ndarray
    ) -> None:
        self.terms = list(terms)
        self.index = {term: i for i, term in enumerate(terms)}
        self.idf, self.means, self.coefficients, self.measures, self.intercepts = idf, means, coefficients, measures, intercepts

    def logits(self, tokens: Sequence[str], vector: np.ndarray) -> np.ndarray:
        """Return the logit of each trait, float64, shape ``(5,)``."""
        rows, weights = self._weights(tokens)
        measures = standardised(np.concatenate([style_of(tokens), vector]), self.measures[:, 0], self.measures[:, 1])
        return weights @ self.coefficients[rows].astype(np.float64) + measures @ self.measures[:, 2:] + self.intercepts

    def moved_by(self, tokens: Sequence[str]) -> tuple[list[str], np.ndarray]:
        """Return the terms of a text that the model knows, and how far the use of each, more or less than the usual, moved each logit (terms, 5)."""
        rows, weights = self._weights(tokens)
        return [self.terms[row] for row in rows], (weights - self.means[rows])[:, None] * self.coefficients[rows]

    def _weights(self, tokens: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return rows and TF-IDF of a text's terms: sublinear counts, words and pairs of unit length each."""
        parts = []
        for kind in KINDS:
            counts = Counter(map(self.index.get, kind(tokens)))
            counts.pop(None, None)  # what no row stands for
            rows = np.fromiter(counts.keys(), np.int64, len(counts))
            weights = (1 + np.log(np.fromiter(counts.values(), np.float64, len(counts)))) * self.idf[rows]
            parts.append((rows, weights / max(float(np.linalg.norm(weights)), 1e-12)))
        return np.concatenate([rows for rows, _ in parts]), np.concatenate([weights for _, weights in parts])

    def save(self, path: Path) -> None:
        """Write terms and weights (float32) as one compressed ``.npz``."""
        terms = np.frombuffer(SEPARATOR.join(self.terms).encode("utf-8"), np.uint8)
        np.savez_compressed(path, allow_pickle=False, terms=terms, **{name: getattr(self, name).astype(np.float32) for name in ARRAYS})

    @classmethod
    def read(cls, path: Path) -> LinearModel:
        """Read what ``save`` wrote."""
        with np.load(path, allow_pickle=False) as file:
            terms = file["terms"].tobytes().decode("utf-8").split(SEPARATOR)
            return cls(terms, *(file[name] for name in ARRAYS))


def load_linear(folder: Path) -> LinearModel:
    """Read the linear model of a model folder after holding it against the manifest."""
    return LinearModel.read(checked(folder, LINEAR))


def standardised(measures: np.ndarray, mean: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Return measures as standard deviations from the mean, cut off at ``FURTHEST``."""
    return np.clip((measures - mean) / spread, -FURTHEST, FURTHEST)


def cross_fitted(texts: Sequence[Sequence[str]], labels: np.ndarray, seed: int, parts: int = 5) -> np.ndarray:
    """Return each text's logits, shape ``(n, traits)``, by a model of words, pairs and style that was fitted on the other parts."""
    part = np.random.default_rng(seed).permutation(len(texts)) % parts
    logits, none = np.zeros(labels.shape), np.zeros((len(texts), 0))
    for i in range(parts):
        model = fit_linear([text for text, p in zip(texts, part, strict=True) if p != i], none[part != i], labels[part != i])
        for row in np.flatnonzero(part == i):
            logits[row] = model.logits(texts[int(row)], none[row])
    return logits


def fit_linear(texts: Sequence[Sequence[str]], vectors: np.ndarray, labels: np.ndarray) -> LinearModel:
    """Fit the model on texts (tokens of ``style.trait_tokens``), their vectors (n, size), which may have no components, and labels (n, traits) of 0 and 1."""
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizers = [TfidfVectorizer(analyzer=kind, min_df=min(LEAST_TEXTS, len(texts)), sublinear_tf=True) for kind in KINDS]
    table = hstack([vectorizer.fit_transform(texts) for vectorizer in vectorizers]).tocsr()
    measures = np.hstack([np.stack([style_of(tokens) for tokens in texts]), vectors])
    mean, spread = measures.mean(axis=0), measures.std(axis=0) + 1e-6
    measures = standardised(measures, mean, spread)
    terms = (table @ table.T).toarray()
    found = []
    size = vectors.shape[1]
    for weight in VECTOR_WEIGHTS if size else (0.0,):
        scales = np.repeat([STYLE_WEIGHT / MEASURES, weight / max(size, 1)], [MEASURES, size])
        kernel = terms + (measures * scales) @ measures.T
        scale = float(np.trace(kernel)) / len(texts)
        error, duals = _solve(kernel / scale, labels)
        found.append((error, duals * TO_LOGIT / scale, scales))
    _, duals, scales = min(found, key=lambda fit: fit[0])
    coefficients, measure_coefficients = np.asarray(table.T @ duals), scales[:, None] * (measures.T @ duals)
    means = np.asarray(table.mean(axis=0)).ravel()
    intercepts = TO_LOGIT * (labels.mean(axis=0) - 0.5) - means @ coefficients - measures.mean(axis=0) @ measure_coefficients
    return LinearModel(
        [term for vectorizer in vectorizers for term in vectorizer.get_feature_names_out().tolist()],
        np.concatenate([vectorizer.idf_ for vectorizer in vectorizers]),
        means,
        coefficients,
        np.column_stack([mean, spread, measure_coefficients]),
        intercepts,
    )


def _solve(kernel: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the least leave-one-out error of centred ridge regression over ``STRENGTHS`` and its dual coefficients (n, traits)."""
    row = kernel.mean(axis=0)
    centred = kernel - row[None] - row[:, None] + row.mean()
    targets = labels - labels.mean(axis=0)
    best = None
    for strength in STRENGTHS:
        inverse = np.linalg.inv(centred + strength * np.eye(len(kernel)))
        duals = inverse @ targets
        error = float(np.square(duals / np.diag(inverse)[:, None]).mean())
        if best is None or error < best[0]:
            best = error, duals
    assert best is not None
    return best
