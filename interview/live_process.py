"""The process that looks: it runs the networks for all who are live, one thread and one state for each, and keeps nothing.

A message is a picture or a piece of sound; its answer is JSON, or empty where there is nothing to say yet. The next message
of a visitor is read when the last is answered, so nothing queues here. Faces are classified one by one: a batch of several
visitors' faces takes as long a face as one alone on a processor (``make bench`` measures it), and would let the fast wait for the slow.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import closing
from multiprocessing import AuthenticationError
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from flask import Flask

from core.errors import InputError
from interview import dispatch, live_link, live_takes
from interview.limits import limit_memory, limit_threads
from interview.live_messages import CUT, HEAD, PICTURE, RECORD, piece_of
from interview.worker import SIGNALS

PARENT_SECONDS = 1.0
READY = {"type": "ready"}
PLACES = 1  # decimals of a pixel

log = logging.getLogger("interview.live")


class Looker(Protocol):
    """Answer one visitor's messages."""

    def answer(self, message: bytes) -> dict[str, Any] | None: ...
    def close(self) -> None: ...


class Looking:
    """Hold what is known of one visitor while they are live: the followed face, its last seconds, the sound of the last half minute."""

    def __init__(self) -> None:
        self.watcher, self.hear = dispatch.watch(), dispatch.listen()
        self.folder = TemporaryDirectory(prefix="interview-live-")

    def answer(self, message: bytes) -> dict[str, Any] | None:
        """Return what is seen in a picture, what a piece of sound completes, or what was seen while it was recorded."""
        kind, number, t = HEAD.unpack_from(message)
        if kind == RECORD:
            self.watcher.begin(t, Path(self.folder.name))
            return {"type": "recording"}
        if kind == CUT:
            return {"type": "taken", "take": live_takes.packed(self.watcher.end(), Path(self.folder.name))}
        piece = piece_of(message)
        if piece.kind == PICTURE:
            try:
                return seen(self.watcher.look(t, dispatch.live_picture(piece.data)), number)
            except InputError as error:
                return {"type": "refused", "n": number, "reason": str(error)}
        moments = [vars(moment) for moment in self.hear(piece.data)]
        return {"type": "heard", "n": number, "moments": moments} if moments else None

    def close(self) -> None:
        """Delete what is left of a recording."""
        self.folder.cleanup()


def seen(found: Any, number: int) -> dict[str, Any]:
    """Return what ``video.live`` saw as the page reads it."""
    points = None if found.points is None else found.points.round(PLACES).ravel().tolist()
    return {"type": "seen", "n": number, **vars(found), "points": points}


def serve(listening: Listener, new: Callable[[], Looker]) -> None:
    """Answer every connection in a thread of its own, until the listener is closed."""
    while True:
        try:
            connection = listening.accept()
        except (AuthenticationError, EOFError, ConnectionError):
            continue
        except OSError:
            return
        threading.Thread(target=_converse, args=(connection, new), name="live", daemon=True).start()


def _converse(connection: Connection, new: Callable[[], Looker]) -> None:
    try:
        with connection, closing(new()) as looker:
            connection.send_bytes(json.dumps(READY).encode())
            while True:
                answer = looker.answer(connection.recv_bytes())
                connection.send_bytes(json.dumps(answer, allow_nan=False).encode() if answer else b"")
    except (EOFError, OSError):
        return
    except Exception:
        log.exception("a live visitor's connection broke")


def run(app: Flask, parent: int | None) -> int:
    """Listen until a signal, or until the parent process is gone; networks are loaded when the first visitor comes."""
    for number in SIGNALS:
        signal.signal(number, lambda *_: os._exit(0))  # nothing is kept that could be lost
    limit_threads(app.config["THREADS"])
    os.environ["ENGINE"] = app.config["ENGINE"]
    limit_memory(app.config["JOB_MB"])
    loading = threading.Lock()

    def new() -> Looking:
        with loading:
            return Looking()

    threading.Thread(target=serve, args=(live_link.listener(app.config), new), name="listener", daemon=True).start()
    while parent is None or os.getppid() == parent:
        time.sleep(PARENT_SECONDS)
    os._exit(0)
