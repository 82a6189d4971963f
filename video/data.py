"""FER2013: read the pictures, clean them, and give the label and the FER+ crowd votes.

Sources: Goodfellow et al., "Challenges in representation learning", ICONIP 2013; Barsoum et al., "Training deep networks for
facial expression recognition with crowd-sourced label distribution", ICMI 2016 (FER+).
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from core.analysis import CLASSES
from video.features import SIDE

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "fer2013_train_public.zip"
TRAINING, PUBLIC_TEST = "Training", "PublicTest"
VOTES = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "NF")
VOTE_OF_CLASS = {"angry": "anger", "disgust": "disgust", "fear": "fear", "happy": "happiness", "sad": "sadness", "surprise": "surprise", "neutral": "neutral"}
VOTE_COLUMNS = [VOTES.index(VOTE_OF_CLASS[name]) for name in CLASSES]
NOT_A_FACE = VOTES.index("NF")
NOT_A_FACE_MOST = 4  # of ten votes; with more the picture is left out of training


@dataclass
class Faces:
    """Hold face pictures and what people said about them.

    ``pictures`` uint8 (n, 48, 48) grey; ``labels`` int (n,) in the order of ``CLASSES``; ``usage`` (n,) names the part;
    ``ids`` int (n,) rows of the original table; ``votes`` int (n, 10) in the order of ``VOTES``.
    """

    pictures: np.ndarray
    labels: np.ndarray
    usage: np.ndarray
    ids: np.ndarray
    votes: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def chosen(self, rows: np.ndarray) -> Faces:
        """Return the rows that a boolean mask or an array of indices names."""
        return Faces(self.pictures[rows], self.labels[rows], self.usage[rows], self.ids[rows], self.votes[rows])

    def part(self, usage: str) -> Faces:
        """Return the rows of ``Training`` or ``PublicTest``."""
        return self.chosen(self.usage == usage)


def read_rows(path: Path) -> tuple[list[dict[str, str]], np.ndarray]:
    """Read the rows of a FER2013 zip's ``index.csv`` and their pictures, uint8 (n, 48, 48); labels and votes may be missing."""
    with zipfile.ZipFile(path) as archive:
        sheets = sorted(name for name in archive.namelist() if name.endswith(".webp"))
        pictures = np.concatenate([_sheet(archive.read(name)) for name in sheets])
        with archive.open("index.csv") as file:
            rows = list(csv.DictReader(io.TextIOWrapper(file, "utf-8")))
    return rows, pictures[[int(row["pic"]) for row in rows]]


def read_fer(path: Path) -> Faces:
    """Read a FER2013 zip: WebP sheets of 48×48 pictures one under the other, and ``index.csv`` with labels and votes."""
    rows, pictures = read_rows(path)
    columns = [name for name in rows[0] if name.startswith("fp_")]
    if [name.removeprefix("fp_") for name in columns] != list(VOTES):
        raise ValueError(f"{path}: the vote columns are {columns}, expected {VOTES}")
    return Faces(
        pictures,
        np.array([int(row["label"]) for row in rows]),
        np.array([row["usage"] for row in rows]),
        np.array([int(row["id"]) for row in rows]),
        np.array([[int(row[name]) for name in columns] for row in rows]),
    )


def _sheet(encoded: bytes) -> np.ndarray:
    sheet = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_GRAYSCALE)
    if sheet is None:
        raise ValueError("a sheet of faces cannot be decoded")
    return sheet.reshape(-1, SIDE, SIDE)


def digests(pictures: np.ndarray) -> list[bytes]:
    """Return a key for each picture that is the same exactly for equal pictures."""
    return [picture.tobytes() for picture in pictures]


def cleaned(faces: Faces) -> Faces:
    """Leave out what teaches nothing or the wrong thing.

    Surplus exact copies, all copies of a picture that carries conflicting labels, pictures that five or more of ten people
    called "not a face", and pictures of one colour.
    """
    copies: dict[bytes, list[int]] = defaultdict(list)
    for row, key in enumerate(digests(faces.pictures)):
        copies[key].append(row)
    flat = faces.pictures.reshape(len(faces), -1)
    usable = (flat.max(axis=1) > flat.min(axis=1)) & (faces.votes[:, NOT_A_FACE] <= NOT_A_FACE_MOST)
    kept = [rows[0] for rows in copies.values() if len(set(faces.labels[rows])) == 1 and usable[rows[0]]]
    return faces.chosen(np.array(sorted(kept)))


def standing_in(faces: Faces, others: Faces) -> np.ndarray:
    """Return a mask (n,) of the pictures of ``faces`` that also stand, pixel for pixel, among ``others``."""
    known = set(digests(others.pictures))
    return np.array([key in known for key in digests(faces.pictures)])


def vote_shares(faces: Faces) -> np.ndarray:
    """Return the shares of the crowd's votes for the seven classes, float32 (n, 7); all zero where none went to them."""
    votes = faces.votes[:, VOTE_COLUMNS].astype(np.float32)
    return votes / np.maximum(votes.sum(axis=1, keepdims=True), 1)


def majority_labels(faces: Faces) -> tuple[np.ndarray, np.ndarray]:
    """Return the FER+ majority class (n,) and a mask (n,) of the rows that have one among the seven.

    A row has none where contempt, "unknown" or "not a face" got as many votes as the best of the seven, or two of the seven tie.
    """
    seven = faces.votes[:, VOTE_COLUMNS]
    others = np.delete(faces.votes, VOTE_COLUMNS, axis=1).max(axis=1)
    ordered = np.sort(seven, axis=1)
    return seven.argmax(axis=1), (ordered[:, -1] > ordered[:, -2]) & (ordered[:, -1] > others)
