"""Spelling made uniform: contractions written out, numbers, addresses and drawn-out letters standardised."""

from __future__ import annotations

import re

# Left out on purpose: what is also a word of its own without the apostrophe (its, ill, well, were, hell, shell, wed, id).
WITHOUT_APOSTROPHE = {
    "im": "i am", "ive": "i have", "youre": "you are", "youve": "you have", "youll": "you will", "theyre": "they are", "theyve": "they have",
    "theyll": "they will", "weve": "we have", "thats": "that is", "whats": "what is", "theres": "there is", "hes": "he is", "shes": "she is",
    "dont": "do not", "doesnt": "does not", "didnt": "did not", "cant": "can not", "couldnt": "could not", "wont": "will not",
    "wouldnt": "would not", "shouldnt": "should not", "isnt": "is not", "arent": "are not", "wasnt": "was not", "werent": "were not",
    "havent": "have not", "hasnt": "has not", "hadnt": "had not", "aint": "is not", "cannot": "can not", "lets": "let us",
}  # fmt: skip
SPOKEN = {
    "gonna": "going to", "wanna": "want to", "gotta": "got to", "kinda": "kind of", "sorta": "sort of", "outta": "out of", "dunno": "do not know",
    "gimme": "give me", "lemme": "let me", "cuz": "because", "coz": "because", "cos": "because", "'cause": "because", "becuz": "because",
    "'em": "them", "ya": "you", "u": "you", "ur": "your", "r": "are", "thru": "through", "tho": "though", "alot": "a lot", "ok": "okay",
    "o.k": "okay", "y'all": "you all", "ma'am": "madam", "o'clock": "o'clock", "plz": "please", "pls": "please", "thx": "thanks",
}  # fmt: skip
WHOLE = {"won't": "will not", "can't": "can not", "shan't": "shall not", "ain't": "is not", "let's": "let us", **SPOKEN, **WITHOUT_APOSTROPHE}
ENDINGS = {"n't": " not", "'m": " am", "'re": " are", "'ve": " have", "'ll": " will", "'d": " would"}
BEFORE_IS = "it he she that what who where there here how this everything everyone nothing something"
IS_AFTER = frozenset(BEFORE_IS.split())

APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "–": " - ", "—": " - ", "\u00a0": " ", "\u00ad": ""})
ADDRESS = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
MAIL = re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.]+\b")
NUMBER = re.compile(r"(?<![\w.])\d[\d.,:/]*(?:st|nd|rd|th|s|am|pm|%)?(?!\w)")
DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")
HYPHEN = re.compile(r"(?<=\w)-(?=\w)")
WORD = re.compile(r"'?\b[^\W\d_]+(?:['.][^\W\d_]+)*\b")


def standardise(text: str) -> str:
    """Write contractions out and make spellings uniform; case is kept where a word is unchanged.

    >>> standardise("I can’t wait, it's sooo good: 25 people!")
    'I can not wait, it is soo good: number people!'
    """
    text = text.translate(APOSTROPHES)
    text = ADDRESS.sub("address", text)
    text = MAIL.sub("address", text)
    text = NUMBER.sub("number", text)
    text = DRAWN_OUT.sub(r"\1\1", text)
    text = HYPHEN.sub(" - ", text)
    return WORD.sub(written_out, text)


def written_out(match: re.Match[str]) -> str:
    word = match.group()
    lower = word.lower()
    if lower in WHOLE:
        return _like(word, WHOLE[lower])
    if "'" not in lower:
        return word
    for ending, words in ENDINGS.items():
        if lower.endswith(ending) and len(lower) > len(ending):
            return word[: -len(ending)] + words
    if lower.endswith("'s") and lower[:-2] in IS_AFTER:
        return word[:-2] + " is"
    return word


def _like(word: str, replacement: str) -> str:
    return replacement[0].upper() + replacement[1:] if word[0].isupper() or replacement.startswith("i ") else replacement
