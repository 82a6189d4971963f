"""An Analysis of a text as lines for the terminal."""

from __future__ import annotations

from core.analysis import Analysis

WORDS_SHOWN = 10


def report(analysis: Analysis) -> str:
    """Return facts first, then traits with their intervals, then the most used words and the warnings."""
    facts = {name.replace("_", " "): f"{fact.value:.1%}" if fact.unit == "share" else str(fact.value) for name, fact in analysis.facts.items()}
    lines = [analysis.source.name, "", *(f"  {name:<18} {value:>8}" for name, value in facts.items())]
    if analysis.traits:
        lines += ["", "Above the average of the students whose essays the models learnt from: probability, 95 % interval, evidence"]
        lines += [f"  {name:<18} {t.probability:8.0%}  {t.low:.0%}–{t.high:.0%}  {t.evidence}" for name, t in analysis.traits.items()]
    if analysis.words:
        lines += ["", "Most used: " + ", ".join(f"{w.shown} {w.count}" for w in analysis.words[:WORDS_SHOWN])]
    return "\n".join([*lines, *(f"\n{warning}" for warning in analysis.warnings)])
