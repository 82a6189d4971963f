"""Which crop around a found face shows the network what it saw in training? Measured by its accuracy, not by eye.

PublicTest pictures are enlarged and given a border, so that the HOG detector can find their faces; each is then cut out again around
the detector's box, around the eyes or around the 68 landmarks, and read by the network. One half of the faces says which framing is
read best, the other half how well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from core import metrics
from core.engine import Network
from video.data import Faces
from video.faces import Finder
from video.features import FRAME_LIFT, FRAME_SIZE, SIDE, Box, frame_of, logits_of, resized, window
from video.landmarks import LEFT_EYE, RIGHT_EYE, find_landmarks

ENLARGED = 4  # times; the detector knows faces of 80 pixels and more
BORDER = 12  # pixels of the small picture, repeated at each side: HOG needs to see something around the face
ROTATED_SIDE = 2 * SIDE  # of the turned picture that is then made smaller without aliasing
SEED = 0
COLUMNS = ("around", "size", "lift", "accuracy, half that chooses", "accuracy, other half", "low", "high", "same label as the whole picture")


@dataclass(frozen=True)
class Framing:
    """Say where a crop lies: ``around`` what, how large and how far above its middle, in units of what it lies around."""

    around: str
    size: float
    lift: float


@dataclass
class Found:
    """Hold a face that was found: its row, the enlarged picture with its border, the detector's box and the landmarks (68, 2)."""

    row: int
    grey: np.ndarray
    box: Box
    points: np.ndarray


CANDIDATES = (
    *(Framing("box", size, lift) for size, lift in ((0.98, 0.08), (1.06, 0.04), (1.06, 0.08), (1.06, 0.12), (1.14, 0.08))),
    *(Framing(around, size, -drop) for around in ("eyes", "eyes, turned level") for size, drop in ((2.2, 0.35), (2.4, 0.35), (2.4, 0.45), (2.6, 0.35))),
    *(Framing("landmarks", size, lift) for size, lift in ((1.0, 0.15), (1.1, 0.1), (1.1, 0.15), (1.1, 0.2), (1.2, 0.15))),
)
SHIPPED = Framing("landmarks", FRAME_SIZE, FRAME_LIFT)


def found_in(pictures: np.ndarray) -> list[Found]:
    """Return the faces that are found in pictures uint8 (n, 48, 48)."""
    result = []
    for row, picture in enumerate(pictures):
        bordered = cv2.copyMakeBorder(picture, BORDER, BORDER, BORDER, BORDER, cv2.BORDER_REPLICATE)
        grey = cv2.resize(bordered, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)
        box, _ = Finder().find(0.0, grey)
        if box is not None:
            result.append(Found(row, grey, box, find_landmarks(grey, box)))
    return result


def cut(found: Found, framing: Framing) -> np.ndarray:
    """Return a found face as uint8 (48, 48), cut out by a framing."""
    if framing.around == "landmarks":
        return resized(window(found.grey, frame_of(found.points, framing.size, framing.lift)))
    if framing.around == "box":
        x, y, width, height = found.box
        side = round(framing.size * width)
        return resized(window(found.grey, (round(x + width / 2 - side / 2), round(y + height / 2 - framing.lift * width - side / 2), side, side)))
    right, left = found.points[RIGHT_EYE].mean(axis=0), found.points[LEFT_EYE].mean(axis=0)
    apart, middle = float(np.linalg.norm(left - right)), (left + right) / 2
    side = max(2, round(framing.size * apart))
    if framing.around == "eyes":
        x, y = middle - (0, framing.lift * apart)
        return resized(window(found.grey, (round(x - side / 2), round(y - side / 2), side, side)))
    across = (left - right) / max(apart, 1e-6)
    centre = middle - framing.lift * apart * np.array([-across[1], across[0]])
    turning = np.array([[across[0], across[1]], [-across[1], across[0]]]) * ROTATED_SIDE / side
    matrix = np.column_stack([turning, (ROTATED_SIDE - 1) / 2 - turning @ centre])
    return resized(cv2.warpAffine(found.grey, matrix, (ROTATED_SIDE, ROTATED_SIDE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def compare(network: Network, public: Faces, framings: Sequence[Framing] = CANDIDATES) -> tuple[dict[str, Any], dict[str, Any], Framing]:
    """Return figures, a table, and the framing that the choosing half likes best."""
    found = found_in(public.pictures)
    rows = np.array([face.row for face in found])
    labels, whole = public.labels[rows], logits_of(network, public.pictures[rows]).argmax(axis=1)
    choosing = np.random.default_rng(SEED).permutation(len(rows)) < len(rows) // 2
    n = int((~choosing).sum())

    def line(predicted: np.ndarray) -> tuple[float, float, float, float]:
        right = predicted == labels
        return float(right[choosing].mean()), float(right[~choosing].mean()), *metrics.wilson(int(right[~choosing].sum()), n)

    table, best, best_accuracy, shipped = [["the whole picture", None, None, *line(whole), 1.0]], framings[0], -1.0, line(whole)
    for framing in dict.fromkeys((*framings, SHIPPED)):
        predicted = logits_of(network, np.stack([cut(face, framing) for face in found])).argmax(axis=1)
        measured = line(predicted)
        table.append([framing.around, framing.size, framing.lift, *measured, float((predicted == whole).mean())])
        if measured[0] > best_accuracy:
            best, best_accuracy = framing, measured[0]
        if framing == SHIPPED:
            shipped = measured
    protocol = (
        f"PublicTest faces that the HOG detector finds when enlarged ({len(rows)} of {len(public)}), one half of them; cut out again as served, by a framing "
        f"that was chosen with earlier weights and all of these faces: around the landmarks, size {FRAME_SIZE}, lift {FRAME_LIFT}; the same pictures uncut: {line(whole)[1]:.3f}"
    )
    figures = {"accuracy_recropped": metrics.figure("Accuracy of faces found and cut out as in a video", shipped[1], n, *shipped[2:], "Wilson", protocol)}
    title = f"Framing: accuracy on {len(rows)} faces of PublicTest, found and cut out again"
    return figures, {"crops": metrics.table(title, COLUMNS, table)}, best
