"""The emotion network: vectors of words and their pieces, convolutions, pooling by attention, seven logits.

The vectors begin as Word2Vec's and stay trainable. GoEmotions' 28 labels are learnt beside our seven: telling gratitude from
pride helps to know both from anger; and so are the vectors of a pre-trained encoder, where ``text.teacher`` has them. Padding is multiplied away before every convolution and left out of
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

DIMENSIONS = 128  # of a vector
FILTERS = 256
KERNEL = 3  # tokens
DILATIONS = (1, 2, 4)  # of the convolutions, each of which reads the one before: 15 tokens in all
VECTOR = "vector"  # name of the layer whose output stands for a sentence
SPATIAL_DROPOUT = 0.2
DROPOUT = 0.5
BETWEEN_DROPOUT = 0.2  # between two convolutions
TAUGHT_DROPOUT = 0.1  # before what the teacher is asked for; it does not make mistakes by chance


def build_emotion_network(vectors: np.ndarray, lessons: int = 0) -> Any:
    """Build the network that is trained: int32 ``words`` (batch, length) and ``pieces`` (batch, length, PIECES) in, logits ``emotions``
    (batch, 7) and ``fine`` (batch, 28) out, and the teacher's components ``taught`` (batch, lessons) where there are any.
    ``vectors`` (vocabulary, DIMENSIONS) begin the word table.
    """
    words = keras.Input((None,), dtype="int32", name=WORDS_IN)
    pieces = keras.Input((None, PIECES), dtype="int32", name=PIECES_IN)
    there = ops.expand_dims(ops.cast(ops.not_equal(words, 0), "float32"), -1)
    inside = ops.expand_dims(ops.cast(ops.not_equal(pieces, 0), "float32"), -1)
    table = layers.Embedding(BUCKETS + 1, DIMENSIONS, embeddings_initializer=keras.initializers.RandomNormal(stddev=0.1), name="piece_vectors")
    spelled = ops.sum(table(pieces) * inside, axis=2) / (ops.sum(inside, axis=2) + 1.0)
    x = (layers.Embedding(*vectors.shape, name="vectors")(words) + spelled) * there
    x = layers.SpatialDropout1D(SPATIAL_DROPOUT)(x)
    read = [x]
    for i, dilation in enumerate(DILATIONS):
        x = layers.Dropout(BETWEEN_DROPOUT if i else 0.0)(x)
        x = layers.Conv1D(FILTERS, KERNEL, dilation_rate=dilation, padding="same", activation="relu", name=f"convolution_{i + 1}")(x) * there
        read.append(x)
    x = layers.Concatenate()(read)
    weight = layers.Dense(1, name="attention")(x) - 1e4 * (1.0 - there)
    weight = ops.exp(weight - ops.max(weight, axis=1, keepdims=True)) * there
    weight = weight / (ops.sum(weight, axis=1, keepdims=True) + 1e-9)
    pooled = layers.Concatenate()([ops.sum(x * weight, axis=1), ops.max(x - 1e4 * (1.0 - there), axis=1)])
    thinned = layers.Dropout(DROPOUT, name=VECTOR)(pooled)
    outputs = {"emotions": layers.Dense(len(CLASSES), name="emotions")(thinned), "fine": layers.Dense(FINE, name="fine")(thinned)}
    if lessons:
        outputs["taught"] = layers.Dense(lessons, name="taught")(layers.Dropout(TAUGHT_DROPOUT)(pooled))
    model = keras.Model({WORDS_IN: words, PIECES_IN: pieces}, outputs)
    model.get_layer("vectors").set_weights([vectors])
    return model


def served_part(model: Any) -> Any:
    """Return the network that is served: the same without what only teaches; the logits ``emotions``, and the vector that they are made of."""
    return keras.Model(model.inputs, [model.get_layer("emotions").output, model.get_layer(VECTOR).output])
