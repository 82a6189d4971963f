"""From a picture with a face box to what the network sees: 48×48 grey, framed like FER2013, normalised."""

from __future__ import annotations

import cv2
import numpy as np

SIDE = 48  # pixels
# Where the HOG detector, on PublicTest pictures enlarged four times, puts its box in FER2013's frame (medians of 707 faces):
FRAME_SIZE = 1.06  # side of the frame in box widths
FRAME_LIFT = 0.08  # the frame's centre lies this many box widths above the box's
DEVIATION_LEAST = 1.0  # grey levels; keeps a flat picture from being blown up to noise

Box = tuple[int, int, int, int]  # x, y, width, height in pixels


def grey_of(picture: np.ndarray) -> np.ndarray:
    """Return uint8 (height, width) of an RGB picture uint8 (height, width, 3)."""
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)


def crop(grey: np.ndarray, box: Box) -> np.ndarray:
    """Return the face in ``box`` of a grey picture as uint8 (48, 48), framed like FER2013; beyond the border its last pixels repeat."""
    left, top, side, _ = frame_of(box)
    return resized(_window(grey, left, top, side))


def frame_of(box: Box) -> Box:
    """Return the square of the picture that ``crop`` shows the network."""
    x, y, width, height = box
    side = max(2, round(max(width, height) * FRAME_SIZE))
    return round(x + width / 2 - side / 2), round(y + height / 2 - FRAME_LIFT * width - side / 2), side, side


def resized(grey: np.ndarray) -> np.ndarray:
    """Return a square grey picture as uint8 (48, 48), without aliasing."""
    if grey.shape == (SIDE, SIDE):
        return grey
    return cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA if grey.shape[0] > SIDE else cv2.INTER_CUBIC)


def normalised(faces: np.ndarray) -> np.ndarray:
    """Return float32 (n, side, side, 1) of uint8 or float (n, side, side): each picture minus its mean, divided by its deviation."""
    values = np.asarray(faces, np.float32)[..., None]
    mean = values.mean(axis=(1, 2, 3), keepdims=True)
    deviation = values.std(axis=(1, 2, 3), keepdims=True)
    return (values - mean) / np.maximum(deviation, DEVIATION_LEAST)


def _window(grey: np.ndarray, left: int, top: int, side: int) -> np.ndarray:
    height, width = grey.shape
    rows, columns = slice(max(0, top), min(height, top + side)), slice(max(0, left), min(width, left + side))
    inside = grey[rows, columns]
    before, after = (max(0, -top), max(0, top + side - height)), (max(0, -left), max(0, left + side - width))
    if not any((*before, *after)):
        return inside
    return cv2.copyMakeBorder(inside, before[0], before[1], after[0], after[1], cv2.BORDER_REPLICATE)
