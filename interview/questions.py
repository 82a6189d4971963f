"""The question bank: behavioural interview questions by theme. Ids are stable; the wording is translated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from core.errors import InputError

OWN = "own"  # the theme of questions that people type themselves
OWN_LENGTH = 300  # characters


@dataclass(frozen=True)
class Question:
    """Hold one question of the bank."""

    id: str
    theme: str
    text: LazyString


THEMES: dict[str, LazyString] = {
    "leadership": lazy_gettext("Leadership"),
    "teamwork": lazy_gettext("Teamwork"),
    "conflict": lazy_gettext("Conflict"),
    "failure": lazy_gettext("Failure and learning"),
    "problems": lazy_gettext("Solving problems"),
    "initiative": lazy_gettext("Initiative"),
    "communication": lazy_gettext("Communication"),
    "pressure": lazy_gettext("Time and pressure"),
    "change": lazy_gettext("Change"),
    "integrity": lazy_gettext("Integrity"),
    "motivation": lazy_gettext("Motivation"),
}

BANK = (
    Question("leadership-led", "leadership", lazy_gettext("Tell me about a time when you led a group towards a difficult goal.")),
    Question("leadership-persuade", "leadership", lazy_gettext("Describe a situation in which you had to win people over who did not report to you.")),
    Question("leadership-delegate", "leadership", lazy_gettext("Tell me about a task that you handed over to somebody else. How did you go about it?")),
    Question("leadership-unpopular", "leadership", lazy_gettext("Tell me about an unpopular decision that you had to make.")),
    Question("teamwork-part", "teamwork", lazy_gettext("Tell me about a team that you enjoyed working in. What was your part?")),
    Question("teamwork-different", "teamwork", lazy_gettext("Describe a time when you worked with somebody very different from you.")),
    Question("teamwork-helped", "teamwork", lazy_gettext("Tell me about a time when you helped a colleague who was struggling.")),
    Question("conflict-disagreed", "conflict", lazy_gettext("Tell me about a disagreement with a colleague. How did it end?")),
    Question("conflict-manager", "conflict", lazy_gettext("Describe a time when you did not agree with your manager.")),
    Question("conflict-customer", "conflict", lazy_gettext("Tell me about an upset customer or partner, and what you did.")),
    Question("failure-mistake", "failure", lazy_gettext("Tell me about a mistake that you made, and what came of it.")),
    Question("failure-goal", "failure", lazy_gettext("Describe a goal that you did not reach. What did you learn?")),
    Question("failure-feedback", "failure", lazy_gettext("Tell me about criticism that was hard to hear. What did you do with it?")),
    Question("problems-hardest", "problems", lazy_gettext("What is the hardest problem that you have solved, and how?")),
    Question("problems-data", "problems", lazy_gettext("Tell me about a decision that you had to make with too little information.")),
    Question("problems-creative", "problems", lazy_gettext("Describe a time when the usual way did not work and you found another.")),
    Question("initiative-beyond", "initiative", lazy_gettext("Tell me about a time when you did more than was asked of you.")),
    Question("initiative-improved", "initiative", lazy_gettext("Describe something that you improved without being told to.")),
    Question("initiative-learned", "initiative", lazy_gettext("Tell me about something difficult that you taught yourself.")),
    Question("communication-explain", "communication", lazy_gettext("Tell me about a time when you explained something complicated to somebody new to it.")),
    Question("communication-bad-news", "communication", lazy_gettext("Describe a time when you had to give somebody bad news.")),
    Question("communication-misunderstood", "communication", lazy_gettext("Tell me about a misunderstanding at work. How did you clear it up?")),
    Question("pressure-deadline", "pressure", lazy_gettext("Tell me about a deadline that seemed impossible.")),
    Question("pressure-priorities", "pressure", lazy_gettext("Describe a day when everything was urgent. How did you choose?")),
    Question("pressure-stress", "pressure", lazy_gettext("Tell me about the most stressful time in your work so far.")),
    Question("change-sudden", "change", lazy_gettext("Tell me about a sudden change at work, and how you dealt with it.")),
    Question("change-new", "change", lazy_gettext("Describe a time when you had to find your feet somewhere entirely new.")),
    Question("integrity-honest", "integrity", lazy_gettext("Tell me about a time when being honest was hard.")),
    Question("integrity-rule", "integrity", lazy_gettext("Describe a situation in which something at work did not seem right to you.")),
    Question("motivation-proud", "motivation", lazy_gettext("Which piece of work are you proudest of, and why?")),
    Question("motivation-why", "motivation", lazy_gettext("Tell me about a day at work that you would like to have again.")),
    Question("motivation-yourself", "motivation", lazy_gettext("Tell me about yourself and what led you to this point.")),
)
_BY_ID = {question.id: question for question in BANK}


def find(identity: str | None) -> Question | None:
    """Return the question with this id, ``None`` when the bank has none."""
    return _BY_ID.get(identity or "")


def of_theme(theme: str) -> list[Question]:
    """Return the questions of a theme, in the order of the bank."""
    return [question for question in BANK if question.theme == theme]


def choose(identity: str | None = None, theme: str | None = None, another: str | None = None) -> Question:
    """Return the question asked for: by id, the next one after ``another`` in its theme, a theme's first, else the bank's first."""
    before = find(another)
    if before is not None:
        same = of_theme(before.theme)
        return same[(same.index(before) + 1) % len(same)]
    return find(identity) or next(iter(of_theme(theme or "")), BANK[0])


def asked(identity: str | None, own: str | None) -> tuple[str | None, str, str]:
    """Return ``(id, theme, text)`` of the question that an answer is to: one of the bank, or one's own.

    Raises
    ------
    InputError
        When one's own question is too long, or the id is not in the bank.
    """
    own = " ".join((own or "").split())
    if own:
        if len(own) > OWN_LENGTH:
            raise InputError("Your question has %(length)d characters; at most %(most)d are possible.", length=len(own), most=OWN_LENGTH)
        return None, OWN, own
    question = find(identity)
    if question is None:
        raise InputError("Please choose a question, or type your own.")
    return question.id, question.theme, str(question.text)


def themes() -> list[dict[str, Any]]:
    """Return every theme with its questions, for a page."""
    return [{"id": key, "name": name, "questions": [{"id": q.id, "text": q.text} for q in of_theme(key)]} for key, name in THEMES.items()]
