"""Time and memory from a text to its result."""

from __future__ import annotations

import platform
import resource
import time

from text.predict import analyze_text, warm

WORDS = 500
REPEATS = 20
SENTENCES = (
    "When our team lost its largest customer, I was asked to find out why and to tell the others.",
    "I listened to everyone who had worked on it, although that was not always easy for me.",
    "We agreed on three things that we would never do again, and we wrote them down.",
    "Perhaps it was luck, but half a year later they came back and brought a friend.",
)


def bench() -> str:
    """Return a table: seconds to load, milliseconds for an answer of 500 words when warm, memory."""
    text = ""
    for i in range(WORDS):
        text += SENTENCES[i % len(SENTENCES)] + " "
        if len(text.split()) >= WORDS:
            break
    began = time.perf_counter()
    warm()
    loaded = time.perf_counter() - began
    times, busy = [], []
    for _ in range(REPEATS):
        began, used = time.perf_counter(), time.process_time()
        analyze_text(text)
        times.append(1000 * (time.perf_counter() - began))
        busy.append(1000 * (time.process_time() - used))
    times.sort()
    busy.sort()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return "\n".join(
        (
            f"machine                      {platform.machine()} {platform.system()}, Python {platform.python_version()}",
            f"load and first answer        {loaded:8.2f} s",
            f"{len(text.split())} words, warm, median      {times[REPEATS // 2]:8.1f} ms",
            f"{len(text.split())} words, warm, slowest     {times[-1]:8.1f} ms",
            f"of these, processor, median  {busy[REPEATS // 2]:8.1f} ms",
            f"memory at most               {memory:8.0f} MB",
        )
    )
