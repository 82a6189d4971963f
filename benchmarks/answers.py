"""The three answers that are measured: 500 words, a minute of voice, a minute of video, all from real recordings."""

from __future__ import annotations

import wave
from pathlib import Path

import av
import cv2
import numpy as np

from core import media

HERE = Path(__file__).resolve().parent
CLIPS = HERE.parent / "tests" / "data"
TEXT = HERE / "answer.txt"
VOICES = ("a01_speech_woman_14s.ogg", "a02_speech_man_17s.mp3", "a05_speech_woman_14s.m4a", "a04_speech_woman_8s.wav")
TALK = "v02_talk_man_portrait_20s.mp4"
MINUTE = 60  # seconds
WEBCAM_SIZE, WEBCAM_ROWS = (640, 480), slice(60, 516)  # of the upright clip, 608 pixels wide: head and shoulders
HIGH_SIZE, HIGH_ROWS = (1280, 720), slice(60, 402)  # the same, in 16:9
FULL_SCALE = 32767


def minute_of_voice(target: Path) -> Path:
    """Write a minute of speech by several readers, one after the other, as WAV at 16 kHz."""
    blocks = [block for _ in range(2) for clip in VOICES for block in media.sound(CLIPS / clip)]
    samples = np.concatenate(blocks)[: MINUTE * media.SOUND_RATE]
    with wave.open(str(target), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(media.SOUND_RATE)
        file.writeframes((samples.clip(-1, 1) * FULL_SCALE).astype("<i2").tobytes())
    return target


def minute_of_video(target: Path) -> Path:
    """Write a clip of 20 seconds three times in a row, its packets unchanged."""
    return repeated(CLIPS / TALK, target, MINUTE)


def repeated(source: Path, target: Path, seconds: float) -> Path:
    """Write a clip several times in a row, its packets unchanged, as often as comes nearest to ``seconds``."""
    once = media.probe(source).seconds or 0.0
    with av.open(str(target), "w") as copy:
        streams: dict[int, av.stream.Stream] = {}
        for turn in range(round(seconds / once)):
            with av.open(str(source)) as clip:
                chosen = [*clip.streams.video[:1], *clip.streams.audio[:1]]
                for stream in chosen:
                    if stream.index not in streams:
                        streams[stream.index] = copy.add_stream_from_template(stream)
                for packet in clip.demux(chosen):
                    if packet.dts is None or packet.pts is None:
                        continue
                    shift = round(turn * once / float(packet.time_base))
                    packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                    packet.stream = streams[packet.stream.index]
                    copy.mux(packet)
    return target


def webcam(target: Path, size: tuple[int, int] = WEBCAM_SIZE, rows: slice = WEBCAM_ROWS) -> Path:
    """Write a clip of 20 seconds as a webcam would take it: head and shoulders, 25 pictures a second, H.264; 640 × 480 unless told."""
    with av.open(str(target), "w") as copy:
        stream = copy.add_stream("libx264", rate=25, options={"crf": "23"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for _, picture in media.frames(CLIPS / TALK):
            shown = np.asarray(cv2.resize(picture[rows], size, interpolation=cv2.INTER_AREA if size[0] <= picture.shape[1] else cv2.INTER_CUBIC), np.uint8)
            copy.mux(stream.encode(av.VideoFrame.from_ndarray(shown, format="rgb24")))
        copy.mux(stream.encode(None))
    return target
