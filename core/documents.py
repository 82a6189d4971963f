"""Documents that are generated from ``manifest.json`` and ``metrics.json``, so that no figure is ever typed.

A model card is a model folder's ``about.md`` (purpose, data, limits: written by hand) followed by generated tables.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.diagram import COLUMNS, reliability_svg
from core.manifest import MODELS, read_manifest

FOLDERS = ("text", "audio", "video", "ensemble")
METRICS = "metrics.json"
ABOUT = "about.md"
CARD = "card.md"
RELIABILITY, DIAGRAM = "reliability", "reliability.svg"  # the table, and what is drawn from it
DRAWN = f"![Reliability diagram: the nearer to the diagonal, the better; larger points stand for more answers]({DIAGRAM})\n\n"
FIGURE_DECIMALS = 3
FACT_NAMES = {"git_commit": "commit before the training", "members": "fold and corpora that each network has not heard", "packages": "packages that trained it"}
LETTERS = string.ascii_lowercase  # of the protocols under a table
HASH_DIGITS = 12  # enough to compare by eye; the manifest has all 64


def read_metrics(folder: Path) -> dict[str, Any]:
    """Read ``metrics.json`` of a model folder."""
    return json.loads((folder / METRICS).read_text(encoding="utf-8"))


def cell(value: Any) -> str:
    """Return a value as it stands in a table: floats with 3 decimals, integers with commas, lists joined."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.{FIGURE_DECIMALS}f}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {cell(inner)}" for name, inner in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        nested = any(isinstance(inner, Sequence) and not isinstance(inner, str) for inner in value)
        return ("; " if nested else ", ").join(cell(inner) for inner in value)
    return str(value).replace("|", "\\|").replace("\n", " ")


def markdown_table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return a Markdown table with a newline at its end."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(cell(value) for value in line)} |\n" for line in lines)


def figure_table(metrics: Mapping[str, Any]) -> str:
    """Return the table of a ``metrics.json``'s figures, and under it the protocols that its last column names by letter."""
    protocols: dict[str, str] = {}
    rows = []
    for figure in metrics["figures"].values():
        protocol = f"{figure['protocol']} ({figure['interval']})"
        letter = protocols.setdefault(protocol, LETTERS[len(protocols)])
        rows.append([figure["name"], figure["value"], f"{cell(figure['low'])} – {cell(figure['high'])}", figure["n"], letter])
    notes = "".join(f"- {letter}: {cell(protocol)}\n" for protocol, letter in protocols.items())
    return f"{markdown_table(['figure', 'value', '95 % interval', 'n', 'measured'], rows)}\n{notes}"


def figures_of(folders: Sequence[Path]) -> str:
    """Return one Markdown section for each model folder: its figures and the command that measures them again."""
    sections = []
    for folder in folders:
        metrics = read_metrics(folder)
        sections.append(f"**{folder.name.capitalize()}** ([card](models/{folder.name}/{CARD}), measured by `{metrics['command']}`)\n\n{figure_table(metrics)}")
    return "\n".join(sections)


def card_of(folder: Path) -> str:
    """Return the model card of a model folder."""
    manifest, metrics = read_manifest(folder), read_metrics(folder)
    parts = [(folder / ABOUT).read_text(encoding="utf-8").rstrip() + "\n"]
    parts.append(f"## Figures\n\nMeasured by `{metrics['command']}`; generated from `{METRICS}`.\n")
    parts.append(figure_table(metrics))
    for name, table in metrics["tables"].items():
        if table["rows"]:
            drawn = DRAWN if name == RELIABILITY and _can_be_drawn(metrics["tables"]) else ""
            parts.append(f"### {table['title']}\n\n{drawn}{markdown_table(table['columns'], table['rows'])}")
    files = [[f"`{name}`", facts["bytes"], f"`{facts['sha256'][:HASH_DIGITS]}…`"] for name, facts in manifest["files"].items()]
    if files:
        parts.append(f"## Files\n\nVersion {manifest['version']}.\n\n{markdown_table(['file', 'bytes', 'SHA-256'], files)}")
    data = [[row["name"], row["rows"], f"`{row['sha256'][:HASH_DIGITS]}…`" if row.get("sha256") else None] for row in manifest["data"]]
    if data:
        parts.append(f"## Data of training and evaluation\n\n{markdown_table(['data', 'rows', 'SHA-256'], data)}")
    shown = (
        "weights",
        "classes",
        "traits",
        "input_shape",
        "normalisation",
        "temperature",
        "thresholds",
        "calibration",
        "network_weight",
        "members",
        "shift",
        "parameters",
        "packages",
        "git_commit",
    )
    facts = [[FACT_NAMES.get(name, name.replace("_", " ")), manifest[name]] for name in shown if manifest.get(name) is not None]
    facts.append(["seed", str(manifest["seed"])])
    parts.append(f"## How it is served\n\n{markdown_table(['fact', 'value'], facts)}")
    return "\n".join(parts)


def diagrams(models: Path = MODELS) -> dict[Path, str]:
    """Return the reliability diagram of every model folder that has the table for it, by the path it belongs to."""
    tables = {models / name / DIAGRAM: read_metrics(models / name)["tables"] for name in FOLDERS}
    return {path: reliability_svg(found[RELIABILITY]["rows"], found[RELIABILITY]["title"]) for path, found in tables.items() if _can_be_drawn(found)}


def _can_be_drawn(tables: Mapping[str, Any]) -> bool:
    return RELIABILITY in tables and tables[RELIABILITY]["columns"] == list(COLUMNS) and bool(tables[RELIABILITY]["rows"])


def cards(models: Path = MODELS) -> dict[Path, str]:
    """Return the text of every model card by the path it belongs to."""
    return {models / name / CARD: card_of(models / name) for name in FOLDERS}


def with_block(document: str, name: str, content: str) -> str:
    """Return ``document`` with what stands between ``<!-- begin: name -->`` and ``<!-- end: name -->`` replaced.

    Raises
    ------
    ValueError
        When the document has no such block.
    """
    begin, end = f"<!-- begin: {name} -->", f"<!-- end: {name} -->"
    pattern = re.compile(f"({re.escape(begin)}\n).*?({re.escape(end)})", re.DOTALL)
    if not pattern.search(document):
        raise ValueError(f"the document has no block {begin} … {end}")
    return pattern.sub(lambda found: f"{found[1]}\n{content.strip()}\n\n{found[2]}", document)


def differing(documents: Mapping[Path, str]) -> list[Path]:
    """Return the paths whose file is missing or has another text."""
    return [path for path, text in documents.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]


def write(documents: Mapping[Path, str]) -> list[Path]:
    """Write the documents whose file differs and return their paths."""
    changed = differing(documents)
    for path in changed:
        path.write_text(documents[path], encoding="utf-8")
    return changed
