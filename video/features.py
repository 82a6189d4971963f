"""From a picture with a face box to what the network sees: 48×48 grey, framed like FER2013, normalised."""

from __future__ import annotations

import cv2
import numpy as np

from core.engine import Network

SIDE = 48  # pixels
BATCH = 128
# Chosen by ``python -m video crops``; in units of the landmarks' extent, the geometric mean of their width and height:
FRAME_SIZE = 1.1  # side of the frame
FRAME_LIFT = 0.15  # the frame's centre lies so far above the middle of the landmarks
DEVIATION_LEAST = 1.0  # grey levels; keeps a flat picture from being blown up to noise

Box = tuple[int, int, int, int]  # x, y, width, height in pixels


def grey_of(picture: np.ndarray) -> np.ndarray:
    """Return uint8 (height, width) of an RGB picture uint8 (height, width, 3)."""
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)


def crop(grey: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return the face with landmarks ``points`` (68, 2) as uint8 (48, 48), framed like FER2013; beyond the border the picture's last pixels repeat."""
    return resized(window(grey, frame_of(points)))


def frame_of(points: np.ndarray, size: float = FRAME_SIZE, lift: float = FRAME_LIFT) -> Box:
    """Return the square around landmarks (68, 2) that ``crop`` shows the network.

    Landmarks move with the face from picture to picture, where the detector's box jumps by its cells of eight pixels.
    """
    low, high = points.min(axis=0), points.max(axis=0)
    extent = float(np.sqrt(np.prod(high - low)))
    (x, y), side = (low + high) / 2 - (0, lift * extent), max(2, round(size * extent))
    return round(x - side / 2), round(y - side / 2), side, side


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


def logits_of(network: Network, pictures: np.ndarray) -> np.ndarray:
    """Return logits (n, 7) of uint8 pictures (n, 48, 48)."""
    return np.concatenate([network({"face": normalised(pictures[i : i + BATCH])})[0] for i in range(0, len(pictures), BATCH)])


def mirrored_logits_of(network: Network, pictures: np.ndarray, logits: np.ndarray | None = None) -> np.ndarray:
    """Return the mean of the logits (n, 7) of pictures and of their mirror images; ``logits`` are those of the pictures, if known."""
    first = logits_of(network, pictures) if logits is None else logits
    return (first + logits_of(network, np.ascontiguousarray(pictures[:, :, ::-1]))) / 2


def window(grey: np.ndarray, frame: Box) -> np.ndarray:
    """Return a square of a grey picture as it is; beyond the border the picture's last pixels repeat."""
    left, top, side, _ = frame
    height, width = grey.shape
    inside = grey[max(0, top) : max(1, min(height, top + side)), max(0, left) : max(1, min(width, left + side))]
    before, after = (max(0, -top), max(0, top + side - height)), (max(0, -left), max(0, left + side - width))
    if not any((*before, *after)):
        return inside
    return cv2.copyMakeBorder(inside, before[0], before[1], after[0], after[1], cv2.BORDER_REPLICATE)
