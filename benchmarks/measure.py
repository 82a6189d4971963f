"""One answer in a process of its own: ``python -m benchmarks.measure KIND FILE`` prints seconds and megabytes as JSON."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

UNITS_PER_KILOBYTE = 1024 if sys.platform == "darwin" else 1  # of ru_maxrss, which is in bytes on macOS


def measure(kind: str, path: Path) -> dict[str, float]:
    """Analyse ``path`` twice as the worker does and return ``cold``, ``warm`` (seconds) and ``peak`` (MB of memory)."""
    began = time.perf_counter()
    from interview.dispatch import analyze

    def once() -> None:
        with TemporaryDirectory() as pictures:
            analyze(path, kind, lambda stage, share: None, path.name, Path(pictures))

    once()
    cold = time.perf_counter() - began
    began = time.perf_counter()
    once()
    warm = time.perf_counter() - began
    return {"cold": cold, "warm": warm, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / UNITS_PER_KILOBYTE / 1024}


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], Path(sys.argv[2]))))
