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
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from nltk.tag.perceptron import AveragedPerceptron, PerceptronTagger

from core.manifest import checked
from text.files import TAGGER

ITERATIONS = 8
SMALLEST_WEIGHT = 0.9  # smaller averaged weights are left out: the accuracy stays, the file is a fraction
DECIMALS = 1
LEAST_SEEN = 20  # times a word must occur to be given its one tag without asking the perceptron ...
LEAST_AGREED = 0.995  # ... and the share of them that must have that tag (NLTK: 0.97)
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
            "bias",
            "s1" + word[-1:],
            "s2" + word[-2:],
            "s3" + word[-3:],
            "s4" + word[-4:],
            "p1" + word[:1],
            "p2" + word[:2].lower(),
            "p3" + word[:3].lower(),
            "h" + _shape(word),
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
            "hf" + _shape(word) + ("^" if i == len(self.START) else ""),
        ]


def _shape(word: str) -> str:
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
    """Read what ``save_tagger`` wrote."""
    document = json.loads(path.read_text(encoding="utf-8"))
    tagger = Tagger()
    tagger.decode_json_params((document["weights"], document["tagdict"], document["classes"]))
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
