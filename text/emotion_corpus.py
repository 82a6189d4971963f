"""Sentences with emotions: GoEmotions, ISEAR and the six-emotion tweets, all in our seven classes.

GoEmotions (Demszky et al., ACL 2020) names 27 emotions and neutral, several to a comment; the Ekman mapping that lies in
its archive makes them six, which are ours under other names (``EKMAN``). ISEAR (Scherer & Wallbott, 1994) asked people for
a situation of seven emotions; its shame and guilt count as sad, since GoEmotions' mapping puts embarrassment and remorse
there. The tweets (Saravia et al., CARER, EMNLP 2018) name six; love counts as happy, as in GoEmotions.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.analysis import CLASSES

GOEMOTIONS = "text/goemotions.zip"
GOEMOTIONS_TEST = "text/goemotions_test.tsv.gz"
ISEAR = "text/isear.csv.gz"
TWEETS = "text/emotion_tweets.zip"
SOURCES = (GOEMOTIONS, ISEAR, TWEETS)

EKMAN = {"anger": "angry", "disgust": "disgust", "fear": "fear", "joy": "happy", "sadness": "sad", "surprise": "surprise", "neutral": "neutral"}
ISEAR_CLASSES = {**EKMAN, "shame": "sad", "guilt": "sad"}
TWEET_CLASSES = {**EKMAN, "love": "happy"}
NO_ANSWER = re.compile(
    r"^\W*(?:no response|none|nothing|not applicable|blank|never experienced|same as|doesn.?t apply|do not (?:know|remember)|can.?t remember)\b", re.IGNORECASE
)
TWEET_PARTS = ("train.txt", "val.txt")
FINE = 28  # GoEmotions' own labels, neutral among them
UNLABELLED = len(SOURCES)  # source of a sentence that only a teacher has read
NO_FINE = np.zeros(FINE, np.int8)
LETTERS = re.compile(r"[\W_]+")


Row = tuple[str, np.ndarray, np.ndarray]  # text, our labels, GoEmotions' labels


@dataclass(frozen=True)
class Emotions:
    """Hold labelled sentences: ``texts`` (n,), ``labels`` (n, 7) of 0 and 1 in the order of ``CLASSES``, ``fine`` (n, 28) GoEmotions'
    own labels (0 where another source has none), ``source`` (n,) a number in ``SOURCES``, or ``UNLABELLED``.
    """

    texts: list[str]
    labels: np.ndarray
    fine: np.ndarray
    source: np.ndarray


def read_goemotions(data: Path, part: str) -> Emotions:
    """Read ``train``, ``dev`` or ``test`` of GoEmotions; a comment has one label or several."""
    with zipfile.ZipFile(data / GOEMOTIONS) as archive:
        names = archive.read("emotions.txt").decode("utf-8").split()
        mapping = {fine: coarse for coarse, fines in json.loads(archive.read("ekman_mapping.json")).items() for fine in fines}
        if part != "test":
            content = archive.read(f"{part}.tsv").decode("utf-8")
    if part == "test":
        content = gzip.decompress((data / GOEMOTIONS_TEST).read_bytes()).decode("utf-8")
    columns = [CLASSES.index(EKMAN[mapping.get(name, name)]) for name in names]
    rows = [line.split("\t") for line in content.splitlines()]
    labels, fine = np.zeros((len(rows), len(CLASSES)), np.int8), np.zeros((len(rows), FINE), np.int8)
    for label, own, row in zip(labels, fine, rows, strict=True):
        own[[int(i) for i in row[1].split(",")]] = 1
        label[[columns[int(i)] for i in row[1].split(",")]] = 1
    return Emotions([row[0] for row in rows], labels, fine, np.zeros(len(rows), np.int8))


def read_training(data: Path, rows: int | None = None) -> Emotions:
    """Read everything that the emotion models learn from, the first ``rows`` of each source where given.

    What also stands in GoEmotions' dev or test part is taken out, and so are repetitions with the same label; texts are
    compared by their letters alone.
    """
    unseen = {_key(text) for part in ("dev", "test") for text in read_goemotions(data, part).texts}
    comments = read_goemotions(data, "train")
    sources: list[list[Row]] = [list(zip(comments.texts, comments.labels, comments.fine, strict=True)), _isear(data), _tweets(data)]
    kept: list[tuple[Row, int]] = []
    known: set[tuple[str, bytes]] = set()
    for number, found in enumerate(sources):
        for row in found[:rows]:
            key = (_key(row[0]), row[1].tobytes())
            if key[0] and key[0] not in unseen and key not in known:
                known.add(key)
                kept.append((row, number))
    texts, labels, fine = zip(*(row for row, _ in kept), strict=True)
    return Emotions(list(texts), np.array(labels), np.array(fine), np.array([number for _, number in kept], np.int8))


def with_unlabelled(learnt: Emotions, texts: Sequence[str]) -> Emotions:
    """Return the sentences with those of ``texts`` that are not among them behind, which have no labels."""
    known = set(learnt.texts)
    further = [text for text in texts if text not in known]
    empty = (np.zeros((len(further), table.shape[1]), table.dtype) for table in (learnt.labels, learnt.fine))
    labels, fine = (np.concatenate([table, rows]) for table, rows in zip((learnt.labels, learnt.fine), empty, strict=True))
    return Emotions([*learnt.texts, *further], labels, fine, np.concatenate([learnt.source, np.full(len(further), UNLABELLED, np.int8)]))


def rows_of(learnt: Emotions) -> dict[str, int]:
    """Return the sentences learnt from each source by its file, for the manifest."""
    return {path: int((learnt.source == i).sum()) for i, path in enumerate(SOURCES)}


def _isear(data: Path) -> list[Row]:
    with gzip.open(data / ISEAR, "rt", encoding="utf-8", newline="") as file:
        rows = [(" ".join(row["text"].split()), row["label"]) for row in csv.DictReader(file)]
    return [(text, _one(ISEAR_CLASSES[label]), NO_FINE) for text, label in rows if not NO_ANSWER.match(text.strip("[ "))]


def _tweets(data: Path) -> list[Row]:
    pairs: list[Row] = []
    with zipfile.ZipFile(data / TWEETS) as archive:
        for name in TWEET_PARTS:
            for line in archive.read(name).decode("utf-8").splitlines():
                text, _, label = line.rpartition(";")
                pairs.append((text, _one(TWEET_CLASSES[label]), NO_FINE))
    return pairs


def _one(name: str) -> np.ndarray:
    label = np.zeros(len(CLASSES), np.int8)
    label[CLASSES.index(name)] = 1
    return label


def _key(text: str) -> str:
    return LETTERS.sub(" ", text.lower()).strip()
