"""Real-time factor and memory from a recording to the emotions in it, beside the original's way: ``python -m benchmarks.voices``.

Every way runs alone in a process of its own with one thread. The real-time factor is the time taken for a second of sound; the processor time suffers less from
whatever else the machine does.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import wave
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import answers, machine
from benchmarks.measure import UNITS_PER_KILOBYTE
from core.documents import markdown_table

MINUTES = 10
WAYS = {
    "minute": "this pipeline, a minute of speech",
    "long": f"this pipeline, {MINUTES} minutes",
    "other": "the original's way: librosa, and the same networks by Keras' model.predict; a minute, without finding speech, pitch and facts",
}
COLUMNS = ("way", "real-time factor", "processor time for a second of sound (ms)", "peak memory (MB)")
RESULTS = Path(__file__).resolve().parent / "voices.json"
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "THREADS": "1"}


def long_voice(minute: Path, target: Path) -> Path:
    """Write a minute of speech ``MINUTES`` times in a row."""
    with wave.open(str(minute), "rb") as source, wave.open(str(target), "wb") as copy:
        copy.setparams(source.getparams())
        samples = source.readframes(source.getnframes())
        for _ in range(MINUTES):
            copy.writeframes(samples)
    return target


def measure(way: str, path: Path) -> dict[str, float | None]:
    """Return the real-time factor, processor milliseconds for a second of sound (ours alone) and the most memory (MB) of one way, in this process."""
    from audio import bench
    from core import media

    seconds = media.probe(path).seconds or 0.0
    if way == "other":
        taken, spent = sum(bench.timed_other_way(path).values()), None
    else:
        bench.timed_whole(path)  # the first has loading in it
        _, taken, spent = bench.timed_whole(path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / UNITS_PER_KILOBYTE / 1024
    return {"real_time_factor": round(taken / seconds, 5), "processor_ms": None if spent is None else round(1000 * spent / seconds, 2), "peak": round(peak)}


def measured() -> dict[str, Any]:
    """Measure all ways, each in a process of its own, and write ``voices.json``."""
    document: dict[str, Any] = {"machine": machine.describe(), "columns": list(COLUMNS), "rows": []}
    with TemporaryDirectory() as folder:
        minute = answers.minute_of_voice(Path(folder) / "minute.wav")
        paths = {"minute": minute, "long": long_voice(minute, Path(folder) / "long.wav"), "other": minute}
        for way, path in paths.items():
            command = [sys.executable, "-m", "benchmarks.voices", way, str(path)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=RESULTS.parent.parent, env={**os.environ, **ONE_THREAD})
            found = json.loads(done.stdout.splitlines()[-1])
            document["rows"].append(
                [WAYS[way], f"{found['real_time_factor']:.4f}", "–" if found["processor_ms"] is None else f"{found['processor_ms']:.1f}", found["peak"]]
            )
    RESULTS.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return document


def main() -> int:
    """Measure and print the table; with a way and a file, measure that alone and print JSON."""
    if len(sys.argv) > 1:
        print(json.dumps(measure(sys.argv[1], Path(sys.argv[2]))))
        return 0
    document = measured()
    print(f"{markdown_table(COLUMNS, document['rows'])}\n{document['machine']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
