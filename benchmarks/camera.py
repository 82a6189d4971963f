"""A Chromium whose fake camera and microphone play real clips, in the two forms that it reads."""

from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from benchmarks.answers import CLIPS

WIDTH, HEIGHT, FPS = 640, 480, 30
SOUND_RATE = 48_000  # Hz
FACE, FACE_SECONDS = CLIPS / "pyfeat_expressions_woman_20s.mp4", 18.0
VOICE = CLIPS / "a02_speech_man_17s.mp3"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str | None:
    """Return the path of an installed Chromium, ``None`` for Playwright's own."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def flags(folder: Path) -> list[str]:
    """Return Chromium's flags for a camera and a microphone that are allowed and play clips, which are written to ``folder``."""
    face, voice = write_mjpeg(FACE, folder / "face.mjpeg", FACE_SECONDS), write_wav(VOICE, folder / "voice.wav")
    devices = [f"--use-file-for-fake-video-capture={face}", f"--use-file-for-fake-audio-capture={voice}"]
    return ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", "--no-sandbox", *devices]


def write_mjpeg(clip: Path, target: Path, seconds: float) -> Path:
    """Write the first seconds of a clip as motion JPEG, 640×480, bars above and below."""
    with av.open(str(clip)) as source, av.open(str(target), "w", format="mjpeg") as copy:
        stream = copy.add_stream("mjpeg", rate=FPS, options={"qmin": "4", "qmax": "6"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuvj420p"
        stream.codec_context.time_base = Fraction(1, FPS)
        written = 0
        for frame in source.decode(video=0):
            if frame.time > seconds:
                break
            scale = min(WIDTH / frame.width, HEIGHT / frame.height)
            size = (int(frame.width * scale) // 2 * 2, int(frame.height * scale) // 2 * 2)
            picture = frame.reformat(*size, format="rgb24").to_ndarray()
            canvas = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
            top, left = (HEIGHT - size[1]) // 2, (WIDTH - size[0]) // 2
            canvas[top : top + size[1], left : left + size[0]] = picture
            while written <= frame.time * FPS:
                upright = av.VideoFrame.from_ndarray(canvas, format="rgb24").reformat(format="yuvj420p")
                upright.pts = written
                copy.mux(stream.encode(upright))
                written += 1
        copy.mux(stream.encode(None))
    return target


def write_wav(clip: Path, target: Path) -> Path:
    """Write the sound of a clip as mono 16-bit WAV."""
    with av.open(str(clip)) as source, av.open(str(target), "w", format="wav") as copy:
        stream = copy.add_stream("pcm_s16le", rate=SOUND_RATE, layout="mono")
        resampler = av.AudioResampler(format="s16", layout="mono", rate=SOUND_RATE)
        for frame in [*source.decode(audio=0), None]:
            for piece in resampler.resample(frame):
                piece.pts = None
                copy.mux(stream.encode(piece))
        copy.mux(stream.encode(None))
    return target
