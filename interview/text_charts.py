"""The charts of a text: the emotions of its sentences, one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from core.analysis import UNCLEAR
from interview.colours import EMOTIONS
from interview.marks import BOTTOM, FULL, ROW, SLOPE_PIXELS, TOP, Datasets, Document, chart_of, colour, document, hatching, rows_of, word_of
from interview.passages import read_sentences
from interview.timelines import hatch

GAP = 0.06  # of a sentence's width, between it and the next


def sentences(analysis: Mapping[str, Any]) -> Document:
    """Draw each emotion's probability in every sentence, a row for each emotion, under a row of the labels; *unclear* is hatched."""
    import altair as alt

    data: Datasets = {}
    classes, found = analysis["classes"], read_sentences(analysis)
    end = len(analysis["sentences"])
    rows, slope = len(classes) + 1, SLOPE_PIXELS / (end * ROW)
    bars, points = [], []
    for sentence in found:
        x, x2 = sentence["number"] - 1 + GAP, sentence["number"] - GAP
        bars += [{"x": x, "x2": x2, "y": round(i - FULL * sentence["emotions"][name], 3), "y2": i, "emotion": name} for i, name in enumerate(classes, start=2)]
        points.append(
            {"x": x, "x2": x2, "number": sentence["number"], "words": sentence["excerpt"], "label": word_of(sentence["label"]), **sentence["emotions"]}
        )
    places = [(s["number"] - 1 + GAP, s["number"] - GAP, s["label"]) for s in found]
    ribbon = [{"x": x, "x2": x2, "y": TOP, "y2": BOTTOM, "emotion": label} for x, x2, label in places if label in EMOTIONS]
    lines = [line for x, x2, label in places if label == UNCLEAR for line in hatch(x, x2, TOP, BOTTOM, end, slope)]
    axis = alt.Axis(grid=False, tickMinStep=1, tickCount=8, domain=False, format="d")
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, end], nice=False), title=gettext("sentences"), axis=axis)
    y = rows_of([gettext("label"), *(word_of(name) for name in classes)])
    hover = [
        alt.Tooltip("number:Q", title=gettext("sentence")),
        alt.Tooltip("words:N", title=gettext("words")),
        alt.Tooltip("label:N", title=gettext("label")),
        *(alt.Tooltip(f"{name}:Q", title=word_of(name), format=".0%") for name in classes),
    ]
    chart = alt.layer(
        chart_of(data, "ribbon", ribbon).mark_rect().encode(x, y, alt.X2("x2"), alt.Y2("y2"), colour()),
        chart_of(data, "bars", bars).mark_rect(fillOpacity=0.75).encode(x="x:Q", x2="x2", y="y:Q", y2="y2", color=colour()),
        hatching(data, lines),
        chart_of(data, "points", points).mark_rect(opacity=0).encode(x="x:Q", x2="x2", tooltip=hover),
    )
    said = gettext("Probability of each emotion in %(count)d sentences, a row for each emotion; unclear sentences are hatched.", count=end)
    return document(chart, data, rows * ROW, said)
