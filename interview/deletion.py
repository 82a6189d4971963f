"""Delete for good: rows, media, waiting jobs, and the traces that a database keeps of deleted rows.

A job that still runs for a deleted answer finds its row gone and stores nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, select, union_all, update
from sqlalchemy.orm import Session

from interview import media
from interview.database import Answer, Comparison, Consent, Picture, Recording, Visitor, change, db, erase_free_pages, now
from interview.desk_database import Invitation
from interview.sitting_database import Sitting


def answers(found: Sequence[Answer]) -> None:
    """Delete answers with their result, job, key frames and media."""
    identities = [a.id for a in found]
    keys, partials = _media_of(identities)
    with change() as session:
        _forget_comparisons(session, identities)
        session.execute(delete(Answer).where(Answer.id.in_(identities)))
    forget(keys, partials)


def recordings(found: Sequence[Recording]) -> None:
    """Delete unfinished recordings with what has arrived of them."""
    identities, baselines = [r.id for r in found], [r.baseline_key for r in found if r.baseline_key]
    with change() as session:
        session.execute(delete(Recording).where(Recording.id.in_(identities)))
    forget(baselines, identities)


def modality(visitor: Visitor, kind: str) -> None:
    """Withdraw a visitor's consent to one modality and delete what it allowed to keep."""
    with change() as session:
        for consent in session.scalars(select(Consent).where(Consent.visitor_id == visitor.id, Consent.modality == kind, Consent.withdrawn_at.is_(None))):
            consent.withdrawn_at = now()
    answers(db.session.scalars(select(Answer).where(Answer.visitor_id == visitor.id, Answer.kind == kind)).all())
    recordings(db.session.scalars(select(Recording).where(Recording.visitor_id == visitor.id, Recording.kind == kind)).all())


def visitor(found: Visitor) -> None:
    """Delete a visitor and everything that is theirs."""
    identity = found.id
    answers(db.session.scalars(select(Answer).where(Answer.visitor_id == identity)).all())
    recordings(db.session.scalars(select(Recording).where(Recording.visitor_id == identity)).all())
    with change() as session:
        invited = select(Sitting.invitation_id).where(Sitting.visitor_id == identity)
        session.execute(update(Invitation).where(Invitation.id.in_(invited)).values(declined=now()))  # the link is nobody else's
        session.execute(delete(Visitor).where(Visitor.id == identity))
    erase_free_pages()


def media_of_answer(answer: Answer) -> None:
    """Delete an answer's recording or document, the baseline read before it, and its pictures; the result stays."""
    keys, partials = _media_of([answer.id])
    with change() as session:
        session.execute(delete(Picture).where(Picture.answer_id == answer.id))
        answer.media_key = answer.media_type = answer.media_bytes = answer.file_name = answer.baseline_key = answer.baseline_type = None
    forget(keys, partials)


def from_comparisons(answer: Answer) -> None:
    """Take an answer that is no longer offered out of the comparisons of others, which are made anew."""
    with change() as session:
        _forget_comparisons(session, [answer.id])


def forget(keys: Iterable[str], partials: Iterable[str] = ()) -> None:
    """Delete content that no row names any more, partial uploads, and the free pages of the database."""
    for partial in partials:
        media.delete_partial(partial)
    for key in set(keys):
        with change() as session:  # the write lock: nobody can begin to refer to it in between
            if not _named(session, key):
                media.delete(key)
    erase_free_pages()


def _media_of(identities: Sequence[str]) -> tuple[list[str], list[str]]:
    of_answers = select(Answer.media_key).where(Answer.id.in_(identities), Answer.media_key.is_not(None))
    of_baselines = select(Answer.baseline_key).where(Answer.id.in_(identities), Answer.baseline_key.is_not(None))
    of_pictures = select(Picture.media_key).where(Picture.answer_id.in_(identities))
    keys: list[str] = list(db.session.scalars(union_all(of_answers, of_baselines, of_pictures)))
    return keys, list(db.session.scalars(select(Recording.id).where(Recording.answer_id.in_(identities))))


def _named(session: Session, key: str) -> bool:
    columns = (Answer.media_key, Answer.baseline_key, Recording.baseline_key, Picture.media_key)
    return any(session.scalar(select(column).where(column == key).limit(1)) for column in columns)


def _forget_comparisons(session: Session, identities: Sequence[str]) -> None:
    """Let every comparison that one of these answers took part in be made anew, without it."""
    of_them = select(Comparison.answer_id).where(Comparison.other_id.in_(identities))
    session.execute(delete(Comparison).where(Comparison.answer_id.in_(of_them.scalar_subquery())))
