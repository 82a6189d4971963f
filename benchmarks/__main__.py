"""``make bench``: measure, print a table and the machine, and write ``results.json``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import answers, faces, machine, server
from core.documents import markdown_table

RESULTS = Path(__file__).resolve().parent / "results.json"
COLUMNS = ("what", "first, with loading (s)", "again (s)", "peak memory (MB)")


def measured(kind: str, path: Path) -> list[str | int]:
    """Return ``[cold, warm, peak]`` of one answer, measured in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.measure", kind, str(path)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=RESULTS.parent.parent)
    result = json.loads(done.stdout.splitlines()[-1])
    return [f"{result['cold']:.2f}", f"{result['warm']:.2f}", round(result["peak"])]


def main() -> int:
    """Run every benchmark, one after the other."""
    where = machine.describe()
    with TemporaryDirectory() as name:
        folder = Path(name)
        inputs = [
            ("500 words", "text", answers.TEXT),
            ("a minute of voice", "audio", answers.minute_of_voice(folder / "voice.wav")),
            ("a minute of video (608 × 1080, 25 pictures a second), face and voice", "video", answers.minute_of_video(folder / "video.mp4")),
        ]
        rows: list[list[str | int]] = []
        for what, kind, path in inputs:
            print(f"measuring {what} …", file=sys.stderr)
            rows.append([what, *measured(kind, path)])
        print("measuring the server's start …", file=sys.stderr)
        with server.serving(folder / "instance") as new:
            first = new.seconds
        with server.serving(folder / "instance") as known:
            again, memory = known.seconds, known.memory()
        rows.append(
            [
                "start of the server until it answers (first: with a new database; memory: all its processes just then)",
                f"{first:.2f}",
                f"{again:.2f}",
                round(memory),
            ]
        )
    print(f"{markdown_table(COLUMNS, rows)}\n{where}")
    document = {"machine": where, "columns": list(COLUMNS), "rows": rows}
    print(f"\n{markdown_table(faces.COLUMNS, faces.measured(['ours', 'original'], None)['rows'])}")
    RESULTS.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
