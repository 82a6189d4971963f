"""Told examples: passages that go from a situation by what the person did to a result.

Interviewers ask for situation, task, action, result. What is looked for are signs in the words, not meaning: an anchor in
time or place with a verb in the past (situation), words of duty or aim (task), *I* or *we* with a verb of doing in the
past (action), and words of outcome (result). A passage counts only if situation, action and result stand in this order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.analysis import Example
from text.features import Token

REACH = 8  # sentences from the situation within which the result must come
BETWEEN = 2  # adverbs between "I" and the verb
PAST = frozenset(("VBD", "VBN"))
TELLERS = frozenset(("i", "we"))
STATE_VERBS = "be have do feel think know want like need hope believe see hear love hate understand remember seem become mean get wish enjoy live use look"
STATES = frozenset(STATE_VERBS.split())
SITUATION = re.compile(
    r"\b(?:when (?:i|we|my|our|the|a|one)|last (?:year|month|week|spring|summer|autumn|fall|winter)|(?:years?|months?|weeks?) ago|in (?:19|20)\d\d|one day|once|"
    r"at (?:university|school|college)|(?:at|in|during) (?:my|our) (?:\w+ ){0,2}(?:job|position|role|company|internship|team|project|year|studies|time|career)|"
    r"while (?:i|we) (?:was|were)|at the time|back then|there was a (?:time|moment|day|situation))\b"
)
TASK = re.compile(
    r"\b(?:(?:i|we) (?:had to|needed to|was asked|were asked|was told|were told|was given|were given|was responsible|were responsible|was supposed|were supposed)|"
    r"(?:my|our|the) (?:job|task|role|goal|aim|challenge|problem|responsibility|target) (?:was|were)|in charge of|asked me to|asked us to)\b"
)
RESULT = re.compile(
    r"\b(?:as a result|in the end|eventually|finally|consequently|since then|by the end|thanks to (?:this|that|it)|led to|resulted in|paid off|turned out|"
    r"(?:the|our|my) (?:result|outcome)s? (?:was|were)|it (?:all )?(?:worked|helped)|(?:i|we) (?:won|succeeded|managed to|achieved|learned|learnt|finished|delivered|saved)|"
    r"(?:increased|decreased|rose|fell|grew|dropped|improved|went up|went down|doubled|halved|was reduced|were reduced) (?:by|from|to)|"
    r"after (?:a|one|two|three|four|five|six|\d+|several|some) (?:days?|weeks?|months?|years?))\b"
)


def examples_of(text: str, spans: Sequence[tuple[int, int]], sentences: Sequence[Sequence[Token]]) -> list[Example]:
    """Return the told examples of a text, none of them overlapping another.

    Parameters
    ----------
    text, spans
        The text and ``(start, end)`` of its sentences.
    sentences
        The words of the same sentences.
    """
    lower = [" ".join(text[start:end].lower().replace("’", "'").split()) for start, end in spans]
    past = [any(token.tag in PAST for token in sentence) for sentence in sentences]
    situation = [bool(SITUATION.search(s)) and p for s, p in zip(lower, past, strict=True)]
    result = [bool(RESULT.search(s)) and p for s, p in zip(lower, past, strict=True)]
    task = [bool(TASK.search(s)) for s in lower]
    action = [tells_of_doing(sentence) for sentence in sentences]
    found, i = [], 0
    while i < len(lower):
        example = _from(i, situation, task, action, result) if situation[i] else None
        if example:
            found.append(example)
            i = example.result[-1]
        i += 1
    return found


def _from(begin: int, situation: list[bool], task: list[bool], action: list[bool], result: list[bool]) -> Example | None:
    """Return the example whose situation stands in sentence ``begin``, if what was done and a result follow it."""
    ends = range(begin + 1, min(begin + 1 + REACH, len(result)))
    done = [k for k in ends if action[k] and not result[k]]
    end = next((k for k in ends if result[k] and done and k > done[0]), None)
    if end is None:
        return None
    done = [k for k in done if k < end]
    return Example([begin], [k for k in range(begin, end) if task[k]], done, [end])


def tells_of_doing(sentence: Sequence[Token]) -> bool:
    """Return whether *I* or *we* is followed, at most two adverbs later, by a verb of doing in the past."""
    for i, token in enumerate(sentence):
        if token.form in TELLERS:
            following = sentence[i + 1 : i + 2 + BETWEEN]
            verb = next((t for t in following if not t.tag.startswith("RB")), None)
            if verb and verb.tag in PAST and verb.lemma not in STATES:
                return True
    return False
