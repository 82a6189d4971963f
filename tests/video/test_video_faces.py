import struct

import av
import cv2
import numpy as np
import pytest

from core.media import frames
from core.pictures import still
from video.faces import DETECT_SECONDS, STILL_SECONDS, between, follow, overlap, search
from video.features import FRAME_LIFT, FRAME_SIZE, SIDE, crop, frame_of, normalised
from video.landmarks import find_landmarks
from video.predict import analyze
from video.smoothing import smoothed

QUARTER_TURN_CLOCKWISE = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
MATRIX_OFFSET = 44  # of a version 0 tkhd box, after its four letters


def picture(clips, name="p03_obama.jpg"):
    return cv2.imread(str(clips / name))[:, :, ::-1]


@pytest.fixture
def lying_clip(clips, tmp_path):
    """Store a clip as a phone does: turned to the left, with a flag that says to turn it back."""
    target = tmp_path / "lying.mp4"
    with av.open(str(target), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.bit_rate = 2_000_000
        stream.width, stream.height = 288, 360
        for _, upright in frames(clips / "v06_grid_woman_3s.mp4"):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(np.rot90(upright)), format="rgb24")))
        container.mux(stream.encode(None))
    data = bytearray(target.read_bytes())
    start = data.index(b"tkhd") + MATRIX_OFFSET
    data[start : start + 36] = QUARTER_TURN_CLOCKWISE
    target.write_bytes(data)
    return target


def test_a_lying_phone_video_is_analysed_upright(lying_clip, clips):
    upright = next(frames(clips / "v06_grid_woman_3s.mp4"))[1]
    decoded = next(frames(lying_clip))[1]
    assert decoded.shape == upright.shape
    assert np.abs(decoded.astype(int) - upright).mean() < 8
    analysis = analyze(lying_clip)
    assert (analysis.source.width, analysis.source.height) == (360, 288)
    assert analysis.coverage > 0.9


def test_four_astronauts_are_four_faces(clips):
    grey = cv2.cvtColor(picture(clips, "p08_group_artemis2.jpg"), cv2.COLOR_RGB2GRAY)
    assert len(search(grey, 2)) == 4


def test_the_earth_has_no_face(clips):
    assert search(cv2.cvtColor(picture(clips, "p09_noface_earth.jpg"), cv2.COLOR_RGB2GRAY)) == []


