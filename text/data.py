"""The training data: essays with traits, and further text for the word vectors.

Essays: Pennebaker & King (1999), stream of consciousness, labelled with the Big Five above (1) or below (0) the median.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from core.analysis import TRAITS
from core.manifest import sha256_of

ESSAYS = "text/essays_given.csv.gz"
FURTHER = ("text/goemotions.zip", "text/isear.csv.gz", "text/emotion_tweets.zip", "text/meld_text.zip")
TAGGED = ("text/pos_ewt.zip", "text/pos_gum_open.zip")
COLUMNS = {"openness": "opn", "conscientiousness": "con", "extraversion": "ext", "agreeableness": "agr", "neuroticism": "neu"}


@dataclass(frozen=True)
class Essays:
    """Hold the essays: ``ids`` (n,), ``texts`` (n,), ``labels`` (n, 5) of 0 and 1 in the order of ``TRAITS``."""

    ids: list[str]
    texts: list[str]
    labels: np.ndarray


def read_essays(data: Path, rows: int | None = None) -> Essays:
    """Read the essays, the first ``rows`` of them where given."""
    frame = pd.read_csv(data / ESSAYS, nrows=rows, dtype={"id": str, "text": str})
    labels = frame[[COLUMNS[name] for name in TRAITS]].to_numpy(np.int64)
    return Essays(frame["id"].tolist(), frame["text"].tolist(), labels)


def further_texts(data: Path) -> Iterator[str]:
    """Yield the text of the other corpora (no essays, no test parts): comments, reports, tweets, dialogue, web text."""
    with zipfile.ZipFile(data / FURTHER[0]) as archive:
        for name in ("train.tsv", "dev.tsv"):
            for line in archive.read(name).decode("utf-8").splitlines():
                yield line.split("\t")[0]
    with gzip.open(data / FURTHER[1], "rt", encoding="utf-8", newline="") as file:
        yield from (row["text"] for row in csv.DictReader(file) if "no response" not in row["text"].lower())
    with zipfile.ZipFile(data / FURTHER[2]) as archive:
        for name in ("train.txt", "val.txt"):
            for line in archive.read(name).decode("utf-8").splitlines():
                yield line.split(";")[0]
    with zipfile.ZipFile(data / FURTHER[3]) as archive:
        for name in ("train_sent_emo.csv", "dev_sent_emo.csv"):
            with archive.open(name) as raw:
                yield from (row["Utterance"] for row in csv.DictReader(io.TextIOWrapper(raw, "utf-8", newline="")))
    for path in TAGGED:
        with zipfile.ZipFile(data / path) as archive:
            for name in archive.namelist():
                if name.endswith("train.conllu"):
                    for line in archive.read(name).decode("utf-8").splitlines():
                        if line.startswith("# text = "):
                            yield line.removeprefix("# text = ")


def described(data: Path, rows: Mapping[str, int]) -> list[dict[str, object]]:
    """Return name, rows and SHA-256 of every data file for the manifest; ``rows`` are those learnt from, where they are labelled."""
    return [{"name": Path(path).name, "rows": rows.get(path), "sha256": sha256_of(data / path)} for path in (ESSAYS, *FURTHER, *TAGGED)]


def write_json(path: Path, document: object) -> None:
    """Write a JSON document that is the same for the same content."""
    path.write_text(json.dumps(document, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")), encoding="utf-8")
