"""The worker's road with the real models: which modalities a file gets, and what happens when one has nothing to say."""

import pytest
from visiting import CLIPS

from core.errors import InputError
from interview import dispatch


def test_a_video_has_its_face_and_its_voice(tmp_path):
    told = []
    analysis = dispatch.analyze(CLIPS / "v06_grid_woman_3s.mp4", "video", lambda stage, share: told.append(share), "mine.mp4", tmp_path)
    assert (analysis.modality, analysis.source.name, analysis.parts["voice"].modality) == ("video", "mine.mp4", "audio")
    assert analysis.timeline and analysis.parts["voice"].timeline
    assert told == sorted(told)
    assert told[-1] == 1.0
    named = {frame.picture for frame in analysis.key_frames} | {analysis.parts["voice"].spectrogram.picture}
    assert named == {path.name for path in tmp_path.iterdir()}


def test_a_video_without_sound_says_so():
    analysis = dispatch.analyze(CLIPS / "v04_blink_man_20s_nosound.mp4", "video")
    assert dispatch.NO_SOUND_TRACK in analysis.warnings
    assert analysis.timeline
    assert not analysis.parts


def test_a_sound_file_as_a_video_is_its_voice_with_a_warning():
    analysis = dispatch.analyze(CLIPS / "a04_speech_woman_8s.wav", "video")
    assert (analysis.modality, analysis.timeline, analysis.coverage) == ("video", [], 0.0)
    assert "no moving picture" in analysis.warnings[0]
    assert analysis.parts["voice"].timeline


def test_neither_face_nor_voice_is_a_sentence():
    with pytest.raises(InputError, match="face"):
        dispatch.analyze(CLIPS / "pyfeat_no_face.mp4", "video")


@pytest.mark.parametrize(
    "name", ["x01_truncated_head.mp4", "x02_no_moov.mp4", "x05_video_no_frames.mp4", "x07_wav_says_2GB_has_none.wav", "x12_ebml_header_only.webm"]
)
def test_a_damaged_video_is_a_sentence_or_what_could_be_read(name):
    try:
        analysis = dispatch.analyze(CLIPS / "bad" / name, "video")
    except InputError as error:
        assert str(error).endswith(".")
    else:
        assert analysis.timeline or analysis.parts
