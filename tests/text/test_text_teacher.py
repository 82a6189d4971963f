"""The teacher's command, with an encoder of two words; the real one is no part of the product."""

import csv
import gzip
import io
import sys
import types
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from text.__main__ import main
from text.teacher import FIRST, LAST, read_lessons

PIECES = {"yes": 7, "no": 9}


class Tokenizer:
    """Stand for the package's: a word is one piece."""

    @classmethod
    def from_file(cls, path: str) -> "Tokenizer":
        assert Path(path).name == "tokenizer.json"
        return cls()

    def no_padding(self) -> None: ...

    def no_truncation(self) -> None: ...

    def encode(self, text: str, add_special_tokens: bool) -> types.SimpleNamespace:
        assert not add_special_tokens
        return types.SimpleNamespace(ids=[PIECES.get(word.strip(".").lower(), 5) for word in text.split()])


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    """Write an encoder whose vector of piece n is (n, n², 0)."""
    numbers = np.arange(LAST + 1, dtype=np.float32)
    table = helper.make_tensor("table", TensorProto.FLOAT, (LAST + 1, 3), np.stack([numbers, numbers**2, 0 * numbers], axis=1).ravel())
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, (None, None)) for name in ("input_ids", "attention_mask", "token_type_ids")]
    output = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, (None, None, 3))
    graph = helper.make_graph([helper.make_node("Gather", ["table", "input_ids"], ["last_hidden_state"])], "encoder", inputs, [output], [table])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), tmp_path / "model.onnx")
    (tmp_path / "tokenizer.json").write_text("{}", encoding="utf-8")
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
    monkeypatch.setitem(sys.modules, "tokenizers", types.SimpleNamespace(Tokenizer=Tokenizer))
    assert main(["teach", str(encoder), "--data", str(data), "--build", str(tmp_path / "build")]) == 0
    assert "3 sentences read" in capsys.readouterr().out
    lessons = read_lessons(tmp_path / "build" / "emotions")
    assert lessons is not None and lessons.texts == ["Yes.", "No no.", "No."]
    means = np.array([[np.mean([p**e for p in (FIRST, *own, LAST)]) for e in (1, 2)] + [0] for own in ([7], [9, 9], [9])])
    units = means / np.linalg.norm(means, axis=1, keepdims=True)
    assert lessons.vectors == pytest.approx((units - units.mean(axis=0)) / (units.std(axis=0) + 1e-3), abs=0.05)
    assert read_lessons(tmp_path) is None


@pytest.mark.parametrize(("missing", "sentence"), [("model.onnx", "holds no model.onnx"), ("", "needs the package tokenizers")])
def test_what_the_teacher_lacks_is_said(
    encoder: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, missing: str, sentence: str
) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    if missing:
        (encoder / missing).unlink()
    assert main(["teach", str(encoder), "--data", str(data), "--build", str(tmp_path / "build")]) == 1
    assert sentence in capsys.readouterr().err
