"""Exports: what candidates have shared as a ZIP of media, JSON and CSV, through the same filter as the page."""

from __future__ import annotations

import json
import re
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from typing import IO

from flask import Response
from flask_babel import gettext

from core.manifest import BLOCK_BYTES
from interview import media, media_types, sharing, tables
from interview.database import Answer
from interview.desk_database import Account
from interview.sitting_database import Share, Take

MEMORY_BYTES = 16_000_000  # a larger export is put together on the disk
NOT_IN_NAMES = re.compile(r"[^\w.-]+")
NAME_LENGTH = 40
README = "README.txt"
WORDS = """What candidates have shared, as it was when this file was made. It belongs to them.
A candidate who withdraws wants this copy to be deleted as well; please delete it then, and in any case when it is not needed any more.
Do not rank people by it, and do not infer emotions or traits of applicants from it: in the European Union inferring emotions in recruitment is prohibited (Regulation (EU) 2024/1689, Article 5(1)(f)).
"""


def answer(people: Sequence[tuple[str, Sequence[tuple[Take, Share]]]], account: Account, name: str) -> Response:
    """Answer with a ZIP: a folder for each person, and in it what each shared answer lets through."""
    file: IO[bytes] = tempfile.SpooledTemporaryFile(MEMORY_BYTES)  # noqa: SIM115 - closed when it has been sent
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(README, gettext(WORDS))
        for number, (person, shared) in enumerate(people, start=1):
            folder = f"{number:03d}-{_harmless(person)}"
            for take, share in shared:
                if take.answer is not None:
                    _write(archive, f"{folder}/question-{take.step.number}", take.answer, share, account)
    size = file.tell()
    file.seek(0)
    response = Response(_blocks(file), mimetype="application/zip", direct_passthrough=True)
    response.headers["Content-Length"] = str(size)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _write(archive: zipfile.ZipFile, stem: str, given: Answer, share: Share, account: Account) -> None:
    found = sharing.document(given, share, account)
    if found is not None:
        told = {"question": given.question, "kind": given.kind, "answered": given.created.isoformat(), "analysis": found}
        archive.writestr(f"{stem}.json", json.dumps(told, ensure_ascii=False, indent=1))
        archive.writestr(f"{stem}.csv", tables.facts_csv(found))
    if share.media and given.text is not None:
        archive.writestr(f"{stem}.txt", given.text)
    if share.media and given.media_key is not None and media.exists(given.media_key):
        with archive.open(zipfile.ZipInfo(f"{stem}{media_types.ending(given.media_type)}"), "w") as target:
            for block in media.read(given.media_key, 0, media.size(given.media_key)):
                target.write(block)


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while block := file.read(BLOCK_BYTES):
            yield block


def _harmless(name: str) -> str:
    return NOT_IN_NAMES.sub("-", name).strip("-.")[:NAME_LENGTH] or "candidate"
