"""The machine a benchmark ran on, in one sentence."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import psutil


def processor() -> str:
    """Return the processor's model as the system names it."""
    description = Path("/proc/cpuinfo")
    if description.is_file():
        for line in description.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def describe() -> str:
    """Return cores, processor, memory, system, and how busy the machine was."""
    memory = psutil.virtual_memory().total / 2**30
    load = os.getloadavg()[0]
    return (
        f"Measured with Python {platform.python_version()} on {os.cpu_count()} cores of {processor()}, {memory:.0f} GB of memory, no GPU, "
        f"{platform.system()}; load before the measurement {load:.1f}."
    )
