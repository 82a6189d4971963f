"""Translate sentences that are stored in English with their numbers already in them, as an Analysis holds them.

The catalogue has them with ``{}`` in the place of each number, so that "A face was found in only 40% of the frames." is
looked up as "A face was found in only {}% of the frames." and the number put back.
"""

from __future__ import annotations

import re

from flask_babel import gettext

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
PLACE = "{}"


def pattern_of(sentence: str) -> str:
    """Return a sentence with ``{}`` in the place of each number: its key in the catalogue.

    >>> pattern_of("The text has 12 words.")
    'The text has {} words.'
    """
    return NUMBER.sub(PLACE, sentence)


def translated(sentence: str) -> str:
    """Return a stored sentence in the language of the request; one that the catalogue does not have stays English."""
    found = gettext(sentence)
    if found != sentence:
        return found
    numbers = iter(NUMBER.findall(sentence))
    return re.sub(re.escape(PLACE), lambda _: next(numbers, PLACE), gettext(pattern_of(sentence)))
