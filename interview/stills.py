"""The charts of an answer as pictures for paper: the same Vega-Lite documents, without what needs a pointer or a player."""

from __future__ import annotations

import base64
import copy
from collections.abc import Mapping
from typing import Any

from flask_babel import get_locale

from interview import charts, press
from interview.marks import PLAYHEAD, Document

WIDTH = 640  # pixels, with the words beside the rows; 17 cm of paper
LABELS = 150  # pixels of it
FONT = "Inter, Liberation Sans, sans-serif"
SMALL = 13  # pixels
INK, QUIET, LINE = "#15181f", "#545c69", "#dde1e7"  # paper is white: the light colours of the page
D3_LOCALES = {"en": "en-US", "fr": "fr-FR"}
WORDS = {"labelFont": FONT, "titleFont": FONT, "labelFontSize": SMALL, "titleFontSize": SMALL, "titleFontWeight": 500}
CONFIG: Document = {
    "background": "transparent",
    "font": FONT,
    "padding": 4,
    "view": {"stroke": None},
    "text": {"color": INK, "font": FONT},
    "rule": {"color": INK},
    "point": {"color": INK},
    "bar": {"color": INK},
    "line": {"color": INK},
    "axis": {**WORDS, "labelColor": QUIET, "titleColor": QUIET, "domainColor": LINE, "tickColor": LINE, "gridColor": LINE, "labelLimit": 200},
    "legend": {**WORDS, "labelColor": INK, "titleColor": QUIET, "orient": "bottom", "columns": 4},
    "header": {**WORDS, "labelColor": INK, "titleColor": QUIET},
}


def draw(analyses: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]]) -> dict[str, dict[str, dict[str, str]]]:
    """Return the pictures of several analyses, each with its comparison, by the key of the analysis and the name of the chart.

    A picture is ``{"source": a data: address, "said": what it shows in words}``.

    Raises
    ------
    press.PressError
        When they could not be drawn.
    """
    documents = {(key, name): chart for key, (analysis, comparison) in analyses.items() for name, chart in charts.draw(analysis, comparison).items()}
    drawn = press.pictures({f"{key} {name}": still(chart) for (key, name), chart in documents.items()}, D3_LOCALES[str(get_locale())])
    found: dict[str, dict[str, dict[str, str]]] = {key: {} for key in analyses}
    for (key, name), chart in documents.items():
        source = f"data:image/svg+xml;base64,{base64.b64encode(drawn[f'{key} {name}'].encode()).decode()}"
        found[key][name] = {"source": source, "said": chart.get("usermeta", {}).get("description", "")}
    return found


def still(document: Document) -> Document:
    """Return a chart without its playhead and without the layers that only answer a pointer, as wide as the paper."""
    chart = copy.deepcopy(document)
    if "layer" in chart:
        chart["layer"] = [layer for layer in chart["layer"] if not _is_for_a_pointer(layer)]
    chart.pop("params", None)
    return {**chart, "width": WIDTH - LABELS, "config": CONFIG}


def _is_for_a_pointer(layer: Mapping[str, Any]) -> bool:
    mark = layer.get("mark")
    unseen = isinstance(mark, dict) and mark.get("opacity") == 0
    return unseen or PLAYHEAD in str(layer.get("encoding", {}).get("x", {}).get("datum", ""))
