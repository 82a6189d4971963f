"""The teacher's command, with an encoder of three sentences; the real one is no part of the product."""

import csv
import gzip
import io
import sys
import types
import zipfile
from pathlib import Path

import numpy as np
import pytest

from text.__main__ import main
from text.teacher import read_lessons

VECTORS = {"Yes.": (1.0, 2.0, 0.0), "No no.": (0.0, 1.0, 0.0), "No.": (3.0, 1.0, 0.0)}


class Encoder:
    """Stand for the package's."""

    def __init__(self, folder: str, device: str, model_kwargs: dict[str, str]) -> None:
        assert Path(folder, "modules.json").is_file() and device == "cpu" and set(model_kwargs) == {"dtype"}

    def encode(self, texts: list[str], batch_size: int, show_progress_bar: bool) -> np.ndarray:
        assert batch_size > 0 and show_progress_bar
        return np.array([VECTORS[text] for text in texts], np.float32)


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    (tmp_path / "modules.json").write_text("[]", encoding="utf-8")
    return tmp_path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Write the further texts: three sentences in all, one of them twice."""
    folder = tmp_path / "data" / "text"
    folder.mkdir(parents=True)

    def zipped(name: str, **members: str) -> None:
        with zipfile.ZipFile(folder / name, "w") as archive:
            for member, content in members.items():
                archive.writestr(member.replace("__", "."), content)

    zipped("goemotions.zip", train__tsv="Yes. No no.\t0\ta\n", dev__tsv="Yes.\t0\tb\n")
    table = io.StringIO()
    csv.writer(table).writerows([["label", "text"], ["joy", "No."]])
    (folder / "isear.csv.gz").write_bytes(gzip.compress(table.getvalue().encode()))
    zipped("emotion_tweets.zip", train__txt="Yes.;joy\n", val__txt="Yes.;joy\n")
    zipped("meld_text.zip", train_sent_emo__csv="Utterance\nYes.\n", dev_sent_emo__csv="Utterance\nYes.\n")
    for name in ("pos_ewt.zip", "pos_gum_open.zip"):
        zipped(name, x__conllu="")
    return tmp_path / "data"


def test_the_teacher_reads_every_sentence_once(
    encoder: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", types.SimpleNamespace(SentenceTransformer=Encoder))
    assert main(["teach", str(encoder), "--data", str(data), "--build", str(tmp_path / "build")]) == 0
    assert "3 sentences read" in capsys.readouterr().out
    lessons = read_lessons(tmp_path / "build" / "emotions")
    assert lessons is not None and lessons.texts == ["Yes.", "No no.", "No."]
    vectors = np.array([VECTORS[text] for text in lessons.texts])
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    assert lessons.vectors == pytest.approx((units - units.mean(axis=0)) / (units.std(axis=0) + 1e-3), abs=0.05)
    assert read_lessons(tmp_path) is None


@pytest.mark.parametrize(("missing", "sentence"), [("modules.json", "modules.json is missing"), ("", "needs the package sentence-transformers")])
def test_what_the_teacher_lacks_is_said(
    encoder: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, missing: str, sentence: str
) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    if missing:
        (encoder / missing).unlink()
    assert main(["teach", str(encoder), "--data", str(data), "--build", str(tmp_path / "build")]) == 1
    assert sentence in capsys.readouterr().err
