"""The manifest beside every model: what its files are and how they were made."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

MODELS = Path(__file__).resolve().parent.parent / "models"
MANIFEST = "manifest.json"
PACKAGES = ("tensorflow", "keras", "onnxruntime", "tf2onnx", "numpy")
BLOCK_BYTES = 1 << 20


class ModelError(RuntimeError):
    """Say which model file is missing or is not the one that the manifest names."""


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read ``manifest.json`` of a model folder.

    Raises
    ------
    ModelError
        When the folder has none.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise ModelError(f"{path} is missing: this model has not been trained")
    return json.loads(path.read_text(encoding="utf-8"))


@cache
def checked(folder: Path, name: str) -> Path:
    """Return the path of a model file after holding it against the manifest's hash (once in a process).

    Raises
    ------
    ModelError
        When the file is not named in the manifest, is missing, or differs from it.
    """
    files = read_manifest(folder)["files"]
    path = folder / name
    if name not in files:
        raise ModelError(f"{path} is not named in {MANIFEST}; it names {', '.join(sorted(files))}")
    if not path.is_file():
        raise ModelError(f"{path} is missing")
    if sha256_of(path) != files[name]["sha256"]:
        raise ModelError(f"{path} is not the file that {MANIFEST} names (its SHA-256 differs)")
    return path


def git_commit() -> str | None:
    """Return the commit of the checkout, ``None`` outside of one."""
    try:
        done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=MODELS.parent, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def write_manifest(folder: Path, version_name: str, files: Sequence[str], data: Sequence[Mapping[str, Any]], seed: int, **facts: Any) -> None:
    """Write ``manifest.json``.

    Parameters
    ----------
    folder
        The model folder; every name in ``files`` lies in it.
    version_name
        The version of the weights, such as ``2026.1``.
    data
        One mapping for each training set: ``name``, ``rows``, ``sha256`` of its file.
    facts
        ``classes``, ``input_shape``, ``normalisation``, ``temperature``, ``thresholds`` and whatever serving needs.
    """
    document = {
        "version": version_name,
        "files": {name: {"sha256": sha256_of(folder / name), "bytes": (folder / name).stat().st_size} for name in files},
        **facts,
        "seed": seed,
        "data": [dict(d) for d in data],
        "packages": {name: version(name) for name in PACKAGES},
        "git_commit": git_commit(),
    }
    (folder / MANIFEST).write_text(json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
