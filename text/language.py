"""Which language a text is in."""

from __future__ import annotations

import py3langid

ENGLISH = "en"
LEAST_CHARACTERS = 40  # a shorter text is too little to tell a language by; it counts as English


def language_of(text: str) -> str:
    """Return the ISO 639-1 code of the language that py3langid finds most probable."""
    return str(py3langid.classify(text)[0]) if len(text) >= LEAST_CHARACTERS else ENGLISH
