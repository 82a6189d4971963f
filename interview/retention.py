"""Delete what has been kept for as long as was promised: media, results, unfinished recordings, visitors."""

from __future__ import annotations

import shutil
import time
from datetime import timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import or_, select

from interview import deletion
from interview.database import Answer, Picture, Recording, Visitor, db, now

WORK_FOLDER = "work"
WORK_SECONDS = 24 * 3600  # what a killed worker left behind


def clear_up() -> None:
    """Delete everything whose time is over."""
    media_ends, result_ends = now() - media_kept(), now() - result_kept()
    if found := db.session.scalars(select(Answer).where(Answer.created < result_ends)).all():
        deletion.answers(found)
    with_media = or_(Answer.media_key.is_not(None), Answer.id.in_(select(Picture.answer_id)))
    for answer in db.session.scalars(select(Answer).where(Answer.created < media_ends, with_media)).all():
        deletion.media_of_answer(answer)
    if late := db.session.scalars(select(Recording).where(Recording.changed < media_ends, Recording.answer_id.is_(None))).all():
        deletion.recordings(late)
    idle = select(Visitor).where(Visitor.seen < result_ends, Visitor.id.not_in(select(Answer.visitor_id)), Visitor.id.not_in(select(Recording.visitor_id)))
    for visitor in db.session.scalars(idle).all():
        deletion.visitor(visitor)
    _clear_work_folder()


def media_kept() -> timedelta:
    """Return how long recordings and documents are kept."""
    return timedelta(days=current_app.config["MEDIA_DAYS"])


def result_kept() -> timedelta:
    """Return how long results are kept."""
    return timedelta(days=current_app.config["RESULT_DAYS"])


def _clear_work_folder() -> None:
    folder = Path(current_app.config["INSTANCE"], WORK_FOLDER)
    for left in folder.iterdir() if folder.is_dir() else ():
        if time.time() - left.stat().st_mtime > WORK_SECONDS:
            shutil.rmtree(left, ignore_errors=True)
