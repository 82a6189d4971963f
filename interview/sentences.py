"""Translate sentences that are stored in English with their values already in them, as an Analysis holds them.

The catalogue has them with ``{}`` in the place of each number, percentage and language code in brackets: "A face was
found in only 40% of the frames." is looked up as "A face was found in only {} of the frames.", and the value put back as
the language writes it.
"""

from __future__ import annotations

import re
from decimal import Decimal

from flask_babel import format_decimal, format_percent, gettext

VALUE = re.compile(r"\d+(?:\.\d+)?(?: ?%)?|(?<=\()[a-z]{2}(?=\))")
PLACE = "{}"
PERCENT = Decimal(100)


def pattern_of(sentence: str) -> str:
    """Return a sentence with ``{}`` in the place of each value: its key in the catalogue.

    >>> pattern_of("The text has 12 words.")
    'The text has {} words.'
    """
    return VALUE.sub(PLACE, sentence)


def translated(sentence: str) -> str:
    """Return a stored sentence in the language of the request; one that the catalogue does not have stays English."""
    found = gettext(sentence)
    if found != sentence:
        return found
    pattern = pattern_of(sentence)
    found = gettext(pattern)
    if found == pattern:
        return sentence
    values = iter(VALUE.findall(sentence))
    return re.sub(re.escape(PLACE), lambda _: _written(next(values, PLACE)), found)


def _written(value: str) -> str:
    if value.endswith("%"):
        return str(format_percent(Decimal(value.rstrip(" %")) / PERCENT))
    return str(format_decimal(Decimal(value))) if value[0].isdigit() else value
