"""The reliability diagram of a model card, as SVG text: how often the answers of a confidence are right."""

from __future__ import annotations

from collections.abc import Sequence

SIDE, MARGIN, BASE = 300, 46, 340  # pixels of the square from 0 to 1, left of it, and the height of its foot
WIDTH = MARGIN + SIDE + 24
TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
RADIUS_MOST = 11  # pixels of the point with the most answers
COLUMNS = ("low", "high", "n", "confidence", "accuracy")
GREY, BLUE, INK = "#8a8a8a", "#0072B2", "#4a4a4a"


def reliability_svg(rows: Sequence[Sequence[float]], title: str) -> str:
    """Draw the rows ``low, high, n, confidence, accuracy`` of a reliability table: a point for each, its area as large as its ``n``.

    Points on the diagonal are as often right as they say; below it the model is too sure, above it too shy.
    """
    most = max(row[2] for row in rows)
    points = [(_x(confidence), _y(accuracy), RADIUS_MOST * (n / most) ** 0.5, n, confidence, accuracy) for _, _, n, confidence, accuracy in rows]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {BASE + 44}" width="{WIDTH}" font-family="sans-serif" font-size="13">',
        f"<title>{title}</title>",
        f'<rect width="100%" height="100%" fill="#ffffff"/><rect x="{MARGIN}" y="{BASE - SIDE}" width="{SIDE}" height="{SIDE}" fill="none" stroke="{GREY}"/>',
        f'<path d="M{MARGIN} {BASE}L{MARGIN + SIDE} {BASE - SIDE}" stroke="{GREY}" stroke-dasharray="5 4"/>',
        *(f'<text x="{_x(tick):.0f}" y="{BASE + 17}" text-anchor="middle" fill="{INK}">{tick:.0%}</text>' for tick in TICKS),
        *(f'<text x="{MARGIN - 6}" y="{_y(tick) + 4:.0f}" text-anchor="end" fill="{INK}">{tick:.0%}</text>' for tick in TICKS),
        f'<text x="{MARGIN + SIDE / 2:.0f}" y="{BASE + 36}" text-anchor="middle" fill="{INK}">confidence</text>',
        f'<text x="{MARGIN}" y="{BASE - SIDE - 10}" fill="{INK}">right</text>',
        f'<path d="M{"L".join(f"{x:.1f} {y:.1f}" for x, y, *_ in points)}" fill="none" stroke="{BLUE}"/>',
        *(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{max(2.0, radius):.1f}" fill="{BLUE}" fill-opacity="0.75">'
            f"<title>{n} answers, {confidence:.1%} sure, {accuracy:.1%} right</title></circle>"
            for x, y, radius, n, confidence, accuracy in points
        ),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _x(share: float) -> float:
    return MARGIN + SIDE * share


def _y(share: float) -> float:
    return BASE - SIDE * share
