"""Training from end to end on made-up data, and the two engines on the shipped network, in one TensorFlow process."""

import csv
import gzip
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
SPOKEN = "i we you people house work friend story music night never not go see think feel find love hate walk good bad new old happy tired"
WORDS = SPOKEN.split()
TAGS = {"i": "PRP", "we": "PRP", "you": "PRP", "never": "RB", "not": "RB", "go": "VB", "see": "VB", "think": "VB", "good": "JJ", "bad": "JJ"}
ESSAYS = 60
EKMAN = {
    "anger": [f"anger{i}" for i in range(5)], "disgust": ["disgust"], "fear": [f"fear{i}" for i in range(4)], "joy": [f"joy{i}" for i in range(8)],
    "sadness": [f"sadness{i}" for i in range(5)], "surprise": [f"surprise{i}" for i in range(4)],
}  # fmt: skip
VECTOR_SIZE = 2 * (128 + 3 * 256)  # attention and maximum over the embedding and three convolutions
FINE = [*(fine for some in EKMAN.values() for fine in some), "neutral"]
SCRIPT = """
import sys
import tempfile
from pathlib import Path
import numpy as np
from core.engine import load
from core.manifest import MODELS
from text.__main__ import main
from text.data import write_json
from text.emotion_corpus import read_training
from text.emotion_train import train_emotions
from text.material import SMOKE
from text.original import compare
from text.teacher import SENTENCES, VECTORS

assert main(["train", "--smoke", "--data", sys.argv[1]]) == 0
folder = MODELS / "text"
rows = np.random.default_rng(0).integers(0, 400, (3, 300)).astype(np.int32)
rows[0, :250] = 0
onnx, keras = (load(folder, "traits", engine)({"lemmas": rows})[0] for engine in ("onnx", "keras"))
print("DIFFERENCE", float(np.abs(onnx - keras).max()), onnx.shape)
random = np.random.default_rng(1)
rows = {"words": random.integers(0, 9000, (3, 20)).astype(np.int32), "pieces": random.integers(0, 9000, (3, 20, 14)).astype(np.int32)}
rows["words"][0, 7:], rows["pieces"][0, 7:] = 0, 0
for onnx, keras in zip(*(load(folder, "emotions", engine)(rows) for engine in ("onnx", "keras")), strict=True):
    print("EMOTIONS", float(np.abs(onnx - keras).max()), onnx.shape)
with tempfile.TemporaryDirectory() as name:
    build = Path(name)
    sentences = read_training(Path(sys.argv[1])).texts[:20] + ["We walk.", "I never go."]
    np.savez(build / VECTORS, vectors=random.normal(size=(22, 16)).astype(np.float16))
    write_json(build / SENTENCES, sentences)
    learnt, models = train_emotions(Path(sys.argv[1]), build, build, 1, 60, 1)
    print("TAUGHT", len(learnt.texts), models.read(["We walk.", "I like it."]).vectors.shape)
with tempfile.TemporaryDirectory() as name:
    build = Path(name)
    first = compare(Path(sys.argv[1]), build, [0], SMOKE, build, 1)
    again = compare(Path(sys.argv[1]), build, [0], SMOKE, build, 1)
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(first, again, strict=True))
    asked = first.probabilities[~np.isnan(first.probabilities[:, 0])]
    print("ORIGINAL", len(asked), float(np.abs(asked.sum(axis=1) - 1).max()), *(~np.isnan(first.medians)).sum(axis=1), (build / "original.npz").exists())
"""


def sentence(random: np.random.Generator) -> str:
    return " ".join(random.choice(WORDS, 12)).capitalize() + "."


def conllu(random: np.random.Generator) -> str:
    blocks = []
    for _ in range(40):
        words = random.choice(WORDS, 6)
        lines = [f"{i}\t{word}\t{word}\tX\t{TAGS.get(word, 'NN')}\t_\t0\troot\t_\t_" for i, word in enumerate(words, 1)]
        blocks.append("\n".join([f"# text = {' '.join(words)}", "1-2\tskipped\t_\t_\t_\t_\t_\t_\t_\t_", *lines]))
    return "\n\n".join(blocks) + "\n\n"


