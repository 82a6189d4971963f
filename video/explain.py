"""Show which part of the face spoke for a label: a class activation map over one frame.

Source: Zhou et al., "Learning Deep Features for Discriminative Localization", CVPR 2016. The network ends in global average
pooling and one dense layer, so the dense layer applied to the last feature maps says what each of the nine places of the face
adds to each class; no gradients are needed.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from core import InputError
from core.analysis import CLASSES, label_of
from core.calibration import softmax
from core.engine import load
from core.manifest import MODELS, read_manifest
from core.pictures import pictures
from video.faces import Sighting, follow
from video.features import Box, crop, frame_of, normalised

FOLDER = MODELS / "video"
BEFORE_SECONDS = 0.5  # watched before the wanted moment, so that the right face is followed
OPACITY = 0.45
INK = (255, 255, 255)
NO_FACE_THEN = "No face can be read %(seconds).2f s into this video (%(gap)s)."
TOO_LATE = "This video ends before %(seconds).2f s."


def sighting_at(source: Path, t: float) -> Sighting:
    """Return the first frame at or after ``t`` seconds.

    Raises
    ------
    InputError
        When the video ends before, or no face can be read at that moment.
    """
    for sighting in follow((moment, picture) for moment, picture in pictures(source) if moment >= t - BEFORE_SECONDS):
        if sighting.t >= t:
            if sighting.gap is not None:
                raise InputError(NO_FACE_THEN, seconds=sighting.t, gap=sighting.gap)
            return sighting
    raise InputError(TOO_LATE, seconds=t)


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


def explain(source: Path, t: float, target: Path) -> tuple[float, str, dict[str, float]]:
    """Write the frame at ``t`` seconds with the map of its most probable class as a PNG; return its time, label and probabilities."""
    manifest = read_manifest(FOLDER)
    sighting = sighting_at(source, t)
    if sighting.points is None:
        raise InputError(NO_FACE_THEN, seconds=sighting.t, gap="no face")
    logits, maps = load(FOLDER, "face")({"face": normalised(crop(sighting.picture.grey, sighting.points)[None])})
    p = softmax(logits[0], manifest["temperature"])
    best = int(p.argmax())
    shown = overlaid(sighting.picture.rgb(), frame_of(sighting.points), activation_map(maps[0], best))
    done, data = cv2.imencode(".png", cv2.cvtColor(shown, cv2.COLOR_RGB2BGR))
    if not done:
        raise RuntimeError("OpenCV could not encode a PNG")
    target.write_bytes(data.tobytes())
    return sighting.t, label_of(p.tolist(), manifest["thresholds"]["unclear"]), dict(zip(CLASSES, p.tolist(), strict=True))
