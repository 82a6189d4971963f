"""An Analysis as text, for the terminal."""

from __future__ import annotations

from core.analysis import Analysis, Together, Trait
from core.terminal import measured

BAR = 24  # characters
WORDS = 10
COMPARED = {"given": "the baseline given", "answer": "the answer's own average"}
MODALITIES = {"text": "Text", "audio": "Voice", "video": "Face"}


def text_of(analysis: Analysis) -> str:
    """Return a readable summary: observable facts first, then what the models suggest, warnings last."""
    return "\n".join(_lines(analysis, MODALITIES[analysis.modality]))


def _lines(analysis: Analysis, title: str) -> list[str]:
    source = analysis.source
    measures = [f"{source.seconds:.1f} s" if source.seconds is not None else "", f"{source.words} words" if source.words is not None else ""]
    lines = [f"{title}: {source.name} ({', '.join(filter(None, measures))})" if any(measures) else f"{title}: {source.name}"]
    for name, fact in analysis.facts.items():
        lines.append(f"  {_words(name):<24} {measured(fact)}")
    if analysis.coverage is not None and analysis.modality != "text":
        lines.append(f"  {'covered by the models':<24} {analysis.coverage:.0%}")
    if analysis.baseline is not None:
        lines.append(f"  {'compared with':<24} {COMPARED[analysis.baseline]}")
    if analysis.shares:
        shared = "words, by the emotion of their sentence" if analysis.modality == "text" else "time"
        lines.append(f"  Share of the {shared}, as the model perceives it:")
        lines += [f"    {name:<12} {_bar(share)} {share:>4.0%}" for name, share in analysis.shares.items()]
    if analysis.traits:
        lines.append("  Traits: probability of being above average, with its 95 % interval:")
        lines += [f"    {name:<18} {_trait(trait)}" for name, trait in analysis.traits.items()]
    if analysis.words:
        lines.append("  Most used words: " + ", ".join(f"{w.shown or w.word} ({w.count})" for w in analysis.words[:WORDS]))
    lines += [f"  Note: {warning}" for warning in analysis.warnings]
    for name, part in analysis.parts.items():
        lines += ["", *_lines(part, _words(name).capitalize())]
    if analysis.together is not None:
        lines += ["", *_together(analysis.together)]
    return lines


def _together(pooled: Together) -> list[str]:
    lines = [f"Together: {' and '.join(pooled.channels)}, a logarithmic opinion pool"]
    if pooled.agreement is not None:
        lines.append(f"  {'same label':<24} {pooled.agreement:.0%} of the moments in which both have one")
    lines.append("  Share of the time:")
    lines += [f"    {name:<12} {_bar(share)} {share:>4.0%}" for name, share in pooled.shares.items()]
    for moment in pooled.highlights:
        said = ", ".join(f"{name} {label}" for name, label in moment.labels.items())
        lines.append(f"  {moment.t:7.1f} to {moment.end:.1f} s  {moment.kind}{f' ({said})' if said else ''}")
    return lines


def _bar(share: float) -> str:
    full = round(BAR * share)
    return "█" * full + "·" * (BAR - full)


def _trait(trait: Trait) -> str:
    return f"{trait.probability:.0%} ({trait.low:.0%} to {trait.high:.0%}), {trait.evidence} evidence"


def _words(name: str) -> str:
    return name.replace("_", " ")
