"""What the text tests share."""

from pathlib import Path

import pytest

from core.manifest import MODELS
from text.tagger import Tagger, load_tagger

DATA = Path(__file__).resolve().parents[1] / "data"


@pytest.fixture(scope="session")
def documents() -> Path:
    return DATA / "docs"


@pytest.fixture(scope="session")
def answer() -> Path:
    return DATA / "texts" / "interview_ants.txt"


@pytest.fixture(scope="session")
def tagger() -> Tagger:
    return load_tagger(MODELS / "text")
