"""The framing is measured by accuracy, and the fast way is held to the slow one."""

import numpy as np
import pytest

from core.pictures import pictures, still
from video import agreement, crops
from video.data import Faces
from video.faces import Finder, follow
from video.features import crop
from video.landmarks import LEFT_EYE, RIGHT_EYE, find_landmarks


@pytest.fixture(scope="module")
def found():
    import cv2

    grey = cv2.imread(str(agreement.CLIPS / "p03_obama.jpg"), cv2.IMREAD_GRAYSCALE)
    box, _ = Finder().find(0.0, grey)
    return crops.Found(0, grey, box, find_landmarks(grey, box))


def test_the_shipped_framing_is_what_a_video_gets(found):
    assert (crops.cut(found, crops.SHIPPED) == crop(found.grey, found.points)).all()
    assert crops.SHIPPED in crops.CANDIDATES


def test_turning_level_puts_the_eyes_on_one_height(found):
    turned = crops.Found(0, found.grey, found.box, found.points)
    angle = np.radians(20)
    turned.points = (found.points - found.points.mean(axis=0)) @ np.array(
        [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
    ) + found.points.mean(axis=0)
    level = crops.cut(turned, crops.Framing("eyes, turned level", 2.4, -0.35)).astype(int)
    upright = crops.cut(turned, crops.Framing("eyes", 2.4, -0.35)).astype(int)
    assert np.abs(level - upright).mean() > 10
    straight = [crops.cut(found, crops.Framing(around, 2.4, -0.35)).astype(int) for around in ("eyes", "eyes, turned level")]
    across = found.points[LEFT_EYE].mean(axis=0) - found.points[RIGHT_EYE].mean(axis=0)
    assert abs(np.degrees(np.arctan2(across[1], across[0]))) < 6
    assert np.abs(straight[0] - straight[1]).mean() < np.abs(level - upright).mean() / 2


def test_the_framing_that_reads_best_on_one_half_is_chosen(found, monkeypatch):
    """A network that only knows one framing's picture is read best by that framing."""
    wanted = crops.Framing("box", 1.06, 0.08)
    key = crops.cut(found, wanted).astype(np.float32)
    rows = 6
    monkeypatch.setattr(crops, "found_in", lambda pictures: [crops.Found(row, found.grey, found.box, found.points) for row in range(rows)])
    monkeypatch.setattr(crops, "logits_of", lambda network, faces: np.eye(7)[[3 if np.array_equal(face, key) else 0 for face in faces]])
    public = Faces(np.zeros((rows, 48, 48), np.uint8), np.full(rows, 3), np.array(["PublicTest"] * rows), np.arange(rows), np.zeros((rows, 10), int))
    figures, tables, best = crops.compare(None, public)
    assert best == wanted
    assert figures["accuracy_recropped"]["value"] == 0 and figures["accuracy_recropped"]["n"] == rows // 2
    assert len(tables["crops"]["rows"]) == 1 + len(set(crops.CANDIDATES))


def test_the_fast_way_reads_the_same_frames_and_nearly_the_same_probabilities_as_the_slow_one():
    figures, tables = agreement.compare(names=["v05_grid_man_3s.mpg"])
    ((name, frames, alone, same, difference, mean),) = tables["agreement"]["rows"]
    assert (name, frames, alone) == ("v05_grid_man_3s.mpg", 75, 0)
    assert same > 0.9 and 0 < difference < 1 and mean < 1
    assert figures["fast_slow_points"]["value"] == pytest.approx(difference, abs=1e-3)


def test_the_slow_way_searches_every_frame(monkeypatch):
    searched = []
    monkeypatch.setattr(Finder, "_search", lambda self, t, grey: searched.append(t) or [])
    shown = [(i / 25, still(np.full((90, 120, 3), 99, np.uint8))) for i in range(9)]
    assert len(list(agreement.search_all(shown))) == len(searched) == 9
    searched.clear()
    list(follow(shown))
    assert len(searched) < 9


def test_the_blinks_table_holds_the_found_ones_to_those_counted_by_eye():
    table = agreement.blinks_beside_counts(agreement.CLIPS)["blinks"]
    assert table["rows"] == [["v04_blink_man_20s_nosound.mp4", 3, 3, 3, 24.0, agreement.COUNTED_BY]]


def test_grey_levels_are_those_of_the_colours():
    import cv2

    for name in ("v05_grid_man_3s.mpg", "v02_talk_man_portrait_20s.mp4"):
        _, picture = next(pictures(agreement.CLIPS / name))
        expected = cv2.cvtColor(picture.rgb(), cv2.COLOR_RGB2GRAY).astype(int)
        assert picture.grey.shape == expected.shape and np.abs(picture.grey - expected).mean() < 4
        assert picture.grey.flags["C_CONTIGUOUS"]


def test_bench_names_every_stage_and_the_whole():
    from video.bench import STAGES, bench

    said = bench(agreement.CLIPS / "v05_grid_man_3s.mpg")
    assert all(stage in said for stage in (*STAGES, "whole, as analysed", "memory")) and "75 frames" in said
