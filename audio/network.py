"""The voice network: a CNN over windows of the log-mel spectrogram, then LSTMs with attention over the sequence of windows.

Four local feature learning blocks and two LSTMs after Zhao, Mao & Chen, "Speech emotion recognition using deep 1D & 2D CNN
LSTM networks", Biomedical Signal Processing and Control 47 (2019), section 3, with fewer filters. The two parts are models of their own: the window
network runs once for every window, however many contexts the window is part of. The sequence network also sees each window's prosody, and how far its vector is
from the mean vector of the speaker's baseline.

What is served are several such pairs, trained apart on different speakers and languages, side by side: their logits are averaged (Hansen & Salamon, "Neural network ensembles", IEEE
Transactions on Pattern Analysis and Machine Intelligence 12(10), 1990).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from audio import prosody
from audio.features import CONTEXT, MELS, VIEWS, WINDOW, WINDOWS
from audio.voice import EMOTIONS

FILTERS = (32, 48, 64, 96)
KERNELS = (5, 3, 3, 3)
STRIDES = (2, 1, 1, 1)  # the first block steps over the large picture; depth costs little where it is small
POOLS = ((2, 1), (2, 2), (2, 4), (4, 4))  # frames × mels; with STRIDES 64 × 64 → 16 × 32 → 8 × 16 → 4 × 4 → 1 × 1
UNITS = 96
DROPOUT = 0.25
L2 = 1e-5
TRAINED_IN = "mixed_bfloat16"  # faster on processors that have it; what is exported is float32

assert WINDOW == MELS == 64, "STRIDES and POOLS reduce a window of 64 × 64 to 1 × 1"


@keras.saving.register_keras_serializable("audio")
class FusedNormalization(keras.layers.BatchNormalization):
    """Normalise batches by TensorFlow's fused kernel while training: the same weights and results, in half the time."""

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Return ``inputs`` normalised, by the batch's moments in training and by the moving ones else."""
        if not training:
            return super().call(inputs, training=False)
        import tensorflow

        gamma, beta = (keras.ops.cast(weight, "float32") for weight in (self.gamma, self.beta))
        outputs, mean, variance, *_ = tensorflow.compat.v1.nn.fused_batch_norm(inputs, gamma, beta, epsilon=self.epsilon, is_training=True)
        for moving, now in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(self.momentum * moving + (1 - self.momentum) * now)
        return outputs


def window_network(name: str = "window_network", trained: bool = False) -> Any:
    """Build the window network ``(n, WINDOW, MELS, VIEWS) → (n, FILTERS[-1])``, or its form for training, with the same layers and weights."""
    dtype, normalization = (TRAINED_IN, FusedNormalization) if trained else ("float32", keras.layers.BatchNormalization)
    inputs = x = keras.Input((WINDOW, MELS, VIEWS), name="window")
    for index, (filters, kernel, stride, pool) in enumerate(zip(FILTERS, KERNELS, STRIDES, POOLS, strict=True), 1):
        x = keras.layers.Conv2D(
            filters, kernel, stride, padding="same", use_bias=False, kernel_regularizer=keras.regularizers.L2(L2), name=f"conv_{index}", dtype=dtype
        )(x)
        # Pooled before it is normalised: the maximum passes through the rising ELU unchanged, and a quarter of the values are left to compute.
        x = keras.layers.MaxPooling2D(pool, name=f"pool_{index}", dtype=dtype)(x)
        x = normalization(name=f"norm_{index}", dtype=dtype)(x)
        x = keras.layers.ELU(name=f"elu_{index}", dtype=dtype)(x)
    return keras.Model(inputs, keras.layers.Flatten(name="vector", dtype="float32")(x), name=name)


