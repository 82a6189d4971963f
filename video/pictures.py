"""Read single face pictures: a folder or zip of them, or a zip in the form of FER2013's."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path, PurePosixPath

import cv2
import numpy as np

from core import InputError
from core.analysis import CLASSES, PROBABILITY_DECIMALS
from core.calibration import softmax
from core.engine import Network
from video.data import read_rows
from video.faces import Finder
from video.features import crop, grey_of, mirrored_logits_of, resized
from video.landmarks import find_landmarks

ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".pgm", ".tif", ".tiff")
FACE_SIDE_MOST = 96  # pixels; smaller pictures are taken as faces already cut out, in larger ones a face is searched first
MAX_BYTES = 64 << 20  # of one picture
BATCH = 128
NOT_A_PICTURE = "The picture %(name)s is damaged or is not a picture."
NO_PICTURES = "There are no pictures in %(name)s. A folder or a zip of PNG, JPEG, WebP, BMP or TIFF files is needed, or a zip like FER2013's."
NOT_A_ZIP = "%(name)s is neither a folder nor a zip of pictures."


def faces_in(source: Path) -> Iterator[tuple[str, np.ndarray | None]]:
    """Yield ``(id, face)`` of every picture; the face is uint8 (48, 48), ``None`` where the picture is damaged.

    The id is FER2013's row, or the file's path inside the folder or zip. A picture larger than 96 pixels is searched for a face;
    where none is found, and in smaller ones, the middle square is the face.

    Raises
    ------
    InputError
        When the source holds no pictures.
    """
    if not source.exists():
        raise FileNotFoundError(2, "no such file", str(source))
    if source.is_dir():
        names = sorted(path for path in source.rglob("*") if path.suffix.lower() in ENDINGS)
        if not names:
            raise InputError(NO_PICTURES, name=source.name)
        for path in names:
            shown = path.relative_to(source).as_posix()
            yield shown, face_of(path.read_bytes())
        return
    if not zipfile.is_zipfile(source):
        raise InputError(NOT_A_ZIP, name=source.name)
    with zipfile.ZipFile(source) as archive:
        entries = {entry.filename: entry.file_size for entry in archive.infolist()}
        if "index.csv" in entries:
            rows, pictures = read_rows(source)
            yield from zip((row["id"] for row in rows), pictures, strict=True)
            return
        members = sorted(name for name in entries if PurePosixPath(name).suffix.lower() in ENDINGS and not name.startswith("__MACOSX/"))
        if not members:
            raise InputError(NO_PICTURES, name=source.name)
        for member in members:
            yield member, face_of(archive.read(member)) if entries[member] <= MAX_BYTES else None


def decoded(data: bytes) -> np.ndarray | None:
    """Decode a picture as RGB uint8 (height, width, 3), upright; ``None`` where it cannot be decoded."""
    try:
        return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB) if data else None
    except cv2.error:
        return None


def face_of(data: bytes) -> np.ndarray | None:
    """Return the face of an encoded picture as uint8 (48, 48); ``None`` where it cannot be decoded."""
    picture = decoded(data)
    if picture is None:
        return None
    grey = grey_of(picture)
    height, width = grey.shape
    box = Finder().find(0.0, grey)[0] if min(height, width) > FACE_SIDE_MOST else None
    if box is not None:
        return crop(grey, find_landmarks(grey, box))
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return resized(grey[top : top + side, left : left + side])


def write_predictions(source: Path, target: Path, network: Network, temperature: float) -> tuple[int, list[str]]:
    """Write ``id, label, confidence`` and the seven probabilities of every picture as CSV, from a look at it and one at its mirror image.

    A damaged picture keeps its row, with empty fields.

    Returns
    -------
    (count, damaged)
        How many pictures there were, and the ids of the damaged ones.
    """
    count, damaged = 0, []
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "label", "confidence", *CLASSES))
        for batch in batched(faces_in(source), BATCH):
            faces = [face for _, face in batch if face is not None]
            found = iter(softmax(mirrored_logits_of(network, np.stack(faces)), temperature) if faces else ())
            for name, face in batch:
                if face is None:
                    damaged.append(name)
                    writer.writerow((name, *[""] * (2 + len(CLASSES))))
                    continue
                p = next(found)
                best = int(p.argmax())
                writer.writerow((name, CLASSES[best], round(float(p[best]), PROBABILITY_DECIMALS), *(f"{value:.6f}" for value in p)))
            count += len(batch)
    return count, damaged


def batched(faces: Iterator[tuple[str, np.ndarray | None]], size: int) -> Iterator[list[tuple[str, np.ndarray | None]]]:
    """Yield lists of at most ``size`` faces (``itertools.batched`` of Python 3.12)."""
    while batch := list(islice(faces, size)):
        yield batch
