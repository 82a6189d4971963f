"""The way from the web process to the process that looks: a Unix socket in the instance folder, opened with a key.

Messages are bytes, never pickles. One connection is one live visitor: a message in, an answer out, in turn.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
import tempfile
from collections.abc import Mapping
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any, cast

SOCKET = "live.sock"
LONGEST_PATH = 100  # bytes; the system takes 108
FAMILY = "AF_UNIX"
BACKLOG = 16
PURPOSE = b"live"


def address(instance: str) -> str:
    """Return the path of the socket; where the instance folder's own is too long for one, it lies in a private temporary folder."""
    path = os.path.join(instance, SOCKET)
    if len(os.fsencode(path)) <= LONGEST_PATH:
        return path
    folder = Path(tempfile.gettempdir(), f"interview-{os.getuid()}-{hashlib.sha256(os.fsencode(instance)).hexdigest()[:16]}")
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) != 0o700:
        raise PermissionError(f"{folder} is not a private folder of ours")
    return str(folder / SOCKET)


def key(config: Mapping[str, Any]) -> bytes:
    """Return the key that both ends know, made from the secret key of the installation."""
    return hmac.new(str(config["SECRET_KEY"]).encode(), PURPOSE, hashlib.sha256).digest()


def listener(config: Mapping[str, Any]) -> Listener:
    """Listen; a socket that a process before left behind is removed."""
    path = address(config["INSTANCE"])
    Path(path).unlink(missing_ok=True)
    return Listener(path, FAMILY, BACKLOG, authkey=key(config))


def connect(config: Mapping[str, Any]) -> Connection:
    """Open a connection.

    Raises
    ------
    OSError, EOFError, multiprocessing.AuthenticationError
        When nobody listens there, or with another key.
    """
    return cast(Connection, Client(address(config["INSTANCE"]), FAMILY, authkey=key(config)))
