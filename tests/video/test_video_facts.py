import cv2
import numpy as np
import pytest

from core.analysis import CLASSES, Moment
from core.pictures import still
from video.faces import Finder, sight
from video.facts import Observations, facts_of
from video.landmarks import find_landmarks, tilt


def observed(pictures):
    """Return the facts of pictures that are shown 25 times a second, each searched by itself."""
    seen = Observations()
    for i, image in enumerate(pictures):
        picture = still(image)
        seen.add(sight(i / 25, picture, *Finder().find(0.0, picture.grey)))
    return facts_of(seen, [])


@pytest.fixture(scope="module")
def portrait():
    from tests.video.conftest import DATA

    return np.ascontiguousarray(cv2.imread(str(DATA / "p03_obama.jpg"))[:, :, ::-1])


def turned(image, degrees):
    height, width = image.shape[:2]
    return cv2.warpAffine(image, cv2.getRotationMatrix2D((width / 2, height / 3), degrees, 1), (width, height), borderMode=cv2.BORDER_REPLICATE)


def test_a_tilted_head_is_tilted_by_as_much(portrait):
    upright = observed([portrait])["head_tilt"].value
    assert upright < 4
    assert observed([turned(portrait, 15)])["head_tilt"].value == pytest.approx(15, abs=4)


def test_tilt_follows_the_line_through_the_eyes(open_face):
    assert tilt(open_face) == pytest.approx(0, abs=0.01)
    c, s = np.cos(np.radians(20)), np.sin(np.radians(20))
    assert tilt(open_face @ np.array([[c, s], [-s, c]])) == pytest.approx(20, abs=0.01)


def test_a_nearer_face_is_larger_in_the_picture(portrait):
    far = cv2.copyMakeBorder(portrait, 400, 400, 320, 320, cv2.BORDER_CONSTANT, value=(120, 120, 120))
    assert observed([far])["face_height"].value == pytest.approx(observed([portrait])["face_height"].value / 2, rel=0.15)


def test_a_face_that_is_cut_off_is_not_whole(portrait):
    assert observed([portrait])["face_whole"].value == 1
    grey = still(portrait)
    x, y, width, height = Finder().find(0.0, grey.grey)[0]
    seen = Observations()
    cut = still(np.ascontiguousarray(portrait[: y + round(0.85 * height)]))
    seen.add(sight(0.0, cut, (x, y, width, height), 1))
    assert facts_of(seen, [])["face_whole"].value == 0


def test_a_head_that_stands_still_does_not_move_and_one_that_walks_moves_by_its_way(portrait):
    (x, y, width, height), _ = Finder().find(0.0, still(portrait).grey)
    standing, walking = Observations(), Observations()
    for i in range(40):
        standing.add(sight(i / 25, still(portrait), (x, y, width, height), 1))
        walking.add(sight(i / 25, still(np.roll(portrait, 3 * i, axis=1)), (x + 3 * i, y, width, height), 1))
    across = np.ptp(find_landmarks(still(portrait).grey, (x, y, width, height))[:, 0])
    assert facts_of(standing, [])["head_movement"].value == 0
    assert facts_of(walking, [])["head_movement"].value == pytest.approx(60 * 3 * 25 / across, rel=0.15)


def test_the_smile_is_what_the_network_calls_happy():
    seen, p = Observations(), [0.0] * len(CLASSES)
    p[CLASSES.index("happy")] = 0.8
    p[CLASSES.index("neutral")] = 0.2
    timeline = [Moment(0.0, p, p, "happy"), Moment(0.04, gap="no face"), Moment(0.08, p[::-1], p, "happy")]
    assert facts_of(seen, timeline)["smile"].value == pytest.approx((0.8 + p[::-1][CLASSES.index("happy")]) / 2)


def test_the_man_who_begins_to_smile_smiles_more_than_the_dark_one(analysis_of):
    assert analysis_of("pyfeat_single_face.mp4").facts["smile"].value > 0.3 > analysis_of("v12_dark_man_3s.mp4").facts["smile"].value


def test_without_a_face_nothing_is_made_up():
    facts = facts_of(Observations(), [])
    assert [facts[name].value for name in ("face_whole", "face_height", "head_tilt", "head_movement", "smile")] == [None] * 5
