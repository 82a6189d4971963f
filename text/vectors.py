"""Word vectors: gensim's Word2Vec on lemmas (Mikolov et al., "Efficient Estimation of Word Representations", 2013)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from text.vocabulary import PADDING, RESERVED, Vocabulary

WINDOW = 5  # lemmas on each side
EPOCHS = 5
NEGATIVE = 5  # noise words for each true one
SUBSAMPLING = 1e-4
SPREAD = 0.5  # standard deviation of the vectors in the embedding: large beside the steps of Adam, which would soon drown smaller ones


def train_vectors(texts: Sequence[Sequence[str]], vocabulary: Vocabulary, dimensions: int, seed: int, epochs: int = EPOCHS) -> np.ndarray:
    """Return float32 vectors, shape ``(vocabulary, dimensions)``; padding is zero, the unknown lemma the mean.

    Skip-gram with negative sampling, in one thread so that the same texts and seed give the same vectors.
    """
    from gensim.models import Word2Vec

    known = [[lemma for lemma in text if lemma in vocabulary.index] for text in texts]
    model = Word2Vec(
        known, vector_size=dimensions, window=WINDOW, min_count=1, sg=1, negative=NEGATIVE, sample=SUBSAMPLING, epochs=epochs, workers=1, seed=seed
    )
    vectors = np.zeros((len(vocabulary.words), dimensions), np.float32)
    for word, row in vocabulary.index.items():
        if word in model.wv:
            vectors[row] = model.wv[word]
    found = vectors[len(RESERVED) :]
    vectors[1] = found.mean(axis=0)
    vectors *= SPREAD / max(float(found.std()), 1e-9)
    vectors[PADDING] = 0
    return vectors
