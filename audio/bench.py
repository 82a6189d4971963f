"""Time the way from a recording to its result, stage by stage."""

from __future__ import annotations

import platform
import resource
import sys
import time
from pathlib import Path

import numpy as np

from audio import delivery, features, pitch, predict, recording, speech, voice
from core import calibration, engine, manifest, media

MEBIBYTE = 1024 if sys.platform != "darwin" else 1024**2  # in the unit of ru_maxrss


def bench(source: Path) -> str:
    """Return a table of the milliseconds that each stage takes for a second of sound, the speed of the whole, and the most memory."""
    predict.warm()
    facts = manifest.read_manifest(voice.MODELS)
    seconds: dict[str, float] = {}
    clock = time.perf_counter()

    def stage(name: str) -> None:
        nonlocal clock
        seconds[name] = time.perf_counter() - clock
        clock = time.perf_counter()

    samples = np.concatenate(list(media.sound(source, features.RATE)))
    stage("decode")
    features.LogMelStream().push(samples)
    stage("log-mel")
    speech.SpeechDetector().push(samples)
    stage("speech")
    pitch.PitchStream().push(samples)
    stage("pitch")
    heard = recording.listen(source)
    stage("listening, all of the above")
    predict.moments(heard, voice.load(), facts["temperature"], facts["thresholds"]["unclear"])
    calibration.softmax(np.zeros(1))
    stage("networks and timeline")
    delivery.describe(heard)
    stage("delivery")
    predict.analyze(source)
    stage("whole")
    lines = [f"{source.name}: {heard.seconds:.1f} s, {platform.processor() or platform.machine()}, {engine.threads()} thread(s)"]
    lines += [f"  {name:<28} {1000 * taken / heard.seconds:8.2f} ms for a second of sound" for name, taken in seconds.items()]
    lines.append(
        f"  {heard.seconds / seconds['whole']:.0f} times faster than it was spoken; most memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEBIBYTE:.0f} MiB"
    )
    return "\n".join(lines)
