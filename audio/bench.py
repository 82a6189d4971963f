"""Time the way from a recording to its result, stage by stage."""

from __future__ import annotations

import platform
import resource
import sys
import time
from pathlib import Path

import numpy as np

from audio import delivery, features, pitch, predict, recording, speech, voice
from core import engine, manifest, media

MEBIBYTE = 1024 if sys.platform != "darwin" else 1024**2  # in the unit of ru_maxrss


def bench(source: Path, other_way: bool = False) -> str:
    """Return a table of the milliseconds that each stage takes for a second of sound, the speed of the whole, and the most memory.

    ``other_way`` adds the way of the original: librosa, and the same networks by Keras' ``model.predict``.
    """
    seconds, taken, _ = timed_whole(source)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEBIBYTE  # before the stages, which keep more than the product does
    lines = [f"{source.name}: {seconds:.1f} s, {platform.processor() or platform.machine()}, {engine.threads()} thread(s)"]
    lines += [f"  {name:<28} {1000 * spent / seconds:8.2f} ms for a second of sound" for name, spent in timed_stages(source).items()]
    lines += [f"  {'whole':<28} {1000 * taken / seconds:8.2f} ms for a second of sound"]
    lines.append(f"  {seconds / taken:.0f} times faster than it was spoken; most memory {peak:.0f} MiB")
    if other_way:
        lines += ["  the original's way (librosa, model.predict), the same networks:"]
        lines += [f"    {name:<26} {1000 * spent / seconds:8.2f} ms for a second of sound" for name, spent in timed_other_way(source).items()]
    return "\n".join(lines)


def timed_whole(source: Path) -> tuple[float, float, float]:
    """Return the length of a recording, and the seconds and processor seconds that its analysis takes, warm."""
    predict.warm()
    began, spent = time.perf_counter(), time.process_time()
    analysis = predict.analyze(source)
    return float(analysis.source.seconds or 0.0), time.perf_counter() - began, time.process_time() - spent


def timed_stages(source: Path) -> dict[str, float]:
    """Return the seconds of each stage, block by block as in ``recording.listen``."""
    seconds: dict[str, float] = {}
    clock = time.perf_counter()

    def stage(name: str) -> None:
        nonlocal clock
        seconds[name] = time.perf_counter() - clock
        clock = time.perf_counter()

    blocks = list(media.sound(source, features.RATE))
    stage("decode")
    for name, stream in (("log-mel", features.LogMelStream()), ("speech", speech.SpeechDetector()), ("pitch", pitch.PitchStream())):
        for block in blocks:
            stream.push(block)
        stage(name)
    heard = recording.listen(source)
    stage("listening, all of the above")
    facts = manifest.read_manifest(voice.MODELS)
    predict.moments(heard, voice.load(), facts["temperature"], facts["thresholds"]["unclear"])
    stage("networks and timeline")
    delivery.describe(heard)
    stage("delivery")
    return seconds


def timed_other_way(source: Path) -> dict[str, float]:
    """Return the seconds that librosa and ``model.predict`` take for a file, loading of the libraries not counted."""
    import keras
    import librosa

    window, sequence = (
        keras.saving.load_model(manifest.checked(voice.MODELS, f"{name}.keras"), compile=False, safe_mode=True) for name in ("window", "sequence")
    )
    zeros = [np.zeros((1, *tensor.shape[1:]), np.float32) for tensor in sequence.inputs]
    window.predict(np.zeros((1, *window.input_shape[1:]), np.float32), verbose=0)
    sequence.predict(zeros, verbose=0)
    librosa.feature.melspectrogram(y=np.zeros(features.RATE, np.float32), sr=features.RATE)
    began = time.perf_counter()
    samples, _ = librosa.load(source, sr=features.RATE)
    loaded = time.perf_counter()
    power = librosa.feature.melspectrogram(y=samples, sr=features.RATE, n_fft=features.N_FFT, hop_length=features.HOP, n_mels=features.MELS)
    spectrogram = librosa.power_to_db(power).T
    drawn = time.perf_counter()
    cut = features.windows(features.normalise(spectrogram, float(spectrogram.max()), spectrogram.mean(axis=0)))
    vectors = window.predict(cut, verbose=0)
    contexts = len(vectors) - (features.WINDOWS - 1) * features.STRIDE
    inputs = [np.zeros((contexts, *tensor.shape[1:]), np.float32) for tensor in sequence.inputs]
    inputs[0] = voice.contexts_of(vectors)
    sequence.predict(inputs, verbose=0)
    return {"decode": loaded - began, "log-mel": drawn - loaded, "networks": time.perf_counter() - drawn}
