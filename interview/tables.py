"""An Analysis as CSV: the timelines of face, voice and both together, or the traits and words of a text; and its facts alone."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")
BOX = ("x", "y", "width", "height")


def csv_of(analysis: Mapping[str, Any]) -> str:
    """Return the table of an Analysis with its header line."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows(_text_rows(analysis) if analysis["modality"] == "text" else _timeline_rows(analysis))
    return out.getvalue()


def facts_csv(analysis: Mapping[str, Any]) -> str:
    """Return the facts of an Analysis and its parts, the shares and the traits as far as it has them: one row for each."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("part", "row", "name", "value", "unit", "low", "high"))
    own = {"video": "face", "audio": "voice"}.get(analysis["modality"], analysis["modality"])
    for part, document in ((own, analysis), *analysis["parts"].items()):
        for name, fact in document["facts"].items():
            writer.writerow((part, "fact", name, "" if fact["value"] is None else fact["value"], fact["unit"], "", ""))
        for name, share in document["shares"].items():
            writer.writerow((part, "share", name, share, "share", "", ""))
        for name, trait in document["traits"].items():
            writer.writerow((part, "trait", name, trait["probability"], "probability", trait["low"], trait["high"]))
    return out.getvalue()


def _text_rows(analysis: Mapping[str, Any]) -> Iterator[Sequence[Any]]:
    yield "row", "name", "value", "low", "high", "evidence"
    for name, trait in analysis["traits"].items():
        yield "trait", name, trait["probability"], trait["low"], trait["high"], trait["evidence"]
    for name, probability in analysis.get("emotions", {}).items():
        yield "emotion", name, probability, "", "", ""
    for number, sentence in enumerate(analysis["sentences"], 1):
        if sentence.get("label"):
            yield f"sentence {number}", sentence["label"], max(sentence["emotions"].values()), "", "", ""
    for name, fact in analysis["facts"].items():
        yield "fact", name, fact["value"], "", "", ""
    for word in analysis["words"]:
        yield "word", harmless(word["shown"] or word["word"]), word["count"], "", "", ""


def _timeline_rows(analysis: Mapping[str, Any]) -> Iterator[Sequence[Any]]:
    classes = analysis["classes"]
    yield "part", "t", "label", "gap", *classes, *(f"raw_{name}" for name in classes), *(f"box_{side}" for side in BOX)
    own = "face" if analysis["modality"] == "video" else "voice"
    pooled = [("together", analysis["together"])] if analysis.get("together") else []
    for part, document in ((own, analysis), *analysis["parts"].items(), *pooled):
        for moment in document["timeline"]:
            nothing = [""] * len(classes)
            yield (
                part,
                moment["t"],
                moment["label"] or "",
                moment["gap"] or "",
                *(moment["p"] or nothing),
                *(moment["raw"] or nothing),
                *(moment["box"] or [""] * 4),
            )


def harmless(word: str) -> str:
    """Keep a spreadsheet from taking a word for a formula."""
    return f"'{word}" if word.startswith(FORMULA_BEGINS) else word
