"""The training texts after the pipeline: tagged and lemmatised once, kept in the build folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.manifest import sha256_of
from text.data import Essays, further_texts, write_json
from text.emotions import EmotionModels
from text.features import analyse
from text.scores import cut_text
from text.sentences import sentences_of
from text.stopwords import STOP_WORDS
from text.tagger import Tagger

REPORT_EVERY = 5000  # texts


@dataclass(frozen=True)
class Words:
    """Hold one text's words in order: ``forms`` and ``lemmas``, both of the same length."""

    forms: list[str]
    lemmas: list[str]

    def content(self, start: int = 0, end: int | None = None) -> list[str]:
        """Return the lemmas of words ``start`` to ``end`` that are not stop words."""
        pairs = zip(self.forms[start:end], self.lemmas[start:end], strict=True)
        return [lemma for form, lemma in pairs if form not in STOP_WORDS]


def words_of(text: str, tagger: Tagger) -> Words:
    """Run one text through the pipeline."""
    tokens = [token for sentence in analyse(text, tagger) for token in sentence]
    return Words([t.form for t in tokens], [t.lemma for t in tokens])


def essay_words(essays: Essays, tagger: Tagger, tagger_file: Path, build: Path) -> list[Words]:
    """Return the essays' words, from the build folder where the same tagger has made them before."""
    path = build / f"essays-{len(essays.ids)}-{sha256_of(tagger_file)[:12]}.json"
    if not path.exists():
        write_json(path, [[w.forms, w.lemmas] for w in _reported(essays.texts, tagger, "essays")])
    return [Words(forms, lemmas) for forms, lemmas in json.loads(path.read_text(encoding="utf-8"))]


def essay_vectors(texts: Sequence[str], models: EmotionModels, name: str, build: Path) -> np.ndarray:
    """Return the vectors of each cut (``scores.cut_text``) of each essay, float32, shape ``(essays, cuts, size)``.

    They are kept in the build folder for emotion models of this ``name``, which have never seen an essay.
    """
    path = build / f"vectors-{len(texts)}-{name[:12]}.npy"
    if not path.exists():
        found = []
        for i, text in enumerate(texts, 1):
            pieces = [sentences_of(piece) for piece in cut_text(text)]
            different = list(dict.fromkeys(sentence for sentences in pieces for sentence in sentences))
            place, reading = {sentence: row for row, sentence in enumerate(different)}, models.read(different)
            found.append([reading.part([place[sentence] for sentence in sentences]).vector() for sentences in pieces])
            if i % REPORT_EVERY == 0 or i == len(texts):
                print(f"vectors of essays: {i} of {len(texts)}", flush=True)
        np.save(path, np.array(found, np.float32))
    return np.load(path)


def further_lemmas(data: Path, tagger: Tagger, tagger_file: Path, build: Path, rows: int | None = None) -> list[list[str]]:
    """Return the content lemmas of the other corpora, the first ``rows`` texts where given."""
    path = build / f"further-{rows or 'all'}-{sha256_of(tagger_file)[:12]}.json"
    if not path.exists():
        texts = list(dict.fromkeys(further_texts(data)))[:rows]
        write_json(path, [w.content() for w in _reported(texts, tagger, "further texts")])
    return json.loads(path.read_text(encoding="utf-8"))


def _reported(texts: Sequence[str], tagger: Tagger, name: str) -> Iterator[Words]:
    for i, text in enumerate(texts, 1):
        yield words_of(text, tagger)
        if i % REPORT_EVERY == 0 or i == len(texts):
            print(f"{name}: {i} of {len(texts)}", flush=True)
