"""What a word can be, by lemminflect's dictionary: the Penn tags of every lemma that has it among its forms."""

from __future__ import annotations

from functools import lru_cache

WORDS_KEPT = 50_000  # in the cache


@lru_cache(WORDS_KEPT)
def possible_tags(word: str) -> str:
    """Return the Penn tags of nouns, verbs, adjectives and adverbs that a lower-case word can have; a mark such as ``-END-`` is itself.

    >>> possible_tags("meeting"), possible_tags("houses"), possible_tags("the")
    ('NN/NNS/VBG', 'NNS/VBZ', '')
    """
    if word[:1] in "-!":
        return word
    import lemminflect

    tags: set[str] = set()
    for kind, lemmas in lemminflect.getAllLemmas(word).items():
        for lemma in lemmas:
            tags.update(tag for tag, forms in lemminflect.getAllInflections(lemma, upos=kind).items() if word in forms)
    return "/".join(sorted(tags))
