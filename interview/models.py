"""What the model folders say of themselves, for pages: manifests and figures. No network is loaded for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flask import current_app

from core.manifest import MANIFEST, MODELS

MODALITIES = ("text", "audio", "video")
ENSEMBLE = "ensemble"
METRICS = "metrics.json"
NETWORK_ENDING = ".onnx"
PARTS_OF = {"text": ("text",), "audio": ("audio",), "video": ("video", "audio")}


def described() -> dict[str, dict[str, Any]]:
    """Return manifest and metrics of each modality and of the ensemble; ``None`` where it has not been trained."""
    return {name: {"manifest": _read(name, MANIFEST), "metrics": _read(name, METRICS)} for name in (*MODALITIES, ENSEMBLE)}


def figures(kind: str) -> dict[str, dict[str, Any]]:
    """Return the measured figures by modality; empty for those that take no part in an answer of this kind."""
    found = {modality: _read(modality, METRICS) if modality in PARTS_OF[kind] else None for modality in MODALITIES}
    return {modality: metrics["figures"] if metrics else {} for modality, metrics in found.items()}


def versions() -> dict[str, dict[str, str]]:
    """Return version and SHA-256 of every network that is served, by its name."""
    found = {}
    for modality in MODALITIES:
        manifest = _read(modality, MANIFEST)
        for name, file in (manifest["files"] if manifest else {}).items():
            if manifest and name.endswith(NETWORK_ENDING):
                found[name.removesuffix(NETWORK_ENDING)] = {"version": manifest["version"], "sha256": file["sha256"]}
    return found


def transcriber_there() -> bool:
    """Say whether this installation can hear words: the folder of the transcriber's model is there."""
    return (Path(current_app.config["WHISPER_MODEL"] or MODELS / "transcriber") / "model.bin").is_file()


def _read(modality: str, name: str) -> dict[str, Any] | None:
    path = MODELS / modality / name
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
