"""What is to be beaten: TF-IDF of words and word pairs with logistic regression, as scikit-learn has them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

PHRASES = (1, 2)  # words
LEAST_TEXTS = 3  # training texts that a term must occur in


def baseline_probabilities(texts: Sequence[str], labels: np.ndarray, asked: Sequence[str]) -> np.ndarray:
    """Fit on ``texts`` and ``labels`` (n, traits) of 0 and 1 and return the probabilities of the texts ``asked``, shape ``(asked, traits)``."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    vectorizer = TfidfVectorizer(ngram_range=PHRASES, min_df=min(LEAST_TEXTS, len(texts)), sublinear_tf=True)
    table, wanted = vectorizer.fit_transform(texts), vectorizer.transform(asked)
    return np.stack([LogisticRegression(solver="liblinear").fit(table, column).predict_proba(wanted)[:, 1] for column in labels.T], axis=1)
