"""``python -m benchmarks.words``: how well and how fast the transcriber hears, on clips whose words are known (needs ``make transcriber``)."""

from __future__ import annotations

import csv
import json
import resource
import sys
import time
from pathlib import Path

from benchmarks import machine
from core.documents import markdown_table

CLIPS = Path(__file__).resolve().parent.parent / "tests" / "data"
RESULTS = Path(__file__).resolve().parent / "words.json"
COLUMNS = ("clip", "words", "wrong words", "word error rate", "seconds of sound", "time, again (s)", "real-time factor")


def errors(said: list[str], heard: list[str]) -> int:
    """Return the words to change, add or leave out to make one list the other (Levenshtein, 1966)."""
    from nltk.metrics import edit_distance

    return edit_distance(said, heard)


def main() -> int:
    """Measure, print and write ``words.json``."""
    from audio import transcript
    from core.media import probe
    from interview.spoken import plain

    if not transcript.available():
        print(transcript.MISSING, file=sys.stderr)
        return 1
    rows: list[list[str | int | float]] = []
    wrong, total, taken, sounded = 0, 0, 0.0, 0.0
    where = machine.describe()
    with (CLIPS / "words.csv").open(newline="", encoding="utf-8") as file:
        known = list(csv.DictReader(file))
    transcript.transcribe(CLIPS / known[0]["file"])  # loads the model
    for row in known:
        began = time.perf_counter()
        found = transcript.transcribe(CLIPS / row["file"])
        spent, seconds = time.perf_counter() - began, probe(CLIPS / row["file"]).seconds or 0.0
        said = [word for w in row["text"].replace("-", " ").split() if (word := plain(w))]
        heard = [word for w in (found.words if found else []) for part in w.word.replace("-", " ").split() if (word := plain(part))]
        missed = errors(said, heard)
        rows.append([row["file"], len(said), missed, missed / len(said), f"{seconds:.1f}", f"{spent:.1f}", f"{spent / seconds:.2f}"])
        wrong, total, taken, sounded = wrong + missed, total + len(said), taken + spent, sounded + seconds
    rows.append(["all", total, wrong, wrong / total, f"{sounded:.1f}", f"{taken:.1f}", f"{taken / sounded:.2f}"])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    where = f"{where} Largest memory of the process: {peak} MB. Threads: {transcript.threads()}."
    print(f"{markdown_table(COLUMNS, rows)}\n{where}")
    RESULTS.write_text(json.dumps({"machine": where, "columns": COLUMNS, "rows": rows}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
