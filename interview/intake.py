"""Take answers in: from a typed text, or from a recording or document once enough of it has arrived."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from flask import current_app

from core.errors import InputError
from interview import deletion, jobs, lengths, live_takes, media, media_types, takes
from interview.database import Answer, Job, Recording, Visitor, change, db, now

NAME_LENGTH = 120
FILE_NAME_LENGTH = 255
ARRIVING = "A piece of this recording is just arriving. Please try again in a moment."
TOO_LARGE = "This file is larger than %(most)d MB, the most that can be uploaded."


@dataclass(frozen=True)
class Asked:
    """Hold which question an answer is to, whether it may be one of the others' answers, and its place in a whole interview."""

    question_id: str | None
    theme: str
    question: str
    others: bool = False
    place: takes.Place | None = None

    def columns(self) -> dict[str, Any]:
        """Return what an answer and a recording keep of it."""
        return {"question_id": self.question_id, "theme": self.theme, "question": self.question, "others": self.others}


def upload_limit() -> int:
    """Return the largest upload in bytes."""
    return int(current_app.config["UPLOAD_MB"]) * 1_000_000


def typed(visitor: Visitor, asked: Asked, text: str) -> Answer:
    """Make an answer of a typed text, and its job.

    Raises
    ------
    InputError
        When it is empty or too long.
    """
    text = text.replace("\r\n", "\n").strip()
    most = current_app.config["TEXT_CHARACTERS"]
    if not text:
        raise InputError("Please write an answer, or choose a file.")
    if len(text) > most:
        raise InputError("Your answer has %(length)d characters; at most %(most)d are possible.", length=len(text), most=most)
    with change() as session:
        answer = _answer(visitor.id, "text", asked)
        answer.text = text
        session.add(answer)
        takes.add(session, asked.place, answer=answer)
    jobs.enqueue(answer.job)
    return answer


def begin(visitor: Visitor, kind: str, asked: Asked, file_name: str | None, length: int | None) -> Recording:
    """Make the row of a recording whose bytes are still to come.

    Raises
    ------
    InputError
        When it would be larger than an upload may be, or no try is left for its question.
    """
    if length is not None and length > upload_limit():
        raise InputError(TOO_LARGE, most=current_app.config["UPLOAD_MB"])
    with change() as session:
        recording = Recording(visitor_id=visitor.id, kind=kind, file_name=(file_name or "")[:FILE_NAME_LENGTH] or None, length=length, **asked.columns())
        session.add(recording)
        takes.add(session, asked.place, recording=recording)
    return recording


def uploaded(visitor: Visitor, kind: str, asked: Asked, file_name: str | None, stream: IO[bytes]) -> Answer:
    """Make an answer of a file that was sent with a form; one that cannot be used stays as an unfinished recording.

    Raises
    ------
    InputError
        When it is empty, too large, not what such an interview takes, or longer than its question allows; of the latter
        nothing stays.
    StorageFull
        When the disk has no room for it; nothing of it stays.
    """
    recording = begin(visitor, kind, asked, file_name, None)
    try:
        with media.partial(recording.id) as file:
            offset = media.append(file, 0, stream, upload_limit())
    except media.StorageFull:
        takes.give_back(recording)
        deletion.recordings([recording])
        raise
    with change():
        recording.offset = recording.length = min(offset, upload_limit())
    if offset > upload_limit():
        error = InputError(TOO_LARGE, most=current_app.config["UPLOAD_MB"])
        _remember(recording, error)
        takes.give_back(recording)
        raise error
    try:
        return finish(recording)
    except lengths.TooLongError:
        takes.give_back(recording)
        deletion.recordings([recording])
        raise
    except InputError:
        takes.give_back(recording)
        raise


def finish(recording: Recording, take: str | None = None) -> Answer:
    """Make an answer and its job of what has arrived of a recording; a second time, the same answer.

    ``take`` is what was seen live meanwhile (``live_takes``), for the worker.

    Raises
    ------
    InputError
        When it is empty, not what such an interview takes, or longer than its question allows; the recording stays and
        remembers why.
    """
    if recording.answer_id is not None:
        return db.session.get_one(Answer, recording.answer_id)
    try:
        with media.partial(recording.id):  # no piece may arrive any more
            return _finish(recording, media.partial_path(recording.id), take)
    except BlockingIOError as error:
        raise InputError(ARRIVING) from error
    except InputError as error:
        _remember(recording, error)
        raise


def _finish(recording: Recording, path: Path, take: str | None) -> Answer:
    media_type = media_types.check(path, recording.kind)
    if recording.kind != "text" and (most := takes.seconds_of(recording)) is not None:
        lengths.check(path, most)
    key, size = media.put(path, is_ours=True), path.stat().st_size
    seen = live_takes.stored(take) if take is not None else None
    with change() as session:
        if recording.answer_id is not None:
            return session.get_one(Answer, recording.answer_id)
        asked = Asked(recording.question_id, recording.theme, recording.question, recording.others)
        answer = _answer(recording.visitor_id, recording.kind, asked)
        answer.file_name, answer.media_key, answer.media_type, answer.media_bytes = recording.file_name, key, media_type, size
        answer.baseline_key, answer.baseline_type = recording.baseline_key, recording.baseline_type
        recording.baseline_key = recording.baseline_type = None
        if seen is not None:
            answer.pictures = [seen]
        session.add(answer)
        session.flush()
        recording.answer_id, recording.changed = answer.id, now()
        takes.answered(session, recording, answer)
    if not media.exists(key):  # deleted with another answer of the same content just before ours was written
        media.put(path, is_ours=True)
    media.delete_partial(recording.id)
    jobs.enqueue(answer.job)
    return answer


def _remember(recording: Recording, error: InputError) -> None:
    with change():
        recording.sentence, recording.sentence_values = error.sentence, dict(error.values)


def _answer(visitor_id: str, kind: str, asked: Asked) -> Answer:
    return Answer(visitor_id=visitor_id, kind=kind, name=asked.question[:NAME_LENGTH], job=Job(), **asked.columns())
