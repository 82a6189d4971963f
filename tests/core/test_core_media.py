"""Decoding of real clips: times, rotation, streams without an index, damaged files, and memory that stays flat."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from core import InputError, media

MEDIARECORDER = "a06_speech_woman_9s_mediarecorder.webm"
FLAT_MB = 80  # a minute of 360×288 RGB held whole would be 470 MB
MEMORY_OF_DECODING = """
import resource, sys
from core import media
count = sum(1 for _ in media.frames(sys.argv[1]))
sound = sum(len(block) for block in media.sound(sys.argv[1]))
print(count, sound, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def repeated(source: Path, target: Path, times: int) -> Path:
    """Write ``source`` ``times`` times in a row, packets unchanged."""
    with av.open(str(target), "w") as copy:
        streams: dict[int, av.stream.Stream] = {}
        for turn in range(times):
            with av.open(str(source)) as clip:
                for stream in clip.streams:
                    streams.setdefault(stream.index, copy.add_stream_from_template(stream) if turn == 0 else None)
                for packet in clip.demux():
                    if packet.dts is None:
                        continue
                    shift = round(turn * 3.1 / packet.time_base)
                    packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                    packet.stream = streams[packet.stream.index]
                    copy.mux(packet)
    return target


@pytest.mark.parametrize(
    ("clip", "width", "height", "seconds", "has_audio"),
    [
        ("v06_grid_woman_3s.mp4", 360, 288, 3.0, True),
        ("v05_grid_man_3s.mpg", 360, 288, 3.0, True),
        ("v02_talk_man_portrait_20s.mp4", 608, 1080, 20.08, True),
        ("v04_blink_man_20s_nosound.mp4", 360, 288, 20.0, False),
    ],
)
def test_a_clip_is_described_as_it_is(data: Path, clip: str, width: int, height: int, seconds: float, has_audio: bool) -> None:
    info = media.probe(data / clip)
    assert (info.width, info.height, info.has_video, info.has_audio) == (width, height, True, has_audio)
    assert info.seconds == pytest.approx(seconds, abs=0.15)
    assert info.fps == pytest.approx(24.5, abs=0.6)


def test_a_voice_is_described_without_a_picture(data: Path) -> None:
    info = media.probe(data / "a02_speech_man_17s.mp3")
    assert (info.width, info.has_video, info.has_audio) == (None, False, True)
    assert info.seconds == pytest.approx(16.82, abs=0.1)


def test_frames_have_rising_times_from_the_beginning(data: Path) -> None:
    times = [t for t, _ in media.frames(data / "v05_grid_man_3s.mpg")]
    assert times[0] == pytest.approx(0, abs=0.1)
    assert all(earlier < later for earlier, later in pairwise(times))
    assert times[-1] == pytest.approx(3.0, abs=0.15)


def test_times_are_the_frames_own_where_the_rate_varies(uneven: tuple[Path, list[float]]) -> None:
    path, times = uneven
    assert [t for t, _ in media.frames(path)] == pytest.approx(times, abs=0.002)


def test_a_turned_clip_is_set_upright(data: Path, turned: Path) -> None:
    lying = next(media.frames(data / "v06_grid_woman_3s.mp4"))[1]
    upright = next(media.frames(turned))[1]
    assert lying.shape == (288, 360, 3)
    assert upright.shape == (360, 288, 3)
    assert upright.flags["C_CONTIGUOUS"]
    assert np.array_equal(upright, np.rot90(lying, -1))  # the matrix asks for a quarter turn to the right
    info = media.probe(turned)
    assert (info.width, info.height) == (288, 360)


def test_a_mediarecorder_stream_without_duration_is_decoded_whole(data: Path) -> None:
    assert media.probe(data / MEDIARECORDER).seconds is None
    blocks = list(media.sound(data / MEDIARECORDER))
    assert sum(map(len, blocks)) / media.SOUND_RATE == pytest.approx(9.17, abs=0.1)
    assert all(len(block) == media.SOUND_RATE and block.dtype == np.float32 and block.ndim == 1 for block in blocks[:-1])


def test_remuxing_gives_a_duration_and_loses_no_sound(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.webm"
    media.remux(data / MEDIARECORDER, target)
    assert media.probe(target).seconds == pytest.approx(9.17, abs=0.1)
    before, after = (np.concatenate(list(media.sound(path))) for path in (data / MEDIARECORDER, target))
    assert np.array_equal(before, after)


def test_sound_of_every_format_is_mono_at_the_asked_rate(data: Path) -> None:
    for clip, seconds in (("a01_speech_woman_14s.ogg", 13.91), ("a05_speech_woman_14s.m4a", 13.67), ("a10_telephone_man_12s_8k_ulaw.wav", 12.0)):
        samples = np.concatenate(list(media.sound(data / clip, rate=8000)))
        assert len(samples) / 8000 == pytest.approx(seconds, abs=0.1), clip
        assert 0.01 < np.abs(samples).max() <= 1.5, clip


def test_resampling_loses_nothing_at_the_end(data: Path) -> None:
    with av.open(str(data / "a10_telephone_man_12s_8k_ulaw.wav")) as container:
        stored = sum(frame.samples for frame in container.decode(audio=0))
    assert sum(map(len, media.sound(data / "a10_telephone_man_12s_8k_ulaw.wav", rate=16_000))) == 2 * stored


def test_a_file_cut_off_in_the_middle_gives_what_is_there(data: Path) -> None:
    times = [t for t, _ in media.frames(data / "bad" / "x01_truncated_head.mp4")]
    assert 0 < len(times) < 75


@pytest.mark.parametrize(
    ("clip", "sentence"),
    [
        ("x02_no_moov.mp4", media.DAMAGED),
        ("x03_zero_byte.mp4", media.EMPTY),
        ("x04_text_renamed.mp4", media.DAMAGED),
        ("x06_corrupt_header.wav", media.DAMAGED),
        ("x10_random.webm", media.DAMAGED),
        ("x12_ebml_header_only.webm", media.DAMAGED),
    ],
)
def test_a_damaged_file_gets_a_sentence(data: Path, clip: str, sentence: str) -> None:
    for read in (media.probe, lambda path: list(media.frames(path)), lambda path: list(media.sound(path))):
        with pytest.raises(InputError) as refusal:
            read(data / "bad" / clip)
        assert str(refusal.value) == sentence


@pytest.mark.parametrize("clip", ["x07_wav_says_2GB_has_none.wav", "x08_png_60000x60000.webm", "x09_png_60000x60000.png", "x11_jpeg_truncated.jpg"])
def test_no_bad_file_is_decoded_or_breaks_anything(data: Path, clip: str) -> None:
    for read in (media.frames, media.sound):
        with pytest.raises(InputError):
            list(read(data / "bad" / clip))


def test_a_picture_is_not_a_video(data: Path) -> None:
    with pytest.raises(InputError, match="no moving picture"):
        list(media.frames(data / "p03_obama.jpg"))


def test_sound_has_no_picture_and_a_silent_film_no_sound(data: Path) -> None:
    with pytest.raises(InputError, match="no moving picture"):
        list(media.frames(data / "bad" / "x05_video_no_frames.mp4"))
    with pytest.raises(InputError, match="no sound"):
        list(media.sound(data / "v04_blink_man_20s_nosound.mp4"))


def test_a_recording_beyond_the_limit_is_refused(data: Path) -> None:
    with pytest.raises(InputError, match="longer than"):
        list(media.frames(data / "v06_grid_woman_3s.mp4", max_seconds=1))
    with pytest.raises(InputError, match="longer than"):
        list(media.sound(data / "v06_grid_woman_3s.mp4", max_seconds=1))


def test_a_frame_beyond_the_limit_is_refused(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "MAX_PIXELS", 360 * 288 - 1)
    for read in (media.probe, lambda path: list(media.frames(path))):
        with pytest.raises(InputError, match="360 × 288 pixels"):
            read(data / "v06_grid_woman_3s.mp4")


def test_a_name_is_never_read_as_an_address(tmp_path: Path) -> None:
    path = tmp_path / "concat:a|b"
    path.write_bytes(b"#EXTM3U\nhttp://localhost:9/secret.ts\n")
    with pytest.raises(InputError):
        media.probe(path)


def test_memory_does_not_grow_with_the_length(data: Path, tmp_path: Path) -> None:
    results = []
    for times in (1, 20):
        clip = repeated(data / "v06_grid_woman_3s.mp4", tmp_path / f"{times}.mp4", times)
        done = subprocess.run([sys.executable, "-c", MEMORY_OF_DECODING, str(clip)], capture_output=True, text=True, check=True)
        results.append([int(word) for word in done.stdout.split()])
    (frames, _, short), (more_frames, more_sound, long) = results
    assert more_frames == 20 * frames
    assert more_sound > 55 * media.SOUND_RATE
    assert long - short < FLAT_MB


def test_a_sound_track_that_begins_after_the_picture_keeps_its_place(data: Path, tmp_path: Path) -> None:
    late = tmp_path / "late.mp4"
    with av.open(str(data / "v06_grid_woman_3s.mp4")) as source, av.open(str(late), "w") as copy:
        streams = {s.index: copy.add_stream_from_template(s) for s in (source.streams.video[0], source.streams.audio[0])}
        for packet in source.demux():
            if packet.dts is None:
                continue
            if packet.stream.type == "audio":
                shift = int(1 / packet.time_base)
                packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
            packet.stream = streams[packet.stream.index]
            copy.mux(packet)
    heard = np.concatenate(list(media.sound(late)))
    straight = np.concatenate(list(media.sound(data / "v06_grid_woman_3s.mp4")))
    assert np.abs(heard[: media.SOUND_RATE * 9 // 10]).max() == 0
    assert len(heard) == pytest.approx(len(straight) + media.SOUND_RATE, abs=media.SOUND_RATE // 20)
