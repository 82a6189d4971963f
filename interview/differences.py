"""Take beside take: the same question answered twice, what changed, and how much two takes differ anyway where that is known.

Three kinds of noise are told apart. *Counting*: blinks, pauses and softening words are events; if nothing had changed, their
counts would still differ by chance. Two counts are compared by the exact conditional test (Przyborowski & Wiłeński 1940,
Biometrika 31, 313–323). *Moments*: the shares of expressions are resampled in blocks of the timeline (Künsch 1989, Annals of
Statistics 17, 1217–1241), which knows how much a take varies within itself, not from one day to the next. For everything else
the noise of two takes has not been measured, and the page says so.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from core.analysis import CLASSES, UNCLEAR
from interview import visitors
from interview.database import Answer, db

bp = Blueprint("differences", __name__, url_prefix="/answers")

EVENTS = {"blinks": "minute", "pauses": "minute", "hedges": "100 words"}  # counts that happen by chance, and what they are counted in
REPEATED = ("blinks_per_minute",)  # says the same as another row
BLOCK_SECONDS = 2.0
DRAWS = 1000
SEED = 1
LEVEL = 0.05
CUT = round(DRAWS * LEVEL / 2)  # draws beyond each end of the interval
MINUTE, HUNDRED = 60.0, 100.0
MORE, WITHIN, UNKNOWN = "more", "within", "unknown"
MOST_EARLIER = 5


@dataclass(frozen=True)
class Row:
    """Hold one line of the comparison; ``per`` is what events are counted in, ``noise`` is more, within or unknown."""

    name: str
    unit: str
    first: float | None
    second: float | None
    per: str | None
    noise: str

    @property
    def difference(self) -> float | None:
        """Return second minus first, ``None`` where one is missing."""
        return None if self.first is None or self.second is None else self.second - self.first


@dataclass(frozen=True)
class ShareRow:
    """Hold an expression's share in both takes and the 95 % interval of their difference."""

    name: str
    first: float
    second: float
    low: float
    high: float

    @property
    def noise(self) -> str:
        """Return whether the interval leaves out zero."""
        return MORE if self.low > 0 or self.high < 0 else WITHIN


@bp.get("/<id>/beside/<other>")
def show(id: str, other: str) -> ResponseReturnValue:
    answers = [visitors.own(Answer, id), visitors.own(Answer, other)]
    if answers[0].id == answers[1].id or answers[0].kind != answers[1].kind or any(a.result is None for a in answers):
        abort(404)
    answers.sort(key=lambda a: a.created)
    first, second = (json.loads(a.result or "") for a in answers)
    return render_template("differences/show.html", answers=answers, parts=parts_of(first, second), same=answers[0].question == answers[1].question)


def earlier(answer: Answer) -> list[Answer]:
    """Return the visitor's other answers of the same kind to the same question that have a result, the latest first."""
    same = (Answer.visitor_id == answer.visitor_id, Answer.kind == answer.kind, Answer.question == answer.question, Answer.id != answer.id)
    return list(db.session.scalars(select(Answer).where(*same, Answer.result.is_not(None)).order_by(Answer.created.desc()).limit(MOST_EARLIER)))


def parts_of(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Compare two analyses of one kind, part by part: facts, then shares of expressions."""
    pairs = [(first["modality"], first, second), *((n, p, second["parts"][n]) for n, p in first["parts"].items() if n in second["parts"])]
    return [{"name": name, "facts": facts_of(a, b), "shares": shares_of(a, b)} for name, a, b in pairs]


def facts_of(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Row]:
    """Compare the facts that both analyses have; events by their rate."""
    rows = []
    for name, fact in first["facts"].items():
        other = second["facts"].get(name)
        if other is None or name in REPEATED:
            continue
        if name in EVENTS and None not in (fact["value"], other["value"]):
            rows.append(_events(name, (fact["value"], other["value"]), (_exposure(name, first), _exposure(name, second))))
        else:
            rows.append(Row(name, fact["unit"], fact["value"], other["value"], None, UNKNOWN))
    return rows


def shares_of(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[ShareRow]:
    """Compare the shares of expressions; the interval of each difference is a block bootstrap within both takes."""
    blocks = [_blocks(each["timeline"]) for each in (first, second)]
    if not all(blocks) or not first["shares"] or not second["shares"]:
        return []
    random = Random(SEED)
    drawn = [[_drawn(random, of_take) for _ in range(DRAWS)] for of_take in blocks]
    names = (*CLASSES, UNCLEAR)
    rows = []
    for i, name in enumerate(names):
        changes = sorted(after[i] - before[i] for before, after in zip(*drawn, strict=True))
        rows.append(ShareRow(name, first["shares"][name], second["shares"][name], changes[CUT], changes[-1 - CUT]))
    return rows


def chance_of(first: int, second: int, first_exposure: float, second_exposure: float) -> float:
    """Return the probability that two counts differ at least as much when their rates are the same (two-sided, exact).

    Given both together, the second is binomial with the second exposure's share.

    >>> round(chance_of(10, 20, 1.0, 1.0), 3)
    0.099
    """
    total, p = first + second, second_exposure / (first_exposure + second_exposure)
    weights = [math.exp(_log_choose(total, k) + k * math.log(p) + (total - k) * math.log1p(-p)) for k in range(total + 1)]
    return min(1.0, 2 * min(sum(weights[: second + 1]), sum(weights[second:])))


def _events(name: str, counts: tuple[int, int], exposures: tuple[float, float]) -> Row:
    unit = EVENTS[name]
    if min(exposures) <= 0:
        return Row(name, "count", counts[0], counts[1], None, UNKNOWN)
    noise = MORE if chance_of(*counts, *exposures) < LEVEL else WITHIN
    return Row(name, "count", counts[0] / exposures[0], counts[1] / exposures[1], unit, noise)


def _log_choose(total: int, k: int) -> float:
    return math.lgamma(total + 1) - math.lgamma(k + 1) - math.lgamma(total - k + 1)


def _exposure(name: str, analysis: Mapping[str, Any]) -> float:
    """Return in how many minutes, or hundreds of words, events were counted."""
    source = analysis["source"]
    return (source["words"] or 0) / HUNDRED if EVENTS[name] == "100 words" else (source["seconds"] or 0.0) / MINUTE


def _drawn(random: Random, blocks: Sequence[Sequence[int]]) -> list[float]:
    """Return the shares of labels in as many blocks as there are, drawn with replacement."""
    sums = [sum(column) for column in zip(*random.choices(blocks, k=len(blocks)), strict=True)]
    return [count / sum(sums) for count in sums]


def _blocks(timeline: Sequence[Mapping[str, Any]]) -> list[list[int]]:
    """Return how often each label falls into each block of the timeline, without the gaps."""
    names = {name: i for i, name in enumerate((*CLASSES, UNCLEAR))}
    blocks: dict[int, list[int]] = {}
    for moment in timeline:
        if moment["gap"] is None and moment["label"] in names:
            blocks.setdefault(int(moment["t"] / BLOCK_SECONDS), [0] * len(names))[names[moment["label"]]] += 1
    return list(blocks.values())
