from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from core import Analysis
from video.predict import analyze

DATA = Path(__file__).resolve().parent.parent / "data"


@cache
def _analysis(name: str) -> Analysis:
    return analyze(DATA / name)


@pytest.fixture(scope="session")
def clips() -> Path:
    """Return the folder of the real clips."""
    return DATA


@pytest.fixture(scope="session")
def analysis_of() -> Callable[[str], Analysis]:
    """Return a function that analyses a clip by name, once for all tests."""
    return _analysis


@pytest.fixture
def open_face() -> np.ndarray:
    """Return 68 landmarks (68, 2) of a drawn face that looks at the camera with open eyes, 30 pixels wide and 9 high."""
    points = np.zeros((68, 2))
    points[:17] = [(100 - 80 * np.cos(angle), 100 + 90 * np.sin(angle)) for angle in np.linspace(0, np.pi, 17)]
    for first, left in ((36, 50.0), (42, 120.0)):
        points[first : first + 6] = [(left, 90), (left + 10, 85.5), (left + 20, 85.5), (left + 30, 90), (left + 20, 94.5), (left + 10, 94.5)]
    points[30] = (100, 125)
    return points
