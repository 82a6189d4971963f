"""The door for a microphone that is listened to as it hears: pieces of sound in, a moment every half second out.

A moment needs the second and a half after it, as in ``predict``, so it comes that much later. What a live voice cannot have is the
means of the whole recording's speech: it is set against the speech of the last half minute. ``tests/audio/test_audio_live.py`` holds
the numbers to those of the file.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from audio import features, pitch, predict, recording, speech, voice
from audio.recording import Recording
from core import calibration, manifest
from core.analysis import label_of, rounded

UNIT = math.lcm(features.HOP, speech.CHUNK)  # samples after which frames and chunks begin together again: 4 s
KEPT_UNITS = 7  # 28 s of the past, to which up to one unit is added
UNIT_FRAMES, UNIT_CHUNKS = UNIT // features.HOP, UNIT // speech.CHUNK
FULL_SCALE = 32768

assert UNIT_FRAMES % features.STEP == 0, "what is forgotten is a whole number of half seconds"


@dataclass
class Heard:
    """Hold what was heard around ``t`` seconds: probabilities in the order of ``core.analysis.CLASSES``, or a gap with its reason."""

    t: float
    gap: str | None
    raw: list[float] | None = None
    p: list[float] | None = None
    label: str | None = None


class Hearer:
    """Listen to one person's sound, one piece after the other."""

    def __init__(self) -> None:
        facts = manifest.read_manifest(voice.MODELS)
        self.networks, self.temperature, self.unclear = voice.load(), float(facts["temperature"]), float(facts["thresholds"]["unclear"])
        self.mel, self.tracker, self.detector = features.LogMelStream(), pitch.PitchStream(), speech.SpeechDetector()
        self.spectrogram = np.zeros((0, features.MELS), np.float32)
        self.levels = np.zeros(0, np.float32)
        self.pitches = np.zeros(0)
        self.chunks: list[float] = []
        self.forgotten = 0  # units
        self.samples = 0
        self.peak = 0.0
        self.next = 0  # half seconds
        self.before: np.ndarray | None = None

    def push(self, samples: np.ndarray) -> list[Heard]:
        """Take a piece of sound, int16 (n,) at 16 kHz, and return the moments that it completes."""
        piece = samples.astype(np.float32) / FULL_SCALE
        self.samples += len(piece)
        self.peak = max(self.peak, float(np.abs(piece).max(initial=0.0)))
        frames = self.mel.push(piece)
        self.pitches = np.concatenate([self.pitches, self.tracker.push(piece)])
        self.chunks += self.detector.push(piece)
        if len(frames):
            self.spectrogram = np.concatenate([self.spectrogram, frames])
            self.levels = np.concatenate([self.levels, features.frame_levels(frames)])
        found = []
        while self.next * features.STEP + features.CONTEXT // 2 <= len(self.spectrogram) + self.forgotten * UNIT_FRAMES:
            found.append(self._moment(self.next))
            self.next += 1
        self._forget()
        return found

    def _moment(self, index: int) -> Heard:
        heard, t = self._recording(), index * features.STEP_SECONDS
        gap = predict.gap_at(heard, t - self.forgotten * UNIT / features.RATE)
        if heard.peak < predict.SILENT_PEAK:
            gap = "silence"
        if gap is not None:
            self.before = None
            return Heard(t, gap)
        start = index * features.STEP - features.CONTEXT // 2 - self.forgotten * UNIT_FRAMES
        raw = voice.merge_calm(calibration.softmax(self.networks.logits(heard, start, 1)[0], self.temperature))
        pair = np.stack([self.before, raw]) if self.before is not None else raw[None]
        p = rounded(predict.smoothed(pair, np.ones(len(pair), bool))[-1].tolist())
        self.before = raw
        return Heard(t, None, rounded(raw.tolist()), p, label_of(p, self.unclear))

    def _recording(self) -> Recording:
        """Return what is kept as ``recording.listen`` would have heard it."""
        seconds = (self.samples - self.forgotten * UNIT) / features.RATE
        found = recording.standing_out(speech.segments(self.chunks, seconds), self.levels)
        pitches = np.full(len(self.levels), np.nan)
        pitches[: len(self.pitches)] = self.pitches[: len(pitches)]
        return Recording(seconds, self.peak, self.spectrogram, self.levels, pitches, found, features.speech_mask(len(self.levels), found))

    def _forget(self) -> None:
        if len(self.chunks) >= (KEPT_UNITS + 1) * UNIT_CHUNKS and len(self.spectrogram) > (KEPT_UNITS + 1) * UNIT_FRAMES:
            self.forgotten += 1
            self.spectrogram, self.levels, self.pitches = self.spectrogram[UNIT_FRAMES:], self.levels[UNIT_FRAMES:], self.pitches[UNIT_FRAMES:]
            self.chunks = self.chunks[UNIT_CHUNKS:]
