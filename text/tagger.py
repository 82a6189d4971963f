"""Part-of-speech tags (Penn Treebank) by NLTK's averaged perceptron, trained by us on the English Web Treebank and GUM.

The algorithm is Honnibal's (explosion.ai/blog/part-of-speech-pos-tagger-in-python); the features are NLTK's with the
word's shape and further affixes added. The weights are one JSON file: NLTK's own ``save_to_json`` writes to its data
folders only.
"""

from __future__ import annotations

import json
import random
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from nltk.tag.perceptron import AveragedPerceptron, PerceptronTagger

from core.manifest import checked
from text.files import TAGGER

ITERATIONS = 8
SMALLEST_WEIGHT = 0.9  # smaller averaged weights are left out: the accuracy stays, the file is a fraction
DECIMALS = 1
LEAST_SEEN = 20  # times a word must occur to be given its one tag without asking the perceptron ...
LEAST_AGREED = 0.995  # ... and the share of them that must have that tag (NLTK: 0.97)
WORDS_KEPT = 20_000  # in the cache of the features that a word has of its own
CORPORA = {"pos_ewt.zip": "en_ewt-ud", "pos_gum_open.zip": "en_gum_open"}

TaggedSentence = list[tuple[str, str]]


class SparsePerceptron(AveragedPerceptron):
    """Predict like NLTK's averaged perceptron, looking only at labels that some feature speaks for."""

    def predict(self, features: Iterable[str], return_conf: bool = False) -> tuple[str, None]:
        scores: dict[str, float] = {}
        weights = self.weights
        for feature in features:
            row = weights.get(feature)
            if row:
                for label, weight in row.items():
                    scores[label] = scores.get(label, 0.0) + weight
        if not scores:
            return max(self.classes), None
        return max(scores, key=lambda label: (scores[label], label)), None


class TablePerceptron(AveragedPerceptron):
    """Predict from finished weights, which lie in one table of whole numbers: one sum of rows for a word.

    ``table`` is int16, shape ``(features, labels)``, in units of ``10 ** -DECIMALS``; its labels are in falling order, so
    that of equal ones the last in the alphabet wins, as in NLTK.
    """

    def __init__(self, weights: Mapping[str, Mapping[str, float]], classes: Iterable[str]) -> None:
        super().__init__()
        self.classes = set(classes)
        self.labels = sorted(self.classes, reverse=True)
        self.index = {feature: row for row, feature in enumerate(weights)}
        column = {label: i for i, label in enumerate(self.labels)}
        self.table = np.zeros((len(weights), len(self.labels)), np.int16)
        places = [(row, column[label], weight) for row, own in enumerate(weights.values()) for label, weight in own.items()]
        if places:
            rows, columns, values = zip(*places, strict=True)
            self.table[np.array(rows), np.array(columns)] = np.rint(np.array(values) * 10**DECIMALS)

    def predict(self, features: Iterable[str], return_conf: bool = False) -> tuple[str, None]:
        get = self.index.get
        rows = [row for feature in features if (row := get(feature)) is not None]
        return self.labels[int(self.table[rows].sum(axis=0).argmax()) if rows else 0], None


class Tagger(PerceptronTagger):
    """Tag tokenised English with Penn Treebank tags."""

    def __init__(self) -> None:
        super().__init__(load=False)
        self.model = SparsePerceptron()

    def _make_tagdict(self, sentences: Iterable[TaggedSentence]) -> None:
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for sentence in sentences:
            self._sentences.append(sentence)
            for word, tag in sentence:
                counts[word][tag] += 1
                self.classes.add(tag)
        for word, tags in counts.items():
            tag, most = tags.most_common(1)[0]
            if (n := tags.total()) >= LEAST_SEEN and most / n >= LEAST_AGREED:
                self.tagdict[word] = tag

    def _get_features(self, i: int, word: str, context: Sequence[str], prev: str, prev2: str) -> list[str]:
        i += len(self.START)
        this, before, after = context[i], context[i - 1], context[i + 1]
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
        ]


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


def train_tagger(sentences: list[TaggedSentence], seed: int, iterations: int = ITERATIONS) -> Tagger:
    """Train a tagger; its weights are averaged over all updates and small ones pruned."""
    random.seed(seed)  # NLTK shuffles with the global generator
    tagger = Tagger()
    tagger.train(list(sentences), nr_iter=iterations)
    return tagger


def pruned(tagger: Tagger, smallest: float = SMALLEST_WEIGHT) -> Tagger:
    """Return the tagger without weights whose size is below ``smallest``."""
    rows = {f: {c: round(w, DECIMALS) for c, w in row.items() if abs(w) >= smallest} for f, row in tagger.model.weights.items()}
    small = Tagger()
    small.decode_json_params(({f: row for f, row in rows.items() if row}, tagger.tagdict, sorted(tagger.classes)))
    return small


def save_tagger(tagger: Tagger, path: Path) -> None:
    """Write weights, unambiguous words and tag set as one JSON document."""
    weights, words, _ = tagger.encode_json_obj()
    document = {"weights": weights, "tagdict": words, "classes": sorted(tagger.classes)}
    path.write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True), encoding="utf-8")


def read_tagger(path: Path) -> Tagger:
    """Read what ``save_tagger`` wrote, for tagging only."""
    document = json.loads(path.read_text(encoding="utf-8"))
    tagger = Tagger()
    tagger.tagdict, tagger.classes = document["tagdict"], set(document["classes"])
    tagger.model = TablePerceptron(document["weights"], document["classes"])
    return tagger


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
