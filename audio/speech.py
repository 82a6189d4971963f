"""Find speech with Silero's voice activity detector (MIT, github.com/snakers4/silero-vad, v6), run as a stream in ONNX Runtime."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from core import engine, manifest

RATE = 16_000  # Hz
CHUNK = 512  # samples that the detector takes at a time
CHUNK_SECONDS = CHUNK / RATE  # 32 ms
PAST = 64  # samples of the chunk before that it wants to see again
STATE = (2, 1, 128)

BEGIN = 0.5  # probability at which speech begins
END = 0.35  # … and below which it ends
LEAST_SPEECH = 0.25  # s; shorter bursts are clicks, coughs, drums
LEAST_PAUSE = 0.25  # s; shorter gaps are stops inside words (Goldman-Eisler 1968 draws the line at 250 ms)

Segment = tuple[float, float]


class SpeechDetector:
    """Give a probability of speech to every chunk of 32 ms of a sound that arrives in blocks."""

    def __init__(self, folder: Path = manifest.MODELS / "audio") -> None:
        self.network = engine.load(folder, "speech", "onnx")
        self.state = np.zeros(STATE, np.float32)
        self.past = np.zeros(PAST, np.float32)
        self.held = np.zeros(0, np.float32)

    def push(self, samples: np.ndarray) -> list[float]:
        """Return the probabilities (0…1) of the chunks that ``samples`` (n,), float32 at 16 kHz, completes."""
        self.held = np.concatenate([self.held, samples])
        whole = len(self.held) // CHUNK * CHUNK
        found = [self._step(chunk) for chunk in self.held[:whole].reshape(-1, CHUNK)]
        self.held = self.held[whole:]
        return found

    def finish(self) -> list[float]:
        """Return the probability of the last, unfinished chunk, if there is one."""
        return self.push(np.zeros(-len(self.held) % CHUNK, np.float32)) if len(self.held) else []

    def _step(self, chunk: np.ndarray) -> float:
        seen = np.concatenate([self.past, chunk]).astype(np.float32)
        probability, self.state = self.network({"input": seen[None], "state": self.state, "sr": np.array(RATE, np.int64)})
        self.past = chunk[-PAST:]
        return float(probability.item())


def segments(probabilities: Iterable[float], seconds: float) -> list[Segment]:
    """Join chunk probabilities into speech segments ``(start, end)`` in seconds, in order, not touching, within ``seconds``.

    Speech begins at a probability of ``BEGIN`` and ends below ``END`` (hysteresis); segments closer than ``LEAST_PAUSE`` are
    one, what is then shorter than ``LEAST_SPEECH`` is none.
    """
    runs: list[list[float]] = []
    speaking = False
    for index, p in enumerate(probabilities):
        if p >= BEGIN or (speaking and p >= END):
            start, end = index * CHUNK_SECONDS, (index + 1) * CHUNK_SECONDS
            if speaking or (runs and start - runs[-1][1] < LEAST_PAUSE):
                runs[-1][1] = end
            else:
                runs.append([start, end])
            speaking = True
        else:
            speaking = False
    return [(start, min(seconds, end)) for start, end in runs if end - start >= LEAST_SPEECH]
