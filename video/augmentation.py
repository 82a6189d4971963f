"""Make every training picture a little different each time: geometry, light, a hidden patch; mix-up of whole batches."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from video.features import SIDE, normalised

ROTATION = 10.0  # degrees, either way
SCALE = 0.12  # share, either way
SHIFT = 3.0  # pixels, either way
GAMMA = 0.35  # exponent exp(±GAMMA)
ERASED_SHARE = 0.1  # of the pictures get one grey patch
ERASED_SIDE = (6, 16)  # pixels
MIXED_SHARE = 0.15  # of the batches
MIX_ALPHA = 0.3  # of the Beta distribution (Zhang et al., "mixup", ICLR 2018)
CALM_FROM = 0.55  # of the training, from which the variations become smaller
CALM_LAST = 0.4  # of their strength at the end: the last epochs see pictures as they come

Batch = tuple[np.ndarray, np.ndarray]


def strength_at(done: float) -> float:
    """Return the strength of the variations, 0…1, after the share ``done`` of the training."""
    return 1.0 if done <= CALM_FROM else 1.0 - (1.0 - CALM_LAST) * min(1.0, (done - CALM_FROM) / (1.0 - CALM_FROM))


def augmented(picture: np.ndarray, random: np.random.Generator, strength: float = 1.0, side: int = SIDE) -> np.ndarray:
    """Return a varied copy, uint8 (side, side), of a picture (48, 48)."""
    angle, scale = strength * random.uniform(-ROTATION, ROTATION), 1 + strength * random.uniform(-SCALE, SCALE)
    centre = (SIDE - 1) / 2
    matrix = np.asarray(cv2.getRotationMatrix2D((centre, centre), angle, scale), float)
    matrix[:, 2] += strength * random.uniform(-SHIFT, SHIFT, 2)
    if random.random() < 0.5:
        matrix[0] = [-matrix[0, 0], -matrix[0, 1], SIDE - 1 - matrix[0, 2]]
    matrix *= side / SIDE
    matrix[:, 2] += (side / SIDE - 1) / 2  # pixel centres lie on halves
    varied = cv2.warpAffine(picture, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    levels = (255 * (np.arange(256) / 255) ** np.exp(strength * random.uniform(-GAMMA, GAMMA))).astype(np.uint8)
    varied = levels[varied]
    if random.random() < ERASED_SHARE * strength:
        width, height = random.integers(ERASED_SIDE[0], ERASED_SIDE[1] + 1, 2)
        x, y = random.integers(0, side - width), random.integers(0, side - height)
        varied[y : y + height, x : x + width] = int(varied.mean())
    return varied


def mixed(pictures: np.ndarray, targets: np.ndarray, random: np.random.Generator) -> Batch:
    """Return a batch of weighted means of two pictures each, with the same means of their targets."""
    share = np.float32(random.beta(MIX_ALPHA, MIX_ALPHA))
    other = random.permutation(len(pictures))
    return share * pictures + (1 - share) * pictures[other], share * targets + (1 - share) * targets[other]


def epoch_batches(
    pictures: np.ndarray, targets: np.ndarray, size: int, random: np.random.Generator, strength: float = 1.0, side: int = SIDE
) -> Iterator[Batch]:
    """Yield the whole set once in a new order, as ``(faces (size, side, side, 1) float32, targets (size, k))``; an incomplete last batch is left out."""
    mixing = MIXED_SHARE if strength == 1.0 else 0.0
    order = random.permutation(len(pictures))
    for start in range(0, len(order) - size + 1, size):
        rows = order[start : start + size]
        faces = normalised(np.stack([augmented(pictures[row], random, strength, side) for row in rows]))
        yield mixed(faces, targets[rows], random) if random.random() < mixing else (faces, targets[rows])
