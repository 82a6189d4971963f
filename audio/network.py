"""The voice network: a CNN over windows of the log-mel spectrogram, then LSTMs over the sequence of windows.

Four local feature learning blocks and two LSTMs after Zhao, Mao & Chen, "Speech emotion recognition using deep 1D & 2D CNN
LSTM networks", Biomedical Signal Processing and Control 47 (2019), section 3, with fewer filters. The two parts are models of their own: the window
network runs once for every window, however many contexts the window is part of.
"""

from __future__ import annotations

from typing import Any

import keras

from audio.data import EMOTIONS
from audio.features import MELS, WINDOW, WINDOWS

FILTERS = (32, 48, 64, 96)
KERNELS = (5, 3, 3, 3)
STRIDES = (2, 1, 1, 1)  # the first block steps over the large picture; depth costs little where it is small
POOLS = ((2, 1), (2, 2), (2, 4), (4, 4))  # frames × mels; with STRIDES 64 × 64 → 16 × 32 → 8 × 16 → 4 × 4 → 1 × 1
UNITS = 96
DROPOUT = 0.3
L2 = 1e-5

assert WINDOW == MELS == 64, "STRIDES and POOLS reduce a window of 64 × 64 to 1 × 1"


def window_network() -> Any:
    """Build the window network ``(n, WINDOW, MELS, 1) → (n, FILTERS[-1])``."""
    inputs = x = keras.Input((WINDOW, MELS, 1), name="window")
    for index, (filters, kernel, stride, pool) in enumerate(zip(FILTERS, KERNELS, STRIDES, POOLS, strict=True), 1):
        x = keras.layers.Conv2D(filters, kernel, stride, padding="same", use_bias=False, kernel_regularizer=keras.regularizers.L2(L2), name=f"conv_{index}")(x)
        # Pooled before it is normalised: the maximum passes through the rising ELU unchanged, and a quarter of the values are left to compute.
        x = keras.layers.MaxPooling2D(pool, name=f"pool_{index}")(x)
        x = keras.layers.BatchNormalization(name=f"norm_{index}")(x)
        x = keras.layers.ELU(name=f"elu_{index}")(x)
    return keras.Model(inputs, keras.layers.Flatten(name="vector")(x), name="window_network")


def sequence_network() -> Any:
    """Build the sequence network ``(n, WINDOWS, FILTERS[-1]) → logits (n, len(EMOTIONS))``."""
    inputs = x = keras.Input((WINDOWS, FILTERS[-1]), name="vectors")
    x = keras.layers.Dropout(DROPOUT, name="drop_in")(x)
    x = keras.layers.LSTM(UNITS, return_sequences=True, unroll=True, name="lstm_1")(x)
    x = keras.layers.Dropout(DROPOUT, name="drop_between")(x)
    x = keras.layers.LSTM(UNITS, unroll=True, name="lstm_2")(x)
    x = keras.layers.Dropout(DROPOUT, name="drop_out")(x)
    return keras.Model(inputs, keras.layers.Dense(len(EMOTIONS), name="logits")(x), name="sequence_network")


def compose(window: Any, sequence: Any) -> Any:
    """Join the two for training: ``(n, WINDOWS, WINDOW, MELS, 1) → logits (n, len(EMOTIONS))``.

    Same as ``keras.layers.TimeDistributed(window)``, whose loop over the windows is folded into the batch.
    """
    inputs = keras.Input((WINDOWS, WINDOW, MELS, 1), name="windows")
    vectors = window(keras.ops.reshape(inputs, (-1, WINDOW, MELS, 1)))
    return keras.Model(inputs, sequence(keras.ops.reshape(vectors, (-1, WINDOWS, FILTERS[-1]))), name="voice_network")
