"""The way of the project that this one follows, rebuilt to be timed: every frame by itself, with untrained weights.

Source: maelfabien/Multimodal-Emotion-Recognition, ``04-WebApp/library/video_emotion_recognition.py``: HOG on the picture enlarged
once, 68 landmarks, a crop of 48 × 48, an Xception of 17.6 million parameters through ``model.predict``. Its drawing into the
picture and the JPEG that it writes for every frame are left out, in its favour. Weights do not change its speed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import cv2
import dlib
import keras
import numpy as np
from keras import layers

from video.landmarks import landmark_file

SIDE, CLASSES = 48, 7
ENTRY, MIDDLE, MIDDLE_BLOCKS, EXIT = (128, 256, 728), 728, 6, (728, 1024, 1536, 2048)  # filters; six middle blocks make 17.6 million parameters


def xception() -> keras.Model:
    """Build the network (Chollet, "Xception", CVPR 2017) for 48 × 48 grey."""

    def separable(x: Any, filters: int) -> Any:
        return layers.BatchNormalization()(layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)(x))

    def convolution(x: Any, filters: int, size: int, stride: int) -> Any:
        return layers.BatchNormalization()(layers.Conv2D(filters, size, stride, padding="same", use_bias=False)(x))

    picture = keras.Input((SIDE, SIDE, 1))
    x = layers.ReLU()(convolution(picture, 32, 3, 2))
    x = layers.ReLU()(convolution(x, 64, 3, 1))
    for filters in ENTRY:
        shortcut = convolution(x, filters, 1, 2)
        x = separable(layers.ReLU()(separable(layers.ReLU()(x), filters)), filters)
        x = layers.Add()([layers.MaxPooling2D(3, 2, padding="same")(x), shortcut])
    for _ in range(MIDDLE_BLOCKS):
        shortcut = x
        for _ in range(3):
            x = separable(layers.ReLU()(x), MIDDLE)
        x = layers.Add()([x, shortcut])
    shortcut = convolution(x, EXIT[1], 1, 2)
    x = separable(layers.ReLU()(separable(layers.ReLU()(x), EXIT[0])), EXIT[1])
    x = layers.Add()([layers.MaxPooling2D(3, 2, padding="same")(x), shortcut])
    for filters in EXIT[2:]:
        x = layers.ReLU()(separable(x, filters))
    return keras.Model(picture, layers.Dense(CLASSES, "softmax")(layers.GlobalAveragePooling2D()(x)))


def looker() -> Callable[[np.ndarray], int]:
    """Return the function that looks at one BGR frame and gives the number of faces."""
    detector, landmarks, network = dlib.get_frontal_face_detector(), dlib.shape_predictor(str(landmark_file())), xception()

    def look(frame: np.ndarray) -> int:
        grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
        boxes = detector(grey, 1)
        for box in boxes:
            landmarks(grey, box)
            face = grey[max(0, box.top()) : box.bottom() + 1, max(0, box.left()) : box.right() + 1]
            face = cv2.resize(face, (SIDE, SIDE)).astype(np.float32) / 255
            network.predict(face[None, ..., None], verbose=0)
        return len(boxes)

    return look
