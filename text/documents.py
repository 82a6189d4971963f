"""The text of a document: PDF, DOCX or plain text, recognised by its content and never by its name."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.errors import InputError

MAX_BYTES = 20_000_000
MAX_CHARACTERS = 200_000
MAX_PAGES = 100
MAX_UNPACKED_BYTES = 100_000_000  # of a DOCX, which is a zip
HEAD_BYTES = 1024  # PDF readers accept this much before the header
PDF, ZIP = b"%PDF-", b"PK\x03\x04"
DOCX_PART = "word/document.xml"
BINARY_SHARE = 0.02  # control characters from which decoded bytes are no text

EMPTY = "The file is empty."
NOT_A_DOCUMENT = "This is neither a PDF, a Word document (DOCX) nor plain text."
TOO_LARGE = "The document has more than %(megabytes)d MB; send a smaller one."
TOO_LONG = "The text has more than %(characters)d characters; send a shorter one."
TOO_MANY_PAGES = "The PDF has more than %(pages)d pages; send only the pages that hold your answer."
PASSWORD = "The PDF is protected by a password; save it without one and try again."
DAMAGED_PDF = "The PDF is damaged and cannot be read; save it again and try once more."
DAMAGED_DOCX = "The Word document is damaged and cannot be read; save it again and try once more."
NO_TEXT_IN_PDF = "The PDF holds pictures of pages but no text; send the document it was printed from, or type the text."
NO_TEXT = "There is no text in the document."

LIGATURES = re.compile("[\ufb00-\ufb06]")
DIVIDED = "\ufffe"  # PDFium writes it for the hyphen and the line end that divide a word
LINE_END_HYPHEN = re.compile(r"(\w)[-\u2010\u00ad]\n(?=[^\W\d_A-Z])")
LINE_BREAK = re.compile(r"(?<![\n.!?:])\n(?=[a-z(])")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufffd-\uffff]")
SPACES = re.compile(r"[^\S\n]+")
EMPTY_LINES = re.compile(r"\n\s*\n\s*")


def read_document(path: Path) -> str:
    """Return the text of a PDF, DOCX or plain text file.

    Raises
    ------
    InputError
        When the file is empty, too large, damaged, protected, something else, or holds no text.
    """
    size = path.stat().st_size
    if size == 0:
        raise InputError(EMPTY)
    if size > MAX_BYTES:
        raise InputError(TOO_LARGE, megabytes=MAX_BYTES // 1_000_000)
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if PDF in head:
        text = "\n\n".join(_pdf_pages(path))
        if not _has_words(text):
            raise InputError(NO_TEXT_IN_PDF)
        text = _joined_lines(text)
    elif head.startswith(ZIP):
        text = "\n".join(_docx_lines(path))
    else:
        text = _plain(path.read_bytes())
    return clean(text)


def clean(text: str) -> str:
    """Return ``text`` in composed Unicode with ligatures taken apart, single spaces and at most one empty line.

    Raises ``InputError`` when it is too long or holds no words.
    """
    if len(text) > MAX_CHARACTERS:
        raise InputError(TOO_LONG, characters=MAX_CHARACTERS)
    text = LIGATURES.sub(lambda match: unicodedata.normalize("NFKC", match.group()), unicodedata.normalize("NFC", text))
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00ad", "")
    text = EMPTY_LINES.sub("\n\n", SPACES.sub(" ", CONTROL.sub("", text))).strip()
    if not _has_words(text):
        raise InputError(NO_TEXT)
    return text


def _has_words(text: str) -> bool:
    return any(character.isalpha() for character in text)


def _pdf_pages(path: Path) -> Iterator[str]:
    import pypdfium2
    from pypdfium2.raw import FPDF_ERR_PASSWORD

    characters = 0
    try:
        with pypdfium2.PdfDocument(path) as document:
            if len(document) > MAX_PAGES:
                raise InputError(TOO_MANY_PAGES, pages=MAX_PAGES)
            for page in document:
                text = page.get_textpage().get_text_range().replace("\r\n", "\n")
                characters += len(text)
                if characters > MAX_CHARACTERS:
                    raise InputError(TOO_LONG, characters=MAX_CHARACTERS)
                yield text
    except pypdfium2.PdfiumError as error:
        raise InputError(PASSWORD if error.err_code == FPDF_ERR_PASSWORD else DAMAGED_PDF) from error


def _joined_lines(text: str) -> str:
    """Put words that a line end divided together again, and lines that go on into one."""
    return LINE_BREAK.sub(" ", LINE_END_HYPHEN.sub(r"\1", text.replace(DIVIDED, "")))


def _docx_lines(path: Path) -> Iterator[str]:
    import docx
    from docx.opc.exceptions import OpcError
    from lxml.etree import LxmlError

    try:
        with zipfile.ZipFile(path) as archive:
            if DOCX_PART not in archive.namelist():
                raise InputError(NOT_A_DOCUMENT)
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED_BYTES:
                raise InputError(TOO_LARGE, megabytes=MAX_BYTES // 1_000_000)
        document = docx.Document(str(path))
        yield from _blocks(document)
    except InputError:
        raise
    except (zipfile.BadZipFile, OpcError, LxmlError, KeyError, ValueError, OSError, NotImplementedError) as error:
        raise InputError(DAMAGED_DOCX) from error


def _blocks(container: Any) -> Iterator[str]:
    """Yield paragraphs in the order of the document; a merged cell of a table is read once."""
    from docx.table import Table

    for block in container.iter_inner_content():
        if not isinstance(block, Table):
            yield block.text
            continue
        seen = set()
        for row in block.rows:
            for cell in row.cells:
                if cell._tc not in seen:
                    seen.add(cell._tc)
                    yield from _blocks(cell)


def _plain(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = _guessed(content)
    if len(CONTROL.findall(text)) > BINARY_SHARE * len(text):
        if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in content:
            text = _guessed(content)
        if len(CONTROL.findall(text)) > BINARY_SHARE * len(text):
            raise InputError(NOT_A_DOCUMENT)
    return text


def _guessed(content: bytes) -> str:
    import charset_normalizer

    best = charset_normalizer.from_bytes(content).best()
    if best is None:
        raise InputError(NOT_A_DOCUMENT)
    return str(best)