def zipped(path: Path, **members: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", ".").replace("_X_", "-"), text)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the data files of the README's names and formats, with sentences of chance."""
    random = np.random.default_rng(3)
    folder = tmp_path_factory.mktemp("data") / "text"
    folder.mkdir()
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["id", "text", "ext", "neu", "agr", "con", "opn"])
    for i in range(ESSAYS):
        text = " ".join(sentence(random) for _ in range(random.integers(5, 45)))
        writer.writerow([f"1999_{i:04}", text, *random.permutation([i % 2, (i // 2) % 2, (i // 3) % 2, (i // 5) % 2, (i // 7) % 2])])
    (folder / "essays_given.csv.gz").write_bytes(gzip.compress(table.getvalue().encode()))
    lines = [sentence(random) for _ in range(30)]
    parts = {part: "".join(f"{sentence(random)}\t{i % 28}\tid{i}\n" for i in range(60)) for part in ("train", "dev", "test")}
    zipped(folder / "goemotions.zip", train__tsv=parts["train"], dev__tsv=parts["dev"], emotions__txt="\n".join(FINE), ekman_mapping__json=json.dumps(EKMAN))
    (folder / "goemotions_test.tsv.gz").write_bytes(gzip.compress(parts["test"].encode()))
    (folder / "isear.csv.gz").write_bytes(gzip.compress(("label,text\n" + "".join(f'joy,"{line}"\n' for line in lines)).encode()))
    tweets = "".join(f"{line};joy\n" for line in lines)
    zipped(folder / "emotion_tweets.zip", train__txt=tweets, val__txt=tweets)
    dialogue = "Utterance,Emotion\n" + "".join(f'"{line}",joy\n' for line in lines)
    zipped(folder / "meld_text.zip", train_sent_emo__csv=dialogue, dev_sent_emo__csv=dialogue)
    for name, prefix in (("pos_ewt", "en_ewt_X_ud"), ("pos_gum_open", "en_gum_open")):
        zipped(folder / f"{name}.zip", **{f"{prefix}_X_{part}__conllu": conllu(random) for part in ("train", "dev", "test")})
    return folder.parent


@pytest.fixture(scope="module")
def trained(data: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-c", SCRIPT, str(data)], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600, check=False)


def test_the_whole_training_runs_on_a_handful_of_essays(trained: subprocess.CompletedProcess[str]) -> None:
    assert trained.returncode == 0, trained.stderr[-3000:]
    assert f"the whole training ran on {ESSAYS} essays" in trained.stderr
    assert "Mean accuracy over the five traits" in trained.stdout


def test_onnx_and_keras_give_the_same_logits(trained: subprocess.CompletedProcess[str]) -> None:
    line = next(line for line in trained.stdout.splitlines() if line.startswith("DIFFERENCE"))
    assert float(line.split()[1]) < 1e-4
    assert line.endswith("(3, 5)")
    lines = [line for line in trained.stdout.splitlines() if line.startswith("EMOTIONS")]
    assert all(float(line.split()[1]) < 1e-4 for line in lines)
    assert lines[0].endswith("(3, 7)") and lines[1].endswith(f"(3, {VECTOR_SIZE})")


def test_the_emotion_network_learns_from_a_teacher_too(trained: subprocess.CompletedProcess[str]) -> None:
    line = next(line for line in trained.stdout.splitlines() if line.startswith("TAUGHT"))
    assert 60 < int(line.split()[1]) <= 120
    assert line.endswith(f"(2, {VECTOR_SIZE})")
    assert "emotions: 22 sentences with a teacher's vector" in trained.stdout


def test_the_network_of_the_original_is_measured_in_our_folds(trained: subprocess.CompletedProcess[str]) -> None:
    line = next(line for line in trained.stdout.splitlines() if line.startswith("ORIGINAL"))
    _, essays, beside_one, first, second, written = line.split()
    assert 0 < int(essays) < ESSAYS
    assert float(beside_one) < 1e-5
    assert (first, second, written) == ("5", "0", "True")


def test_the_shipped_folder_is_left_alone_by_a_smoke_run(trained: subprocess.CompletedProcess[str]) -> None:
    manifest = json.loads((ROOT / "models" / "text" / "manifest.json").read_text(encoding="utf-8"))
    rows = {entry["name"]: entry["rows"] for entry in manifest["data"]}
    assert rows["essays_given.csv.gz"] == 1973
