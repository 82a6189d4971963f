"""Limits of a process that decodes media or runs networks, set before it does."""

from __future__ import annotations

import os
import resource

THREAD_SETTINGS = ("THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")


def limit_threads(threads: int) -> None:
    """Tell every library that brings threads of its own, before it is loaded, how many it may start."""
    for name in THREAD_SETTINGS:
        os.environ[name] = str(threads)


def limit_memory(megabytes: int) -> None:
    """Limit the address space of this process, so that a hostile file costs one job and not the machine; 0 sets no limit."""
    if megabytes:
        resource.setrlimit(resource.RLIMIT_AS, (megabytes * 1_000_000, resource.getrlimit(resource.RLIMIT_AS)[1]))


def limit_seconds(seconds: int) -> None:
    """Limit the processor time of this process."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]))
