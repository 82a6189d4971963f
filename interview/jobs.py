"""Jobs: the row in the database is the truth, the queue only says that there is something to look at.

Only this module speaks to the queue. Every change of a running job is conditional on the worker's token, so that of two
workers that believe to have a job, one finishes it.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from flask import Flask, current_app
from huey import Huey, RedisHuey, SqliteHuey
from huey.exceptions import HueyException
from huey.registry import Message
from huey.serializer import Serializer
from sqlalchemy import ColumnElement, CursorResult, Result, and_, func, or_, select, update

from interview.database import Answer, Job, change, db, now
from interview.errors import translated

EXTENSION = "interview_queue"
QUEUE_FILE = "queue.db"
WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"
HOST_LENGTH = 30
SHARE_FOR_TIME = 0.03  # below this share, the time left cannot be told
GIVEN_UP = "The analysis was begun %(attempts)d times and broke off each time. The upload is kept; you can try it again."


class JsonSerializer(Serializer):
    """Write the queue's messages as JSON, so that reading a queue never runs code."""

    def _serialize(self, data: Any) -> bytes:
        return json.dumps(data, default=str).encode()

    def _deserialize(self, data: bytes) -> Any:
        document = json.loads(bytes(data))
        return Message(*document) if isinstance(document, list) else document


def init_app(app: Flask) -> None:
    """Open the queue: SQLite in a file of its own, or Redis."""
    options: dict[str, Any] = {"results": False, "serializer": JsonSerializer()}
    if url := app.config["QUEUE_URL"]:
        queue: Huey = RedisHuey("interview", url=url, **options)
    else:
        queue = SqliteHuey("interview", filename=str(Path(app.config["INSTANCE"], QUEUE_FILE)), **options)

    def look_at(job_id: int) -> None:
        app.extensions[EXTENSION]["run"](job_id)

    app.extensions[EXTENSION] = {"huey": queue, "task": queue.task(name="look_at")(look_at)}


def consume(app: Flask, run: Callable[[int], None]) -> Huey:
    """Name what a worker does with the id of a job, and return the queue for it to consume."""
    app.extensions[EXTENSION]["run"] = run
    return app.extensions[EXTENSION]["huey"]


def enqueue(job: Job | None) -> None:
    """Tell the workers of a job. When the queue cannot be reached, the sweeper tells them later."""
    if job is None:
        return
    try:
        current_app.extensions[EXTENSION]["task"](job.id)
    except (OSError, HueyException, _queue_error()) as error:
        current_app.logger.warning("job %d could not be put into the queue yet: %s", job.id, error)
        return
    with change() as session:
        session.execute(update(Job).where(Job.id == job.id).values(enqueued=now()))


def claim(job_id: int, worker: str, lease: timedelta, most: int) -> Job | None:
    """Take a job that waits or whose lease ran out; ``None`` when it is somebody else's, done, or was begun ``most`` times."""
    with change() as session:
        taken = session.execute(
            update(Job)
            .where(Job.id == job_id, or_(Job.state == WAITING, _expired()), Job.attempts < most)
            .values(state=RUNNING, worker=worker, lease_until=now() + lease, attempts=Job.attempts + 1, started=now(), stage="", share=0.0, sentence=None)
        )
    return db.session.get(Job, job_id) if _one(taken) else None


def worker_name(process: int) -> str:
    """Return the beginning of the token of the worker that runs as this process of this machine."""
    return f"{socket.gethostname()[:HOST_LENGTH]}:{process}:"


def expire(name: str) -> None:
    """End the lease of a worker that is known to be dead, so that its job need not wait for the lease to run out."""
    with change() as session:
        session.execute(update(Job).where(Job.worker.startswith(name, autoescape=True), Job.state == RUNNING).values(lease_until=now()))


def renew(job_id: int, worker: str, lease: timedelta) -> bool:
    """Prolong a worker's lease; ``False`` when the job is not its own any more."""
    return _change_own(job_id, worker, lease_until=now() + lease)


def report(job_id: int, worker: str, stage: str, share: float) -> bool:
    """Write down how far a job is; ``False`` when it is not this worker's any more."""
    return _change_own(job_id, worker, stage=stage, share=min(max(share, 0.0), 1.0))


def hand_back(job_id: int, worker: str) -> bool:
    """Let a job wait again that its worker must leave; the attempt does not count."""
    return _change_own(job_id, worker, state=WAITING, worker=None, lease_until=None, attempts=Job.attempts - 1, enqueued=None, stage="", share=0.0)