def sequence_network(name: str = "sequence_network") -> Any:
    """Build the sequence network: vectors (n, WINDOWS, FILTERS[-1]), prosody (n, WINDOWS, SIZE), baseline (n, FILTERS[-1]) → logits (n, len(EMOTIONS)).

    ``baseline`` counts only where prosody's last column, ``baseline``, is 1.
    """
    vectors = keras.Input((WINDOWS, FILTERS[-1]), name="vectors")
    heard = keras.Input((WINDOWS, prosody.SIZE), name="prosody")
    reference = keras.Input((FILTERS[-1],), name="baseline")
    difference = (vectors - keras.ops.expand_dims(reference, 1)) * heard[:, :, -1:]
    x = keras.layers.Concatenate(name="heard")([vectors, difference, heard])
    x = keras.layers.Dropout(DROPOUT, name="drop_in")(x)
    x = first = keras.layers.LSTM(UNITS, return_sequences=True, unroll=True, name="lstm_1")(x)
    x = keras.layers.Dropout(DROPOUT, name="drop_between")(x)
    x = keras.layers.LSTM(UNITS, unroll=True, name="lstm_2")(x)
    weights = keras.layers.Softmax(axis=1, name="attention")(keras.layers.Dense(1, name="importance")(first))
    attended = keras.ops.sum(weights * first, axis=1)
    x = keras.layers.Concatenate(name="state")([x, attended])
    x = keras.layers.Dropout(DROPOUT, name="drop_out")(x)
    return keras.Model([vectors, heard, reference], keras.layers.Dense(len(EMOTIONS), name="logits")(x), name=name)


def join(members: Sequence[tuple[Any, Any]]) -> tuple[Any, Any]:
    """Join pairs of a window network and a sequence network, trained apart, into one window network and one sequence network, in float32.

    The vectors of the members stand one behind the other: (n, WINDOW, MELS, VIEWS) → (n, members · FILTERS[-1]). The joined sequence network gives the logits
    of each member, (n, members, len(EMOTIONS)), for ``voice.Voice`` to average.
    """
    size = FILTERS[-1]
    windows: list[Any] = []
    sequences: list[Any] = []
    for index, (window, sequence) in enumerate(members):
        for kind, part, fresh in ((windows, window, window_network(f"window_{index}")), (sequences, sequence, sequence_network(f"sequence_{index}"))):
            for layer in fresh.layers:
                if layer.weights:
                    layer.set_weights(part.get_layer(layer.name).get_weights())
            kind.append(fresh)
    seen = keras.Input((WINDOW, MELS, VIEWS), name="window")
    joined_window = keras.Model(seen, keras.layers.Concatenate(name="vector")([window(seen) for window in windows]), name="window_networks")
    vectors = keras.Input((WINDOWS, size * len(members)), name="vectors")
    heard, reference = keras.Input((WINDOWS, prosody.SIZE), name="prosody"), keras.Input((size * len(members),), name="baseline")
    said = [
        sequence([vectors[:, :, index * size : (index + 1) * size], heard, reference[:, index * size : (index + 1) * size]])
        for index, sequence in enumerate(sequences)
    ]
    return joined_window, keras.Model([vectors, heard, reference], keras.ops.stack(said, axis=1), name="sequence_networks")


def compose(window: Any, sequence: Any, lessons: int = 0) -> Any:
    """Join the two for training.

    Contexts (n, CONTEXT, MELS, VIEWS), prosody and baseline → ``logits`` (n, len(EMOTIONS)), the logits of each window by itself, and, where a teacher has
    vectors of ``lessons`` values to give, what the network makes of them. The windows' loop of ``keras.layers.TimeDistributed(window)`` is folded into the batch.
    """
    contexts = keras.Input((CONTEXT, MELS, VIEWS), name="contexts")
    heard, reference = keras.Input((WINDOWS, prosody.SIZE), name="prosody"), keras.Input((FILTERS[-1],), name="baseline")
    vectors = keras.ops.reshape(window(keras.ops.reshape(contexts, (-1, WINDOW, MELS, VIEWS))), (-1, WINDOWS, FILTERS[-1]))
    with_state = keras.Model(sequence.inputs, [sequence.output, sequence.get_layer("state").output], name="sequence_with_state")
    logits, state = with_state([vectors, heard, reference])
    outputs = {"logits": logits, "windows": keras.layers.Dense(len(EMOTIONS), name="windows")(keras.layers.Dropout(DROPOUT, name="drop_windows")(vectors))}
    if lessons:
        outputs["lessons"] = keras.layers.Dense(lessons, name="lessons")(state)
    return keras.Model({"contexts": contexts, "prosody": heard, "baseline": reference}, outputs, name="voice_network")
