"""Leave an interview: nothing of it is shared any more, at once; the answers stay the candidate's or are deleted with it."""

from __future__ import annotations

from sqlalchemy import delete, select

from interview import deletion
from interview.database import Answer, Recording, change, db, erase_free_pages, now
from interview.desk_database import Interview, Invitation
from interview.sitting_database import Share, Sitting, Take


def withdraw(sitting: Sitting, erase: bool) -> None:
    """End a sitting and everything that is shared of it; with ``erase``, delete its answers and recordings for good too."""
    identity, invitation_id, interview_id = sitting.id, sitting.invitation_id, sitting.interview_id
    with change() as session:
        session.execute(delete(Share).where(Share.sitting_id == identity))
        if invitation_id is not None and (invitation := session.get(Invitation, invitation_id)) is not None:
            invitation.declined = now()
    if erase:
        mine = select(Take.answer_id).where(Take.sitting_id == identity)
        deletion.answers(db.session.scalars(select(Answer).where(Answer.id.in_(mine))).all())
        pending = select(Take.recording_id).where(Take.sitting_id == identity)
        deletion.recordings(db.session.scalars(select(Recording).where(Recording.id.in_(pending), Recording.answer_id.is_(None))).all())
    with change() as session:
        session.execute(delete(Sitting).where(Sitting.id == identity))
        session.execute(delete(Interview).where(Interview.id == interview_id, Interview.account_id.is_(None)))
    erase_free_pages()
