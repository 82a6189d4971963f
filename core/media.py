"""Decode sound and pictures as a stream (PyAV, FFmpeg's libraries), with limits.

Nothing is held whole: frames and blocks of sound are generators. Times come from the packets, never from index / fps;
rotation flags are applied, so that every picture is upright.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.error import FFmpegError

from core.errors import InputError

SOUND_RATE = 16_000  # Hz
BLOCK_SECONDS = 1.0
MAX_PIXELS = 4096 * 2304  # one frame
MAX_SECONDS = 2 * 3600.0
MIN_SECONDS = 2.0
LATE_SECONDS = 0.05  # a sound track that begins later than this after the picture is filled up with silence
PICTURE_FORMATS = ("image2", "png_pipe", "jpeg_pipe", "webp_pipe", "gif", "bmp_pipe", "tiff_pipe", "svg_pipe")

DAMAGED = "This file is damaged or is not a recording: nothing in it can be decoded."
EMPTY = "This file is empty."
NO_PICTURE = "This file has no moving picture, so there is no face to look at."
NO_SOUND = "This file has no sound, so there is no voice to listen to."
TOO_LARGE = "The picture is %(width)d × %(height)d pixels; at most %(most)d million pixels can be analysed."
TOO_LONG = "This recording is longer than %(minutes)d minutes, the most that can be analysed at once."
TOO_SHORT = "This recording lasts %(seconds).1f seconds; at least %(least)d seconds are needed."


@dataclass
class MediaInfo:
    """Describe a media file: seconds (``None`` where the header does not say), upright size, frame rate, sound."""

    seconds: float | None
    width: int | None
    height: int | None
    fps: float | None
    has_video: bool
    has_audio: bool


def open_media(path: str | Path) -> av.container.InputContainer:
    """Open a media file for decoding.

    Raises
    ------
    InputError
        When the file is empty or cannot be decoded.
    """
    path = Path(path)
    if path.stat().st_size == 0:
        raise InputError(EMPTY)
    try:
        # "file:" keeps FFmpeg from reading a name as the address of another protocol.
        return av.open(f"file:{path}", options={"protocol_whitelist": "file"})
    except (FFmpegError, ValueError) as error:
        raise InputError(DAMAGED) from error


def rotation_of(frame: av.VideoFrame) -> int:
    """Return by how many quarter turns to the left (0–3) ``numpy.rot90`` makes the frame upright."""
    return round((frame.rotation or 0) / 90) % 4


def upright(picture: np.ndarray, frame: av.VideoFrame) -> np.ndarray:
    """Return a frame's pixels turned as its rotation flag says, contiguous."""
    turns = rotation_of(frame)
    return np.ascontiguousarray(np.rot90(picture, turns)) if turns else picture


def coloured(frame: av.VideoFrame) -> np.ndarray:
    """Return a frame's colours, uint8 (height, width, 3) RGB, upright and contiguous."""
    return upright(frame.to_ndarray(format="rgb24"), frame)


def probe(path: str | Path) -> MediaInfo:
    """Read what a media file says about itself, after decoding at most one frame.

    Raises
    ------
    InputError
        When the file is empty, damaged, or has neither sound nor a moving picture.
    """
    with open_media(path) as container:
        video = next(iter(container.streams.video), None)
        if container.format.name in PICTURE_FORMATS or (video is not None and video.disposition & av.stream.Disposition.attached_pic):
            video = None
        audio = next(iter(container.streams.audio), None)
        if video is None and audio is None:
            raise InputError(DAMAGED)
        width = height = fps = None
        if video is not None:
            _check_size(video.codec_context.width, video.codec_context.height)
            try:
                frame = next(container.decode(video), None)
            except FFmpegError as error:
                raise InputError(DAMAGED) from error
            if frame is None:
                raise InputError(DAMAGED)
            width, height = (frame.width, frame.height) if rotation_of(frame) % 2 == 0 else (frame.height, frame.width)
            rate = video.average_rate or video.guessed_rate
            fps = float(rate) if rate else None
        seconds = container.duration / av.time_base if container.duration and container.duration > 0 else None
        return MediaInfo(seconds, width, height, fps, video is not None, audio is not None)


def lasts(path: str | Path, most: float) -> float:
    """Return the seconds of a file by its packets, decoding nothing; one that is longer than ``most`` is not read to its end.

    Raises
    ------
    InputError
        When the file is empty or damaged.
    """
    begin, last = None, 0.0
    with open_media(path) as container:
        chosen = [*container.streams.video[:1], *container.streams.audio[:1]]
        try:
            for packet in container.demux(chosen):
                if packet.pts is None or packet.time_base is None:
                    continue
                t = float(packet.pts * packet.time_base)
                begin = t if begin is None else min(begin, t)
                last = max(last, t + float((packet.duration or 0) * packet.time_base))
                if last - begin > most:
                    break
        except FFmpegError as error:
            raise InputError(DAMAGED) from error
    return last - (begin or 0.0)


