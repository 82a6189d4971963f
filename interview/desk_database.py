"""The tables of the desk: who may sign in, which interviews they have composed, and whom they have invited."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from interview.database import ID_LENGTH, Base, new_id, now


class Account(Base):
    """Be a recruiter or a coach; ``key`` is the name as it is compared, ``password`` an Argon2 hash."""

    __tablename__ = "account"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(80))
    key: Mapped[str] = mapped_column(String(160), unique=True)
    role: Mapped[str] = mapped_column(String(10))
    password: Mapped[str] = mapped_column(String(200))
    created: Mapped[datetime] = mapped_column(default=now)


class SignIn(Base):
    """Be one browser that an account is signed in with; without this row its cookie opens nothing."""

    __tablename__ = "sign_in"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    created: Mapped[datetime] = mapped_column(default=now)
    seen: Mapped[datetime] = mapped_column(default=now)

    account: Mapped[Account] = relationship(lazy="joined")


class Interview(Base):
    """Be a sequence of questions: composed at the desk by an account, or a set that a visitor practises with."""

    __tablename__ = "interview"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    visitor_id: Mapped[str | None] = mapped_column(ForeignKey("visitor.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    note: Mapped[str] = mapped_column(Text, default="")
    created: Mapped[datetime] = mapped_column(default=now)

    account: Mapped[Account | None] = relationship()
    steps: Mapped[list[Step]] = relationship(order_by="Step.number", cascade="all, delete-orphan", passive_deletes=True)


class Step(Base):
    """Be one question of an interview: how it may be answered (``kind`` may be ``any``), how long, how often (0: as often as one likes)."""

    __tablename__ = "step"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    interview_id: Mapped[str] = mapped_column(ForeignKey("interview.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    question_id: Mapped[str | None] = mapped_column(String(60))
    theme: Mapped[str] = mapped_column(String(40))
    question: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(8))
    thinking_seconds: Mapped[int]
    answer_seconds: Mapped[int]
    tries: Mapped[int]
    break_seconds: Mapped[int]


class Invitation(Base):
    """Be a link for one person; ``token`` stands in its address. What is known of the person is the name that the desk gave."""

    __tablename__ = "invitation"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    interview_id: Mapped[str] = mapped_column(ForeignKey("interview.id", ondelete="CASCADE"), index=True)
    token: Mapped[str] = mapped_column(String(ID_LENGTH), unique=True, default=new_id)
    name: Mapped[str] = mapped_column(String(120))
    contact: Mapped[str] = mapped_column(String(200), default="")
    created: Mapped[datetime] = mapped_column(default=now)
    expires: Mapped[datetime]
    revoked: Mapped[datetime | None]
    opened: Mapped[datetime | None]
    declined: Mapped[datetime | None]

    interview: Mapped[Interview] = relationship(lazy="joined")
