"""An Analysis of a text as lines for the terminal."""

from __future__ import annotations

from core.analysis import Analysis

WORDS_SHOWN = 10
WIDTH = 70  # characters of a sentence


def report(analysis: Analysis) -> str:
    """Return facts first, then traits with their intervals, then the most used words and the warnings."""
    facts = {name.replace("_", " "): f"{fact.value:.1%}" if fact.unit == "share" else str(fact.value) for name, fact in analysis.facts.items()}
    lines = [analysis.source.name, "", *(f"  {name:<18} {value:>8}" for name, value in facts.items())]
    if analysis.traits:
        lines += ["", "Above the average of the students whose essays the models learnt from: probability, 95 % interval, evidence"]
        lines += [f"  {name:<18} {t.probability:8.0%}  {t.low:.0%}–{t.high:.0%}  {t.evidence}" for name, t in analysis.traits.items()]
        lines += ["", "Words that moved each trait most in the part of the model that counts words (+ up, - down)"]
        lines += [f"  {name:<18} " + ", ".join(f"{'+' if w.effect > 0 else '-'}{w.word}" for w in t.words) for name, t in analysis.traits.items()]
    if analysis.shares:
        lines += ["", "Share of the words by the emotion of their sentence, as the model reads it"]
        lines += [f"  {name:<18} {share:8.0%}" for name, share in analysis.shares.items()]
        lines += ["", "Sentence by sentence: probability of the label, and how the sentence begins"]
        for number, sentence in enumerate(analysis.sentences, 1):
            words = " ".join((analysis.text or "")[sentence.start : sentence.end].split())
            probability = f"{max(sentence.emotions.values()):.0%}" if sentence.emotions else ""
            lines.append(f"  {number:>3} {sentence.label or '':<9} {probability:>4}  {words[:WIDTH]}{'…' if len(words) > WIDTH else ''}")
    for number, example in enumerate(analysis.examples, 1):
        lines += ["", f"Told example {number}, by sentences: " + ", ".join(f"{part} {_places(places)}" for part, places in vars(example).items())]
    if analysis.words:
        lines += ["", "Most used: " + ", ".join(f"{w.shown} {w.count}" for w in analysis.words[:WORDS_SHOWN])]
    return "\n".join([*lines, *(f"\n{warning}" for warning in analysis.warnings)])


def _places(places: list[int]) -> str:
    return " and ".join(str(place + 1) for place in places) or "none"
