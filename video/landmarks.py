"""68 landmarks of a face, and what follows from where they lie: eye openness and the turn of the head.

Sources: Kazemi & Sullivan, "One Millisecond Face Alignment with an Ensemble of Regression Trees", CVPR 2014 (the method);
Sagonas et al., "300 Faces In-The-Wild Challenge", Image and Vision Computing 2016 (the 68 points and the training data,
whose terms exclude commercial use); Soukupova & Cech, "Real-Time Eye Blink Detection using Facial Landmarks", CVWW 2016.
"""

from __future__ import annotations

import math
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import dlib
import numpy as np

from core.manifest import ModelError, sha256_of
from video.features import Box

PACKAGE = "face_recognition_models"
FILE = "models/shape_predictor_68_face_landmarks.dat"
VERSION = "300-W"
POINTS = 68
JAW, NOSE_TIP = (0, 16), 30
RIGHT_EYE, LEFT_EYE = slice(36, 42), slice(42, 48)  # the person's own right and left


@cache
def landmark_file() -> Path:
    """Return the path of the landmark model inside its package, which is found but never imported.

    Raises
    ------
    ModelError
        When the package is not installed.
    """
    spec = find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / FILE
        if path.is_file():
            return path
    raise ModelError(f"the package {PACKAGE}, which holds the landmark model, is not installed")


@cache
def landmark_digest() -> str:
    """Return the SHA-256 of the landmark model."""
    return sha256_of(landmark_file())


@cache
def _predictor() -> dlib.shape_predictor:
    return dlib.shape_predictor(str(landmark_file()))


def warm() -> None:
    """Load the landmark model (100 MB, once in a process)."""
    _predictor()


def find_landmarks(grey: np.ndarray, box: Box) -> np.ndarray:
    """Return the 68 landmarks, float (68, 2) as x and y in pixels, of the face in ``box`` of a grey uint8 picture."""
    x, y, width, height = box
    shape = _predictor()(grey, dlib.rectangle(x, y, x + width - 1, y + height - 1))
    return np.array([(point.x, point.y) for point in shape.parts()], float)


def eye_aspect_ratio(eye: np.ndarray) -> float:
    """Return the height of an eye over its width, of its six landmarks (6, 2) in the order of the 68 points.

    Soukupova & Cech 2016, equation 1: ``(|p2 − p6| + |p3 − p5|) / (2 |p1 − p4|)``. About 0.3 when open, under 0.15 when closed.
    """
    p1, p2, p3, p4, p5, p6 = eye.tolist()
    width = math.dist(p1, p4)
    return (math.dist(p2, p6) + math.dist(p3, p5)) / (2 * width) if width > 0 else 0.0


def eyes_openness(points: np.ndarray) -> float:
    """Return the mean eye aspect ratio of both eyes of 68 landmarks (68, 2)."""
    return (eye_aspect_ratio(points[RIGHT_EYE]) + eye_aspect_ratio(points[LEFT_EYE])) / 2


def eye_middles(points: np.ndarray) -> np.ndarray:
    """Return the middles of the person's right and left eye, (2, 2) as x and y, of 68 landmarks (68, 2)."""
    return points[RIGHT_EYE.start : LEFT_EYE.stop].reshape(2, -1, 2).mean(axis=1)


def tilt(points: np.ndarray) -> float:
    """Return how far the head is tilted in degrees, −180…180: the angle of the line through the eyes, positive when it falls to the right of the picture."""
    right, left = eye_middles(points)
    across, down = (left - right).tolist()
    return math.degrees(math.atan2(down, across))


def turn(points: np.ndarray) -> float:
    """Return how far the head is turned sideways, −1…1, 0 when facing the camera.

    The nose tip's place between the two ends of the jaw line, along the line through the eyes: ``(right − left) / (right + left)``,
    where ``right`` and ``left`` are its distances to the ends. Positive when the nose points to the right edge of the picture.
    """
    (x, y), (to_x, to_y) = eye_middles(points).tolist()
    across, down = to_x - x, to_y - y
    first, nose, last = (point[0] * across + point[1] * down for point in points[[JAW[0], NOSE_TIP, JAW[1]]].tolist())
    span = last - first
    return max(-1.0, min(1.0, (2 * nose - first - last) / span)) if span > 0 else 0.0
