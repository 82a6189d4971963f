"""The charts of an answer: Altair documents, drawn by Vega in the browser from the Analysis alone.

They are as wide as their container, have no background and no text colour of their own (the page gives both), and carry
the emotion's word wherever they carry its colour. The time charts share the scale ``x`` in seconds and ``playhead``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext

from core.analysis import TRAITS, UNCLEAR
from interview.colours import EMOTIONS, INK_ON, QUIET
from interview.marks import (
    BOTTOM,
    FONT,
    FULL,
    ROOM,
    ROW,
    SLOPE_PIXELS,
    TOP,
    VALUE_WIDTH,
    Datasets,
    Document,
    beside,
    chart_of,
    colour,
    document,
    hatching,
    playhead,
    rows_of,
    share_axis,
    time_axis,
    values,
    word_of,
)
from interview.others import words_per_hundred
from interview.passages import read_sentences
from interview.text_charts import sentences
from interview.timelines import Run, end_of, hatch, runs, segments

BAR_TOP, BAR_BOTTOM = 0.22, 0.78  # of a bar's row
TRAIT_ROW = 48  # pixels
WORDS = 12


def names(analysis: Mapping[str, Any]) -> list[str]:
    """Return the names of the charts that an analysis has."""
    return list(_charts(analysis, None))


def draw(analysis: Mapping[str, Any], comparison: Mapping[str, Any]) -> dict[str, Document]:
    """Return the Vega-Lite document of every chart by its name."""
    return {name: make() for name, make in _charts(analysis, comparison).items()}


def _charts(analysis: Mapping[str, Any], comparison: Mapping[str, Any] | None) -> dict[str, Any]:
    others = comparison or {}
    voice = analysis["parts"].get("voice")
    blinks = analysis["facts"].get("blinks")
    end = max(end_of(part) for part in (analysis, voice) if part)
    found = {
        "together": (analysis.get("together"), lambda: _bands(analysis, end)),
        "emotions": (analysis["timeline"], lambda: emotions(analysis, end)),
        "shares": (analysis["shares"], lambda: shares(analysis["shares"], others.get("shares"))),
        "blinks": (blinks and blinks["times"] is not None, lambda: blinks_over_time(blinks["times"], end)),
        "voice_emotions": (voice and voice["timeline"], lambda: emotions(voice, end)),
        "voice_shares": (voice and voice["shares"], lambda: shares(voice["shares"], others.get("voice_shares"))),
        "sentences": (read_sentences(analysis), lambda: sentences(analysis)),
        "traits": (analysis["traits"], lambda: traits(analysis["traits"], others.get("traits"))),
        "words": (analysis["words"], lambda: words(analysis, others.get("words"))),
    }
    return {name: make for name, (there, make) in found.items() if there}


def _bands(analysis: Mapping[str, Any], end: float) -> Document:
    from interview.bands import bands

    return bands(analysis, end)


def emotions(analysis: Mapping[str, Any], end: float) -> Document:
    """Draw each emotion's probability over time in a row of its own, under a row of the labels; gaps are hatched.

    ``end`` is where the time axis ends, in seconds: the same for the face and the voice of one answer.
    """
    import altair as alt

    data: Datasets = {}
    classes, timeline = analysis["classes"], analysis["timeline"]
    rows, slope = len(classes) + 1, SLOPE_PIXELS / (end * ROW)
    areas, points = [], []
    for number, segment in enumerate(segments(timeline, classes)):
        ends = [*segment, {**segment[-1], "t": segment[-1]["end"]}]
        for i, name in enumerate(classes, start=2):
            areas += [{"t": p["t"], "y": round(i - FULL * p[name], 3), "y2": i, "emotion": name, "segment": number} for p in ends]
        points += segment
    gaps = [run for run in runs(timeline) if run.is_gap]
    labels = [run for run in runs(timeline) if not run.is_gap]
    ribbon = [{"x": run.begin, "x2": run.end, "y": TOP, "y2": BOTTOM, "emotion": run.name} for run in labels if run.name in EMOTIONS]
    lines = [line for run in gaps for line in hatch(run.begin, run.end, TOP, rows, end, slope)]
    lines += [line for run in labels if run.name == UNCLEAR for line in hatch(run.begin, run.end, TOP, BOTTOM, end, slope)]
    named = [_spoken(run, end, (TOP + BOTTOM) / 2, INK_ON[run.name]) for run in labels if run.name in EMOTIONS]
    spoken = [_spoken(run, end, rows / 2 + 0.5) for run in gaps]
    reasons = [{"x": run.begin, "x2": run.end, "word": gettext(run.name)} for run in gaps]
    room = alt.condition(f"width * datum.share > {ROOM}", alt.value(1), alt.value(0))
    hover = [alt.Tooltip("t:Q", title=gettext("seconds"), format=".1f"), *(alt.Tooltip(f"{name}:Q", title=word_of(name), format=".0%") for name in classes)]
    x, y = time_axis(end), rows_of([gettext("label"), *(word_of(name) for name in classes)])
    chart = alt.layer(
        chart_of(data, "ribbon", ribbon).mark_rect().encode(x, y, alt.X2("x2"), alt.Y2("y2"), colour()),
        chart_of(data, "areas", areas)
        .mark_area(line={"strokeWidth": 1.5}, fillOpacity=0.35)
        .encode(x="t:Q", y="y:Q", y2="y2", color=colour(), detail="segment:N"),
        hatching(data, lines),
        chart_of(data, "named", named).mark_text(fontSize=FONT).encode(x="x:Q", y="y:Q", text="word:N", color=alt.Color("ink:N", scale=None), opacity=room),
        chart_of(data, "spoken", spoken).mark_text(fontSize=FONT).encode(x="x:Q", y="y:Q", text="word:N", opacity=room),
        chart_of(data, "reasons", reasons).mark_rect(opacity=0).encode(x="x:Q", x2="x2", tooltip=[alt.Tooltip("word:N", title=gettext("gap"))]),
        chart_of(data, "points", points).mark_rect(opacity=0).encode(x="t:Q", x2="end", tooltip=hover),
        playhead(data),
    )
    said = gettext("Probability of each emotion over %(seconds)d seconds, a row for each; gaps are hatched.", seconds=round(end))
    return document(chart, data, rows * ROW, said, playhead=True)


def shares(own: Mapping[str, float], others: Mapping[str, float] | None) -> Document:
    """Draw each emotion's share of the answer as a bar, *unclear* hatched, and the mean of others as a line across it."""
    import altair as alt

    data: Datasets = {}
    order = [name for name in (*EMOTIONS, UNCLEAR) if name in own]
    bars: list[dict[str, Any]] = [{"emotion": n, "x": 0, "x2": own[n], "y": i + BAR_TOP, "y2": i + BAR_BOTTOM, "word": word_of(n)} for i, n in enumerate(order)]
    means = [{"x": others[n], "y": i + 0.1, "y2": i + 0.9, "word": word_of(n)} for i, n in enumerate(order) if n in others] if others else []
    most = max([0.1, *own.values(), *(others or {}).values()]) * (1 + VALUE_WIDTH)
    slope = SLOPE_PIXELS / ROW / most
    lines = [line for bar in bars if bar["emotion"] == UNCLEAR for line in hatch(0, bar["x2"], bar["y"], bar["y2"], most, slope)]
    outline = [bar for bar in bars if bar["emotion"] == UNCLEAR and bar["x2"] > 0]
    coloured = [bar for bar in bars if bar["emotion"] != UNCLEAR]
    x, y = share_axis(most), rows_of([word_of(name) for name in order])
    hover = [alt.Tooltip("word:N", title=gettext("emotion")), alt.Tooltip("x2:Q", title=gettext("share"), format=".1%")]
    mean = [alt.Tooltip("word:N", title=gettext("emotion")), alt.Tooltip("x:Q", title=gettext("mean of others"), format=".1%")]
    chart = alt.layer(
        chart_of(data, "coloured", coloured).mark_rect(cornerRadius=2).encode(x, y, alt.X2("x2"), alt.Y2("y2"), colour(), tooltip=hover),
        hatching(data, lines),
        chart_of(data, "outline", outline).mark_rect(fillOpacity=0, stroke=QUIET).encode(x="x:Q", x2="x2", y="y:Q", y2="y2", tooltip=hover),
        values(data, [{"x": beside(own[n], (others or {}).get(n, 0), most), "y": i + 0.5, "value": own[n]} for i, n in enumerate(order)], ".0%"),
        chart_of(data, "means", means).mark_rule(strokeWidth=2).encode(x="x:Q", y="y:Q", y2="y2", tooltip=mean),
    )
    return document(chart, data, len(order) * ROW, gettext("Share of each emotion in the answer."))


