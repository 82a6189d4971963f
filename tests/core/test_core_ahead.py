import threading
import time

import pytest

from core.ahead import ahead


def test_items_come_in_order_and_all():
    assert list(ahead(range(100), 3)) == list(range(100))


def test_it_works_ahead_but_not_further_than_allowed():
    made = []

    def items():
        for i in range(50):
            made.append(i)
            yield i

    slow = ahead(items(), 4)
    assert next(slow) == 0
    time.sleep(0.3)
    assert 4 <= len(made) <= 6
    slow.close()


def test_an_error_is_raised_where_the_items_are_used():
    def items():
        yield 1
        raise ValueError("broken frame")

    used = ahead(items(), 2)
    assert next(used) == 1
    with pytest.raises(ValueError, match="broken frame"):
        next(used)


def test_leaving_early_ends_the_thread_and_closes_the_source():
    closed = threading.Event()

    def items():
        try:
            while True:
                yield 0
        finally:
            closed.set()

    used = ahead(items(), 2)
    next(used)
    used.close()
    assert closed.wait(2)
    assert not any(thread.name == "ahead" for thread in threading.enumerate())
