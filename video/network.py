"""The face network: an Xception-family network of depthwise separable convolutions, small enough for every frame of a video.

Source: Chollet, "Xception: Deep Learning with Depthwise Separable Convolutions", CVPR 2017. The head is global average
pooling and one dense layer, so that class activation maps come for free (Zhou et al., CVPR 2016).
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import tensorflow as tf
from keras import layers

from core.analysis import CLASSES
from video.data import SIDE

# Few channels while the picture is large: at 24×24 a step costs as much as in all later blocks together.
STEM = (24, 48)  # filters; the second strides
BLOCKS = ((64, 128, 2), (128, 128, 1), (256, 256, 2), (256, 256, 1), (256, 256, 1), (512, 512, 2))  # filters of the two convolutions, stride of the second
DROPOUT = 0.2
L2 = 1e-4
MOMENTUM = 0.9  # of the batch statistics
EPSILON = 1e-3


class FusedBatchNormalization(layers.BatchNormalization):
    """Normalise batches with TensorFlow's fused kernel while training: the same result in half the time of Keras' own."""

    def call(self, inputs: tf.Tensor, training: bool | None = None, mask: tf.Tensor | None = None) -> tf.Tensor:
        if not training:
            return super().call(inputs, training=training, mask=mask)
        outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(inputs, self.gamma, self.beta, epsilon=self.epsilon, is_training=True)
        for moving, now in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + now * (1 - self.momentum))
        return outputs


def build(fused: bool = False, dropout: float = DROPOUT, crowd: bool = False, side: int | None = SIDE) -> keras.Model:
    """Build the network.

    Parameters
    ----------
    fused
        Use ``FusedBatchNormalization`` (for training); the weights are the same, in the same order.
    crowd
        Add a second head that learns the FER+ votes (for training); its weights come last.
    side
        Side of the pictures in pixels, ``None`` for any (for training).

    Returns
    -------
    keras.Model
        Input ``face`` float32 (n, 48, 48, 1), each picture normalised by its own mean and deviation. Outputs ``logits`` (n, 7) and
        ``maps`` (n, 3, 3, 7), the class activation maps, whose mean over the nine places is ``logits``; with ``crowd`` also
        ``votes`` (n, 7), logits of what a crowd would call the face.
    """
    normalization = FusedBatchNormalization if fused else layers.BatchNormalization
    regularizer = keras.regularizers.L2(L2)

    def normalise(x: keras.KerasTensor) -> keras.KerasTensor:
        return normalization(momentum=MOMENTUM, epsilon=EPSILON)(x)

    def separable(x: keras.KerasTensor, filters: int, stride: int) -> keras.KerasTensor:
        x = layers.SeparableConv2D(
            filters, 3, stride, padding="same", use_bias=False,
            depthwise_initializer="he_normal", pointwise_initializer="he_normal", pointwise_regularizer=regularizer,
        )(x)  # fmt: skip
        return normalise(x)

    def convolution(x: keras.KerasTensor, filters: int, size: int, stride: int) -> keras.KerasTensor:
        x = layers.Conv2D(filters, size, stride, padding="same", use_bias=False, kernel_initializer="he_normal", kernel_regularizer=regularizer)(x)
        return normalise(x)

    face = keras.Input((side, side, 1), name="face")
    x = layers.ReLU()(convolution(face, STEM[0], 3, 1))
    x = layers.ReLU()(convolution(x, STEM[1], 3, 2))
    for middle, filters, stride in BLOCKS:
        shortcut = x if stride == 1 and x.shape[-1] == filters else convolution(x, filters, 1, stride)
        x = layers.ReLU()(separable(x, middle, 1))
        x = layers.ReLU()(layers.Add()([separable(x, filters, stride), shortcut]))
    head = layers.Dense(len(CLASSES), kernel_regularizer=regularizer, name="head")
    pooled = layers.Dropout(dropout)(layers.GlobalAveragePooling2D()(x))
    logits = layers.Identity(name="logits")(head(pooled))
    maps = layers.Identity(name="maps")(head(x))
    votes = [layers.Dense(len(CLASSES), kernel_regularizer=regularizer, name="votes")(pooled)] if crowd else []
    return keras.Model(face, [logits, maps, *votes], name="face")


def transplanted(weights: list, fused: bool = False) -> keras.Model:
    """Build the network and give it ``weights`` in the order of ``keras.Model.get_weights``; those of a second head are left out."""
    model = build(fused)
    model.set_weights(weights[: len(model.weights)])
    return model
