"""The arrows of the house: core imports nobody, a modality imports core, the web application opens a modality only in a worker."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODALITIES = ("text", "audio", "video")
ROOMS = {"app", "core", "interview", "benchmarks", *MODALITIES}
DOOR = ROOT / "interview" / "dispatch.py"


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rooms_of(tree: ast.AST) -> set[str]:
    return {name.split(".")[0] for name in imported(tree)} & ROOMS


def sources(package: str) -> list[tuple[Path, ast.Module]]:
    paths = sorted((ROOT / package).rglob("*.py"))
    assert paths
    return [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in paths]


def test_core_imports_only_itself() -> None:
    for path, tree in sources("core"):
        assert rooms_of(tree) <= {"core"}, path


@pytest.mark.parametrize("modality", MODALITIES)
def test_a_modality_imports_only_itself_and_core(modality: str) -> None:
    for path, tree in sources(modality):
        assert rooms_of(tree) <= {"core", modality}, path


def test_only_the_dispatcher_opens_a_modality_and_only_its_door() -> None:
    for path, tree in sources("interview"):
        opened = {name for name in imported(tree) if name.split(".")[0] in MODALITIES}
        if path == DOOR:
            assert {name.split(".")[1] for name in opened} <= {"predict"}
        else:
            assert not opened, path


def test_importing_the_dispatcher_opens_no_modality() -> None:
    tree = ast.parse(DOOR.read_text(encoding="utf-8"))
    for statement in tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            assert not rooms_of(statement) & set(MODALITIES)
