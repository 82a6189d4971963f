"""The network: word vectors, three convolution blocks, three LSTMs, five independent outputs."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

from core.analysis import TRAITS
from text.files import INPUT
from text.vocabulary import LENGTH

DIMENSIONS = 300  # of a word vector
FILTERS = (128, 256, 512)
KERNEL = 8  # lemmas
POOL = 2
SPATIAL_DROPOUT = 0.3
LSTM_LAYERS, LSTM_UNITS = 3, 180
DENSE_UNITS = 128
DROPOUT = 0.3
L2 = 1e-5


def build_network(vectors: np.ndarray, length: int | None = LENGTH) -> Any:
    """Build the network: int32 ``lemmas`` of shape ``(batch, length)`` in, five logits of shape ``(batch, 5)`` out.

    ``vectors`` (vocabulary, dimensions) begin the embedding, which stays trainable. A sigmoid of each logit is the
    probability of that trait being above the median, whatever the others are. ``length`` is ``None`` for windows of any.
    """
    regularizer = keras.regularizers.L2(L2)
    inputs = keras.Input((length,), dtype="int32", name=INPUT)
    x = layers.Embedding(*vectors.shape, name="vectors")(inputs)
    for filters in FILTERS:
        x = layers.Conv1D(filters, KERNEL, padding="same", activation="relu", kernel_regularizer=regularizer)(x)
        x = layers.MaxPooling1D(POOL)(x)
        x = layers.SpatialDropout1D(SPATIAL_DROPOUT)(x)
        x = layers.BatchNormalization()(x)
    for i in range(LSTM_LAYERS):
        x = layers.LSTM(LSTM_UNITS, return_sequences=True, name=f"lstm_{i + 1}")(x)
        x = layers.LayerNormalization()(x)  # without it each LSTM starts several times quieter than the one before and learns late
    x = layers.GlobalAveragePooling1D()(x)  # what a text says of its writer is everywhere in it, not at its end
    x = layers.Dropout(DROPOUT)(x)
    x = layers.Dense(DENSE_UNITS, activation="relu", kernel_regularizer=regularizer)(x)
    x = layers.Dropout(DROPOUT)(x)
    model = keras.Model(inputs, layers.Dense(len(TRAITS), name="traits")(x))
    model.get_layer("vectors").set_weights([vectors])
    return model