def traits(own: Mapping[str, Mapping[str, Any]], others: Mapping[str, float] | None) -> Document:
    """Draw each trait's probability of being above average with its interval; a hollow point is weak evidence."""
    import altair as alt

    data: Datasets = {}
    order = [name for name in TRAITS if name in own]
    found = [{"y": i + 0.5, "word": gettext(name.capitalize()), "weak": own[name]["evidence"] == "weak", **own[name]} for i, name in enumerate(order)]
    means = [{"x": others[n], "y": i + 0.4, "y2": i + 0.85, "word": gettext(n.capitalize())} for i, n in enumerate(order) if n in others] if others else []
    x, y = share_axis(1.0), rows_of([gettext(name.capitalize()) for name in order])
    average = [{"x": 0.5, "y": 0, "y2": len(order), "word": gettext("average")}]
    hover = [
        alt.Tooltip("word:N", title=gettext("trait")),
        alt.Tooltip("probability:Q", title=gettext("above average"), format=".0%"),
        alt.Tooltip("low:Q", title=gettext("at least"), format=".0%"),
        alt.Tooltip("high:Q", title=gettext("at most"), format=".0%"),
    ]
    mean = [alt.Tooltip("word:N", title=gettext("trait")), alt.Tooltip("x:Q", title=gettext("mean of others"), format=".0%")]
    fill = alt.condition("datum.weak", alt.value(0), alt.value(1))
    base = chart_of(data, "found", found)
    chart = alt.layer(
        chart_of(data, "average", average).mark_rule(strokeDash=[3, 3], color=QUIET).encode(x, y, y2="y2"),
        base.mark_rule(strokeWidth=6, opacity=0.3, strokeCap="round").encode(x="low:Q", x2="high", y="y:Q", tooltip=hover),
        chart_of(data, "means", means).mark_rule(strokeWidth=2, color=QUIET).encode(x="x:Q", y="y:Q", y2="y2", tooltip=mean),
        base.mark_point(size=130, shape="circle", strokeWidth=2, filled=False, opacity=1).encode(x="probability:Q", y="y:Q", tooltip=hover),
        base.mark_point(size=130, shape="circle", strokeWidth=2, filled=True).encode(x="probability:Q", y="y:Q", opacity=fill, tooltip=hover),
        base.mark_text(align="center", dy=-13, fontSize=FONT).encode(x="probability:Q", y="y:Q", text=alt.Text("probability:Q", format=".0%")),
    )
    said = gettext("Probability of being above average in each trait, with its interval (95%); the dashed line is the average.")
    return document(chart, data, len(order) * TRAIT_ROW, said)


