"""``make docs``: the model cards and the generated tables of README.md (``--check`` only says which differ)."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from core.documents import FOLDERS, cards, diagrams, differing, figures_of, markdown_table, with_block, write
from core.manifest import MODELS
from interview import settings

ROOT = MODELS.parent
README = ROOT / "README.md"
RESULTS = ROOT / "benchmarks" / "results.json"
LIVE_RESULTS = ROOT / "benchmarks" / "live.json"
FACES = ROOT / "benchmarks" / "faces.json"
PRODUCT = ROOT / "benchmarks" / "product.json"
VOICES = ROOT / "benchmarks" / "voices.json"
WORDS = ROOT / "benchmarks" / "words.json"
MEMORY = ROOT / "benchmarks" / "memory.json"


def settings_table() -> str:
    """Return the configuration table: one row for each setting."""
    rows = [[f"`{setting.name}`", f"`{_default(setting)}`" if setting.default != "" else None, setting.help] for setting in settings.table()]
    return markdown_table(["setting", "default", "what it does"], rows)


def _default(setting: settings.Setting) -> str:
    return str(int(setting.default)) if isinstance(setting.default, bool) else str(setting.default)


def benchmark_table(results: Path = RESULTS) -> str:
    """Return the benchmark table and the machine it was measured on."""
    document = json.loads(results.read_text(encoding="utf-8"))
    return f"{markdown_table(document['columns'], document['rows'])}\n{document['machine']}\n"


def live_table(results: Path = LIVE_RESULTS) -> str:
    """Return the table of the live page under load, the machine, and what a batch of faces costs."""
    document = json.loads(results.read_text(encoding="utf-8"))
    batches = ", ".join(f"{ms} ms in a batch of {size}" for size, ms in document["ms_per_face_by_batch"].items())
    return f"{markdown_table(document['columns'], document['rows'])}\n{document['machine']} The face network takes for each face {batches}.\n"


def documents() -> dict[Path, str]:
    """Return the text of every generated document by its path."""
    readme = README.read_text(encoding="utf-8")
    readme = with_block(readme, "figures", figures_of([MODELS / name for name in FOLDERS]))
    readme = with_block(readme, "settings", settings_table())
    readme = with_block(readme, "benchmarks", benchmark_table())
    readme = with_block(readme, "product", benchmark_table(PRODUCT))
    readme = with_block(readme, "live", live_table())
    readme = with_block(readme, "face-benchmarks", benchmark_table(FACES))
    readme = with_block(readme, "memory", benchmark_table(MEMORY))
    readme = with_block(readme, "voice-benchmarks", benchmark_table(VOICES))
    readme = with_block(readme, "words", benchmark_table(WORDS))
    return {**cards(), **diagrams(), README: readme}


def main(arguments: list[str] | None = None) -> int:
    """Write what differs; with ``--check`` write nothing and return 1 when something differs."""
    parser = argparse.ArgumentParser(prog="python -m interview.documents", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 when a document differs")
    options = parser.parse_args(arguments)
    changed = differing(documents()) if options.check else write(documents())
    for path in changed:
        print(f"{path.relative_to(ROOT)} {'differs: run make docs' if options.check else 'written'}")
    return int(options.check and bool(changed))


if __name__ == "__main__":
    sys.exit(main())
