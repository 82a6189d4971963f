import csv

import numpy as np
import pytest

from video.blinks import find_blinks
from video.landmarks import LEFT_EYE, RIGHT_EYE, eye_aspect_ratio, eyes_openness, find_landmarks, turn

FPS = 25.0


def series(dips, seconds=20.0, opened=0.32, closed=0.1, fps=FPS):
    times = np.arange(0, seconds, 1 / fps)
    openness = np.full(len(times), opened)
    for start, length in dips:
        openness[(times >= start) & (times < start + length)] = closed
    return times, openness


def test_the_eye_aspect_ratio_of_a_drawn_eye_is_its_height_over_its_width(open_face):
    assert eye_aspect_ratio(open_face[RIGHT_EYE]) == pytest.approx(9 / 30)
    assert eyes_openness(open_face) == pytest.approx(0.3)
    open_face[LEFT_EYE][[1, 2, 4, 5], 1] = 90
    assert eyes_openness(open_face) == pytest.approx(0.15)


def test_the_eye_aspect_ratio_does_not_change_when_the_head_is_tilted_or_nearer(open_face):
    c, s = np.cos(0.4), np.sin(0.4)
    assert eyes_openness(open_face @ np.array([[c, s], [-s, c]]) * 2.5 + 40) == pytest.approx(0.3)


def test_an_eye_without_width_has_no_ratio():
    assert eye_aspect_ratio(np.zeros((6, 2))) == 0.0


def test_turning_the_head_moves_the_nose_to_one_side(open_face):
    assert turn(open_face) == pytest.approx(0, abs=1e-9)
    open_face[30, 0] += 40
    assert turn(open_face) == pytest.approx(0.5)
    open_face[30, 0] -= 80
    assert turn(open_face) == pytest.approx(-0.5)


def test_the_blinks_counted_by_eye_are_found_at_their_frames(analysis_of, clips):
    fact = analysis_of("v04_blink_man_20s_nosound.mp4").facts["blinks"]
    with (clips / "blinks.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["file"] == "v04_blink_man_20s_nosound.mp4"]
    assert fact.value == len(rows) == len(fact.times) == 3
    for row, t in zip(rows, fact.times, strict=True):
        assert (int(row["closed_start_frame"]) - 2) / 24 <= t <= (int(row["closed_end_frame"]) + 2) / 24


def test_blinks_a_minute_are_the_blinks_over_the_time(analysis_of):
    facts = analysis_of("v04_blink_man_20s_nosound.mp4").facts
    assert facts["blinks_per_minute"].value == pytest.approx(9, abs=0.2)


def test_blinks_a_minute_are_not_guessed_from_three_seconds(analysis_of):
    facts = analysis_of("v05_grid_man_3s.mpg").facts
    assert facts["blinks_per_minute"].value is None
    assert "10 s" in facts["blinks_per_minute"].definition


@pytest.mark.parametrize("opened", [0.2, 0.3, 0.42])
def test_blinks_are_found_whatever_the_persons_open_eyes_are(opened):
    blinks = find_blinks(*series([(3, 0.16), (9, 0.2), (9.6, 0.2)], opened=opened, closed=opened * 0.4))
    assert [round(blink.t) for blink in blinks] == [3, 9, 10]
    assert [blink.seconds for blink in blinks] == pytest.approx([0.16, 0.2, 0.2], abs=0.041)


def test_closing_the_eyes_or_looking_down_is_no_blink():
    assert find_blinks(*series([(5, 1.5)])) == []
    assert find_blinks(*series([(5, 0.2)], closed=0.26)) == []


def test_a_dip_beside_a_hole_is_no_blink():
    times, openness = series([(5, 0.2)])
    kept = (times < 5.1) | (times > 6)
    assert find_blinks(times[kept], openness[kept]) == []


def test_blinks_follow_the_frames_own_times():
    times, openness = series([(3, 0.2), (14, 0.2)])
    kept = np.ones(len(times), bool)
    kept[::3] = False
    assert [round(blink.t) for blink in find_blinks(times[kept], openness[kept])] == [3, 14]


def test_nothing_gives_no_blinks():
    assert find_blinks(np.empty(0), np.empty(0)) == []


def test_landmarks_lie_around_the_face(clips):
    import cv2

    from video.faces import search

    grey = cv2.imread(str(clips / "p03_obama.jpg"), cv2.IMREAD_GRAYSCALE)
    box = search(grey)[0].box
    points = find_landmarks(grey, box)
    assert points.shape == (68, 2)
    x, y, width, height = box
    assert x < points[30, 0] < x + width and y < points[30, 1] < y + height
    assert points[RIGHT_EYE, 0].mean() < points[LEFT_EYE, 0].mean()
    assert points[36:48, 1].max() < points[48:, 1].min()
