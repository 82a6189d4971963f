"""Memory of the face over an hour of video: ``python -m benchmarks.memory [MINUTES …]`` (1, 10 and 60 by default; about a quarter of an hour).

A clip of 20 seconds is filmed at 1280 × 720 and repeated without being encoded again. Each length is analysed whole, as the
worker does, in a process of its own: key frames with their pictures, and the result as JSON.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from benchmarks import answers, machine
from benchmarks.measure import UNITS_PER_KILOBYTE
from core.documents import markdown_table
from core.terminal import progress_bar

MINUTES = (1, 10, 60)
SAMPLE_SECONDS = 0.2
LOOKING_BEGINS, LOOKING_ENDS = 0.2, 0.97  # of the whole: a fifth in, everything is loaded; then the result is put together
RESULTS = Path(__file__).resolve().parent / "memory.json"
COLUMNS = ("video at 1280 × 720", "frames", "while looking, early (MB)", "while looking, late (MB)", "peak, with the result (MB)", "time (s)")


class Watch:
    """Note how much memory this process has, and how far it is, until it is stopped."""

    def __init__(self) -> None:
        self.bar = progress_bar()
        self.share, self.seen, self.stopped = 0.0, list[tuple[float, float]](), threading.Event()
        self.thread = threading.Thread(target=self._watch, name="watch", daemon=True)
        self.thread.start()

    def told(self, stage: str, share: float) -> None:
        """Take the progress of the analysis, and show it."""
        self.share = share
        self.bar(stage, share)

    def stop(self) -> list[tuple[float, float]]:
        """Return what was noted: the share done and the megabytes of memory just then."""
        self.stopped.set()
        self.thread.join()
        return self.seen

    def _watch(self) -> None:
        process = psutil.Process()
        while not self.stopped.wait(SAMPLE_SECONDS):
            self.seen.append((self.share, process.memory_info().rss / 2**20))


def measure(clip: Path) -> dict[str, float]:
    """Analyse a video in this process; return frames, seconds and megabytes of memory."""
    from video.predict import analyze

    watch, began = Watch(), time.perf_counter()
    with TemporaryDirectory() as pictures:
        analysis = analyze(clip, watch.told, pictures=Path(pictures))
    size = len(analysis.to_json())
    seconds, seen = time.perf_counter() - began, watch.stop()
    early, late = (min(seen, key=lambda item: abs(item[0] - share))[1] for share in (LOOKING_BEGINS, LOOKING_ENDS))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / UNITS_PER_KILOBYTE / 1024
    return {"frames": len(analysis.timeline), "early": round(early), "late": round(late), "peak": round(peak), "seconds": round(seconds), "json": size}


def row_of(minutes: int, found: dict[str, float]) -> list[str | float]:
    """Return a row of the table."""
    name = "a minute" if minutes == 1 else "an hour" if minutes == 60 else f"{minutes} minutes"
    return [name, f"{found['frames']:,}", found["early"], found["late"], found["peak"], found["seconds"]]


def measured(lengths: list[int]) -> dict[str, Any]:
    """Measure lengths in minutes, each in a process of its own, and keep them with what ``memory.json`` has of others."""
    document = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {"lengths": {}}
    document |= {"date": datetime.now(UTC).date().isoformat(), "machine": machine.describe(), "columns": list(COLUMNS)}
    with TemporaryDirectory() as name:
        folder = Path(name)
        once = answers.webcam(folder / "once.mp4", answers.HIGH_SIZE, answers.HIGH_ROWS)
        for minutes in lengths:
            clip = answers.repeated(once, folder / "long.mp4", 60 * minutes)
            print(f"measuring {minutes} min …", file=sys.stderr)
            command = [sys.executable, "-m", "benchmarks.memory", "--clip", str(clip)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=RESULTS.parent.parent)
            document["lengths"][str(minutes)] = json.loads(done.stdout.splitlines()[-1])
            document["rows"] = [row_of(int(key), found) for key, found in sorted(document["lengths"].items(), key=lambda item: int(item[0]))]
            RESULTS.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return document


def main() -> int:
    """Measure, print the table and write ``memory.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("minutes", nargs="*", type=int, metavar="MINUTES")
    parser.add_argument("--clip", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.clip:
        print(json.dumps(measure(options.clip)))
        return 0
    document = measured(options.minutes or list(MINUTES))
    print(f"{markdown_table(COLUMNS, document['rows'])}\n{document['machine']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
