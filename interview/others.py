"""Compare an answer with other people's: same kind of question, opted in, never one's own, a fixed set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import current_app
from sqlalchemy import select

from interview.database import Answer, Comparison, change, db

MOST = 200  # answers in one comparison
WORDS_KEPT = 60
PER_WORDS = 100
DECIMALS = 4

Averages = dict[str, float]


def summary_of(analysis: Mapping[str, Any]) -> dict[str, Any]:
    """Return the small part of an Analysis that comparisons need: shares, traits, facts, and words per 100 words."""
    voice = analysis["parts"].get("voice")
    return {
        "shares": analysis["shares"] or None,
        "voice_shares": voice["shares"] if voice else None,
        "traits": {name: trait["probability"] for name, trait in analysis["traits"].items()} or None,
        "facts": {name: fact["value"] for name, fact in analysis["facts"].items() if fact["value"] is not None},
        "words": {word["shown"] or word["word"]: share for word, share in words_per_hundred(analysis)[:WORDS_KEPT]},
    }


def words_per_hundred(analysis: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], float]]:
    """Return an answer's words with how often each occurs in 100 words of it, the most frequent first."""
    total = analysis["source"]["words"] or sum(word["count"] for word in analysis["words"]) or 1
    ranked = sorted(analysis["words"], key=lambda word: (-word["count"], word["word"]))
    return [(word, round(PER_WORDS * word["count"] / total, DECIMALS)) for word in ranked]


def comparison(answer: Answer) -> dict[str, Any]:
    """Return the averages of the others that ``answer`` is compared with.

    The set is chosen the first time that there are enough people, the latest answer of each, and remembered; it is chosen
    anew only when one of these answers is deleted or no longer offered.
    """
    least = current_app.config["OTHERS_LEAST"]
    summaries = _remembered(answer)
    if not summaries:
        found = _candidates(answer)
        if len(found) < least:
            return {"ready": False, "people": len(found), "least": least, "shares": None, "voice_shares": None, "traits": None, "words": None, "facts": {}}
        with change() as session:
            if session.scalar(select(Comparison).where(Comparison.answer_id == answer.id).limit(1)) is None:
                session.add_all(Comparison(answer_id=answer.id, other_id=identity) for identity in found)
        summaries = _remembered(answer)
    return {
        "ready": True,
        "people": len(summaries),
        "least": least,
        "shares": _average(summaries, lambda s: s["shares"], least),
        "voice_shares": _average(summaries, lambda s: s["voice_shares"], least),
        "traits": _average(summaries, lambda s: s["traits"], least),
        "words": _most_used(summaries),
        "facts": _average(summaries, lambda s: s["facts"], least) or {},
    }


def _remembered(answer: Answer) -> list[dict[str, Any]]:
    chosen = select(Answer.summary).join(Comparison, Comparison.other_id == Answer.id).where(Comparison.answer_id == answer.id)
    return [summary for summary in db.session.scalars(chosen.order_by(Answer.id)) if summary]


def _candidates(answer: Answer) -> list[str]:
    """Return the latest fitting answer of each other person, the latest people first."""
    fitting = (Answer.kind == answer.kind, Answer.theme == answer.theme, Answer.others, Answer.summary.is_not(None), Answer.visitor_id != answer.visitor_id)
    latest: dict[str, str] = {}
    for identity, visitor in db.session.execute(select(Answer.id, Answer.visitor_id).where(*fitting).order_by(Answer.created.desc(), Answer.id)):
        latest.setdefault(visitor, identity)
    return list(latest.values())[:MOST]


def _average(summaries: Sequence[Mapping[str, Any]], part: Callable[[Mapping[str, Any]], Averages | None], least: int) -> Averages | None:
    """Return the mean of every value that at least ``least`` people have."""
    values: dict[str, list[float]] = {}
    for summary in summaries:
        for name, value in (part(summary) or {}).items():
            values.setdefault(name, []).append(value)
    return {name: round(sum(found) / len(found), DECIMALS) for name, found in values.items() if len(found) >= least} or None


def _most_used(summaries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]] | None:
    """Return the words that others use most, those only that more than one person uses: a word can give somebody away."""
    sums: Counter[str] = Counter()
    people: Counter[str] = Counter()
    for summary in summaries:
        sums.update(summary["words"])
        people.update(dict.fromkeys(summary["words"], 1))
    shared = [(word, total / len(summaries)) for word, total in sums.most_common() if people[word] > 1]
    return [{"word": word, "share": round(share, DECIMALS)} for word, share in shared] or None
