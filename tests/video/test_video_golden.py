import json

import numpy as np
import pytest

from tests.video.golden import BOX_PIXELS, FACT_SHARE, GOLDEN, LANDMARK_PIXELS, PROBABILITY, STEP, seen


@pytest.fixture(scope="module")
def pair():
    """Return what is kept and what is seen now."""
    return json.loads(GOLDEN.read_text(encoding="utf-8")), seen()


def test_the_golden_file_belongs_to_the_weights_that_are_there(pair):
    kept, now = pair
    assert kept["weights"] == now["weights"], "new weights: python -m tests.video.golden"


def test_the_whole_way_gives_the_kept_boxes_and_probabilities(pair):
    for kept, now in zip(*(result["moments"] for result in pair), strict=True):
        assert kept["t"] == now["t"] and kept["label"] == now["label"]
        assert np.abs(np.array(kept["box"]) - now["box"]).max() <= BOX_PIXELS
        for kind in ("raw", "p"):
            assert np.abs(np.array(kept[kind]) - now[kind]).max() <= PROBABILITY


def test_the_whole_way_gives_the_kept_landmarks_and_places(pair):
    kept, now = (result["key_frame"] for result in pair)
    moved = round((now["t"] - kept["t"]) * 25) * STEP  # another moment may be the most typical one
    assert np.abs(np.array(kept["landmarks"]) + (moved, 0) - now["landmarks"]).max() <= LANDMARK_PIXELS
    assert kept["places_for"] == now["places_for"] and np.abs(np.array(kept["places"]) - now["places"]).max() <= 10 * PROBABILITY


def test_the_whole_way_gives_the_kept_facts(pair):
    kept, now = pair
    assert kept["facts"].keys() == now["facts"].keys()
    for name, value in kept["facts"].items():
        assert now["facts"][name] == (pytest.approx(value, rel=FACT_SHARE, abs=PROBABILITY) if isinstance(value, float) else value), name
    assert (kept["most_frequent"], kept["coverage"]) == (now["most_frequent"], now["coverage"])
