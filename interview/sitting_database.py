"""The tables of a candidate's way through an interview: takes, what is shared of them, comments, and who looked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Float, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from interview.database import ID_LENGTH, Answer, Base, new_id, now
from interview.desk_database import Interview, Invitation, Step


class Sitting(Base):
    """Be one visitor's way through an interview; with an invitation it is bound to the one who began it."""

    __tablename__ = "sitting"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    interview_id: Mapped[str] = mapped_column(ForeignKey("interview.id", ondelete="CASCADE"), index=True)
    invitation_id: Mapped[str | None] = mapped_column(ForeignKey("invitation.id", ondelete="CASCADE"), unique=True)
    visitor_id: Mapped[str] = mapped_column(ForeignKey("visitor.id", ondelete="CASCADE"), index=True)
    begun: Mapped[datetime] = mapped_column(default=now)

    interview: Mapped[Interview] = relationship(lazy="joined")
    invitation: Mapped[Invitation | None] = relationship()


class Take(Base):
    """Be one try at a question of a sitting. It counts also when its recording or its answer has been deleted."""

    __tablename__ = "take"

    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[str] = mapped_column(ForeignKey("sitting.id", ondelete="CASCADE"), index=True)
    step_id: Mapped[str] = mapped_column(ForeignKey("step.id", ondelete="CASCADE"), index=True)
    recording_id: Mapped[str | None] = mapped_column(ForeignKey("recording.id", ondelete="SET NULL"), index=True)
    answer_id: Mapped[str | None] = mapped_column(ForeignKey("answer.id", ondelete="SET NULL"), unique=True)
    chosen: Mapped[bool] = mapped_column(default=False)
    begun: Mapped[datetime] = mapped_column(default=now)

    sitting: Mapped[Sitting] = relationship()
    step: Mapped[Step] = relationship(lazy="joined")
    answer: Mapped[Answer | None] = relationship()


class Share(Base):
    """Say what of an answer the desk may see. Without this row it may see nothing."""

    __tablename__ = "share"

    answer_id: Mapped[str] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"), primary_key=True)
    sitting_id: Mapped[str] = mapped_column(ForeignKey("sitting.id", ondelete="CASCADE"), index=True)
    media: Mapped[bool]
    facts: Mapped[bool]
    inferences: Mapped[bool]
    version: Mapped[str] = mapped_column(String(20))
    created: Mapped[datetime] = mapped_column(default=now)

    answer: Mapped[Answer] = relationship()
    sitting: Mapped[Sitting] = relationship()


class Comment(Base):
    """Be what somebody at the desk wrote to an answer, at a second of its media or to the whole. It goes with the answer."""

    __tablename__ = "comment"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    answer_id: Mapped[str] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"), index=True)
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    author: Mapped[str] = mapped_column(String(80))
    seconds: Mapped[float | None] = mapped_column(Float)
    text: Mapped[str] = mapped_column(Text)
    created: Mapped[datetime] = mapped_column(default=now)


class Look(Base):
    """Record that somebody at the desk looked at an answer: at its page, its media, or by an export. The candidate reads it."""

    __tablename__ = "look"

    id: Mapped[int] = mapped_column(primary_key=True)
    answer_id: Mapped[str] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"), index=True)
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    who: Mapped[str] = mapped_column(String(80))
    what: Mapped[str] = mapped_column(String(10))
    time: Mapped[datetime] = mapped_column(default=now)
