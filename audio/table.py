"""Predict many short clips into a CSV table."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from audio import predict, recording, voice
from audio.baseline import Baseline, joined
from audio.voice import EMOTIONS
from core.analysis import PROBABILITY_DECIMALS
from core.errors import InputError

COLUMNS = ("file", "label", "confidence", "speech_s", *EMOTIONS)
SEPARATOR = ";"  # between several baselines
NO_FILE = "There is no such file."
NO_COLUMN = "%(name)s has no column “file”; its first line must be: file,baseline"


@dataclass(frozen=True)
class Row:
    """Name one clip as the list does, where it lies, and the speaker's baselines."""

    file: str
    path: Path
    baseline: tuple[Path, ...]


def read_list(path: Path) -> list[Row]:
    """Read a list with the columns ``file`` and, optionally, ``baseline``; paths are relative to the list.

    Raises
    ------
    InputError
        When there is no column ``file``.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        table = csv.DictReader(file)
        if "file" not in (table.fieldnames or ()):
            raise InputError(NO_COLUMN, name=path.name)
        return [
            Row(
                row["file"],
                path.parent / row["file"],
                tuple(path.parent / part.strip() for part in (row.get("baseline") or "").split(SEPARATOR) if part.strip()),
            )
            for row in table
        ]


def write(rows: Sequence[Row], target: Path, progress: Callable[[str, float], None]) -> int:
    """Predict every row into a CSV with ``COLUMNS`` and return how many could not be analysed.

    Those keep their row with only ``file`` filled in; the reason goes to stderr, as it does where a baseline cannot be used.
    """
    failed = 0
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for line, reason in _lines(rows, progress):
            writer.writerow(line)
            if reason:
                failed += 1
                print(f"{line[0]}: {reason}", file=sys.stderr)
    return failed


def _lines(rows: Sequence[Row], progress: Callable[[str, float], None]) -> Iterable[tuple[list[str], str | None]]:
    known: dict[Path, Baseline | None] = {}
    for index, row in enumerate(rows):
        for path in row.baseline:
            if path not in known:
                known[path] = _neutral(path)
        usable = [neutral for path in row.baseline if (neutral := known[path]) is not None]
        try:
            found = predict.predict_clip(row.path, joined(usable) if usable else None)
        except InputError as error:
            yield [row.file, *[""] * (len(COLUMNS) - 1)], str(error)
        except FileNotFoundError:
            yield [row.file, *[""] * (len(COLUMNS) - 1)], NO_FILE
        else:
            values = [f"{p:.{PROBABILITY_DECIMALS}f}" for p in (found.confidence, *found.probabilities)]
            yield [row.file, found.label, values[0], f"{found.speech_seconds:.3f}", *values[1:]], None
        progress("Hearing clips", (index + 1) / len(rows))


def _neutral(path: Path) -> Baseline | None:
    try:
        found = predict.reference_of(voice.load(), [recording.listen(path)])
    except (InputError, FileNotFoundError) as error:
        print(f"{path.name}: {NO_FILE if isinstance(error, FileNotFoundError) else error}", file=sys.stderr)
        return None
    if found is None:
        print(f"{path.name}: {predict.BASELINE_SILENT}", file=sys.stderr)
    return found
