"""What a pre-trained speech encoder has to teach: soft targets and vectors for the training clips.

Knowledge distillation after Hinton, Vinyals & Dean (arXiv 1503.02531) and Romero et al. (FitNets, ICLR 2015). The teacher's vectors are made once by
``python -m audio teach``; where there are none, the network learns from the labels alone. The product does not need the teacher.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from audio.data import Clip
from audio.voice import EMOTIONS

LESSONS = 64  # principal components of the teacher's vectors that the network is asked to find
PROBE_STRENGTH = 0.02  # inverse of the probe's L2 penalty on standardised vectors
PARTS = 5  # in which the training speakers are cut, so that no clip is judged by a probe that knows its speaker


@dataclass
class Teaching:
    """Hold soft targets (n, len(EMOTIONS)), lessons (n, size), and whose they are: ``known`` (n,) is whether the teacher heard the clip."""

    soft: np.ndarray
    lessons: np.ndarray
    known: np.ndarray


def path(build: Path, corpus: str) -> Path:
    """Return where a corpus' teacher vectors lie: an npz with ``files`` and ``vectors``."""
    return build / f"teacher-{corpus}.npz"


def vectors(build: Path, clips: Sequence[Clip]) -> tuple[np.ndarray, np.ndarray]:
    """Return the teacher's vectors of clips, float32 (n, size), zeros where there are none, and whether there are, bool (n,)."""
    stored: dict[tuple[str, str], np.ndarray] = {}
    for corpus in sorted({clip.corpus for clip in clips}):
        if path(build, corpus).is_file():
            with np.load(path(build, corpus), allow_pickle=False) as file:
                stored |= {(corpus, name): vector for name, vector in zip(file["files"].tolist(), file["vectors"], strict=True)}
    known = np.array([(clip.corpus, clip.file) in stored for clip in clips])
    size = len(next(iter(stored.values()))) if stored else 0
    found = np.zeros((len(clips), size), np.float32)
    for row, clip in enumerate(clips):
        if known[row]:
            found[row] = stored[clip.corpus, clip.file]
    return found, known


def teach(build: Path, clips: Sequence[Clip], seed: int) -> Teaching | None:
    """Return what the teacher says about training clips, ``None`` where it has heard none of them.

    Everything is fitted on ``clips`` alone; the soft targets of a clip come from a linear probe that has not seen its speaker's labels.
    """
    found, known = vectors(build, clips)
    if not known.any():
        return None
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    chosen = StandardScaler().fit_transform(_centred(found[known], [clip for clip, heard in zip(clips, known, strict=True) if heard]))
    labels = np.array([clip.label for clip in clips])[known]
    corpora = np.array([clip.corpus for clip in clips])[known]
    speakers = np.array([f"{clip.corpus} {clip.speaker}" for clip in clips])[known]
    names = np.unique(speakers)
    part_of = dict(zip(names.tolist(), (np.random.default_rng(seed).permutation(len(names)) % PARTS).tolist(), strict=True))
    parts = np.array([part_of[speaker] for speaker in speakers.tolist()])
    soft = np.zeros((len(clips), len(EMOTIONS)), np.float32)
    judged = np.zeros((int(known.sum()), len(EMOTIONS)), np.float32)
    for corpus in np.unique(corpora):
        for part in range(PARTS):
            learnt, asked = (corpora == corpus) & (parts != part), (corpora == corpus) & (parts == part)
            if asked.any():
                probe = LogisticRegression(C=PROBE_STRENGTH, max_iter=300).fit(chosen[learnt], labels[learnt])
                judged[np.ix_(np.flatnonzero(asked), probe.classes_)] = probe.predict_proba(chosen[asked])
    soft[known] = judged
    components = PCA(LESSONS, random_state=seed).fit_transform(chosen)
    lessons = np.zeros((len(clips), LESSONS), np.float32)
    lessons[known] = components / components[:, :8].std()
    return Teaching(soft, lessons, known)


def _centred(found: np.ndarray, clips: Sequence[Clip]) -> np.ndarray:
    """Return vectors without the mean of their speaker's neutral clips, of the corpus' where there are none."""
    out = np.empty_like(found)
    neutral = np.array([clip.label == EMOTIONS.index("neutral") for clip in clips])
    corpora, speakers = np.array([clip.corpus for clip in clips]), np.array([clip.speaker for clip in clips])
    for corpus, speaker in {(clip.corpus, clip.speaker) for clip in clips}:
        own = (corpora == corpus) & (speakers == speaker)
        reference = next(rows for rows in (own & neutral, (corpora == corpus) & neutral, own) if rows.any())
        out[own] = found[own] - found[reference].mean(axis=0)
    return out
