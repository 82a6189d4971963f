import json

import cv2
import numpy as np
import pytest

from core import CLASSES, Analysis, InputError
from core.analysis import UNCLEAR
from core.engine import load
from core.media import MIN_SECONDS
from video.predict import BATCH, FOLDER, Reader, analyze, versions


def test_a_smile_is_seen_where_the_man_begins_to_smile(analysis_of):
    happy = np.array([moment.p[CLASSES.index("happy")] for moment in analysis_of("pyfeat_single_face.mp4").timeline if moment.p])
    third = len(happy) // 3
    assert happy[-third:].mean() > 2 * happy[:third].mean()


def test_the_laugh_is_the_most_frequent_expression_of_the_woman_who_laughs(analysis_of):
    analysis = analysis_of("pyfeat_expressions_woman_20s.mp4")
    assert analysis.most_frequent == "happy"
    assert analysis.coverage > 0.9
    late = [moment.label for moment in analysis.timeline if 11 <= moment.t <= 17]
    assert late.count("happy") > 0.8 * len(late)


@pytest.mark.parametrize(
    "name", ["pyfeat_single_face.mp4", "v10_two_faces_composite_3s.mp4", "v12_dark_man_3s.mp4", "v07_grid_man_darkskin_3s.mp4", "v05_grid_man_3s.mpg"]
)
def test_every_frame_is_a_moment_with_seven_probabilities_or_a_gap(analysis_of, name):
    analysis = analysis_of(name)
    times = [moment.t for moment in analysis.timeline]
    assert times == sorted(set(times))
    assert len(times) == pytest.approx(analysis.source.seconds * analysis.source.fps, abs=2)
    for moment in analysis.timeline:
        if moment.gap is None:
            assert sum(moment.p) == pytest.approx(1, abs=1e-6) and sum(moment.raw) == pytest.approx(1, abs=1e-6)
            assert moment.label in (*CLASSES, UNCLEAR)
            x, y, width, height = moment.box
            assert 0 <= x + width / 2 < analysis.source.width and 0 <= y + height / 2 < analysis.source.height
        else:
            assert moment.p is moment.raw is moment.label is None
    assert sum(analysis.shares.values()) == pytest.approx(1, abs=1e-3)


def test_one_of_two_faces_is_followed_and_both_are_counted(analysis_of):
    analysis = analysis_of("v10_two_faces_composite_3s.mp4")
    assert analysis.facts["faces_most"].value == 2
    assert analysis.facts["several_faces"].value > 0.9
    assert any("more than one face" in sentence for sentence in analysis.warnings)
    middles = [moment.box[0] + moment.box[2] / 2 for moment in analysis.timeline if moment.box]
    assert max(middles) - min(middles) < analysis.source.width / 8


def test_one_face_is_not_called_several(analysis_of):
    analysis = analysis_of("v04_blink_man_20s_nosound.mp4")
    assert analysis.facts["faces_most"].value == 1
    assert not any("more than one" in sentence for sentence in analysis.warnings)


def test_a_dark_recording_is_named_dark(analysis_of):
    assert any("dark" in sentence for sentence in analysis_of("v12_dark_man_3s.mp4").warnings)
    assert not any("dark" in sentence for sentence in analysis_of("v05_grid_man_3s.mpg").warnings)


def test_a_head_that_turns_away_leaves_a_gap_with_its_reason_and_no_guess(analysis_of):
    """The man in the clip turns his head to the side about the first and about the seventh second."""
    analysis = analysis_of("v02_talk_man_portrait_20s.mp4")
    away = [moment for moment in analysis.timeline if moment.gap == "side view"]
    assert away and all(moment.box is not None and moment.p is moment.raw is moment.label is None for moment in away)
    assert {round(moment.t) for moment in away} & {1, 7}
    assert analysis.facts["looking_away"].value > len(away) / len(analysis.timeline)


def test_no_face_is_invented_in_a_cartoon(clips):
    with pytest.raises(InputError, match="No face can be seen"):
        analyze(clips / "pyfeat_no_face.mp4")


