"""Compute the items of a generator ahead of their use, in a thread: where the work is done in C, two cores then work at once."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")
POLL_SECONDS = 0.1  # after which a full queue is looked at again, so that an abandoned thread ends


class _End:
    """Say that no item follows, and the error that ended them, if any."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def ahead(items: Iterable[Item], most: int) -> Iterator[Item]:
    """Yield from ``items``, computed by a thread that is at most ``most`` items ahead.

    An error of ``items`` is raised here. The thread ends, and ``items`` is closed, when this generator is closed or finished.
    """
    waiting: queue.Queue[Item | _End] = queue.Queue(most)
    abandoned = threading.Event()

    def put(item: Item | _End) -> bool:
        while not abandoned.is_set():
            try:
                waiting.put(item, timeout=POLL_SECONDS)
                return True
            except queue.Full:
                continue
        return False

    def compute() -> None:
        iterator = iter(items)
        try:
            for item in iterator:
                if not put(item):
                    break
            put(_End())
        except BaseException as error:  # noqa: BLE001 - raised again where the items are used
            put(_End(error))
        finally:
            if isinstance(iterator, Generator):
                iterator.close()

    thread = threading.Thread(target=compute, name="ahead", daemon=True)
    thread.start()
    try:
        while not isinstance(item := waiting.get(), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        abandoned.set()
        thread.join()
