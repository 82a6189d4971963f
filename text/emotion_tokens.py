"""From a sentence to the tokens that the emotion models read.

Everything that carries feeling stays: stop words and negations, punctuation, emoji and emoticons, capitals and drawn-out
letters (as tokens of their own). A word after a negation is also counted as negated, up to the end of its clause
(Das & Chen 2001; Pang, Lee & Vaithyanathan, EMNLP 2002).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from text.patterns import ADDRESS, APOSTROPHES, DRAWN_OUT, NUMBER, WORD, written_out

NAME = re.compile(r"\[(NAME|RELIGION)\]")
MENTION = re.compile(r"(?<!\w)(?:/?[ru]/|@)\w+")
EMOTICON = r"[:;=8x][-o'^]?[()\[\]dp/\\|3]+(?!\w)|<3+|[()][-']?[:;=]|\^_*\^|t_t|-_+-|:'\(|xd+\b"
TOKEN = re.compile(rf"{EMOTICON}|[a-z]+(?:'[a-z]+)?|\d+|([!?.])\1*|\S", re.IGNORECASE)
SHOUTED, DRAWN, DENIED = "<shout>", "<drawn>", "<denied>"
NEGATION_WORDS = "not no never nobody nothing neither nor none without hardly barely"
NEGATIONS = frozenset(NEGATION_WORDS.split())
CLAUSE_ENDS = ". , ; : ! ? ( ) - but and because however though although !! ?? ..."
CLAUSE_END = frozenset(CLAUSE_ENDS.split())
SCOPE = 5  # words after a negation that count as negated
NEGATED = "~"  # mark before a word
LONGEST = 60  # tokens that the models read at once
LONGEST_WORD = 30  # characters


def emotion_tokens(sentence: str) -> list[str]:
    """Return the tokens of a sentence, in lower case.

    >>> emotion_tokens("I'm SOOO not happy!!! :(")
    ['i', 'am', 'soo', '<drawn>', '<shout>', 'not', 'happy', '!!!', ':(']
    """
    text = MENTION.sub("address", NAME.sub("someone", sentence.translate(APOSTROPHES)))
    text = NUMBER.sub("number", ADDRESS.sub("address", text))
    text = WORD.sub(written_out, text)
    tokens: list[str] = []
    for match in TOKEN.finditer(text):
        word = match.group()
        short = DRAWN_OUT.sub(r"\1\1", word)
        tokens.append(short.lower()[:LONGEST_WORD])
        if short != word and word.isalpha():
            tokens.append(DRAWN)
        if len(word) > 2 and word.isupper() and word.isalpha():
            tokens.append(SHOUTED)
    return tokens


def without_denied(tokens: Sequence[str]) -> list[str]:
    """Return the tokens with those in the reach of a negation made unknown."""
    return [DENIED if inside else token for token, inside in zip(tokens, negated(tokens), strict=True)]


def without_negation(tokens: Sequence[str]) -> list[str]:
    """Return the tokens without negations and what stands in their reach; an unknown one where nothing is left."""
    return [token for token, inside in zip(tokens, negated(tokens), strict=True) if not inside and token not in NEGATIONS] or [DENIED]


def negated(tokens: Sequence[str]) -> list[bool]:
    """Return which tokens stand in the reach of a negation."""
    marks, left = [], 0
    for token in tokens:
        if token in CLAUSE_END:
            left = 0
        marks.append(left > 0 and token[0].isalpha())
        if token in NEGATIONS:
            left = SCOPE
        elif left:
            left -= 1
    return marks
