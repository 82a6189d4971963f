"""Delete what has been kept for as long as was promised: media, results, unfinished recordings, visitors."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import delete, or_, select

from interview import deletion, media
from interview.database import Answer, Picture, Recording, Visitor, change, db, now
from interview.desk_database import Interview, Invitation
from interview.sitting_database import Sitting, Take

WORK_FOLDER = "work"
LEFT_SECONDS = 24 * 3600  # what a killed process left behind


def clear_up() -> None:
    """Delete everything whose time is over; no job may run in this process meanwhile."""
    media_ends, result_ends = now() - media_kept(), now() - result_kept()
    if found := db.session.scalars(select(Answer).where(Answer.created < result_ends)).all():
        deletion.answers(found)
    with_media = or_(Answer.media_key.is_not(None), Answer.baseline_key.is_not(None), Answer.id.in_(select(Picture.answer_id)))
    for answer in db.session.scalars(select(Answer).where(Answer.created < media_ends, with_media)).all():
        deletion.media_of_answer(answer)
    if late := db.session.scalars(select(Recording).where(Recording.changed < media_ends, Recording.answer_id.is_(None))).all():
        deletion.recordings(late)
    idle = select(Visitor).where(Visitor.seen < result_ends, Visitor.id.not_in(select(Answer.visitor_id)), Visitor.id.not_in(select(Recording.visitor_id)))
    for visitor in db.session.scalars(idle).all():
        deletion.visitor(visitor)
    _clear_up_interviews()
    deletion.forget(_unnamed())
    clear_work_folder()


def _clear_up_interviews() -> None:
    """Delete sittings of which no answer is left, and invitations that led to nothing and are over for as long as results are kept."""
    ended = now() - result_kept()
    with change() as session:
        answered = select(Take.sitting_id).where(Take.answer_id.is_not(None))
        session.execute(delete(Sitting).where(Sitting.begun < ended, Sitting.id.not_in(answered)))
        begun = select(Sitting.interview_id)
        session.execute(delete(Interview).where(Interview.account_id.is_(None), Interview.created < ended, Interview.id.not_in(begun)))
        bound = select(Sitting.invitation_id).where(Sitting.invitation_id.is_not(None))
        session.execute(delete(Invitation).where(Invitation.expires < ended, Invitation.id.not_in(bound)))


def media_kept() -> timedelta:
    """Return how long recordings and documents are kept."""
    return timedelta(days=current_app.config["MEDIA_DAYS"])


def result_kept() -> timedelta:
    """Return how long results are kept."""
    return timedelta(days=current_app.config["RESULT_DAYS"])


def _unnamed() -> list[str]:
    """Return contents that no row names: what a process left that was killed between writing and naming it."""
    columns = (Answer.media_key, Answer.baseline_key, Recording.baseline_key, Picture.media_key)
    named = {key for column in columns for key in db.session.scalars(select(column))}
    return [key for key in media.keys_before(now() - timedelta(seconds=LEFT_SECONDS)) if key not in named]


@contextmanager
def work_folder() -> Iterator[Path]:
    """Give a folder for one job, named after the process that works in it."""
    parent = Path(current_app.config["INSTANCE"], WORK_FOLDER)
    parent.mkdir(mode=0o700, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{os.getpid()}-", dir=parent) as name:
        yield Path(name)


def clear_work_folder() -> None:
    """Delete the folders of jobs that this process has left, or whose process was killed."""
    parent = Path(current_app.config["INSTANCE"], WORK_FOLDER)
    for folder in parent.iterdir() if parent.is_dir() else ():
        process = int(folder.name.partition("-")[0])
        if process == os.getpid() or not _is_alive(process):
            shutil.rmtree(folder, ignore_errors=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