def test_the_recording_lasts_as_long_as_its_frames(analysis_of):
    assert analysis_of("v04_blink_man_20s_nosound.mp4").source.seconds == pytest.approx(20.0, abs=0.1)
    assert analysis_of("v04_blink_man_20s_nosound.mp4").source.has_audio is False


def test_the_analysis_survives_json(analysis_of):
    analysis = analysis_of("pyfeat_single_face.mp4")
    assert Analysis.from_json(analysis.to_json()) == analysis


def test_progress_rises_to_one(clips):
    shares: list[float] = []
    analyze(clips / "v05_grid_man_3s.mpg", lambda stage, share: shares.append(share))
    assert shares == sorted(shares) and shares[0] < 0.2 and shares[-1] == 1.0


def test_key_frames_are_written_with_boxes_and_landmarks_inside_the_picture(clips, tmp_path):
    analysis = analyze(clips / "v02_talk_man_portrait_20s.mp4", name="answer.mp4", pictures=tmp_path)
    assert analysis.source.name == "answer.mp4"
    frames = analysis.key_frames
    assert 6 <= len(frames) <= 8
    assert np.diff([frame.t for frame in frames]).min() > 0
    assert frames[-1].t - frames[0].t > 0.6 * analysis.source.seconds
    assert {path.name for path in tmp_path.iterdir()} == {frame.picture for frame in frames}
    for frame in frames:
        height, width = cv2.imread(str(tmp_path / frame.picture)).shape[:2]
        assert width <= 480 and height / width == pytest.approx(frame.height / frame.width, abs=0.01)
        assert (frame.width, frame.height) == (608, 1080)
        assert len(frame.landmarks) == 68
        inside = [0 <= x < frame.width and 0 <= y < frame.height for x, y in frame.landmarks]
        assert np.mean(inside) > 0.9
        places = np.array(frame.places)
        assert places.shape == (3, 3) and places.min() == 0 and places.max() == 1
        assert frame.places_for in CLASSES and frame.label in (frame.places_for, UNCLEAR)
        left, top, side, _ = frame.frame
        assert left < frame.box[0] + frame.box[2] / 2 < left + side and top < frame.box[1] + frame.box[3] / 2 < top + side


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("bad/x01_truncated_head.mp4", f"at least {MIN_SECONDS:.0f} seconds"),
        ("bad/x02_no_moov.mp4", "damaged"),
        ("bad/x03_zero_byte.mp4", "empty"),
        ("bad/x04_text_renamed.mp4", "damaged"),
        ("bad/x05_video_no_frames.mp4", "no moving picture"),
        ("bad/x08_png_60000x60000.webm", "."),
        ("bad/x10_random.webm", "damaged"),
        ("bad/x12_ebml_header_only.webm", "damaged"),
        ("a04_speech_woman_8s.wav", "no moving picture"),
        ("p03_obama.jpg", "."),
    ],
)
def test_bad_files_get_a_sentence(clips, name, sentence):
    with pytest.raises(InputError, match=sentence):
        analyze(clips / name)


def test_batches_give_what_single_faces_give():
    network = load(FOLDER, "face")
    faces = np.random.default_rng(0).integers(0, 256, (BATCH + 3, 48, 48), np.uint8)
    together, alone = Reader(network, 1.0), Reader(network, 1.0)
    for i, face in enumerate(faces):
        together.read(i, face)
    alone.read(BATCH + 2, faces[-1])
    got = together.finish()
    assert sorted(got) == list(range(BATCH + 3))
    assert np.allclose(got[BATCH + 2], alone.finish()[BATCH + 2], atol=1e-5)


def test_versions_name_the_weights_that_are_there():
    named = versions()
    assert set(named) == {"face", "landmarks"}
    assert named["face"].sha256 == json.loads((FOLDER / "manifest.json").read_text())["files"]["face.onnx"]["sha256"]
