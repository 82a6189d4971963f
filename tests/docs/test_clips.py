"""Everything in tests/data has a row that says what it is and that its terms allow it to be here."""

import csv
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parent.parent / "data"
OWN = {"clips.csv", "blinks.csv", "words.csv", "make_bad.py", "README.md"}
WRITTEN = ("docs", "texts")  # folders whose README.md is the table
NOT_ALLOWED = ("no licence stated", "internal test use only", "unknown")


def rows() -> list[dict[str, str]]:
    with (DATA / "clips.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_clip_has_its_row_and_every_row_its_clip() -> None:
    found = {path.relative_to(DATA) for path in DATA.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    clips = {path.as_posix() for path in found if path.parts[0] not in WRITTEN} - OWN
    assert clips == {row["file"] for row in rows()}


def test_clips_are_those_that_were_described() -> None:
    assert [row["file"] for row in rows() if (DATA / row["file"]).stat().st_size != int(row["bytes"])] == []


def test_terms_allow_every_clip_to_be_here() -> None:
    for row in rows():
        assert row["licence"], row["file"]
        assert not any(word in row["licence"] for word in NOT_ALLOWED), row["file"]


@pytest.mark.parametrize("folder", WRITTEN)
def test_every_document_has_its_row_with_source_and_terms(folder: str) -> None:
    lines = (DATA / folder / "README.md").read_text(encoding="utf-8").splitlines()
    rows = {cells[1].strip(" `"): cells for line in lines if line.startswith("| `") and (cells := line.split("|"))}
    assert set(rows) == {path.name for path in (DATA / folder).iterdir()} - OWN
    assert all(cells[2].strip() and cells[3].strip() for cells in rows.values())
