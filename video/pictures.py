"""Read single face pictures: a folder or zip of them, or a zip in the form of FER2013's."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import cv2
import numpy as np

from core import InputError
from core.analysis import CLASSES, PROBABILITY_DECIMALS
from core.calibration import softmax
from core.engine import Network
from video.data import read_fer
from video.faces import search
from video.features import crop, grey_of, normalised, resized

ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".pgm", ".tif", ".tiff")
FACE_SIDE_MOST = 96  # pixels; smaller pictures are taken as faces already cut out, in larger ones a face is searched first
MAX_BYTES = 64 << 20  # of one picture
BATCH = 128
NOT_A_PICTURE = "The picture %(name)s is damaged or is not a picture."
NO_PICTURES = "There are no pictures in %(name)s. A folder or a zip of PNG, JPEG, WebP, BMP or TIFF files is needed, or a zip like FER2013's."
NOT_A_ZIP = "%(name)s is neither a folder nor a zip of pictures."


def faces_in(source: Path) -> Iterator[tuple[str, np.ndarray]]:
    """Yield ``(id, face)`` of every picture; the face is uint8 (48, 48).

    The id is FER2013's row, or the file's path inside the folder or zip. A picture larger than 96 pixels is searched for a face;
    where none is found, and in smaller ones, the middle square is the face.

    Raises
    ------
    InputError
        When the source holds no pictures or one is damaged.
    """
    if not source.exists():
        raise FileNotFoundError(2, "no such file", str(source))
    if source.is_dir():
        names = sorted(path for path in source.rglob("*") if path.suffix.lower() in ENDINGS)
        if not names:
            raise InputError(NO_PICTURES, name=source.name)
        for path in names:
            shown = path.relative_to(source).as_posix()
            yield shown, face_of(path.read_bytes(), shown)
        return
    if not zipfile.is_zipfile(source):
        raise InputError(NOT_A_ZIP, name=source.name)
    with zipfile.ZipFile(source) as archive:
        entries = {entry.filename: entry.file_size for entry in archive.infolist()}
        if "index.csv" in entries:
            faces = read_fer(source)
            yield from zip(map(str, faces.ids), faces.pictures, strict=True)
            return
        members = sorted(name for name in entries if PurePosixPath(name).suffix.lower() in ENDINGS and not name.startswith("__MACOSX/"))
        if not members:
            raise InputError(NO_PICTURES, name=source.name)
        for member in members:
            if entries[member] > MAX_BYTES:
                raise InputError(NOT_A_PICTURE, name=member)
            yield member, face_of(archive.read(member), member)


def decoded(data: bytes, name: str) -> np.ndarray:
    """Decode a picture as RGB uint8 (height, width, 3), upright.

    Raises
    ------
    InputError
        When it cannot be decoded.
    """
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB) if data else None
    except cv2.error as error:
        raise InputError(NOT_A_PICTURE, name=name) from error
    if picture is None:
        raise InputError(NOT_A_PICTURE, name=name)
    return picture


def face_of(data: bytes, name: str) -> np.ndarray:
    """Return the face of an encoded picture as uint8 (48, 48)."""
    grey = grey_of(decoded(data, name))
    height, width = grey.shape
    if min(height, width) > FACE_SIDE_MOST and (faces := search(grey)):
        return crop(grey, faces[0].box)
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return resized(grey[top : top + side, left : left + side])


def write_predictions(source: Path, target: Path, network: Network, temperature: float) -> int:
    """Write ``id, label, confidence`` and the seven probabilities of every picture as CSV; return how many there were."""
    count = 0
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "label", "confidence", *CLASSES))
        for names, faces in _batches(faces_in(source)):
            for name, p in zip(names, softmax(network({"face": normalised(faces)})[0], temperature), strict=True):
                best = int(p.argmax())
                writer.writerow((name, CLASSES[best], round(float(p[best]), PROBABILITY_DECIMALS), *(f"{value:.6f}" for value in p)))
            count += len(names)
    return count


def _batches(faces: Iterator[tuple[str, np.ndarray]]) -> Iterator[tuple[list[str], np.ndarray]]:
    names, waiting = list[str](), list[np.ndarray]()
    for name, face in faces:
        names.append(name)
        waiting.append(face)
        if len(names) == BATCH:
            yield names, np.stack(waiting)
            names, waiting = [], []
    if names:
        yield names, np.stack(waiting)