def words(analysis: Mapping[str, Any], others: Sequence[Mapping[str, Any]] | None) -> Document:
    """Draw the most used words per 100 words as bars, and the mean of others as a line across each."""
    import altair as alt

    data: Datasets = {}
    own = [(word["shown"] or word["word"], share) for word, share in words_per_hundred(analysis)[:WORDS]]
    mean_of = {word["word"]: word["share"] for word in others or ()}
    bars = [{"x": 0, "x2": share, "y": i + BAR_TOP, "y2": i + BAR_BOTTOM, "word": word} for i, (word, share) in enumerate(own)]
    means = [{"x": mean_of[word], "y": i + 0.1, "y2": i + 0.9, "word": word} for i, (word, _) in enumerate(own) if word in mean_of]
    most = max([*(share for _, share in own), *(mean["x"] for mean in means)]) * (1 + VALUE_WIDTH)
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, most], nice=False), title=gettext("uses per 100 words"), axis=alt.Axis(grid=False, tickCount=5, domain=False))
    hover = [alt.Tooltip("word:N", title=gettext("word")), alt.Tooltip("x2:Q", title=gettext("uses per 100 words"), format=".1f")]
    mean = [alt.Tooltip("word:N", title=gettext("word")), alt.Tooltip("x:Q", title=gettext("mean of others"), format=".1f")]
    chart = alt.layer(
        chart_of(data, "bars", bars).mark_rect(cornerRadius=2, color=QUIET).encode(x, rows_of([w for w, _ in own]), alt.X2("x2"), alt.Y2("y2"), tooltip=hover),
        values(data, [{"x": beside(share, mean_of.get(word, 0), most), "y": i + 0.5, "value": share} for i, (word, share) in enumerate(own)], ".1f"),
        chart_of(data, "means", means).mark_rule(strokeWidth=2).encode(x="x:Q", y="y:Q", y2="y2", tooltip=mean),
    )
    return document(chart, data, len(own) * ROW, gettext("The words used most, by their uses per 100 words."))


def blinks_over_time(times: Sequence[float], end: float) -> Document:
    """Draw each blink as a tick over time."""
    import altair as alt

    data: Datasets = {}
    found = [{"x": t, "y": 0.15, "y2": 0.85} for t in times]
    hover = [alt.Tooltip("x:Q", title=gettext("seconds"), format=".1f")]
    ticks = chart_of(data, "found", found).mark_rule(strokeWidth=2).encode(time_axis(end), rows_of([gettext("blinks")]), alt.Y2("y2"), tooltip=hover)
    said = gettext("%(count)d blinks over %(seconds)d seconds.", count=len(times), seconds=round(end))
    return document(alt.layer(ticks, playhead(data)), data, 2 * ROW, said, playhead=True)


def _spoken(run: Run, end: float, y: float, ink: str | None = None) -> dict[str, Any]:
    return {"x": (run.begin + run.end) / 2, "y": y, "word": gettext(run.name), "share": (run.end - run.begin) / end, "ink": ink}
