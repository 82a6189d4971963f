"""Many texts at once: a list of texts in, a table of probabilities out, for measuring and for research."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

from core.analysis import CLASSES, PROBABILITY_DECIMALS, TRAITS, rounded
from core.errors import InputError
from core.terminal import Progress
from text.emotions import emotion_models
from text.facts import count_words
from text.features import analyse
from text.predict import models
from text.sentences import sentences_of
from text.style import count, trait_tokens

COLUMNS = ("id", "text")
LONGEST_FIELD = min(sys.maxsize, 2**31 - 1)  # characters; the csv module stops at 131,072 by default
NO_COLUMNS = "The list %(name)s needs the columns id and text."


def predict_list(source: Path, target: Path, progress: Progress) -> None:
    """Read ``id,text`` and write ``id``, the five trait probabilities and the seven emotion probabilities, in the list's order.

    Every row gets its probabilities, however short its text: the calibration draws a short one to the share of people
    above the median, and a text without words to that share itself. Raises ``InputError`` when a column is missing.
    """
    csv.field_size_limit(LONGEST_FIELD)
    with source.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if not set(COLUMNS) <= set(reader.fieldnames or ()):
            raise InputError(NO_COLUMNS, name=source.name)
        rows = [(row["id"], row["text"] or "") for row in reader]
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", *TRAITS, *CLASSES])
        for i, (name, text) in enumerate(rows):
            progress("weighing the traits", i / len(rows))
            traits, emotions = probabilities_of(text)
            writer.writerow([name, *(round(float(p), PROBABILITY_DECIMALS) for p in traits), *rounded(emotions.tolist())])
    progress("done", 1.0)


def probabilities_of(text: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the calibrated probability of each trait, shape ``(5,)``, and of each emotion, shape ``(7,)``, of any text."""
    loaded = models()
    parts = sentences_of(text)
    reading = emotion_models().read(parts)
    tokens = trait_tokens(text)
    logits = loaded.logits(tokens, analyse(text, loaded.tagger), reading.vector())
    emotions = emotion_models().whole(text, reading.probabilities, [count_words(part) for part in parts])
    return loaded.calibration.probabilities(logits, count(tokens)), emotions
