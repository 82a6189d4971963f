"""The places of a face that spoke for a label, as the results page draws them over a key frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

OPACITY_MOST = 0.65
DOWN, ACROSS = ("top", "middle", "bottom"), ("left", "middle", "right")


@dataclass
class Place:
    """Hold one square in pixels of the upright picture, and how opaque it is drawn, 0…1."""

    x: float
    y: float
    side: float
    opacity: float


def places_of(frame: Mapping[str, Any]) -> list[Place]:
    """Return the squares to draw over a key frame of a stored result; none where the result has no map."""
    rows = frame.get("places")
    if not rows:
        return []
    left, top, width, _ = frame["frame"]
    side = width / len(rows)
    return [
        Place(round(left + column * side, 1), round(top + row * side, 1), round(side, 1), round(OPACITY_MOST * share, 3))
        for row, shares in enumerate(rows)
        for column, share in enumerate(shares)
    ]


def brightest(frame: Mapping[str, Any]) -> str | None:
    """Return where in the picture the place that spoke most lies, such as ``top left``; ``None`` where no place stands out."""
    rows = frame.get("places") or []
    shares = [(share, row, column) for row, line in enumerate(rows) for column, share in enumerate(line)]
    if not shares or max(shares)[0] == min(shares)[0]:
        return None
    _, row, column = max(shares)
    return f"{_third(DOWN, row, len(rows))} {_third(ACROSS, column, len(rows[row]))}"


def _third(names: tuple[str, ...], index: int, count: int) -> str:
    return names[index * len(names) // count]
