"""The pictures of a video, grey at once and coloured on demand: most of the work on a face needs no colour."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange

from core.errors import InputError
from core.media import MAX_SECONDS, coloured, decoded, upright

LUMA_FORMATS = ("yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "nv12")  # of 8 bits; their first plane is the luma
# ITU-R BT.601: limited luma goes from 16 to 235.
STRETCHED = np.clip((np.arange(256) - 16) * (255 / 219) + 0.5, 0, 255).astype(np.uint8)


@dataclass
class Picture:
    """Hold one upright picture: ``grey`` uint8 (height, width), and ``rgb()``, which gives its colours uint8 (height, width, 3)."""

    grey: np.ndarray
    rgb: Callable[[], np.ndarray]


def still(rgb: np.ndarray) -> Picture:
    """Return the picture of colours uint8 (height, width, 3)."""
    return Picture(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), lambda: rgb)


def grey_only(grey: np.ndarray) -> Picture:
    """Return the picture of grey levels uint8 (height, width), whose colours are not known."""
    return Picture(grey, lambda: cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB))


def pictures(path: str | Path, max_seconds: float = MAX_SECONDS, begin: float = 0.0) -> Generator[tuple[float, Picture]]:
    """Decode a file's pictures as ``(t, picture)``; times, errors and ``begin`` are those of ``core.media.decoded``."""
    for t, frame in decoded(path, max_seconds, begin):
        yield t, Picture(upright(grey_levels(frame), frame), partial(coloured, frame))


def grey_levels(frame: av.VideoFrame) -> np.ndarray:
    """Return the grey levels of a frame as it is stored, uint8 (height, width) from 0 to 255: its luma, stretched where the video keeps to 16…235."""
    if frame.format.name not in LUMA_FORMATS:
        return frame.to_ndarray(format="gray")
    plane = frame.planes[0]
    luma = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: frame.height, : frame.width]
    if frame.format.name.startswith("yuvj") or frame.color_range == ColorRange.JPEG:
        return np.array(luma)
    return cv2.LUT(luma, STRETCHED)


def pictures_from(path: str | Path, begin: float) -> Iterator[tuple[float, Picture]]:
    """Yield a file's pictures from ``begin`` seconds on; a file that cannot be entered there is decoded from its start."""
    entered = pictures(path, begin=begin)
    try:
        first = next(entered, None)
    except InputError:
        first = None
    if first is None or first[0] > begin > 0:
        entered.close()
        entered = pictures(path)
    elif first[0] >= begin:
        yield first
    yield from ((t, picture) for t, picture in entered if t >= begin)
