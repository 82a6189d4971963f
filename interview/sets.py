"""Ready-made interviews to practise with, without any desk: questions of the bank, answered as one likes."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from interview import questions
from interview.database import Visitor, change
from interview.desk_database import Interview, Step
from interview.sitting_database import Sitting


@dataclass(frozen=True)
class Set:
    """Hold one ready-made interview."""

    title: LazyString
    questions: tuple[str, ...]


SETS = {
    "first": Set(lazy_gettext("A first interview"), ("motivation-yourself", "motivation-proud", "teamwork-part", "failure-mistake")),
    "together": Set(lazy_gettext("Working with others"), ("teamwork-different", "conflict-disagreed", "communication-misunderstood", "teamwork-helped")),
    "pressure": Set(lazy_gettext("Under pressure"), ("pressure-deadline", "problems-hardest", "change-sudden", "pressure-priorities")),
    "leading": Set(lazy_gettext("Leading"), ("leadership-led", "leadership-persuade", "leadership-unpopular", "failure-feedback")),
}


def begin(visitor: Visitor, name: str) -> Sitting:
    """Begin a ready-made interview as one's own."""
    chosen = SETS[name]
    config = current_app.config
    times = {"thinking_seconds": config["THINKING_SECONDS"], "answer_seconds": config["ANSWER_SECONDS"], "tries": 0, "break_seconds": 0}
    with change() as session:
        interview = Interview(visitor_id=visitor.id, title=str(chosen.title))
        session.add(interview)
        session.flush()
        for number, identity in enumerate(chosen.questions, start=1):
            question = questions.find(identity)
            assert question is not None
            told = {"question_id": question.id, "theme": question.theme, "question": str(question.text)}
            session.add(Step(interview_id=interview.id, number=number, kind="any", **told, **times))
        sitting = Sitting(interview_id=interview.id, visitor_id=visitor.id)
        session.add(sitting)
    return sitting
