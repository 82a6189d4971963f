"""How a text is written, in numbers: rates of kinds of words and marks, lengths, variety.

The kinds are those that personality research counts (Pennebaker & King, "Linguistic styles", Journal of Personality and
Social Psychology 77, 1999; Mairesse et al., JAIR 30, 2007); the lists are our own and short.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+|\.{2,}|[!?]+|[.,;:()\"-]")
SENTENCE_ENDS = frozenset(".!?")
KINDS = {
    "i": "i me my mine myself i'm i've i'd i'll",
    "we": "we us our ours ourselves we're we've",
    "you": "you your yours yourself you're",
    "he": "he him his himself",
    "she": "she her hers herself",
    "they": "they them their theirs they're",
    "it": "it its it's",
    "articles": "a an the",
    "negations": "not no never nothing nor none don't can't won't didn't isn't doesn't wasn't couldn't wouldn't haven't aren't",
    "joining": "and but or so because although though while if",
    "certain": "always never definitely certainly sure absolutely completely",
    "tentative": "maybe perhaps guess probably might somewhat kind sort seems seem",
    "glad": "love happy good great nice fun like best glad enjoy wonderful excited hope cool awesome",
    "troubled": "hate sad bad worst angry awful stupid hurt worried sick tired scared alone lonely depressed stress stressed cry",
    "people": "friend friends family mom dad people roommate boyfriend girlfriend sister brother party",
    "work": "study class classes test school college homework grade grades major work job",
    "body": "eat sleep hungry food bed head",
    "past": "was were had did went said got thought",
    "future": "will going gonna shall tomorrow",
    "duty": "should could would must ought need have",
    "coarse": "damn fuck shit hell ass crap suck sucks",
    "thought": "think know wonder believe feel realize understand",
    "prepositions": "of in on at to for from by with as into",
    "faith": "god church pray lord jesus",
    "music": "music song songs band play guitar listen",
    "letters": "poem art book books read write writing world dream dreams",
}
FORMS = {word: i for i, words in enumerate(KINDS.values()) for word in words.split()}
MARKS = (".", ",", "!", "?", ";", ":", "(", "-", '"', "...")
LONG = 6  # letters that a long word has more than
LONGEST_MEAN = 100.0  # words of a sentence: a text without full stops would be one sentence
MEASURES = len(KINDS) + len(MARKS) + 6


def trait_tokens(text: str) -> list[str]:
    """Return words, numbers and marks in order, with their case.

    >>> trait_tokens("I don’t know... Really?!")
    ['I', "don't", 'know', '...', 'Really', '?!']
    """
    return TOKEN.findall(text.replace("’", "'"))


def token_spans(text: str) -> list[tuple[int, int]]:
    """Return ``(start, end)`` of each of the ``trait_tokens`` of a text."""
    return [match.span() for match in TOKEN.finditer(text)]


def is_word(token: str) -> bool:
    """Return whether a token is a word or a number, not a mark."""
    return token[0].isalnum()


def count(tokens: Sequence[str]) -> int:
    """Return the number of words and numbers among tokens."""
    return sum(map(is_word, tokens))


def style_of(tokens: Sequence[str]) -> np.ndarray:
    """Return the measures of a text, float64, shape ``(MEASURES,)``: square roots of rates and logarithms of lengths, which spread evenly."""
    words = [token for token in tokens if is_word(token)]
    n = max(len(words), 1)
    kinds, marks = np.zeros(len(KINDS)), Counter(token[:1] if token[0] in "!?" else "..." if token[:2] == ".." else token for token in tokens)
    for word in words:
        if (kind := FORMS.get(word.lower())) is not None:
            kinds[kind] += 1
    sentences = max(sum(token[0] in SENTENCE_ENDS for token in tokens), 1)
    letters = sum(map(len, words))
    capitals = sum(character.isupper() for word in words for character in word)
    further = (
        np.log(min(n / sentences, LONGEST_MEAN)),
        letters / n,
        len({word.lower() for word in words}) / np.sqrt(n),
        np.sqrt(capitals / max(letters, 1)),
        np.sqrt(sum(len(word) > LONG for word in words) / n),
        np.log(n),
    )
    return np.concatenate([np.sqrt(kinds / n), np.sqrt([marks[mark] / n for mark in MARKS]), further])
