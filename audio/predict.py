"""The door into the voice: from a recording to an ``Analysis``, or to one row of probabilities for a short clip."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from audio import delivery, features, recording, voice
from audio.baseline import Baseline
from audio.recording import Recording
from audio.voice import EMOTIONS
from core import calibration, manifest, media
from core.analysis import CLASSES, TIME_DECIMALS, Analysis, ModelVersion, Moment, Source, label_of, rounded, summarise
from core.errors import InputError
from core.terminal import Progress

SILENT_PEAK = 1e-3  # of full scale (-60 dB): a muted microphone, not a soft voice
LEAST_SPEECH_IN_STEP = 0.1  # s of speech that make a moment one of speech
NOISE_BELOW_SPEECH = 12.0  # dB; what is louder between words than that is noise, not silence
FEW_SECONDS = 5.0  # s of speech below which a person is warned
SMOOTHING = np.array([0.25, 0.5, 0.25])  # over three moments: 1.5 s
DECODED = 0.75  # share of the progress when the sound has been heard

SILENCE = "Nothing can be heard in this recording: the microphone may have been muted."
NO_SPEECH = "No speech can be heard in this recording, only music, noise or a voice too far away."
FEW_WORDS = "Only %.1f s of speech were found: shares of so little say very little."
BASELINE_SILENT = "In a baseline recording no speech was found, so it was not used."
MUCH_NOISE = "In %d %% of the recording something louder than a quiet room was heard without speech."


@dataclass
class ClipPrediction:
    """Give what the network says about a short clip as a whole: eight probabilities in the order of ``EMOTIONS``."""

    probabilities: list[float]
    speech_seconds: float

    @property
    def label(self) -> str:
        """Return the most probable of the eight classes."""
        return EMOTIONS[int(np.argmax(self.probabilities))]

    @property
    def confidence(self) -> float:
        """Return the probability of ``label``."""
        return max(self.probabilities)


def warm() -> None:
    """Load the networks, so that the first recording does not wait for them."""
    voice.load()
    recording.speech.SpeechDetector()


def versions(folder: Path = voice.MODELS) -> dict[str, ModelVersion]:
    """Return the version of the networks without loading them; the hash of ``voice`` is that of its two files' hashes."""
    facts = manifest.read_manifest(folder)
    digests = "".join(facts["files"][name]["sha256"] for name in ("window.onnx", "sequence.onnx"))
    return {
        "voice": ModelVersion(facts["version"], hashlib.sha256(digests.encode()).hexdigest()),
        "speech": ModelVersion(facts["speech_version"], facts["files"]["speech.onnx"]["sha256"]),
    }


def analyze(
    source: Path, progress: Progress | None = None, *, name: str | None = None, baseline: Sequence[Path] = (), pictures: Path | None = None
) -> Analysis:
    """Analyse the voice of a recording, of sound or of a video's sound track.

    Parameters
    ----------
    progress
        Told a stage and the share done, 0…1.
    name
        File name to show; by default that of ``source``.
    baseline
        Neutral recordings of the same speaker, which the voice is compared with; one without speech is left out with a warning.

    pictures
        Folder for the picture of the spectrogram.

    Raises
    ------
    InputError
        When there is no sound, nothing to hear, no speech, less than 2 s, or the file or a baseline is damaged.
    """
    source = Path(source)
    tell = progress or (lambda stage, share: None)
    heard = recording.listen(source, lambda share: tell("Listening", share * DECODED))
    _check(heard)
    tell("Hearing emotions", DECODED)
    facts, networks = manifest.read_manifest(voice.MODELS), voice.load()
    neutral = [recording.listen(path) for path in baseline]
    reference = reference_of(networks, neutral)
    timeline = moments(heard, networks, facts["temperature"], facts["thresholds"]["unclear"], reference)
    shares, most_frequent, coverage = summarise(timeline)
    drawn = None
    if pictures is not None:
        from audio import spectrogram

        labels = np.array([CLASSES.index(m.label) if m.label in CLASSES else 0 for m in timeline])
        falls = networks.falls(heard, labels, facts["temperature"], reference)
        drawn = spectrogram.draw(heard, pictures, spectrogram.evidence(timeline, falls, heard.seconds))
    analysis = Analysis(
        "audio",
        Source(name or source.name, manifest.sha256_of(source), round(heard.seconds, TIME_DECIMALS), has_audio=True),
        versions(),
        timeline=timeline,
        shares=shares,
        most_frequent=most_frequent,
        coverage=coverage,
        facts=delivery.describe(heard),
        warnings=_warnings(heard, timeline, neutral),
        baseline="given" if reference else "answer",
        spectrogram=drawn,
    )
    tell("Done", 1.0)
    return analysis


