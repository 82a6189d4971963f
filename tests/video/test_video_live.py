"""A live camera sees what the file's analysis sees, within tolerances that are stated here."""

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from core import InputError
from core.analysis import CLASSES
from core.media import frames
from core.pictures import grey_only
from video.faces import overlap
from video.live import SIDE_MOST, Watcher, jpeg_size, picture_of

QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 80]  # as the page sends
CLIPS = [("v04_blink_man_20s_nosound.mp4", 6.0), ("pyfeat_single_face.mp4", 3.0)]
# What a live picture may differ from the file's: no look ahead, and JPEG instead of the file's own compression.
RAW_MEAN, SMOOTH_MEAN = 0.02, 0.03  # of a probability
SMOOTH_MOST = 0.4  # for 95 % of the pictures: while an expression changes, the smoothed number is 0.16 s late
LABELS_LEAST, OVERLAP_LEAST, OVERLAP_MEAN = 0.85, 0.6, 0.9
SHARES_MOST = 0.05
LATE_MOST = 5  # pictures by which a label may turn later: live, only what was before can be smoothed over


def jpeg(picture):
    return cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), QUALITY)[1].tobytes()


def watched(clip, seconds, fps=30.0):
    """Return what is seen live of the first seconds of a clip, by the frame's place in it."""
    watcher, found, last = Watcher(), {}, -1.0
    for index, (t, picture) in enumerate(frames(clip)):
        if t > seconds:
            break
        if t - last >= 1 / fps - 0.005:
            found[index], last = watcher.look(t, picture_of(jpeg(picture))), t
    return found


@pytest.mark.parametrize(("name", "seconds"), CLIPS)
def test_live_numbers_are_those_of_the_file_within_tolerance(clips, analysis_of, name, seconds):
    timeline, found = analysis_of(name).timeline, watched(clips / name, seconds)
    pairs = [(seen, timeline[index]) for index, seen in found.items()]
    assert np.mean([seen.gap == moment.gap for seen, moment in pairs]) > 0.98
    both = [(seen, moment) for seen, moment in pairs if seen.p and moment.p]
    raw, even = (np.abs([np.array(getattr(seen, kind)) - getattr(moment, kind) for seen, moment in both]) for kind in ("raw", "p"))
    assert raw.mean() < RAW_MEAN
    assert even.mean() < SMOOTH_MEAN
    assert np.percentile(even.max(axis=1), 95) < SMOOTH_MOST
    assert np.mean([seen.label == moment.label for seen, moment in both]) > LABELS_LEAST
    overlaps = [overlap(seen.box, tuple(moment.box)) for seen, moment in both]
    assert np.mean(overlaps) > OVERLAP_MEAN
    assert np.percentile(overlaps, 2) > OVERLAP_LEAST
    for label in (*CLASSES, "unclear"):
        live, file = (np.mean([found.label == label for found in some]) for some in zip(*both, strict=True))
        assert abs(live - file) < max(SHARES_MOST, (LATE_MOST + 0.5) / len(both)), label


def test_several_people_at_once_are_each_seen_as_alone(clips):
    names = ["pyfeat_single_face.mp4", "v06_grid_woman_3s.mp4", "v05_grid_man_3s.mpg"]
    alone = [watched(clips / name, 0.8) for name in names]
    with ThreadPoolExecutor(6) as threads:
        together = list(threads.map(lambda name: watched(clips / name, 0.8), names * 2))
    for one, other in zip(alone * 2, together, strict=True):
        assert [(seen.box, seen.p, seen.count) for seen in one.values()] == [(seen.box, seen.p, seen.count) for seen in other.values()]


def test_ten_pictures_a_second_see_the_same_label(clips, analysis_of):
    timeline, found = analysis_of("pyfeat_single_face.mp4").timeline, watched(clips / "pyfeat_single_face.mp4", 8.0, fps=10)
    assert 20 <= len(found) <= 26
    assert np.mean([seen.label == timeline[index].label for index, seen in found.items()]) > LABELS_LEAST


def test_blinks_are_counted_once_and_three_seconds_later(clips):
    found = watched(clips / "v04_blink_man_20s_nosound.mp4", 14.0)  # by eye: at 4.6, 10.4 and 16.8 s
    counts = [(seen.t, seen.blinks) for seen in found.values()]
    assert [max(n for t, n in counts if t < second) for second in (7.4, 13.2, 14.0)] == [0, 1, 2]


def test_without_a_face_to_read_there_is_a_gap_with_its_reason(clips):
    for reason, found in (
        ("no face", list(watched(clips / "pyfeat_no_face.mp4", 1.5).values())),
        (
            "dark",
            [watcher.look(i / 10, grey_only(grey)) for watcher, grey in [(Watcher(), cv2.imread(str(clips / "p03_obama.jpg"), 0) // 40)] for i in range(3)],
        ),
    ):
        assert {seen.gap for seen in found} == {reason}
        assert all(seen.p is None and seen.label is None for seen in found)


def test_a_picture_from_the_past_is_refused(clips):
    watcher = Watcher()
    picture = picture_of((clips / "p03_obama.jpg").read_bytes())
    watcher.look(1.0, picture)
    for t in (1.0, 0.5, float("nan")):
        with pytest.raises(InputError):
            watcher.look(t, picture)


def test_a_jpegs_size_is_read_before_it_is_decoded(clips):
    data = (clips / "p03_obama.jpg").read_bytes()
    assert jpeg_size(data) == (640, 800)
    assert picture_of(data).grey.shape == (800, 640)
    assert picture_of(data).rgb().shape == (800, 640, 3)
    at = data.index(b"\xff\xc0") if b"\xff\xc0" in data else data.index(b"\xff\xc2")
    huge = data[: at + 5] + (60_000).to_bytes(2) * 2 + data[at + 9 :]
    assert jpeg_size(huge) == (60_000, 60_000)
    with pytest.raises(InputError, match=str(SIDE_MOST)):
        picture_of(huge)


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"\xff\xd8", b"\xff\xd8\xff", b"\xff\xd8\xff\xc0\x00\x11\x08", b"\xff\xd8\xff\xda\x00\x02", b"RIFF1234WEBP", b"\x00" * 4096]
)
def test_what_is_no_jpeg_is_refused(data):
    with pytest.raises(InputError):
        picture_of(data)


def test_random_damage_is_a_picture_or_a_refusal(clips):
    random = np.random.default_rng(7)
    whole = np.frombuffer((clips / "p03_obama.jpg").read_bytes(), np.uint8)
    for _ in range(60):
        data = whole[: random.integers(4, len(whole))].copy()
        places = random.integers(2, len(data), 20)
        data[places] = random.integers(0, 256, 20)
        try:
            assert max(picture_of(data.tobytes()).grey.shape) <= SIDE_MOST
        except InputError:
            pass
