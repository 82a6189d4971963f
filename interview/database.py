"""The database: its tables, and how a connection to SQLite is set up."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, BigInteger, Connection, DateTime, Dialect, Float, ForeignKey, Index, MetaData, String, Text, event, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, registry, relationship
from sqlalchemy.types import TypeDecorator

from interview.settings import ROOT

MIGRATIONS = ROOT / "migrations"
BUSY_MILLISECONDS = 15_000
ID_BYTES = 16  # 128 bits: an id in an address cannot be guessed
ID_LENGTH = 22
CONSTRAINT_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcTime(TypeDecorator[datetime]):
    """Keep a point in time in UTC, aware of its zone also where the database is not."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Be the base of every table."""

    registry = registry(metadata=MetaData(naming_convention=CONSTRAINT_NAMES), type_annotation_map={datetime: UtcTime()})


db = SQLAlchemy(model_class=Base)


def now() -> datetime:
    """Return the present time in UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """Return an unguessable id of 22 characters."""
    return secrets.token_urlsafe(ID_BYTES)


class Visitor(Base):
    """Be somebody behind a signed session cookie; nothing else is known of them."""

    __tablename__ = "visitor"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    created: Mapped[datetime] = mapped_column(default=now)
    seen: Mapped[datetime] = mapped_column(default=now)


class Consent(Base):
    """Record that a visitor agreed to one kind of analysis, to which wording, and when they withdrew it."""

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(primary_key=True)
    visitor_id: Mapped[str] = mapped_column(ForeignKey("visitor.id", ondelete="CASCADE"), index=True)
    modality: Mapped[str] = mapped_column(String(8))
    version: Mapped[str] = mapped_column(String(20))
    given_at: Mapped[datetime] = mapped_column(default=now)
    withdrawn_at: Mapped[datetime | None]


class Answer(Base):
    """Keep one answer: the question, what was said, and the result.

    ``media_key`` names content in the media store, ``baseline_key`` that of the sentences read aloud before the answer; ``result`` is the Analysis as JSON,
    ``summary`` the small part of it that comparisons with others need.
    """

    __tablename__ = "answer"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    visitor_id: Mapped[str] = mapped_column(ForeignKey("visitor.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    theme: Mapped[str] = mapped_column(String(40))
    question: Mapped[str] = mapped_column(Text)
    question_id: Mapped[str | None] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(120))
    created: Mapped[datetime] = mapped_column(default=now)
    others: Mapped[bool] = mapped_column(default=False)
    file_name: Mapped[str | None] = mapped_column(String(255))
    media_key: Mapped[str | None] = mapped_column(String(64), index=True)
    media_type: Mapped[str | None] = mapped_column(String(100))
    media_bytes: Mapped[int | None] = mapped_column(BigInteger)
    baseline_key: Mapped[str | None] = mapped_column(String(64), index=True)
    baseline_type: Mapped[str | None] = mapped_column(String(100))
    text: Mapped[str | None] = mapped_column(Text)
    result: Mapped[str | None] = mapped_column(Text)
    summary: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    result_at: Mapped[datetime | None]

    job: Mapped[Job | None] = relationship(back_populates="answer", cascade="all, delete-orphan", passive_deletes=True)
    pictures: Mapped[list[Picture]] = relationship(cascade="all, delete-orphan", passive_deletes=True)


class Picture(Base):
    """Name one key frame of an answer in the media store."""

    __tablename__ = "picture"

    answer_id: Mapped[str] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    media_key: Mapped[str] = mapped_column(String(64), index=True)


class Comparison(Base):
    """Remember with which other answers an answer is compared, so that showing it again changes nothing."""

    __tablename__ = "comparison"

    answer_id: Mapped[str] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[str] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"), primary_key=True, index=True)


class Recording(Base):
    """Keep where an upload in pieces stands; ``answer_id`` once an answer was made of it."""

    __tablename__ = "recording"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    visitor_id: Mapped[str] = mapped_column(ForeignKey("visitor.id", ondelete="CASCADE"), index=True)
    answer_id: Mapped[str | None] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    theme: Mapped[str] = mapped_column(String(40))
    question: Mapped[str] = mapped_column(Text)
    question_id: Mapped[str | None] = mapped_column(String(60))
    others: Mapped[bool] = mapped_column(default=False)
    file_name: Mapped[str | None] = mapped_column(String(255))
    length: Mapped[int | None] = mapped_column(BigInteger)
    offset: Mapped[int] = mapped_column(BigInteger, default=0)
    baseline_key: Mapped[str | None] = mapped_column(String(64), index=True)
    baseline_type: Mapped[str | None] = mapped_column(String(100))
    sentence: Mapped[str | None] = mapped_column(Text)
    sentence_values: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created: Mapped[datetime] = mapped_column(default=now)
    changed: Mapped[datetime] = mapped_column(default=now)


class Job(Base):
    """Keep the state of one analysis: this row, not the queue, is the truth.

    ``state`` is waiting, running, done or failed. ``worker`` is the token of who holds the lease until ``lease_until``.
    """

    __tablename__ = "job"

    id: Mapped[int] = mapped_column(primary_key=True)
    answer_id: Mapped[str] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"), unique=True)
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    stage: Mapped[str] = mapped_column(String(80), default="")
    share: Mapped[float] = mapped_column(Float, default=0.0)
    attempts: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None]
    sentence: Mapped[str | None] = mapped_column(Text)
    sentence_values: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created: Mapped[datetime] = mapped_column(default=now)
    enqueued: Mapped[datetime | None]
    started: Mapped[datetime | None]
    finished: Mapped[datetime | None]

    answer: Mapped[Answer] = relationship(back_populates="job")

    __table_args__ = (Index("ix_job_state", "state", "lease_until"),)


def init_app(app: Flask) -> None:
    """Attach the database to the application, and its migrations where the ``flask`` command runs it."""
    db.init_app(app)
    if "FLASK_RUN_FROM_CLI" in os.environ:
        attach_migrations(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", _set_up_sqlite)
            event.listen(db.engine, "begin", _begin_sqlite)


def attach_migrations(app: Flask) -> None:
    """Attach Flask-Migrate, which the web process and the workers do not need and which takes long to import."""
    from flask_migrate import Migrate

    Migrate(app, db, directory=str(MIGRATIONS), compare_type=True, render_as_batch=True)


def upgrade(app: Flask) -> None:
    """Bring the database to the present tables."""
    from flask_migrate import upgrade

    attach_migrations(app)
    with app.app_context():
        upgrade()


@contextmanager
def change() -> Iterator[Session]:
    """Give a session for one short change, which is committed at the end or undone on an error.

    The change begins with the write lock (``BEGIN IMMEDIATE`` on SQLite), so what is read in it cannot be changed by
    somebody else before it is written; objects loaded earlier are read anew.
    """
    session = db.session()
    session.rollback()
    session.connection(execution_options={"immediate": True})
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise


def erase_free_pages() -> None:
    """Empty SQLite's write-ahead log, where deleted rows otherwise stay until it is overwritten.

    The free pages of the database itself are zeroed when rows are deleted (``secure_delete``).
    """
    if db.engine.dialect.name != "sqlite":
        return
    db.session.rollback()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).all()


def _set_up_sqlite(connection: sqlite3.Connection, record: object) -> None:
    connection.isolation_level = None  # transactions are begun by _begin_sqlite, not by the driver
    for pragma in (f"busy_timeout = {BUSY_MILLISECONDS}", "journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("immediate") else "BEGIN")
