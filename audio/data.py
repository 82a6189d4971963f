"""The training corpora: decoded once, along the product's own road, into a cache of log-mel spectrograms."""

from __future__ import annotations

import csv
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from audio import baseline, features, recording
from audio.baseline import Baseline
from audio.voice import EMOTIONS
from core import manifest

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / ".build" / "audio"
DATA = ROOT.parent / "shared" / "data"  # what training reads unless told otherwise
RAVDESS = "ravdess_actors_01-20"
OTHERS = ("emodb", "emovo", "nemo_balanced_800", "ased_balanced_800", "banglaser_balanced_800")
LANGUAGES = {
    RAVDESS: "English",
    "emodb": "German",
    "emovo": "Italian",
    "nemo_balanced_800": "Polish",
    "ased_balanced_800": "Amharic",
    "banglaser_balanced_800": "Bangla",
}

LABELS = {"fearful": "fear", "surprised": "surprise"}  # the corpora's names where they differ; what has no counterpart is left out
DUPLICATES = {"03-01-03-01-02-02-07.opus"}  # the same sound as -02-01-07 (RAVDESS)
CACHE = 4  # raise this when what is decoded changes


@dataclass
class Clip:
    """Hold one clip: log-mel in dB (frames, MELS), pitch in Hz or NaN (frames,), which frames are speech, and its row in the corpus."""

    file: str
    corpus: str
    speaker: str
    sex: str
    label: int
    spectrogram: np.ndarray
    pitches: np.ndarray
    speech: np.ndarray

    @cached_property
    def levels(self) -> np.ndarray:
        """Return the level of each frame in dB, shape ``(frames,)``."""
        return features.frame_levels(self.spectrogram)

    @cached_property
    def own(self) -> Baseline:
        """Return the means over the clip's own speech."""
        return baseline.own(self)

    @property
    def level(self) -> float:
        """Return the level of the speech in dB, of the whole clip where none was found."""
        return features.level_of(self.levels, self.speech)

    @property
    def span(self) -> tuple[int, int]:
        """Return the first and one past the last speech frame; the whole clip where none was found."""
        return features.span_of(self.speech)


def archive(folder: Path, corpus: str) -> Path:
    """Return the zip of a corpus."""
    return folder / "voice" / f"{corpus}.zip"


def rows(folder: Path, corpus: str) -> list[dict[str, str]]:
    """Read a corpus' table, without its duplicates and without labels that have no counterpart among ``EMOTIONS``."""
    with (folder / "voice" / f"{corpus}.csv").open(encoding="utf-8", newline="") as file:
        table = [{**row, "label": LABELS.get(row["label"], row["label"])} for row in csv.DictReader(file)]
    return [row for row in table if row["label"] in EMOTIONS and row["file"] not in DUPLICATES]


def load(folder: Path, corpus: str, limit: int | None = None, build: Path = BUILD) -> list[Clip]:
    """Return a corpus' clips, decoding them into ``build`` at the first call.

    ``limit`` keeps every k-th row so that about so many remain (for a trial run).
    """
    table = rows(folder, corpus)
    if limit is not None:
        table = table[:: max(1, len(table) // limit)]
    cache = build / f"{corpus}-{len(table)}-{CACHE}.npz"
    if not cache.is_file():
        _decode(archive(folder, corpus), table, cache)
    with np.load(cache, allow_pickle=False) as stored:
        if stored["files"].tolist() != [row["file"] for row in table]:
            raise ValueError(f"{cache} was made from another table; delete it")
        ends, spectrograms, pitches, masks = stored["ends"], stored["spectrograms"], stored["pitches"], stored["masks"]
    starts = np.concatenate([[0], ends[:-1]])
    return [
        Clip(row["file"], corpus, row["speaker"], row["sex"], EMOTIONS.index(row["label"]), spectrograms[a:b], pitches[a:b], masks[a:b])
        for row, a, b in zip(table, starts, ends, strict=True)
    ]


def load_all(folder: Path, limit: int | None = None, build: Path = BUILD) -> list[Clip]:
    """Return the clips of RAVDESS and of all other corpora."""
    return [clip for corpus in (RAVDESS, *OTHERS) for clip in load(folder, corpus, limit, build)]


def _decode(path: Path, table: Sequence[dict[str, str]], cache: Path) -> None:
    spectrograms, pitches, masks = [], [], []
    with zipfile.ZipFile(path) as corpus, tempfile.TemporaryDirectory() as scratch:
        for row in table:
            sound = Path(corpus.extract(row["file"], scratch))
            heard = recording.listen(sound)
            sound.unlink()
            spectrograms.append(heard.spectrogram)
            pitches.append(heard.pitches.astype(np.float32))
            masks.append(heard.speech)
    cache.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        cache,
        files=np.array([row["file"] for row in table]),
        ends=np.cumsum([len(s) for s in spectrograms]),
        spectrograms=np.concatenate(spectrograms),
        pitches=np.concatenate(pitches),
        masks=np.concatenate(masks),
    )


def source(folder: Path, corpus: str) -> dict[str, object]:
    """Describe a corpus for the manifest: name, rows used, SHA-256 of its archive."""
    return {"name": corpus, "rows": len(rows(folder, corpus)), "sha256": manifest.sha256_of(archive(folder, corpus))}


def read_folds(path: Path) -> dict[str, int]:
    """Read ``folds.csv``: the fold, from 1, of every speaker."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["speaker"]: int(row["fold"]) for row in csv.DictReader(file)}


def part_of(clip: Clip, folds: dict[str, int]) -> str:
    """Return the part of the data that a clip belongs to: its actor's fold in RAVDESS, elsewhere its corpus."""
    return str(folds[clip.speaker]) if clip.corpus == RAVDESS else clip.corpus
