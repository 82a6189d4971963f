"""The linear model beside the network: TF-IDF of words and word pairs, five logistic regressions.

scikit-learn fits it; prediction is the same arithmetic in NumPy, from one ``.npz`` file without pickles.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.manifest import checked
from text.files import LINEAR

LONGEST = 2  # words in a term
LEAST_TEXTS = 3  # training texts that a term must occur in
STRENGTH = 1.0  # inverse regularisation of the logistic regressions
SEPARATOR = "\n"


class LinearModel:
    """Score a text's words: term weights times TF-IDF (sublinear counts, unit length) plus an intercept for each trait."""

    def __init__(self, terms: Sequence[str], idf: np.ndarray, coefficients: np.ndarray, intercepts: np.ndarray) -> None:
        self.terms = list(terms)
        self.index = {term: i for i, term in enumerate(terms)}
        self.idf, self.coefficients, self.intercepts = idf, coefficients, intercepts

    def logits(self, words: Sequence[str]) -> np.ndarray:
        """Return the logit of each trait, float64, shape ``(5,)``."""
        counts = Counter(row for term in terms_of(words) if (row := self.index.get(term)) is not None)
        if not counts:
            return self.intercepts.astype(np.float64)
        rows = np.fromiter(counts.keys(), np.int64, len(counts))
        weights = (1 + np.log(np.fromiter(counts.values(), np.float64, len(counts)))) * self.idf[rows]
        return weights / np.linalg.norm(weights) @ self.coefficients[rows] + self.intercepts

    def save(self, path: Path) -> None:
        """Write terms and weights (float32) as one compressed ``.npz``."""
        terms = np.frombuffer(SEPARATOR.join(self.terms).encode("utf-8"), np.uint8)
        np.savez_compressed(
            path,
            terms=terms,
            idf=self.idf.astype(np.float32),
            coefficients=self.coefficients.astype(np.float32),
            intercepts=self.intercepts.astype(np.float32),
        )

    @classmethod
    def read(cls, path: Path) -> LinearModel:
        """Read what ``save`` wrote."""
        with np.load(path, allow_pickle=False) as file:
            return cls(file["terms"].tobytes().decode("utf-8").split(SEPARATOR), file["idf"], file["coefficients"], file["intercepts"])


def load_linear(folder: Path) -> LinearModel:
    """Read the linear model of a model folder after holding it against the manifest."""
    return LinearModel.read(checked(folder, LINEAR))


def terms_of(words: Sequence[str]) -> list[str]:
    """Return the words and the pairs of neighbouring words."""
    return [" ".join(words[i : i + n]) for n in range(1, LONGEST + 1) for i in range(len(words) - n + 1)]


def cross_fitted(texts: Sequence[Sequence[str]], labels: np.ndarray, seed: int, parts: int = 5) -> np.ndarray:
    """Return each text's logits, shape ``(n, traits)``, by a model that was fitted on the other parts."""
    part = np.random.default_rng(seed).permutation(len(texts)) % parts
    logits = np.zeros(labels.shape)
    for i in range(parts):
        model = fit_linear([text for text, p in zip(texts, part, strict=True) if p != i], labels[part != i])
        for row in np.flatnonzero(part == i):
            logits[row] = model.logits(texts[int(row)])
    return logits


def fit_linear(texts: Sequence[Sequence[str]], labels: np.ndarray) -> LinearModel:
    """Fit the model on texts (words) and labels (n, traits) of 0 and 1."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    vectorizer = TfidfVectorizer(analyzer=terms_of, min_df=min(LEAST_TEXTS, len(texts)), sublinear_tf=True)
    table = vectorizer.fit_transform(texts)
    fitted = [LogisticRegression(C=STRENGTH, solver="liblinear", random_state=0).fit(table, column) for column in labels.T]
    return LinearModel(
        vectorizer.get_feature_names_out().tolist(),
        vectorizer.idf_,
        np.stack([model.coef_[0] for model in fitted], axis=1),
        np.array([model.intercept_[0] for model in fitted]),
    )
