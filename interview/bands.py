"""Draw the channels of an answer as bands of labels below each other, with the pooled one, and a line where they agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from core.analysis import UNCLEAR
from interview import marks
from interview.colours import INK_ON
from interview.timelines import hatch, runs, step_of

AGREE_TOP, AGREE_BOTTOM = 0.35, 0.65  # of the row that marks agreement


def bands(analysis: Mapping[str, Any], end: float) -> marks.Document:
    """Return the chart of an analysis that has ``together``; ``end`` is where the time axis ends, in seconds."""
    import altair as alt

    pooled = analysis["together"]
    parts = {"face" if analysis["modality"] == "video" else "voice": analysis, **analysis["parts"]}
    rows = [*((_name(channel), parts[channel]["timeline"]) for channel in pooled["channels"]), (gettext("together"), pooled["timeline"])]
    data: marks.Datasets = {}
    slope = marks.SLOPE_PIXELS / (end * marks.ROW)
    ribbon, named, hidden = list[dict[str, Any]](), list[dict[str, Any]](), list[dict[str, Any]]()
    lines: list[dict[str, Any]] = []
    for i, (_, timeline) in enumerate(rows):
        top, bottom = i + marks.TOP, i + marks.BOTTOM
        for run in runs(timeline):
            word = {"x": (run.begin + run.end) / 2, "y": (top + bottom) / 2, "share": (run.end - run.begin) / end, "word": gettext(run.name)}
            hidden.append({"x": run.begin, "x2": run.end, "y": top, "y2": bottom, "word": gettext(run.name)})
            if run.is_gap or run.name == UNCLEAR:
                lines += hatch(run.begin, run.end, top, bottom, end, slope)
            else:
                ribbon.append({"x": run.begin, "x2": run.end, "y": top, "y2": bottom, "emotion": run.name})
                named.append({**word, "ink": INK_ON[run.name]})
    step, last = step_of(pooled["timeline"]), len(rows)
    agreed = [
        {"x": max(0.0, moment["t"] - step / 2), "x2": min(end, moment["t"] + step / 2), "y": last + AGREE_TOP, "y2": last + AGREE_BOTTOM}
        for moment, same in zip(pooled["timeline"], pooled["agreements"], strict=True)
        if same
    ]
    labels = [*(word for word, _ in rows), gettext("same label")]
    room = alt.condition(f"width * datum.share > {marks.ROOM}", alt.value(1), alt.value(0))
    x, y = marks.time_axis(end), marks.rows_of(labels)
    chart = alt.layer(
        marks.chart_of(data, "ribbon", ribbon).mark_rect().encode(x, y, alt.X2("x2"), alt.Y2("y2"), marks.colour()),
        marks.hatching(data, lines),
        marks.chart_of(data, "named", named)
        .mark_text(fontSize=marks.FONT)
        .encode(x="x:Q", y="y:Q", text="word:N", color=alt.Color("ink:N", scale=None), opacity=room),
        marks.chart_of(data, "agreed", agreed).mark_rect(color=marks.QUIET).encode(x="x:Q", x2="x2", y="y:Q", y2="y2"),
        marks.chart_of(data, "hidden", hidden)
        .mark_rect(opacity=0)
        .encode(x="x:Q", x2="x2", y="y:Q", y2="y2", tooltip=[alt.Tooltip("word:N", title=gettext("label"))]),
        marks.playhead(data),
    )
    said = gettext("Labels of each channel over %(seconds)d seconds, one band for each, and of all together.", seconds=round(end))
    return marks.document(chart, data, len(labels) * marks.ROW, said, playhead=True)


def _name(channel: str) -> str:
    return {"face": gettext("face"), "voice": gettext("voice"), "words": gettext("words")}[channel]
