"""Put face, voice and words of an answer together, moment by moment: the pooled probabilities, where they agree, and what is worth watching."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import numpy as np

from core.analysis import CLASSES, TIME_DECIMALS, UNCLEAR, Analysis, Highlight, Moment, Together, label_of, rounded, summarise
from core.ensemble import CHANNELS, pool
from core.ensemble_evaluate import FOLDER
from core.manifest import ModelError, read_manifest

STEP = 0.5  # s, the voice's own
REACH = 0.25  # s on either side of a moment whose face frames count for it
FEWEST = 4  # moments in which two channels have a label, for a share of agreement
LEAST_APART = 1.0  # s; a shorter disagreement is not worth a look
CHANGE_WINDOW = 1.5  # s before and after a moment that are compared
LEAST_CHANGE = 0.3  # total variation, 0…1
LEAST_PAUSE = 1.0  # s
MODEL_OF = {"face": "video", "voice": "audio"}  # whose thresholds of *unclear* hold for the pool; one of the two is always there


def channels_of(analysis: Analysis) -> dict[str, Analysis]:
    """Return the analyses that have a timeline by the channel's name, in the order of ``CHANNELS``."""
    found = {"face" if analysis.modality == "video" else "voice": analysis, **analysis.parts}
    return {name: found[name] for name in CHANNELS if name in found and found[name].timeline}


def together(analysis: Analysis) -> Together | None:
    """Return what the channels of an analysis say together, ``None`` where there are fewer than two or no weights for them.

    Weights sum to 1, so channels that say the same do not make the pool surer than they are. A moment is *unclear* below the
    higher of face's and voice's own thresholds.
    """
    try:
        weights = read_manifest(FOLDER)["weights"]
    except ModelError:
        return None
    channels = {name: part for name, part in channels_of(analysis).items() if name in weights}
    if len(channels) < 2:
        return None
    threshold = max(float(read_manifest(FOLDER.parent / MODEL_OF[name])["thresholds"]["unclear"]) for name in channels if name in MODEL_OF)
    times = np.arange(0.0, max(part.timeline[-1].t for part in channels.values()) + STEP / 2, STEP)
    laid = np.stack([on_grid(part.timeline, times) for part in channels.values()])
    pooled = pool(laid, np.array([weights[name] for name in channels]))
    timeline = [_moment(float(t), p, threshold, channels) for t, p in zip(times, pooled, strict=True)]
    labels = {name: labels_at(part.timeline, times) for name, part in channels.items()}
    agreements = [agreement(said) for said in zip(*labels.values(), strict=True)]
    counted = [same for same in agreements if same is not None]
    shares, most_frequent, coverage = summarise(timeline)
    return Together(
        list(channels), {name: weights[name] for name in channels}, timeline, shares, most_frequent, coverage,
        agreements, round(sum(counted) / len(counted), 4) if len(counted) >= FEWEST else None,
        sorted([*_apart(times, labels, laid), *_change(times, pooled), *_pause(analysis)], key=lambda highlight: highlight.t),
    )  # fmt: skip


def on_grid(timeline: Sequence[Moment], times: np.ndarray) -> np.ndarray:
    """Return the mean probabilities (times, 7) of the moments within ``REACH`` of each time, NaN where there are none."""
    seen = [(m.t, m.p) for m in timeline if m.p is not None]
    laid = np.full((len(times), len(CLASSES)), np.nan)
    if not seen:
        return laid
    moments, p = np.array([t for t, _ in seen]), np.array([p for _, p in seen])
    firsts, lasts = np.searchsorted(moments, times - REACH), np.searchsorted(moments, times + REACH)
    for i, (first, last) in enumerate(zip(firsts, lasts, strict=True)):
        if last > first:
            laid[i] = p[first:last].mean(axis=0)
    return laid


