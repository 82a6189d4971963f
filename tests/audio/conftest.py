import wave
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from audio import features, recording
from audio.predict import analyze
from core import Analysis, media

DATA = Path(__file__).resolve().parent.parent / "data"
FULL_SCALE = 32767


@cache
def _analysis(name: str) -> Analysis:
    return analyze(DATA / name)


@cache
def _samples(name: str) -> np.ndarray:
    return np.concatenate(list(media.sound(DATA / name)))


@pytest.fixture(scope="session")
def clips() -> Path:
    """Return the folder of the real clips."""
    return DATA


@pytest.fixture(scope="session")
def analysis_of() -> Callable[[str], Analysis]:
    """Return a function that analyses a clip by name, once for all tests."""
    return _analysis


@pytest.fixture(scope="session")
def samples_of() -> Callable[[str], np.ndarray]:
    """Return a function that decodes a clip by name, once for all tests."""
    return _samples


@pytest.fixture
def write_wav(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes samples in -1…1 at 16 kHz as a WAV file."""

    def write(samples: np.ndarray, name: str = "sound.wav") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(features.RATE)
            file.writeframes((np.clip(samples, -1, 1) * FULL_SCALE).astype("<i2").tobytes())
        return path

    return write


@pytest.fixture
def recording_of() -> Callable[..., recording.Recording]:
    """Return a function that makes a Recording of samples and known speech segments, without any detector."""

    def make(samples: np.ndarray, segments: list[tuple[float, float]]) -> recording.Recording:
        samples = samples.astype(np.float32)
        spectrogram = features.log_mel(samples)
        pitches = np.full(len(spectrogram), np.nan)
        tracked = recording.pitch.PitchStream().push(samples)[: len(spectrogram)]
        pitches[: len(tracked)] = tracked
        return recording.Recording(
            len(samples) / features.RATE,
            float(np.abs(samples).max()),
            spectrogram,
            features.frame_levels(spectrogram),
            pitches,
            segments,
            features.speech_mask(len(spectrogram), segments),
        )

    return make
