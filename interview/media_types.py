"""What a file is: recognised by its content, never by its name."""

from __future__ import annotations

import zipfile
from pathlib import Path

import filetype

from core.errors import InputError

HEAD_BYTES = 8192
PDF, TEXT = "application/pdf", "text/plain"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
DOCX_PART = "word/document.xml"
BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")
CONTROL_BYTES = bytes(set(range(32)) - {9, 10, 12, 13, 27})
ENDINGS = {
    PDF: ".pdf", DOCX: ".docx", TEXT: ".txt",
    "audio/x-wav": ".wav", "audio/mpeg": ".mp3", "audio/mp4": ".m4a", "audio/ogg": ".ogg", "audio/x-flac": ".flac", "audio/aac": ".aac",
    "audio/amr": ".amr", "audio/x-aiff": ".aiff", "video/webm": ".webm", "audio/webm": ".webm", "video/mp4": ".mp4", "video/quicktime": ".mov",
    "video/x-m4v": ".m4v", "video/x-matroska": ".mkv", "video/mpeg": ".mpg", "video/x-msvideo": ".avi", "video/3gpp": ".3gp", "video/ogg": ".ogv",
}  # fmt: skip
SHOWN = {"audio/x-wav": "audio/wav", "audio/x-flac": "audio/flac", "video/quicktime": "video/mp4", "video/x-m4v": "video/mp4"}

EMPTY = "This file is empty."
NOT_A_DOCUMENT = "This is not a PDF, Word (DOCX) or text file, whatever its name says. Please upload the text in one of these forms."
NOT_A_RECORDING = "This is not a recording, whatever its name says. Please upload sound or video, such as WAV, MP3, M4A, OGG, FLAC, WebM, MP4 or MOV."

NOT_RECOGNISED = "This is neither a recording nor a document that can be read, whatever its name says."


def recognise(path: Path) -> str | None:
    """Return the media type of a file's content, ``None`` when it is nothing that this product reads."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    known = filetype.guess(head)
    if known is not None:
        if known.mime in ("application/zip", DOCX) and _is_docx(path):
            return DOCX
        return str(known.mime) if known.mime in ENDINGS else None
    return TEXT if _is_text(head) else None


def check(path: Path, kind: str) -> str:
    """Return the media type of an upload for an interview of this kind (text, audio, video).

    Raises
    ------
    InputError
        When the file is empty or its content is not what such an interview takes.
    """
    if path.stat().st_size == 0:
        raise InputError(EMPTY)
    found = recognise(path)
    if kind == "text":
        if found not in (PDF, DOCX, TEXT):
            raise InputError(NOT_A_DOCUMENT)
        return found
    if found is None or found in (PDF, DOCX, TEXT):
        raise InputError(NOT_A_RECORDING)
    if kind == "audio" and found == "video/webm":
        return "audio/webm"
    return found


def ending(media_type: str | None) -> str:
    """Return the file ending of a media type, with its dot."""
    return ENDINGS.get(media_type or "", ".bin")


def shown_as(media_type: str) -> str:
    """Return the media type under which browsers play a file of this type."""
    return SHOWN.get(media_type, media_type)


def _is_docx(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return DOCX_PART in archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return False


def _is_text(head: bytes) -> bool:
    return head.startswith(BYTE_ORDER_MARKS) or head.translate(None, CONTROL_BYTES) == head
