"""The media store, the only one that touches media files: by content (SHA-256), at any fsspec address.

Uploads in pieces grow as partial files in the instance folder and move into the store when they are whole.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, BinaryIO

import fsspec
from flask import current_app
from fsspec.implementations.local import LocalFileSystem
from werkzeug.exceptions import ClientDisconnected, HTTPException

from core.manifest import BLOCK_BYTES, sha256_of

STORE, PARTIALS = "media", "partial"


class StorageFull(HTTPException):
    """Refuse bytes that would leave less than ``RESERVE_MB`` free: the database needs room to go on."""

    code = 507


def partial_path(identity: str) -> Path:
    """Return where the pieces of a recording are put together."""
    folder = Path(current_app.config["INSTANCE"], PARTIALS)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / hashlib.sha256(identity.encode()).hexdigest()


@contextmanager
def partial(identity: str) -> Iterator[BinaryIO]:
    """Open a recording's partial file for this request alone.

    Raises
    ------
    BlockingIOError
        While another request writes to it.
    """
    with open(os.open(partial_path(identity), os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield file


def append(file: BinaryIO, offset: int, stream: IO[bytes], most: int) -> int:
    """Append what ``stream`` brings, at most ``most`` bytes, to an open partial file at ``offset``.

    What lies beyond ``offset`` (a piece whose offset was never recorded) is cut off first. The bytes are on the disk when
    this returns, also when the connection broke in the middle.

    Returns
    -------
    int
        The new offset; ``offset + most + 1`` when more than ``most`` bytes came, of which ``most`` were written.

    Raises
    ------
    StorageFull
        When the disk has no room for more; the file ends at ``offset`` again.
    """
    file.truncate(offset)
    file.seek(offset)
    written = 0
    while written <= most and (block := _read(stream, min(BLOCK_BYTES, most + 1 - written))):
        if shutil.disk_usage(current_app.config["INSTANCE"]).free < current_app.config["RESERVE_MB"] * 1_000_000:
            file.truncate(offset)
            raise StorageFull
        file.write(block[: most - written])
        written += len(block)
    file.flush()
    os.fsync(file.fileno())
    return offset + written


def keys_before(time: datetime) -> Iterator[str]:
    """Yield the key of every content that was written before a time."""
    store, root = fsspec.core.url_to_fs(_store_url())
    for address in store.find(root) if store.exists(root) else ():
        if store.modified(address).astimezone(UTC) < time:
            yield address.rsplit("/", 1)[1]


def delete_partial(identity: str) -> None:
    """Delete what has arrived of a recording."""
    partial_path(identity).unlink(missing_ok=True)


def put(path: Path, is_ours: bool = False) -> str:
    """Put a local file into the store and return its key, the SHA-256 of its content; content that is there already stays.

    A file that is ours, made by this product and soon deleted, may share its place on the disk with the store's.
    """
    key = sha256_of(path)
    store, address = _locate(key)
    if not store.exists(address):
        store.makedirs(store._parent(address), exist_ok=True)
        if _is_local(store):
            temporary = Path(f"{address}.{os.getpid()}.{os.urandom(4).hex()}")
            _copy(path, temporary, is_ours)
            temporary.replace(address)
        else:
            store.put_file(str(path), address)
    return key


def exists(key: str) -> bool:
    """Tell whether the store has this content."""
    store, address = _locate(key)
    return bool(store.exists(address))


def size(key: str) -> int:
    """Return the bytes of a content."""
    store, address = _locate(key)
    return int(store.size(address))


def delete(key: str) -> None:
    """Delete a content for good; the caller has made sure that nothing refers to it any more."""
    store, address = _locate(key)
    if store.exists(address):
        store.rm_file(address)


def read(key: str, begin: int, end: int) -> Iterator[bytes]:
    """Yield the bytes ``begin`` ≤ i < ``end`` of a content in blocks.

    The file is opened before the first block is asked for, so that a missing one is noticed in time.
    """
    store, address = _locate(key)
    file = store.open(address, "rb")

    def blocks() -> Iterator[bytes]:
        with file:
            file.seek(begin)
            left = end - begin
            while left > 0 and (block := file.read(min(BLOCK_BYTES, left))):
                left -= len(block)
                yield block

    return blocks()


@contextmanager
def local(key: str, folder: Path, name: str) -> Iterator[Path]:
    """Give a content as a local file ``folder/name`` for as long as it is needed."""
    store, address = _locate(key)
    path = folder / name
    if _is_local(store):
        path.symlink_to(address)
    else:
        store.get_file(address, str(path))
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _locate(key: str) -> tuple[fsspec.AbstractFileSystem, str]:
    store, root = fsspec.core.url_to_fs(_store_url())
    return store, f"{root}/{key[:2]}/{key}"


def _read(stream: IO[bytes], size: int) -> bytes:
    try:
        return stream.read(size)
    except (OSError, ClientDisconnected):  # the connection broke: what came before it counts
        return b""


def _copy(path: Path, target: Path, is_ours: bool) -> None:
    if is_ours and path.stat().st_dev == target.parent.stat().st_dev:
        os.link(path, target)
        os.utime(target)
    else:
        shutil.copyfile(path, target)
    target.chmod(0o600)


def _store_url() -> str:
    return current_app.config["MEDIA_URL"] or str(Path(current_app.config["INSTANCE"], STORE))


def _is_local(store: fsspec.AbstractFileSystem) -> bool:
    return isinstance(store, LocalFileSystem)
