"""Show which part of the face spoke for a label: a class activation map over one frame.

Source: Zhou et al., "Learning Deep Features for Discriminative Localization", CVPR 2016. The network ends in global average
pooling and one dense layer, so the dense layer applied to the last feature maps says what each of the nine places of the face
adds to each class; no gradients are needed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from core import InputError
from core.analysis import CLASSES, label_of
from core.calibration import softmax
from core.engine import load
from core.manifest import MODELS, read_manifest
from core.pictures import pictures_from
from video.faces import Finder, Sighting, follow
from video.features import Box, crop, frame_of, normalised

FOLDER = MODELS / "video"
BEFORE_SECONDS = 0.5  # watched before the wanted moment, so that the right face is followed
AFTER_SECONDS = 0.5  # after the last frame, in which it still counts as shown: a sound track may last longer
OPACITY = 0.45
INK = (255, 255, 255)
UNREADABLE = {
    "no face": "At %(seconds).1f s no face can be found, so there is nothing to show.",
    "several": "At %(seconds).1f s there is a face, but not the one that was followed, so nothing is shown.",
    "side view": "At %(seconds).1f s the face is turned too far to the side to be read, so nothing is shown.",
    "dark": "At %(seconds).1f s the picture is too dark to read a face, so nothing is shown.",
    "too small": "At %(seconds).1f s the face is too small to be read, so nothing is shown.",
}
TOO_LATE = "This video ends before %(seconds).2f s."


@dataclass
class Explanation:
    """Hold one explained frame.

    ``picture`` is RGB uint8 (height, width, 3) without marks, ``frame`` the square that the network saw, ``places`` the map,
    float (places, places) in 0…1, for class ``places_for``; ``label`` may be ``unclear``.
    """

    t: float
    label: str
    probabilities: dict[str, float]
    picture: np.ndarray = field(repr=False)
    frame: Box
    places: np.ndarray = field(repr=False)
    places_for: str


def sighting_at(source: Path, t: float, near: Box | None = None) -> Sighting:
    """Return what a player shows at ``t`` seconds: the last frame that begins then or before.

    ``near`` is where the face to look at is about then, in pixels of the upright picture; without it, it is the largest one.

    Raises
    ------
    InputError
        When the video ends before, or no face can be read at that moment.
    """
    begin = max(0.0, t - BEFORE_SECONDS)
    found: Sighting | None = None
    for sighting in follow(pictures_from(source, begin), Finder(near, begin if near else -math.inf)):
        if sighting.t > t and found is not None:
            break
        found = sighting
    else:
        if found is None or t > found.t + AFTER_SECONDS:
            raise InputError(TOO_LATE, seconds=t)
    if found.gap is not None:
        raise InputError(UNREADABLE[found.gap], seconds=t)
    return found


def activation_map(maps: np.ndarray, chosen: int) -> np.ndarray:
    """Return how much each place speaks for class ``chosen`` rather than for the others, float (places, places) in 0…1.

    ``maps`` is the network's second output for one face, (places, places, 7). What all classes share says nothing and is taken off.
    """
    centred = maps[..., chosen] - maps.mean(axis=-1)
    spread = centred.max() - centred.min()
    return (centred - centred.min()) / spread if spread > 0 else np.zeros_like(centred)


def overlaid(picture: np.ndarray, frame: Box, heat: np.ndarray) -> np.ndarray:
    """Return an RGB picture with a map (places, places) in 0…1 laid over the square ``frame``."""
    left, top, side, _ = frame
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = max(0, left), max(0, top), min(width, left + side), min(height, top + side)
    large = cv2.resize(heat.astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC)[y0 - top : y1 - top, x0 - left : x1 - left]
    colours = cv2.cvtColor(cv2.applyColorMap((np.clip(large, 0, 1) * 255).astype(np.uint8), cv2.COLORMAP_VIRIDIS), cv2.COLOR_BGR2RGB)
    shown = picture.copy()
    shown[y0:y1, x0:x1] = cv2.addWeighted(picture[y0:y1, x0:x1], 1 - OPACITY, colours, OPACITY, 0)
    cv2.rectangle(shown, (x0, y0), (x1 - 1, y1 - 1), INK, 1, cv2.LINE_AA)
    return shown


def explained(source: Path, t: float, near: Box | None = None) -> Explanation:
    """Return the frame at ``t`` seconds with the map of its most probable class; arguments and errors are those of ``sighting_at``."""
    manifest = read_manifest(FOLDER)
    sighting = sighting_at(source, t, near)
    if sighting.points is None:
        raise InputError(UNREADABLE["no face"], seconds=t)
    logits, maps = load(FOLDER, "face")({"face": normalised(crop(sighting.picture.grey, sighting.points)[None])})
    p = softmax(logits[0], manifest["temperature"])
    best = int(p.argmax())
    return Explanation(
        sighting.t, label_of(p.tolist(), manifest["thresholds"]["unclear"]), dict(zip(CLASSES, p.tolist(), strict=True)),
        sighting.picture.rgb(), frame_of(sighting.points), activation_map(maps[0], best), CLASSES[best],
    )  # fmt: skip


def explain(source: Path, t: float, target: Path) -> Explanation:
    """Write the frame at ``t`` seconds with the map over the face as a PNG, and return it."""
    found = explained(source, t)
    shown = overlaid(found.picture, found.frame, found.places)
    done, data = cv2.imencode(".png", cv2.cvtColor(shown, cv2.COLOR_RGB2BGR))
    if not done:
        raise RuntimeError("OpenCV could not encode a PNG")
    target.write_bytes(data.tobytes())
    return found