def reference_of(networks: voice.Voice, neutral: Sequence[Recording]) -> Baseline | None:
    """Return the baseline that neutral recordings of a speaker make, ``None`` where none of them has speech."""
    spoken = [heard for heard in neutral if heard.segments]
    return networks.baseline(spoken) if spoken else None


def predict_clip(source: Path, reference: Baseline | None = None) -> ClipPrediction:
    """Predict a short clip as a whole, also one under 2 s or one in which no speech was found for certain.

    ``reference`` is the speaker's baseline.

    Raises
    ------
    InputError
        When nothing can be decoded or heard.
    """
    heard = recording.listen(source)
    if heard.peak < SILENT_PEAK or not len(heard.spectrogram):
        raise InputError(SILENCE)
    probabilities = calibration.softmax(voice.load().logits_of_clip(heard, reference), manifest.read_manifest(voice.MODELS)["temperature"])
    return ClipPrediction(rounded(probabilities.tolist()), round(heard.speech_seconds, TIME_DECIMALS))


def moments(heard: Recording, networks: voice.Voice, temperature: float, unclear: float, reference: Baseline | None = None) -> list[Moment]:
    """Return the timeline, a moment every half second: probabilities where there is speech, elsewhere a gap with its reason."""
    count = max(1, int(np.ceil(heard.seconds / features.STEP_SECONDS)))
    gaps = [gap_at(heard, k * features.STEP_SECONDS) for k in range(count)]
    raw = voice.merge_calm(calibration.softmax(networks.logits_over_time(heard, count, reference), temperature))
    smooth = smoothed(raw, np.array([gap is None for gap in gaps]))
    timeline = []
    for k, gap in enumerate(gaps):
        t = round(k * features.STEP_SECONDS, TIME_DECIMALS)
        timeline.append(Moment(t, gap=gap) if gap else Moment(t, rounded(raw[k].tolist()), rounded(smooth[k].tolist()), label_of(smooth[k].tolist(), unclear)))
    return timeline


def gap_at(heard: Recording, t: float) -> str | None:
    """Return why the half second around ``t`` cannot be judged (``silence`` or ``noise``), ``None`` where there is speech."""
    low, high = t - features.STEP_SECONDS / 2, t + features.STEP_SECONDS / 2
    spoken = sum(max(0.0, min(high, end) - max(low, start)) for start, end in heard.segments)
    if spoken >= LEAST_SPEECH_IN_STEP:
        return None
    first, last = (max(0, round(s * features.FRAME_RATE)) for s in (low, high))
    between = ~heard.speech[first:last]
    loud = between.any() and features.level_of(heard.levels[first:last], between) > heard.level - NOISE_BELOW_SPEECH
    return "noise" if loud else "silence"


def smoothed(raw: np.ndarray, speech: np.ndarray) -> np.ndarray:
    """Return probabilities (moments, classes) smoothed over neighbouring moments of speech; gaps neither give nor take."""
    weights = speech.astype(np.float64)
    padded = np.pad(raw * weights[:, None], ((1, 1), (0, 0)))
    sums = sum(w * padded[i : i + len(raw)] for i, w in enumerate(SMOOTHING))
    norm = np.convolve(np.pad(weights, 1), SMOOTHING, "valid")
    return np.divide(sums, norm[:, None], out=np.zeros_like(raw), where=norm[:, None] > 0)


def _check(heard: Recording) -> None:
    if heard.seconds < media.MIN_SECONDS:
        raise InputError(media.TOO_SHORT, seconds=heard.seconds, least=media.MIN_SECONDS)
    if heard.peak < SILENT_PEAK:
        raise InputError(SILENCE)
    if not heard.segments:
        raise InputError(NO_SPEECH)


def _warnings(heard: Recording, timeline: Sequence[Moment], neutral: Sequence[Recording]) -> list[str]:
    found = []
    if heard.speech_seconds < FEW_SECONDS:
        found.append(FEW_WORDS % heard.speech_seconds)
    noisy = sum(m.gap == "noise" for m in timeline) / len(timeline)
    if noisy >= 0.1:
        found.append(MUCH_NOISE % round(100 * noisy))
    if any(not other.segments for other in neutral):
        found.append(BASELINE_SILENT)
    return found
