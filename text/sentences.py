"""Where the sentences of a text are."""

from __future__ import annotations

import re

SHORTENED = "mr mrs ms dr prof sr jr st vs etc inc ltd co corp dept univ no fig vol approx est"
MONTHS = "jan feb mar apr jun jul aug sep sept oct nov dec"
LETTERS = "e.g i.e u.s u.k a.m p.m ph.d"
ABBREVIATIONS = frozenset(word for kind in (SHORTENED, MONTHS, LETTERS) for word in kind.split())
BOUNDARY = re.compile(r"""(?:[.!?…]+["'”’)\]]*(?=\s)|\n\s*\n|\n(?=\s*(?:[-*•–]|\d+[.)])\s))""")
FIRST_CHARACTER = re.compile(r"\S")
LAST_WORD = re.compile(r"([\w.]*\w)\.$")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return ``(start, end)`` of each sentence in ``text``, without the white space around it.

    A sentence ends at ``.``, ``!``, ``?`` or ``…`` before white space, at an empty line, or before a list item; not after
    an abbreviation, an initial, or before a small letter that follows a full stop.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for match in BOUNDARY.finditer(text):
        if not match.group().startswith("\n") and not _ends(text, start, match):
            continue
        _keep(text, start, match.end(), spans)
        start = match.end()
    _keep(text, start, len(text), spans)
    return spans


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a text; the text itself where it has none."""
    return [text[start:end] for start, end in sentence_spans(text)] or [text]


def _ends(text: str, start: int, match: re.Match[str]) -> bool:
    if set(match.group()) & set("!?"):
        return True
    word = LAST_WORD.search(text, start, match.end())
    if word:
        last = word.group(1)
        if last.lower() in ABBREVIATIONS or (len(last) == 1 and last.isalpha() and last != "I"):
            return False
    following = FIRST_CHARACTER.search(text, match.end())
    return following is None or not following.group().islower()


def _keep(text: str, start: int, end: int, spans: list[tuple[int, int]]) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if any(character.isalnum() for character in text[start:end]):
        spans.append((start, end))