def labels_at(timeline: Sequence[Moment], times: np.ndarray) -> list[str | None]:
    """Return the label most frequent within ``REACH`` of each time, ``None`` in a gap."""
    moments = np.array([m.t for m in timeline])
    firsts, lasts = np.searchsorted(moments, times - REACH), np.searchsorted(moments, times + REACH)
    found: list[str | None] = []
    for first, last in zip(firsts, lasts, strict=True):
        labels = [m.label for m in timeline[first:last]]
        found.append(max(labels, key=labels.count) if labels else None)
    return found


def agreement(labels: Sequence[str | None]) -> bool | None:
    """Return whether all channels with a label say the same; ``None`` where fewer than two have one that is not *unclear*."""
    said = [label for label in labels if label not in (None, UNCLEAR)]
    return len(set(said)) == 1 if len(said) >= 2 else None


def _moment(t: float, p: np.ndarray, threshold: float, channels: Mapping[str, Analysis]) -> Moment:
    if np.isnan(p).any():
        first = next(iter(channels.values())).timeline
        nearest = min(first, key=lambda m: abs(m.t - t))
        return Moment(round(t, TIME_DECIMALS), gap=nearest.gap or "silence")
    values = rounded(p.tolist())
    return Moment(round(t, TIME_DECIMALS), values, values, label_of(values, threshold))


def _apart(times: np.ndarray, labels: Mapping[str, Sequence[str | None]], laid: np.ndarray) -> Iterator[Highlight]:
    """Yield the stretch in which two channels with different labels lie farthest apart."""
    said = list(zip(*labels.values(), strict=True))
    best: tuple[float, Highlight] | None = None
    for key, stretch in groupby(range(len(times)), key=lambda i: said[i] if agreement(said[i]) is False else None):
        rows = list(stretch)
        if key is None or len(rows) * STEP < LEAST_APART:
            continue
        means = [laid[channel, rows].mean(axis=0) for channel in range(len(laid)) if not np.isnan(laid[channel, rows]).any()]
        distance = max((0.5 * float(np.abs(a - b).sum()) for i, a in enumerate(means) for b in means[i + 1 :]), default=0.0)
        strength = distance * np.sqrt(len(rows))
        if best is None or strength > best[0]:
            named = {name: label for name, label in zip(labels, key, strict=True) if label not in (None, UNCLEAR)}
            best = strength, Highlight("disagreement", float(times[rows[0]]), float(times[rows[-1]] + STEP), named)
    if best:
        yield best[1]


def _change(times: np.ndarray, pooled: np.ndarray) -> Iterator[Highlight]:
    """Yield the moment around which the pooled probabilities change most."""
    width = round(CHANGE_WINDOW / STEP)
    best: tuple[float, Highlight] | None = None
    for i in range(width, len(times) - width + 1):
        before, after = pooled[i - width : i].mean(axis=0), pooled[i : i + width].mean(axis=0)  # NaN where a moment has none
        distance, turned = 0.5 * float(np.abs(before - after).sum()), {"before": CLASSES[int(before.argmax())], "after": CLASSES[int(after.argmax())]}
        if turned["before"] != turned["after"] and distance >= (best[0] if best else LEAST_CHANGE):
            best = distance, Highlight("change", float(times[i]) - CHANGE_WINDOW, float(times[i]) + CHANGE_WINDOW, turned)
    if best:
        yield best[1]


def _pause(analysis: Analysis) -> Iterator[Highlight]:
    """Yield the longest pause between two stretches of speech."""
    voice = analysis if analysis.modality == "audio" else analysis.parts.get("voice")
    if voice is None:
        return
    quiet = [m.gap is not None for m in voice.timeline]
    runs = [(gap, [i for i, _ in rows]) for gap, rows in groupby(enumerate(quiet), key=lambda row: row[1])]
    inner = [rows for gap, rows in runs[1:-1] if gap]
    if not inner:
        return
    longest = max(inner, key=len)
    begin, end = voice.timeline[longest[0]].t, voice.timeline[longest[-1]].t + STEP
    if end - begin >= LEAST_PAUSE:
        yield Highlight("pause", begin, end, {})
