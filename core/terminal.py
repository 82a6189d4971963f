"""The terminal commands' common part: progress on stderr, one sentence for an input error, the exit status."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence

from core.analysis import Fact
from core.errors import InputError

EXIT_FINE, EXIT_INPUT = 0, 1  # 2, wrong use, is argparse's own
BAR = 30  # characters
REDRAW_SECONDS = 0.1
COUNT = "count"  # a unit that goes without saying

Progress = Callable[[str, float], None]


def progress_bar() -> Progress:
    """Return a ``progress(stage, share)`` that draws a bar with the time left on stderr where that is a terminal."""
    if not sys.stderr.isatty():
        return lambda stage, share: None
    began, drawn = time.monotonic(), 0.0

    def draw(stage: str, share: float) -> None:
        nonlocal drawn
        now = time.monotonic()
        if share < 1 and now - drawn < REDRAW_SECONDS:
            return
        drawn = now
        left = f"{(now - began) * (1 - share) / share:4.0f} s left" if share > 0.02 else ""
        full = round(BAR * share)
        end = "\n" if share >= 1 else ""
        print(f"\r{'█' * full}{'░' * (BAR - full)} {share:4.0%} {stage:<24} {left:<12}", end=end, file=sys.stderr, flush=True)

    return draw


def run(parser: argparse.ArgumentParser, arguments: Sequence[str] | None = None) -> int:
    """Parse, call the chosen command's ``function(arguments)`` and return the exit status: 0 fine, 1 input error."""
    options = parser.parse_args(arguments)
    try:
        return int(options.function(options) or EXIT_FINE)
    except InputError as error:
        print(error, file=sys.stderr)
        return EXIT_INPUT
    except FileNotFoundError as error:
        print(f"There is no file {error.filename}.", file=sys.stderr)
        return EXIT_INPUT
    except BrokenPipeError:
        sys.stderr.close()
        return EXIT_FINE


def measured(fact: Fact) -> str:
    """Return a fact's value with its unit, as a terminal shows it."""
    if fact.value is None:
        return "not enough to tell"
    if fact.unit == "share":
        return f"{fact.value:.0%}"
    return f"{fact.value:g}" if fact.unit == COUNT else f"{fact.value:g} {fact.unit}"
