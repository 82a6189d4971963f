"""A timeline made ready for drawing: thinned out, cut at the gaps, and hatched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import fmean
from typing import Any

from core.analysis import UNCLEAR

POINTS = 400  # most points in a chart
HATCHES = 110  # hatch lines over the whole width
TIME_DECIMALS = 2
DECIMALS = 3


@dataclass(frozen=True)
class Run:
    """Hold a stretch of the timeline in which the label (or the gap) does not change."""

    begin: float
    end: float
    name: str
    is_gap: bool


def end_of(analysis: Mapping[str, Any]) -> float:
    """Return the seconds at which the time axis ends."""
    last = analysis["timeline"][-1]["t"] if analysis["timeline"] else 0.0
    return round(max(analysis["source"]["seconds"] or 0.0, last + step_of(analysis["timeline"])), TIME_DECIMALS)


def step_of(timeline: Sequence[Mapping[str, Any]]) -> float:
    """Return the usual seconds between two moments: their median distance."""
    steps = sorted(b["t"] - a["t"] for a, b in pairwise(timeline))
    return steps[len(steps) // 2] if steps else 0.0


def segments(timeline: Sequence[Mapping[str, Any]], classes: Sequence[str]) -> Iterator[list[dict[str, Any]]]:
    """Yield each stretch without a gap as points ``{t, end, label, <class>: p}``; several moments are averaged into one point
    where there are more than ``POINTS``.
    """
    together, step = -(-len(timeline) // POINTS) or 1, step_of(timeline)
    for is_gap, moments in groupby(timeline, key=lambda m: m["p"] is None):
        if is_gap:
            continue
        found = list(moments)
        points = []
        for begin in range(0, len(found), together):
            some = found[begin : begin + together]
            values = {name: round(fmean(m["p"][i] for m in some), DECIMALS) for i, name in enumerate(classes)}
            label = max(some, key=lambda m: max(m["p"]))["label"]
            points.append({"t": round(some[0]["t"], TIME_DECIMALS), "end": round(some[-1]["t"] + step, TIME_DECIMALS), "label": label, **values})
        yield points


def runs(timeline: Sequence[Mapping[str, Any]]) -> list[Run]:
    """Return the timeline as stretches of one label or one gap each; a stretch ends where the next begins."""
    found: list[Run] = []
    step = step_of(timeline)
    for (is_gap, name), moments in groupby(timeline, key=lambda m: (m["gap"] is not None, m["gap"] or m["label"] or UNCLEAR)):
        stretch = list(moments)
        found.append(Run(round(stretch[0]["t"], TIME_DECIMALS), round(stretch[-1]["t"] + step, TIME_DECIMALS), name, is_gap))
    ends = [run.begin for run in found[1:]]
    return [Run(run.begin, end, run.name, run.is_gap) for run, end in zip(found, [*ends, *[run.end for run in found[-1:]]], strict=True)]


def hatch(x: float, x2: float, y: float, y2: float, width: float, slope: float) -> Iterator[dict[str, float]]:
    """Yield the diagonal lines that hatch a rectangle, cut off at its sides.

    Vega has no patterns, so the lines are data.

    Parameters
    ----------
    x, x2, y, y2
        The rectangle, ``x < x2`` and ``y < y2``.
    width
        The whole x scale; the lines' distance is a fixed part of it, and they continue from one rectangle to the next.
    slope
        How far a line goes along y for one unit along x.
    """
    distance = width / HATCHES
    reach = (y2 - y) / slope
    first = int((x - reach) // distance)
    last = int(x2 // distance) + 1
    for number in range(first, last + 1):
        begin = number * distance
        left, right = max(begin, x), min(begin + reach, x2)
        if right > left:
            yield {
                "x": round(left, DECIMALS),
                "x2": round(right, DECIMALS),
                "y": round(y2 - (left - begin) * slope, DECIMALS),
                "y2": round(y2 - (right - begin) * slope, DECIMALS),
            }