def test_gaps_say_why(clips):
    face = picture(clips)
    blank = np.full_like(face, 120)
    shown = {"bright": face, "no face": blank, "dark": face // 40}
    for i, (reason, image) in enumerate(shown.items()):
        (sighting,) = follow([(float(i), still(image))])
        assert sighting.gap == (None if reason == "bright" else reason)
        assert (sighting.points is not None) == (reason == "bright")


def test_a_small_face_is_a_gap_and_not_a_guess(clips):
    face = picture(clips)
    width = search(cv2.cvtColor(face, cv2.COLOR_RGB2GRAY))[0].box[2]
    for wanted, gap in ((41, "too small"), (70, None)):
        (sighting,) = follow([(0.0, still(cv2.resize(face, None, fx=wanted / width, fy=wanted / width, interpolation=cv2.INTER_AREA)))])
        assert sighting.gap == gap and sighting.count == 1
        assert (sighting.points is None) == (gap == "too small")


def test_every_frame_comes_back_once_in_order_and_the_face_is_followed_between_detections(clips):
    face = picture(clips)
    moving = [(i / 25, still(np.roll(face, 2 * i, axis=1))) for i in range(20)]
    sightings = list(follow(moving))
    assert [sighting.t for sighting in sightings] == [t for t, _ in moving]
    noses = np.array([sighting.points[30, 0] for sighting in sightings])
    assert np.abs(np.diff(noses) - 2).max() < 6
    assert abs((noses[-1] - noses[0]) - 2 * 19) < 8


def test_a_face_that_leaves_between_two_detections_is_not_seen_after_it_left(clips):
    face, step = picture(clips), DETECT_SECONDS / 6
    shown = [(i * step, still(face if i < 9 else np.full_like(face, 120))) for i in range(24)]
    gaps = [sighting.gap for sighting in follow(shown)]
    assert gaps == [None] * 9 + ["no face"] * 15


def test_another_face_is_not_taken_for_the_followed_one(clips):
    face = picture(clips)
    other = cv2.resize(face[:, ::-1], None, fx=0.8, fy=0.8)
    both = np.hstack([face, np.vstack([other, np.full_like(face, 120)[: len(face) - len(other), : other.shape[1]]])])
    alone = both.copy()
    alone[:, : face.shape[1]] = 120
    shown = [(i * 1.05 * STILL_SECONDS, still(alone if 4 <= i < 7 else both)) for i in range(10)]
    sightings = list(follow(shown))
    assert [sighting.gap for sighting in sightings] == [None] * 4 + ["several"] * 3 + [None] * 3
    assert [sighting.count for sighting in sightings] == [2] * 4 + [1] * 3 + [2] * 3
    assert all(sighting.box[0] < face.shape[1] / 2 for sighting in sightings if sighting.box)


def test_overlap_and_the_way_between():
    assert overlap((0, 0, 10, 10), (0, 0, 10, 10)) == 1
    assert overlap((0, 0, 10, 10), (20, 0, 10, 10)) == 0
    assert overlap((0, 0, 10, 10), (5, 0, 10, 10)) == pytest.approx(1 / 3)
    assert between((0, 0, 10, 10), (10, 20, 20, 20), 0.5) == (5, 10, 15, 15)


def test_a_crop_is_framed_by_the_landmarks_and_repeats_the_border():
    grey = np.tile(np.arange(200, dtype=np.uint8), (200, 1))
    points = np.array([(60.0, 70.0), (140.0, 150.0)])
    face = crop(grey, points)
    assert face.shape == (SIDE, SIDE)
    left, top, side, _ = frame_of(points)
    assert side == round(80 * FRAME_SIZE) and left + side / 2 == pytest.approx(100, abs=1)
    assert top + side / 2 == pytest.approx(110 - FRAME_LIFT * 80, abs=1)
    assert abs(int(face[24, 0]) - left) <= 1 and abs(int(face[24, -1]) - (left + side - 1)) <= 1
    assert (crop(grey, points - (100, 0))[:, 0] == 0).all()


def test_the_face_is_framed_alike_wherever_the_detectors_box_lies(clips):
    grey = cv2.cvtColor(picture(clips), cv2.COLOR_RGB2GRAY)
    x, y, width, height = search(grey)[0].box
    frames_ = [np.array(frame_of(find_landmarks(grey, (x + dx, y + dy, width, height)))) for dx, dy in ((0, 0), (10, -6), (-8, 8))]
    assert np.abs(frames_ - frames_[0]).max() <= 0.04 * width


def test_normalised_faces_do_not_depend_on_light():
    face = np.random.default_rng(0).integers(40, 120, (1, SIDE, SIDE), np.uint8)
    assert np.allclose(normalised(face), normalised(face * 2.0 + 10), atol=1e-4)
    assert np.isfinite(normalised(np.full((1, SIDE, SIDE), 7, np.uint8))).all()


def test_smoothing_keeps_sums_and_follows_time_not_frames():
    times = np.concatenate([np.arange(0, 1, 0.04), np.arange(1, 2, 0.2), np.arange(4, 5, 0.04)])
    p = np.zeros((len(times), 7))
    p[times < 3, 3], p[times > 3, 6] = 1, 1
    even = smoothed(times, p)
    assert np.allclose(even.sum(axis=1), 1)
    assert (even[times < 3, 6] == 0).all() and (even[times > 3, 3] == 0).all()


def test_smoothing_calms_a_single_frame():
    times = np.arange(0, 2, 0.04)
    p = np.tile(np.eye(7)[6], (len(times), 1))
    p[25] = np.eye(7)[2]
    assert smoothed(times, p)[25, 2] < 0.15
