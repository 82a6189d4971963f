"""How an answer is delivered, without any emotion: speaking time, pauses, pace, pitch and loudness."""

from __future__ import annotations

from itertools import pairwise
from typing import Protocol

import numpy as np

from audio import features
from audio.recording import Recording
from audio.speech import LEAST_PAUSE, LEAST_SPEECH, Segment
from core.analysis import TIME_DECIMALS, Fact

RATIO_DECIMALS = 4
LEAST_VOICED = 0.5  # s of voice with a pitch that make its median worth saying
SEMITONES = 12  # in an octave
PITCH_PERCENTILES = (10, 90)
LOUDNESS_PERCENTILES = (10, 95)
LOUDNESS_WINDOW = 16  # frames: 0.25 s
QUIET_BELOW_SPEECH = 25.0  # dB; a pitch that soft is the room's

SYLLABLE_BAND = (300.0, 3500.0)  # Hz, where vowels are loud
SYLLABLE_WINDOW = 5  # frames of smoothing: 78 ms
SYLLABLE_DIP = 2.0  # dB that the level falls between two syllables (de Jong & Wempe)
SYLLABLE_RANGE = 20.0  # dB below the loudest that a syllable can be
LEAST_SPEECH_FOR_RATE = 1.0  # s

DETECTOR = "Silero VAD v6 (github.com/snakers4/silero-vad)"
PAUSE = f"A pause is at least {LEAST_PAUSE:g} s without speech between two stretches of speech"
GOLDMAN_EISLER = "the limit of 0.25 s: Goldman-Eisler, Psycholinguistics (1968)"
YIN = "YIN: de Cheveigné & Kawahara, JASA 111(4), 2002"
NUCLEI = "de Jong & Wempe, Behavior Research Methods 41(2), 2009"


def pauses(segments: list[Segment]) -> list[Segment]:
    """Return the pauses ``(start, end)`` in seconds between speech segments; what comes before and after the speech is none."""
    return [(before[1], after[0]) for before, after in pairwise(segments) if after[0] - before[1] >= LEAST_PAUSE]


def peaks(curve: np.ndarray, dip: float) -> list[int]:
    """Return the indices of the peaks of a curve that rise and fall by at least ``dip``, in order.

    A peak counts as soon as the curve has fallen ``dip`` below it, and the next begins when it has risen as much above the lowest point since.
    """
    found: list[int] = []
    top = bottom = 0
    rising = True
    for index, value in enumerate(curve):
        if rising:
            if value > curve[top]:
                top = index
            elif value <= curve[top] - dip:
                found.append(top)
                rising, bottom = False, index
        elif value < curve[bottom]:
            bottom = index
        elif value >= curve[bottom] + dip:
            rising, top = True, index
    return found


class Heard(Protocol):
    """Name what syllables are counted in: log-mel (frames, MELS) in dB and which frames are speech, bool (frames,), at least one."""

    @property
    def spectrogram(self) -> np.ndarray: ...
    @property
    def speech(self) -> np.ndarray: ...


def syllables(heard: Heard) -> int:
    """Count syllable nuclei: peaks of the level between 300 and 3500 Hz inside speech, at least 2 dB above the dips beside them.

    After de Jong & Wempe, "Praat script to detect syllable nuclei and measure speech rate automatically", 2009, without their check of voicing.
    """
    edges = np.linspace(features.hz_to_mel(np.array(features.LOWEST)), features.hz_to_mel(np.array(features.HIGHEST)), features.MELS + 2)
    centres = features.mel_to_hz(edges)[1:-1]
    band = (centres > SYLLABLE_BAND[0]) & (centres < SYLLABLE_BAND[1])
    kernel = np.hanning(SYLLABLE_WINDOW + 2)[1:-1]
    envelope = features.frame_levels(heard.spectrogram[:, band])
    envelope = np.convolve(np.pad(envelope, SYLLABLE_WINDOW // 2, mode="edge"), kernel / kernel.sum(), "valid")
    quietest = np.percentile(envelope[heard.speech], 95) - SYLLABLE_RANGE
    return sum(bool(heard.speech[index]) and envelope[index] >= quietest for index in peaks(envelope, SYLLABLE_DIP))


def describe(recording: Recording) -> dict[str, Fact]:
    """Return the facts of delivery by name; what the recording is too short or too soft to say is left out."""
    speaking, breaks = recording.speech_seconds, pauses(recording.segments)
    silent = sum(end - start for start, end in breaks)
    facts = {
        "speaking_time": Fact(round(speaking, TIME_DECIMALS), "s", f"Seconds of speech; shorter sounds than {LEAST_SPEECH:g} s do not count.", DETECTOR),
        "speech_share": Fact(round(speaking / recording.seconds, RATIO_DECIMALS), "share", "Speaking time divided by the length of the recording.", DETECTOR),
        "pauses": Fact(len(breaks), "count", f"{PAUSE}.", f"{DETECTOR}; {GOLDMAN_EISLER}", [round(start, TIME_DECIMALS) for start, _ in breaks]),
    }
    if recording.segments:
        whole = recording.segments[-1][1] - recording.segments[0][0]
        facts["longest_pause"] = Fact(
            round(max((end - start for start, end in breaks), default=0.0), TIME_DECIMALS),
            "s",
            f"Length of the longest pause. {PAUSE}.",
            f"{DETECTOR}; {GOLDMAN_EISLER}",
        )
        facts["pause_share"] = Fact(
            round(silent / whole, RATIO_DECIMALS),
            "share",
            f"Pauses' share of the time from the first to the last word. {PAUSE}.",
            f"{DETECTOR}; {GOLDMAN_EISLER}",
        )
        facts["loudness_range"] = _loudness_range(recording)
        if speaking >= LEAST_SPEECH_FOR_RATE:
            facts["pace"] = Fact(
                round(syllables(recording) / speaking, 2),
                "per second",
                "Syllables heard per second of speech, pauses not counted: peaks of the level between 300 and 3500 Hz.",
                NUCLEI,
            )
    return facts | _pitch(recording)


def _loudness_range(recording: Recording) -> Fact:
    power = 10 ** (recording.levels[recording.speech].astype(np.float64) / 10)
    kernel = np.ones(min(LOUDNESS_WINDOW, len(power))) / min(LOUDNESS_WINDOW, len(power))
    quiet, loud = np.percentile(10 * np.log10(np.convolve(power, kernel, "valid")), LOUDNESS_PERCENTILES)
    return Fact(
        round(float(loud - quiet), 1),
        "dB",
        f"Level of the speech in windows of 0.25 s: its {LOUDNESS_PERCENTILES[1]}th minus its {LOUDNESS_PERCENTILES[0]}th percentile.",
        "Percentiles as in EBU Tech 3342, on shorter windows of log-mel power",
    )


def _pitch(recording: Recording) -> dict[str, Fact]:
    voiced = recording.speech & ~np.isnan(recording.pitches) & (recording.levels > recording.level - QUIET_BELOW_SPEECH)
    if voiced.sum() < LEAST_VOICED * features.FRAME_RATE:
        return {}
    low, high = np.percentile(recording.pitches[voiced], PITCH_PERCENTILES)
    return {
        "pitch_median": Fact(round(float(np.median(recording.pitches[voiced])), 1), "Hz", "Median pitch of the voiced speech, 65 to 500 Hz.", YIN),
        "pitch_range": Fact(
            round(float(SEMITONES * np.log2(high / low)), 1),
            "semitones",
            f"From the {PITCH_PERCENTILES[0]}th to the {PITCH_PERCENTILES[1]}th percentile of the pitch of the voiced speech.",
            YIN,
        ),
    }
