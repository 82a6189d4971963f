"""What was seen live while somebody recorded, on its way to the worker: from the live process to the web process, which keeps it
until the recording has arrived, and with the answer in the media store until its job has read it."""

from __future__ import annotations

import base64
import json
import threading
import time
from pathlib import Path
from typing import Any

from flask import Flask, current_app

from core.analysis import Analysis
from interview import media, retention
from interview.database import Picture

EXTENSION = "interview_takes"
NAME = "live.json"  # among an answer's pictures
KEPT_SECONDS = 600.0  # that the rest of a recording may take to arrive


def packed(seen: Analysis | None, pictures: Path) -> str | None:
    """Return an analysis and the key frames in ``pictures`` as one text, and delete these; ``None`` for ``None``."""
    files = {path.name: base64.b64encode(path.read_bytes()).decode() for path in sorted(pictures.iterdir())}
    for name in files:
        (pictures / name).unlink()
    return None if seen is None else json.dumps({"analysis": seen.to_dict(), "pictures": files}, allow_nan=False)


def unpacked(text: str, pictures: Path) -> Analysis:
    """Return the analysis, and write its key frames to ``pictures``."""
    document: dict[str, Any] = json.loads(text)
    for name, data in document["pictures"].items():
        (pictures / Path(name).name).write_bytes(base64.b64decode(data))
    return Analysis.from_dict(document["analysis"])


def stored(text: str) -> Picture:
    """Put a take into the media store and return it as one of an answer's pictures."""
    with retention.work_folder() as folder:
        path = folder / NAME
        path.write_text(text, encoding="utf-8")
        return Picture(name=NAME, media_key=media.put(path))


class Takes:
    """Keep the last take of each visitor for a while."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[float, str]] = {}
        self.lock = threading.Lock()

    def keep(self, visitor: str, take: str) -> None:
        """Keep a visitor's take instead of an earlier one, and forget those that nobody fetched."""
        with self.lock:
            at = time.monotonic()
            self.kept = {key: kept for key, kept in self.kept.items() if at - kept[0] < KEPT_SECONDS}
            self.kept[visitor] = (at, take)

    def fetch(self, visitor: str) -> str | None:
        """Return a visitor's take and forget it."""
        with self.lock:
            found = self.kept.pop(visitor, None)
        return found[1] if found is not None and time.monotonic() - found[0] < KEPT_SECONDS else None


def init_app(app: Flask) -> None:
    """Set up the place of the takes."""
    app.extensions[EXTENSION] = Takes()


def takes() -> Takes:
    """Return the takes of this installation."""
    return current_app.extensions[EXTENSION]
