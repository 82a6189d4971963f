"""The colours of the emotions, the same in every chart, card and overlay; they tell apart for colour-blind people.

Source: Okabe & Ito, "Color Universal Design", 2008. *Unclear* and gaps are hatched and never have a colour.
"""

from __future__ import annotations

EMOTIONS = {
    "angry": "#D55E00",
    "disgust": "#009E73",
    "fear": "#7B5EA7",
    "happy": "#E69F00",
    "sad": "#0072B2",
    "surprise": "#CC79A7",
    "neutral": "#7F7F7F",
}
DARK, LIGHT = "#111111", "#FFFFFF"
INK_ON = {name: LIGHT if name in ("fear", "sad") else DARK for name in EMOTIONS}  # contrast of 4.5 and more
QUIET = "#7D8694"  # hatching and averages: readable on white and on near-black
