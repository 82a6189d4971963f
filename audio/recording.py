"""Listen to a recording once, as a stream, and keep only what the rest needs: log-mel frames, levels, pitch and speech."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from audio import features, pitch, speech
from core import media

NEIGHBOURHOOD = 3.0  # s on either side of a segment that it is compared with
LEAST_NEIGHBOURS = 0.5  # s without speech that make a comparison possible
LEAST_CONTRAST = 3.0  # dB that a voice must stand out of what is heard around it
UNKNOWN_SECONDS = 60.0  # guess for the progress of a file that does not say how long it is

assert pitch.HOP == features.HOP, "pitch and log-mel frames share one clock"


@dataclass
class Recording:
    """Hold what was heard; the sound itself is gone.

    Attributes
    ----------
    seconds
        Length of the decoded sound.
    peak
        Largest absolute sample, full scale is 1.
    spectrogram
        Log-mel in dB, float32, shape ``(frames, MELS)``, 64 frames a second.
    levels
        Level of each frame in dB, shape ``(frames,)``.
    pitches
        Pitch in Hz, NaN where there is none, shape ``(frames,)``.
    segments
        Speech segments ``(start, end)`` in seconds.
    speech
        Which frames are speech, bool, shape ``(frames,)``.
    """

    seconds: float
    peak: float
    spectrogram: np.ndarray
    levels: np.ndarray
    pitches: np.ndarray
    segments: list[speech.Segment]
    speech: np.ndarray

    @property
    def speech_seconds(self) -> float:
        """Return the seconds of speech."""
        return sum(end - start for start, end in self.segments)

    @property
    def level(self) -> float:
        """Return the level of the speech in dB, of the whole where there is none."""
        return features.level_of(self.levels, self.speech)

    @property
    def span(self) -> tuple[int, int]:
        """Return the first and one past the last speech frame; all frames where there is none."""
        return features.span_of(self.speech)


def listen(source: Path, progress: Callable[[float], None] | None = None) -> Recording:
    """Decode a file's sound and find the speech in it; ``progress`` is told the share done, 0…1.

    Raises
    ------
    InputError
        When nothing can be decoded, or there is no sound track.
    """
    expected = media.probe(source).seconds
    mel, tracker, detector = features.LogMelStream(), pitch.PitchStream(), speech.SpeechDetector()
    spectrograms, levels, pitches, probabilities = [], [], [], []
    samples, peak = 0, 0.0
    for block in media.sound(source, features.RATE):
        samples += len(block)
        peak = max(peak, float(np.abs(block).max()))
        spectrograms.append(mel.push(block))
        levels.append(features.frame_levels(spectrograms[-1]))
        pitches.append(tracker.push(block))
        probabilities += detector.push(block)
        if progress is not None:
            heard = samples / features.RATE
            progress(min(1.0, heard / expected) if expected else 1 - math.exp(-heard / UNKNOWN_SECONDS))
    probabilities += detector.finish()
    seconds = samples / features.RATE
    spectrogram, level = np.concatenate(spectrograms), np.concatenate(levels)
    found = standing_out(speech.segments(probabilities, seconds), level)
    track = np.full(len(level), np.nan)
    tracked = np.concatenate(pitches)[: len(level)]  # pitch frames are longer than log-mel frames: the last ones have none
    track[: len(tracked)] = tracked
    return Recording(seconds, peak, spectrogram, level, track, found, features.speech_mask(len(level), found))


def standing_out(segments: Sequence[speech.Segment], levels: np.ndarray) -> list[speech.Segment]:
    """Keep the segments that are at least ``LEAST_CONTRAST`` dB louder than what surrounds them without being speech.

    A melody can look like a voice to the detector, but the music does not stop where the "voice" pauses. A segment with nothing around it
    to be compared with is kept. ``levels`` are those of the frames in dB, shape ``(frames,)``.
    """
    silent = ~features.speech_mask(len(levels), segments)
    kept = []
    for start, end in segments:
        low, high = (max(0, round(t * features.FRAME_RATE)) for t in (start - NEIGHBOURHOOD, end + NEIGHBOURHOOD))
        around = levels[low:high][silent[low:high]]
        own = levels[features.speech_mask(len(levels), [(start, end)])]
        if len(around) < LEAST_NEIGHBOURS * features.FRAME_RATE or features.level_of(own) - features.level_of(around) >= LEAST_CONTRAST:
            kept.append((start, end))
    return kept
