"""The emotion network: vectors of words and their pieces, convolutions, pooling by attention, seven logits.

The vectors begin as Word2Vec's and stay trainable. GoEmotions' 28 labels are learnt
beside our seven: telling gratitude from pride helps to know both from anger. Padding is multiplied away before every convolution and left out of
the pooling, so that a sentence gets the same logits whatever it is batched with.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops

from core.analysis import CLASSES
from text.emotion_corpus import FINE
from text.emotion_pieces import BUCKETS, PIECES, PIECES_IN, WORDS_IN

DIMENSIONS = 100  # of a vector
FILTERS = 192
KERNEL = 3  # tokens
SPATIAL_DROPOUT = 0.25
DROPOUT = 0.5


def build_emotion_network(vectors: np.ndarray) -> Any:
    """Build the network that is trained: int32 ``words`` (batch, length) and ``pieces`` (batch, length, PIECES) in, two outputs:
    logits ``emotions`` (batch, 7) and ``fine`` (batch, 28). ``vectors`` (vocabulary, DIMENSIONS) begin the word table.
    """
    words = keras.Input((None,), dtype="int32", name=WORDS_IN)
    pieces = keras.Input((None, PIECES), dtype="int32", name=PIECES_IN)
    there = ops.expand_dims(ops.cast(ops.not_equal(words, 0), "float32"), -1)
    inside = ops.expand_dims(ops.cast(ops.not_equal(pieces, 0), "float32"), -1)
    table = layers.Embedding(BUCKETS + 1, DIMENSIONS, embeddings_initializer=keras.initializers.RandomNormal(stddev=0.1), name="piece_vectors")
    spelled = ops.sum(table(pieces) * inside, axis=2) / (ops.sum(inside, axis=2) + 1.0)
    x = (layers.Embedding(*vectors.shape, name="vectors")(words) + spelled) * there
    x = layers.SpatialDropout1D(SPATIAL_DROPOUT)(x)
    narrow = layers.Conv1D(FILTERS, KERNEL, padding="same", activation="relu", name="near")(x) * there
    wide = layers.Conv1D(FILTERS, KERNEL, dilation_rate=2, padding="same", activation="relu", name="far")(layers.Dropout(0.2)(narrow)) * there
    x = layers.Concatenate()([x, narrow, wide])
    weight = layers.Dense(1, name="attention")(x) - 1e4 * (1.0 - there)
    weight = ops.exp(weight - ops.max(weight, axis=1, keepdims=True)) * there
    weight = weight / (ops.sum(weight, axis=1, keepdims=True) + 1e-9)
    pooled = layers.Concatenate()([ops.sum(x * weight, axis=1), ops.max(x - 1e4 * (1.0 - there), axis=1)])
    pooled = layers.Dropout(DROPOUT)(pooled)
    outputs = {"emotions": layers.Dense(len(CLASSES), name="emotions")(pooled), "fine": layers.Dense(FINE, name="fine")(pooled)}
    model = keras.Model({WORDS_IN: words, PIECES_IN: pieces}, outputs)
    model.get_layer("vectors").set_weights([vectors])
    return model


def served_part(model: Any) -> Any:
    """Return the network that is served: the same without the fine labels."""
    return keras.Model(model.inputs, model.get_layer("emotions").output)
