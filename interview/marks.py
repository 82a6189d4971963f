"""The parts that charts are put together from: data by name, rows with words beside them, the colours, the document."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flask_babel import gettext

from interview.colours import EMOTIONS, QUIET

if TYPE_CHECKING:
    import altair as alt

ROW = 30  # pixels
FULL = 0.86  # of a row's height that probability 1 takes
TOP, BOTTOM = 0.12, 0.84  # of the row of labels
FONT = 14  # pixels
ROOM = 56  # pixels that a label's or a gap's word needs
LABEL_WIDTH = 132  # pixels beside every chart, so that those below each other share the time axis
SLOPE_PIXELS = 820  # the width for which hatching is drawn at about 45°
VALUE_WIDTH = 0.15  # of the width of the x scale
PLAYHEAD = "playhead"

Document = dict[str, Any]
Datasets = dict[str, list[Mapping[str, Any]]]


def word_of(name: str) -> str:
    return gettext(name)


def chart_of(data: Datasets, name: str, rows: Sequence[Mapping[str, Any]]) -> alt.Chart:
    """Return a chart of rows that are kept aside under a name: Altair takes seconds to check rows that stand in the chart."""
    import altair as alt

    data[name] = list(rows)
    return alt.Chart(alt.NamedData(name))


def hatching(data: Datasets, rows: Sequence[Mapping[str, Any]]) -> alt.Chart:
    return chart_of(data, "lines", rows).mark_rule(color=QUIET, strokeWidth=1, opacity=0.75).encode(x="x:Q", x2="x2", y="y:Q", y2="y2")


def beside(own: float, mean: float, most: float) -> float:
    """Return where a bar's value is written: at its end, or behind the line of the others where that would cross it."""
    return mean if own <= mean < own + VALUE_WIDTH * most else own


def values(data: Datasets, rows: Sequence[Mapping[str, Any]], form: str) -> alt.Chart:
    import altair as alt

    return chart_of(data, "values", rows).mark_text(align="left", dx=8, fontSize=FONT).encode(x="x:Q", y="y:Q", text=alt.Text("value:Q", format=form))


def share_axis(most: float) -> alt.X:
    import altair as alt

    return alt.X("x:Q", scale=alt.Scale(domain=[0, most], nice=False), title=None, axis=alt.Axis(grid=False, tickCount=5, domain=False, format=".0%"))


def rows_of(labels: Sequence[str]) -> alt.Y:
    """Return a y scale of rows, the first on top, with a word beside each."""
    import altair as alt

    expression = f"{json.dumps(list(labels), ensure_ascii=False)}[floor(datum.value)]"
    places = [i + 0.5 for i in range(len(labels))]
    axis = alt.Axis(
        values=places,
        tickCount=len(places),
        labelExpr=expression,
        grid=False,
        ticks=False,
        domain=False,
        labelOverlap=False,
        labelPadding=10,
        minExtent=LABEL_WIDTH,
        maxExtent=LABEL_WIDTH,
    )
    return alt.Y("y:Q", scale=alt.Scale(domain=[len(labels), 0], nice=False), title=None, axis=axis)


def colour() -> alt.Color:
    import altair as alt

    return alt.Color("emotion:N", scale=alt.Scale(domain=list(EMOTIONS), range=list(EMOTIONS.values())), legend=None)


def document(chart: alt.LayerChart | alt.FacetChart, data: Datasets, height: int, said: str, playhead: bool = False) -> Document:
    import altair as alt

    if playhead:
        chart = chart.add_params(alt.param(name=PLAYHEAD, value=0))
    document = chart.properties(width="container", height=height, background="transparent", usermeta={"description": said}).to_dict()
    document.pop("config", None)
    document["datasets"] = data
    return document


def playhead(data: Datasets) -> alt.Chart:
    """Return the line that follows the player."""
    import altair as alt

    return chart_of(data, "playhead_at", [{}]).mark_rule(strokeWidth=1.5).encode(x=alt.XDatum(alt.ExprRef(PLAYHEAD), type="quantitative"))


def time_axis(end: float) -> alt.X:
    """Return the x axis in seconds, from 0 to ``end``."""
    import altair as alt

    axis = alt.Axis(grid=False, tickCount=8, domain=False, format="d" if end >= 8 else ".1f")
    return alt.X("x:Q", scale=alt.Scale(domain=[0, end], nice=False), title=gettext("seconds"), axis=axis)