def finish(job_id: int, worker: str, store: Callable[[Answer], None]) -> bool:
    """End a job well: ``store`` writes the result to its answer in the same transaction. ``False`` when it is not this worker's."""
    with change() as session:
        ended = session.execute(update(Job).where(*_own(job_id, worker)).values(state=DONE, stage="", share=1.0, worker=None, lease_until=None, finished=now()))
        if not _one(ended):
            return False
        store(session.scalars(select(Answer).join(Job).where(Job.id == job_id)).one())
    return True


def fail(job_id: int, worker: str, sentence: str, values: dict[str, Any]) -> bool:
    """End a job with the sentence that the person will read; ``False`` when it is not this worker's."""
    return _change_own(job_id, worker, state=FAILED, sentence=sentence, sentence_values=values, worker=None, lease_until=None, finished=now())


def again(job: Job, ended: Sequence[str] = (FAILED,)) -> None:
    """Let a job that failed, or ended in another of the states ``ended``, wait once more, with all its attempts."""
    fresh = {"state": WAITING, "attempts": 0, "sentence": None, "sentence_values": None, "stage": "", "share": 0.0, "finished": None, "enqueued": None}
    with change() as session:
        session.execute(update(Job).where(Job.id == job.id, Job.state.in_(ended)).values(fresh))
    enqueue(job)


def sweep(lease: timedelta, most: int) -> None:
    """Tell the workers again of jobs that nobody took and whose lease ran out; end those that were begun too often."""
    late, empty = now() - lease, current_app.extensions[EXTENSION]["huey"].pending_count() == 0
    with change() as session:
        spent = session.scalars(select(Job).where(Job.attempts >= most, or_(_expired(), Job.state == WAITING)))
        for job in spent:
            job.state, job.finished, job.worker, job.lease_until = FAILED, now(), None, None
            job.sentence, job.sentence_values = GIVEN_UP, {"attempts": job.attempts}
        untold = or_(Job.enqueued.is_(None), and_(Job.enqueued < late, empty))  # with an empty queue, a message was lost
        lost = select(Job).where(or_(_expired(), and_(Job.state == WAITING, untold)))
        found = session.scalars(lost.order_by(Job.id)).all()
    for job in found:
        enqueue(job)


def state_of(job: Job | None) -> dict[str, Any]:
    """Return what a page shows of a job."""
    if job is None:
        return {"state": FAILED, "stage": "", "share": 0.0, "seconds_left": None, "ahead": 0, "sentence": None}
    left = None
    if job.state == RUNNING and job.started and job.share >= SHARE_FOR_TIME:
        left = round((now() - job.started).total_seconds() * (1 - job.share) / job.share)
    ahead = 0
    if job.state == WAITING:
        ahead = db.session.scalar(select(func.count(Job.id)).where(Job.state.in_((WAITING, RUNNING)), Job.id < job.id)) or 0
    return {
        "state": job.state,
        "stage": translated(job.stage, None) if job.stage else "",
        "share": round(job.share, 4),
        "seconds_left": left,
        "ahead": ahead,
        "sentence": translated(job.sentence, job.sentence_values) if job.sentence else None,
    }


def counts() -> dict[str, int]:
    """Count the jobs by state."""
    found = {state: count for state, count in db.session.execute(select(Job.state, func.count(Job.id)).group_by(Job.state))}
    return {state: found.get(state, 0) for state in (WAITING, RUNNING, DONE, FAILED)}


def _one(result: Result[Any]) -> bool:
    return cast("CursorResult[Any]", result).rowcount == 1


def _own(job_id: int, worker: str) -> tuple[ColumnElement[bool], ...]:
    return Job.id == job_id, Job.worker == worker, Job.state == RUNNING


def _expired() -> ColumnElement[bool]:
    return and_(Job.state == RUNNING, Job.lease_until < now())


def _change_own(job_id: int, token: str, **values: Any) -> bool:
    with change() as session:
        return _one(session.execute(update(Job).where(*_own(job_id, token)).values(**values)))


def _queue_error() -> type[Exception]:
    """Return what the queue's storage raises: SQLite's error, or Redis' where that is installed and used."""
    if current_app.config["QUEUE_URL"]:
        from redis.exceptions import RedisError

        return RedisError
    import sqlite3

    return sqlite3.Error
