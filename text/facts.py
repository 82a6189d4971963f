"""What anyone can count in a text: words, sentences, I and we, hedges, passives, told examples."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from core.analysis import Fact, Word
from text.features import Token
from text.stopwords import STOP_WORDS

WORDS_SHOWN = 30
LEAST_LETTERS = 2  # of a word shown among the most used
SHARE_DECIMALS, MEAN_DECIMALS = 4, 1

I_FORMS, WE_FORMS = "i me my mine myself", "we us our ours ourselves"
OTHER_FORMS = "you your yours yourself he him his himself she her hers herself it its itself they them their theirs themselves"
SOFT = "maybe perhaps possibly probably somewhat seem appear guess suppose might could almost fairly rather roughly apparently presumably usually"
QUIET = "about after before again because when how why where what who yes no not never well really like even still only than now get got okay"
I_WORDS, WE_WORDS, HEDGES = frozenset(I_FORMS.split()), frozenset(WE_FORMS.split()), frozenset(SOFT.split())
STANDARDISED = frozenset(("number", "address"))  # what text.patterns writes for numbers and addresses
PRONOUNS = I_WORDS | WE_WORDS | frozenset(OTHER_FORMS.split())
NOT_SHOWN = STOP_WORDS | PRONOUNS | STANDARDISED | frozenset(QUIET.split())
HEDGE_PHRASES = (("kind", "of"), ("sort", "of"), ("i", "think"), ("i", "believe"), ("i", "feel"), ("a", "bit"), ("a", "little"), ("more", "or", "less"))
HEDGE_BEGINNINGS = frozenset(phrase[0] for phrase in HEDGE_PHRASES)

PENNEBAKER = "Pennebaker & King, Linguistic styles, Journal of Personality and Social Psychology 77 (1999)"
BE = frozenset(("be", "get"))
PASSIVE_GAP = 3  # adverbs and negations between the form of be and the participle
GRAMMAR = "Huddleston & Pullum, The Cambridge Grammar of the English Language (2002), chapter 16; found by our part-of-speech tags"
STAR = "the situation, task, action, result form of interview training; our list of signs"
HYLAND = "Hyland, Hedging in Scientific Research Articles (1998); our list of words"
COUNTED = "counted"
WORD = re.compile(r"[^\W\d_]+(?:['’\-.][^\W\d_]+)*|\d+(?:[.,:]\d+)*")


def count_words(text: str) -> int:
    """Return the number of words: runs of letters, with what apostrophes and hyphens join, and numbers."""
    return sum(1 for _ in WORD.finditer(text))


def facts_of(text: str, sentences: Sequence[Sequence[Token]], spans: Sequence[tuple[int, int]], examples: int) -> dict[str, Fact]:
    """Return the observable facts; shares are of the words with contractions written out, ``examples`` is the number of told ones."""
    words = count_words(text)
    forms = [token.form for sentence in sentences for token in sentence]
    hedges = sum(_hedges(sentence) for sentence in sentences)
    total = max(len(forms), 1)
    return {
        "words": Fact(words, "count", "Words and numbers in the text; what an apostrophe or a hyphen joins is one word.", COUNTED),
        "sentences": Fact(len(spans), "count", "Sentences: they end with . ! ? …, at an empty line or before a list item.", COUNTED),
        "sentence_length": Fact(round(words / max(len(spans), 1), MEAN_DECIMALS), "words", "Words divided by sentences.", COUNTED),
        "i_share": Fact(_share(forms, I_WORDS, total), "share", "Words that are I, me, my, mine or myself.", PENNEBAKER),
        "we_share": Fact(_share(forms, WE_WORDS, total), "share", "Words that are we, us, our, ours or ourselves.", PENNEBAKER),
        "hedges": Fact(hedges, "count", "Words and phrases that soften a statement, such as maybe, probably, I think, kind of.", HYLAND),
        "passives": Fact(
            sum(map(_passives, sentences)), "count", "Verbs in the passive voice: a form of be or get and a past participle, as in it was decided.", GRAMMAR
        ),
        "examples": Fact(
            examples, "count", "Passages with signs of a situation, of what you did, and of a result, in this order within a few sentences.", STAR
        ),
    }


def most_used(words: Sequence[Token], limit: int = WORDS_SHOWN) -> list[Word]:
    """Return the most used lemmas, without words that any text is full of; ``shown`` is each one's most used form."""
    kept = [t for t in words if not {t.form, t.lemma} & NOT_SHOWN and len(t.lemma) >= LEAST_LETTERS]
    counts = Counter(token.lemma for token in kept)
    forms: dict[str, Counter[str]] = {}
    for token in kept:
        forms.setdefault(token.lemma, Counter())[token.form] += 1
    ranked = sorted(counts, key=lambda lemma: (-counts[lemma], lemma))[:limit]
    return [Word(lemma, counts[lemma], min(forms[lemma], key=lambda form: (-forms[lemma][form], form))) for lemma in ranked]


def _share(forms: Sequence[str], words: frozenset[str], total: int) -> float:
    return round(sum(form in words for form in forms) / total, SHARE_DECIMALS)


def _hedges(sentence: Sequence[Token]) -> int:
    forms = [token.form for token in sentence]
    single = sum(token.form in HEDGES or token.lemma in HEDGES for token in sentence)
    begun = [i for i, form in enumerate(forms) if form in HEDGE_BEGINNINGS]
    return single + sum(tuple(forms[i : i + len(phrase)]) == phrase for phrase in HEDGE_PHRASES for i in begun)


def _passives(sentence: Sequence[Token]) -> int:
    """Count forms of be or get that are followed by a past participle, with nothing but adverbs between them."""
    found = 0
    for i, token in enumerate(sentence):
        if token.lemma not in BE or not token.tag.startswith("V"):
            continue
        following = next((t for t in sentence[i + 1 : i + 2 + PASSIVE_GAP] if not t.tag.startswith("RB")), None)
        found += following is not None and following.tag == "VBN" and following.lemma not in BE
    return found
