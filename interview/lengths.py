"""How long a recording lasts, before it is taken: read in a process of its own, since a hostile file may do to it what it likes."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

from core.errors import InputError

ROOT = Path(__file__).resolve().parent.parent
TOLERANCE_SECONDS = 5.0  # between a countdown that ends and a recorder that stops
PATIENCE_SECONDS = 30
MEMORY_BYTES = 2_000_000_000
TOO_LONG = "This recording is longer than the %(most)d seconds that this question allows. Please give a shorter answer."


class TooLongError(InputError):
    """Say that a recording is longer than its question allows."""


def check(path: Path, most: int) -> None:
    """Refuse a recording that lasts longer than its question allows; what cannot be read here, the analysis will name.

    Raises
    ------
    TooLongError
        When it is longer than ``most`` seconds and the tolerance.
    """
    allowed = most + TOLERANCE_SECONDS
    command = [sys.executable, "-m", "interview.lengths", str(path), str(allowed)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE_SECONDS, cwd=ROOT)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return
    if float(done.stdout) > allowed:
        raise TooLongError(TOO_LONG, most=most)


def main(path: str, most: str) -> None:
    """Print the seconds that a file lasts."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, resource.getrlimit(resource.RLIMIT_AS)[1]))
    from core import media

    print(media.lasts(path, float(most)))


if __name__ == "__main__":
    main(*sys.argv[1:])
