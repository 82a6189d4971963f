"""Damage sound as rooms, telephones and codecs do, to measure what that costs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
from scipy.signal import butter, sosfilt

from audio.features import RATE

PHONE_BAND = (300.0, 3400.0)  # Hz
CLIPPED = 0.1  # share of the loudest tenth of the samples that are cut off
OPUS_BITS = 24_000  # per second
PCM = 32767

Damage = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def noisy(decibels: float) -> Damage:
    """Return a function that adds pink noise, ``decibels`` below the level of the sound."""

    def add(samples: np.ndarray, random: np.random.Generator) -> np.ndarray:
        spectrum = np.fft.rfft(random.standard_normal(len(samples)))
        noise = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1)), len(samples))
        return samples + noise * np.sqrt(np.mean(samples**2) / np.mean(noise**2)) * 10 ** (-decibels / 20)

    return add


def telephone(samples: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Keep a telephone's band and round to the 8 bits of mu-law (ITU-T G.711)."""
    heard = sosfilt(butter(4, PHONE_BAND, "bandpass", fs=RATE, output="sos"), samples)
    scale = max(1e-9, float(np.abs(heard).max()))
    pressed = np.sign(heard) * np.log1p(255 * np.abs(heard) / scale) / np.log(256)
    rounded = np.round(pressed * 127) / 127
    return np.asarray(np.sign(rounded) * np.expm1(np.abs(rounded) * np.log(256)) / 255 * scale)


def clipped(samples: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Cut off the samples above the level that a tenth of those of the louder half exceed."""
    loud = np.abs(samples)
    edge = np.quantile(loud[loud >= np.median(loud)], 1 - CLIPPED)
    return np.clip(samples, -edge, edge)


DAMAGES: dict[str, tuple[Damage | None, str]] = {
    "as recorded": (None, "wav"),
    "noise 20 dB below": (noisy(20), "wav"),
    "noise 10 dB below": (noisy(10), "wav"),
    "telephone band": (telephone, "wav"),
    "clipping": (clipped, "wav"),
    "Opus at 24 kbit/s": (None, "ogg"),
}


def write(samples: np.ndarray, path: Path) -> None:
    """Write samples at ``RATE`` Hz as 16-bit WAV or, by the ending ``.ogg``, as Opus; softer where they would clip."""
    samples = samples / max(1.0, float(np.abs(samples).max()))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libopus" if path.suffix == ".ogg" else "pcm_s16le", rate=RATE, layout="mono")
        if path.suffix == ".ogg":
            stream.bit_rate = OPUS_BITS
        frame = av.AudioFrame.from_ndarray((samples * PCM).astype(np.int16)[None], format="s16", layout="mono")
        frame.rate = RATE
        for part in (frame, None):
            container.mux(stream.encode(part))
