"""A picture of what the voice network saw, and the windows that spoke for its labels."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from audio import features
from audio.recording import Recording
from core.analysis import CLASSES, PROBABILITY_DECIMALS, TIME_DECIMALS, UNCLEAR, Evidence, Moment, Spectrogram

PICTURE = "spectrogram.jpg"
SECOND = 32  # pixels
NARROWEST, WIDEST = 640, 4096  # pixels; shorter recordings are drawn wider, longer ones closer
BAND = 3  # pixels
QUIETEST, LOUDEST = -35.0, 15.0  # dB from the level of the speech that are drawn white and black
QUALITY = 85  # of the JPEG
LEAST_FALL = 0.1  # of a label's probability that makes a window worth a mark
MARKS = 3  # at most, for one label


def draw(heard: Recording, folder: Path, evidence: list[Evidence]) -> Spectrogram:
    """Write the log-mel spectrogram as a grey JPEG into ``folder``, loud sounds dark, high ones above."""
    width = min(WIDEST, max(NARROWEST, round(heard.seconds * SECOND)))
    shades = np.clip((LOUDEST - (heard.spectrogram - heard.level)) / (LOUDEST - QUIETEST), 0, 1)
    # Frames end half a window before the sound does; the picture's right edge is the end of the sound.
    whole = features.crop(shades.astype(np.float32), 0, max(len(shades), round(heard.seconds * features.FRAME_RATE)), 1.0)
    picture = cv2.resize(255 * whole.T[::-1], (width, BAND * features.MELS), interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(folder / PICTURE), picture.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return Spectrogram(PICTURE, width, BAND * features.MELS, round(heard.seconds, TIME_DECIMALS), features.LOWEST, features.HIGHEST, evidence)


def evidence(timeline: list[Moment], falls: np.ndarray, seconds: float) -> list[Evidence]:
    """Return the windows that spoke most for the label of the moments around them, in the order of time.

    Found by occlusion, after Zeiler & Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014, section 4.2.

    Parameters
    ----------
    falls
        By how much each moment's probability of its label falls when one window is taken away, shape ``(moments, WINDOWS)``.
    seconds
        Length of the recording; windows are cut to it.
    """
    summed: dict[tuple[int, str], list[float]] = {}
    for k, moment in enumerate(timeline):
        if moment.label in (None, UNCLEAR):
            continue
        for place in range(features.WINDOWS):
            middle = k + (place - features.WINDOWS // 2) * features.STRIDE  # in half seconds: windows begin half a second before their middle
            summed.setdefault((middle, str(moment.label)), []).append(float(falls[k, place]))
    kept: list[Evidence] = []
    for label in CLASSES:
        ranked = sorted(((float(np.mean(values)), middle) for (middle, name), values in summed.items() if name == label), reverse=True)
        taken: list[int] = []
        for fall, middle in ranked:
            start, end = (middle * features.STEP_SECONDS + side * features.WINDOW / features.FRAME_RATE / 2 for side in (-1, 1))
            if fall < LEAST_FALL or len(taken) == MARKS:
                break
            if end <= 0 or start >= seconds or any(abs(middle - other) < features.STRIDE for other in taken):
                continue
            taken.append(middle)
            kept.append(Evidence(round(max(0.0, start), TIME_DECIMALS), round(min(seconds, end), TIME_DECIMALS), label, round(fall, PROBABILITY_DECIMALS)))
    return sorted(kept, key=lambda mark: mark.start)
