"""Part-of-speech tags (Penn Treebank) by NLTK's averaged perceptron, trained by us on the English Web Treebank and GUM.

The algorithm is Honnibal's (explosion.ai/blog/part-of-speech-pos-tagger-in-python); the features are NLTK's with the
word's shape, further affixes and what a dictionary says of a word and its neighbours added. The weights are one ``.npz``
file without pickles, a table in memory: a word costs one sum of rows.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from nltk.tag.perceptron import AveragedPerceptron, PerceptronTagger

from core.manifest import checked
from text.files import TAGGER
from text.lexicon import possible_tags

DECIMALS = 1  # of a weight
WORDS_KEPT = 20_000  # in the cache of the features that a word has of its own
CORPORA = {"pos_ewt.zip": "en_ewt-ud", "pos_gum_open.zip": "en_gum_open"}
SEPARATOR = "\n"

TaggedSentence = list[tuple[str, str]]


class TagTable(AveragedPerceptron):
    """Predict from a table of weights, int16, shape ``(features, labels)``, in units of ``10 ** -DECIMALS``.

    The labels are in falling order, so that of equal ones the last in the alphabet wins, as in NLTK.
    """

    def __init__(self, features: Sequence[str], table: np.ndarray, labels: Sequence[str]) -> None:
        super().__init__()
        self.classes = set(labels)
        self.labels, self.table = list(labels), table
        self.index = {feature: row for row, feature in enumerate(features)}

    def predict(self, features: Iterable[str], return_conf: bool = False) -> tuple[str, None]:
        get = self.index.get
        rows = [row for feature in features if (row := get(feature)) is not None]
        return self.labels[int(self.table[rows].sum(axis=0).argmax()) if rows else 0], None


class Tagger(PerceptronTagger):
    """Tag tokenised English with Penn Treebank tags: ``tagdict`` has words of one tag, ``table`` tells the rest."""

    def __init__(self, tagdict: Mapping[str, str], table: TagTable) -> None:
        super().__init__(load=False)
        self.tagdict, self.model, self.classes = dict(tagdict), table, table.classes

    def features(self, i: int, word: str, context: Sequence[str], prev: str, prev2: str) -> list[str]:
        """Return the features of word ``i``; ``context`` are the normalised words between NLTK's marks of begin and end."""
        i += len(self.START)
        this, before, after = context[i], context[i - 1], context[i + 1]
        can, after_can = possible_tags(this), possible_tags(after)
        return [
            *_own_features(word),
            "t1" + prev,
            "t2" + prev2,
            "t12" + prev + " " + prev2,
            "w" + this,
            "t1w" + prev + " " + this,
            "w1" + before,
            "w1s" + before[-3:],
            "w2" + context[i - 2],
            "n1" + after,
            "n1s" + after[-3:],
            "n2" + context[i + 2],
            "b" + before + " " + this,
            "f" + this + " " + after,
            "t1n1" + prev + " " + after,
            "hf" + shape_of(word) + ("^" if i == len(self.START) else ""),
            "l" + can,
            "nl" + after_can,
            "n2l" + possible_tags(context[i + 2]),
            "lnl" + can + " " + after_can,
            "wl" + possible_tags(before) + " " + can,
            "t1l" + prev + " " + can,
            "t12l" + prev + " " + prev2 + " " + can,
            "t1lnl" + prev + " " + can + " " + after_can,
        ]

    _get_features = features  # what NLTK asks


@lru_cache(WORDS_KEPT)
def _own_features(word: str) -> tuple[str, ...]:
    """Return the features that a word has wherever it stands."""
    ends = (f"s{n}{word[-n:]}" for n in range(1, 5))
    return "bias", *ends, "p1" + word[:1], "p2" + word[:2].lower(), "p3" + word[:3].lower(), "h" + shape_of(word)


@lru_cache(WORDS_KEPT)
def shape_of(word: str) -> str:
    """Return a word's shape: X for capitals, x for small letters, d for digits, each run once.

    >>> shape_of("O'Neill"), shape_of("4x4")
    ("X'Xx", 'dxd')
    """
    shape = "".join("X" if c.isupper() else "x" if c.islower() else "d" if c.isdigit() else c for c in word[:12])
    return re.sub(r"(.)\1+", r"\1", shape)


def read_sentences(path: Path, part: str) -> Iterator[TaggedSentence]:
    """Yield the tagged sentences of ``part`` (``train``, ``dev``, ``test``) of a zip with CoNLL-U files."""
    name = f"{CORPORA[path.name]}-{part}.conllu"
    with zipfile.ZipFile(path) as archive:
        for sentence in _rows(archive.read(name).decode("utf-8")):
            yield [(row[1], row[4]) for row in sentence]


def _rows(conllu: str) -> Iterator[list[list[str]]]:
    for block in conllu.split("\n\n"):
        lines = (line.split("\t") for line in block.splitlines() if line and not line.startswith("#"))
        rows = [row for row in lines if row[0].isdigit()]
        if rows:
            yield rows


def save_tagger(tagger: Tagger, path: Path) -> None:
    """Write features, weights (each row's number of labels, then their columns and values) and unambiguous words as one ``.npz``."""
    table = tagger.model
    rows, columns = np.nonzero(table.table)
    weights = {
        "features": joined(table.index),
        "counts": np.bincount(rows, minlength=len(table.index)).astype(np.uint8),
        "columns": columns.astype(np.uint8),
        "values": table.table[rows, columns].astype(np.int16),
    }
    np.savez_compressed(path, allow_pickle=False, labels=joined(table.labels), words=joined(tagger.tagdict), tags=joined(tagger.tagdict.values()), **weights)


def read_tagger(path: Path) -> Tagger:
    """Read what ``save_tagger`` wrote."""
    with np.load(path, allow_pickle=False) as file:
        features, labels, words, tags = (parted(file[name]) for name in ("features", "labels", "words", "tags"))
        table = np.zeros((len(features), len(labels)), np.int16)
        table[np.repeat(np.arange(len(features)), file["counts"]), file["columns"]] = file["values"]
    return Tagger(dict(zip(words, tags, strict=True)), TagTable(features, table, labels))


def joined(texts: Iterable[str]) -> np.ndarray:
    """Return texts without line ends as bytes."""
    return np.frombuffer(SEPARATOR.join(texts).encode("utf-8"), np.uint8)


def parted(letters: np.ndarray) -> list[str]:
    """Return the texts that ``joined`` put together."""
    return letters.tobytes().decode("utf-8").split(SEPARATOR) if len(letters) else []


def load_tagger(folder: Path) -> Tagger:
    """Read the tagger of a model folder after holding it against the manifest."""
    return read_tagger(checked(folder, TAGGER))


def accuracy(tagger: Tagger, sentences: Iterable[TaggedSentence]) -> tuple[int, int]:
    """Return ``(correct, tokens)``."""
    correct = total = 0
    for sentence in sentences:
        tagged = tagger.tag([form for form, _ in sentence])
        correct += sum(guess == tag for (_, guess), (_, tag) in zip(tagged, sentence, strict=True))
        total += len(sentence)
    return correct, total