def frames(path: str | Path, max_seconds: float = MAX_SECONDS) -> Iterator[tuple[float, np.ndarray]]:
    """Decode the pictures of a file in colour: ``(t, picture)`` as ``decoded`` does, uint8 (height, width, 3) RGB, upright, contiguous."""
    for t, frame in decoded(path, max_seconds):
        yield t, coloured(frame)


def decoded(path: str | Path, max_seconds: float = MAX_SECONDS, begin: float = 0.0) -> Iterator[tuple[float, av.VideoFrame]]:
    """Decode the pictures of a file, one after the other.

    With ``begin``, in seconds, pictures before it may be left out: the file is entered near there, where it can be.

    Yields
    ------
    (t, frame)
        ``t`` seconds since the first packet of the file; ``frame`` as it is stored, see ``upright``.

    Raises
    ------
    InputError
        When there is no moving picture, a frame is too large, the file is too long, or nothing can be decoded. A file that
        is cut off in the middle ends without an error.
    """
    with open_media(path) as container:
        video = next(iter(container.streams.video), None)
        if video is None or container.format.name in PICTURE_FORMATS:
            raise InputError(NO_PICTURE)
        _check_size(video.codec_context.width, video.codec_context.height)
        video.thread_type = "AUTO"
        began = container.start_time / av.time_base if container.start_time else 0.0
        count, last = 0, -math.inf
        try:
            if begin > 0:
                container.seek(round((began + begin) * av.time_base))
            for frame in container.decode(video):
                t = max(0.0, float(frame.time) - began) if frame.time is not None else last
                if t <= last:
                    continue
                if t > max_seconds:
                    raise InputError(TOO_LONG, minutes=max_seconds / 60)
                _check_size(frame.width, frame.height)
                count, last = count + 1, t
                yield t, frame
        except FFmpegError as error:
            if count == 0:
                raise InputError(DAMAGED) from error
        if count == 0:
            raise InputError(NO_PICTURE)


def sound(path: str | Path, rate: int = SOUND_RATE, max_seconds: float = MAX_SECONDS) -> Iterator[np.ndarray]:
    """Decode the sound of a file as mono.

    Yields
    ------
    numpy.ndarray
        Blocks of one second (the last may be shorter), float32 in -1…1, shape ``(samples,)``, at ``rate`` Hz.

    Raises
    ------
    InputError
        When there is no sound, the file is too long, or nothing can be decoded. A file that is cut off in the middle ends
        without an error.
    """
    with open_media(path) as container:
        audio = next(iter(container.streams.audio), None)
        if audio is None:
            raise InputError(NO_SOUND)
        resampler = av.AudioResampler(format="flt", layout="mono", rate=rate)
        block, total = int(rate * BLOCK_SECONDS), 0
        late = min(_late_seconds(container, audio), max_seconds)
        held = int(late * rate) if late > LATE_SECONDS else 0
        waiting: list[np.ndarray] = [np.zeros(held, np.float32)]
        try:
            for frame in _with_end(container.decode(audio)):
                for piece in resampler.resample(frame):
                    samples = piece.to_ndarray().reshape(-1)
                    total += len(samples)
                    if total > max_seconds * rate:
                        raise InputError(TOO_LONG, minutes=max_seconds / 60)
                    waiting.append(samples)
                    held += len(samples)
                    if held >= block:
                        joined = np.concatenate(waiting)
                        whole = held - held % block
                        yield from joined[:whole].reshape(-1, block)
                        waiting, held = [joined[whole:]], held - whole
        except FFmpegError as error:
            if total == 0:
                raise InputError(DAMAGED) from error
        if total == 0:
            raise InputError(NO_SOUND)
        if held:
            yield np.concatenate(waiting)


def remux(path: str | Path, target: str | Path) -> None:
    """Copy a recording without its packets being changed, so that it has a duration and an index and can be sought in.

    The format follows the ending of ``target``. Raises ``InputError`` when nothing can be copied.
    """
    with open_media(path) as source, av.open(f"file:{target}", "w") as copy:
        pairs = {stream.index: copy.add_stream_from_template(stream) for stream in source.streams if stream.type in ("video", "audio")}
        if not pairs:
            raise InputError(DAMAGED)
        count = 0
        try:
            for packet in source.demux([source.streams[index] for index in pairs]):
                if packet.dts is None:
                    continue
                packet.stream = pairs[packet.stream.index]
                copy.mux(packet)
                count += 1
        except FFmpegError as error:
            if count == 0:
                raise InputError(DAMAGED) from error


def _late_seconds(container: av.container.InputContainer, stream: av.audio.AudioStream) -> float:
    """Return by how many seconds a stream begins after the file does; 0 where the header does not say."""
    if stream.start_time is None or stream.time_base is None:
        return 0.0
    return float(stream.start_time * stream.time_base) - (container.start_time or 0) / av.time_base


def _with_end(decoded: Iterator[av.AudioFrame]) -> Iterator[av.AudioFrame | None]:
    yield from decoded
    yield None  # flushes the resampler


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise InputError(TOO_LARGE, width=width, height=height, most=MAX_PIXELS // 1_000_000)
