import csv
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.analysis import CLASSES
from core.manifest import ModelError, checked, read_manifest
from core.media import frames
from core.metrics import confusion, macro_f1
from video.data import VOTES, Faces, cleaned, read_fer, standing_in, vote_shares
from video.predict import FOLDER

ROOT = Path(__file__).resolve().parent.parent.parent
ROWS, SHEET = 300, 100

PARITY = """
import numpy as np
from core.engine import load
from video.features import normalised
from video.predict import FOLDER
faces = np.random.default_rng(0).integers(0, 256, (16, 48, 48), np.uint8)
outputs = [load(FOLDER, "face", engine)({"face": normalised(faces)}) for engine in ("onnx", "keras")]
assert [a.shape for a in outputs[0]] == [(16, 7), (16, 3, 3, 7)]
assert np.allclose(outputs[0][1].mean(axis=(1, 2)), outputs[0][0], atol=1e-4)
print(max(float(np.abs(a - b).max()) for a, b in zip(*outputs, strict=True)))
"""


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, check=False, capture_output=True, text=True, env={**os.environ, **environment}, timeout=240)


@pytest.fixture(scope="module")
def small_fer(tmp_path_factory) -> Path:
    """Make a zip in the form of FER2013's from random pictures: two copies, a conflict, a flat picture and a non-face among them."""
    random = np.random.default_rng(0)
    pictures = random.integers(0, 256, (ROWS, 48, 48), np.uint8)
    labels, votes = random.integers(0, 7, ROWS), random.integers(0, 2, (ROWS, len(VOTES)))
    pictures[1], labels[1] = pictures[0], labels[0]
    pictures[3], labels[3] = pictures[2], (labels[2] + 1) % 7
    pictures[4] = 128
    votes[5, VOTES.index("NF")] = 5
    pictures[ROWS - 1] = pictures[6]
    path = tmp_path_factory.mktemp("fer") / "fer.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(0, ROWS, SHEET):
            archive.writestr(
                f"pics_{i // SHEET:03}.webp", cv2.imencode(".webp", pictures[i : i + SHEET].reshape(-1, 48), [cv2.IMWRITE_WEBP_QUALITY, 101])[1].tobytes()
            )
        lines = ["id,usage,label,pic,ferplus_name," + ",".join(f"fp_{name}" for name in VOTES)]
        lines += [f"{i + 1000},{'Training' if i < 200 else 'PublicTest'},{labels[i]},{i},x," + ",".join(map(str, votes[i])) for i in range(ROWS)]
        archive.writestr("index.csv", "\n".join(lines) + "\n")
    return path


def test_fer_is_read_and_cleaned(small_fer):
    faces = read_fer(small_fer)
    assert faces.pictures.shape == (ROWS, 48, 48) and faces.ids[0] == 1000
    training, public = faces.part("Training"), faces.part("PublicTest")
    kept = cleaned(training)
    assert len(training) - len(kept) == 5
    assert 1000 in kept.ids and not set(kept.ids) & {1001, 1002, 1003, 1004, 1005}
    assert list(np.flatnonzero(standing_in(public, training))) == [len(public) - 1]


def test_vote_shares_leave_out_what_is_none_of_the_seven():
    votes = np.zeros((2, 10), int)
    votes[0, VOTES.index("happiness")], votes[0, VOTES.index("neutral")], votes[0, VOTES.index("contempt")] = 6, 2, 2
    faces = Faces(np.zeros((2, 48, 48), np.uint8), np.array([3, 0]), np.array(["Training"] * 2), np.arange(2), votes)
    shares = vote_shares(faces)
    assert shares[0, CLASSES.index("happy")] == pytest.approx(0.75) and shares[0, CLASSES.index("neutral")] == pytest.approx(0.25)
    assert shares[1].tolist() == [0] * 7


def test_smoke_training_goes_the_whole_road(small_fer, tmp_path):
    done = run("-m", "video", "train", "--smoke", "--data", str(small_fer), "--out", str(tmp_path / "model"))
    assert done.returncode == 0, done.stderr[-2000:]
    manifest = read_manifest(tmp_path / "model")
    for name in ("face.keras", "face.onnx"):
        assert checked(tmp_path / "model", name).is_file()
    assert manifest["classes"] == list(CLASSES) and manifest["parity"] < 1e-4
    figures = json.loads((tmp_path / "model" / "metrics.json").read_text())["figures"]
    assert 0 <= figures["accuracy"]["low"] <= figures["accuracy"]["value"] <= figures["accuracy"]["high"] <= 1


def test_onnx_and_keras_agree():
    done = run("-c", PARITY, TF_CPP_MIN_LOG_LEVEL="3")
    assert done.returncode == 0, done.stderr[-2000:]
    assert float(done.stdout.split()[-1]) < 1e-4


def test_the_weights_are_those_of_the_manifest_and_others_are_refused(tmp_path):
    for name in ("face.onnx", "face.keras"):
        assert checked(FOLDER, name).is_file()
        data = bytearray((FOLDER / name).read_bytes())
        data[len(data) // 2] ^= 1
        (tmp_path / name).write_bytes(data)
    (tmp_path / "manifest.json").write_bytes((FOLDER / "manifest.json").read_bytes())
    with pytest.raises(ModelError, match="face.onnx"):
        checked(tmp_path, "face.onnx")


def test_the_figures_follow_from_the_confusion_table():
    metrics = json.loads((FOLDER / "metrics.json").read_text())
    counts = np.array([row[1:] for row in metrics["tables"]["confusion"]["rows"]])
    figures = metrics["figures"]
    assert figures["accuracy"]["value"] == pytest.approx(np.trace(counts) / counts.sum(), abs=1e-4)
    assert figures["macro_f1"]["value"] == pytest.approx(macro_f1(counts), abs=1e-4)
    assert counts.sum() == figures["accuracy"]["n"] == 3589
    assert figures["accuracy"]["value"] > counts.sum(axis=1).max() / counts.sum() + 0.2


def test_confusion_has_labels_in_rows():
    assert confusion(np.array([0, 0]), np.array([1, 0]), 2).tolist() == [[1, 1], [0, 0]]


def test_predicting_does_not_import_tensorflow():
    done = run(
        "-c", "import sys, video.predict as p; p.warm(); print(sorted({'tensorflow', 'keras', 'librosa', 'face_recognition_models'} & set(sys.modules)))"
    )
    assert done.stdout.strip() == "[]", done.stderr[-2000:]


def test_predict_faces_reads_a_zip_like_fer_and_a_folder(small_fer, tmp_path, clips):
    target = tmp_path / "out.csv"
    assert run("-m", "video", "predict-faces", str(small_fer), "--csv", str(target)).returncode == 0
    with target.open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == ROWS and rows[0]["id"] == "1000"
    assert list(rows[0]) == ["id", "label", "confidence", *CLASSES]
    for row in rows:
        assert sum(float(row[name]) for name in CLASSES) == pytest.approx(1, abs=1e-4)
        assert max(CLASSES, key=lambda name: float(row[name])) == row["label"]
        assert float(row["confidence"]) == pytest.approx(float(row[row["label"]]), abs=1e-4)
    folder = tmp_path / "faces"
    (folder / "more").mkdir(parents=True)
    picture = read_fer(small_fer).pictures[7]
    cv2.imwrite(str(folder / "b.png"), picture)
    (folder / "more" / "a.jpg").write_bytes((clips / "p03_obama.jpg").read_bytes())
    assert run("-m", "video", "predict-faces", str(folder), "--csv", str(target)).returncode == 0
    with target.open() as file:
        named = {row["id"]: row for row in csv.DictReader(file)}
    assert set(named) == {"b.png", "more/a.jpg"}
    assert float(named["b.png"]["confidence"]) == pytest.approx(float(rows[7]["confidence"]), abs=1e-3)


def test_predict_faces_keeps_the_row_of_a_damaged_picture(tmp_path, clips):
    folder, target = tmp_path / "faces", tmp_path / "out.csv"
    folder.mkdir()
    (folder / "a.jpg").write_bytes((clips / "p03_obama.jpg").read_bytes())
    (folder / "b.png").write_bytes((clips / "bad" / "x09_png_60000x60000.png").read_bytes())
    done = run("-m", "video", "predict-faces", str(folder), "--csv", str(target))
    assert (done.returncode, "b.png is damaged" in done.stderr) == (1, True)
    with target.open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["id"], bool(row["label"])) for row in rows] == [("a.jpg", True), ("b.png", False)]


def test_predict_faces_needs_no_labels(small_fer, tmp_path):
    bare, target = tmp_path / "bare.zip", tmp_path / "out.csv"
    with zipfile.ZipFile(small_fer) as source, zipfile.ZipFile(bare, "w") as copy:
        for name in source.namelist():
            if name.endswith(".webp"):
                copy.writestr(name, source.read(name))
        copy.writestr("index.csv", "id,pic\n5,1\n6,0\n")
    assert run("-m", "video", "predict-faces", str(bare), "--csv", str(target)).returncode == 0
    with target.open() as file:
        assert [row["id"] for row in csv.DictReader(file)] == ["5", "6"]


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["predict", "tests/data/pyfeat_no_face.mp4"], 1, "No face"),
        (["predict", "tests/data/nothing.mp4"], 1, "nothing.mp4"),
        (["predict-faces", "tests/data/clips.csv", "--csv", "unused.csv"], 1, "neither a folder nor a zip"),
        (["predict-faces", "tests/video", "--csv", "unused.csv"], 1, "no pictures"),
        (["explain", "tests/data/v05_grid_man_3s.mpg", "--at", "30", "--png", "unused.png"], 1, "ends before"),
        (["dance"], 2, "dance"),
    ],
)
def test_commands_answer_bad_input_with_a_sentence(arguments, status, words, tmp_path):
    given = [str(tmp_path / a) if a.startswith("unused") else a for a in arguments]
    done = run("-m", "video", *given)
    assert done.returncode == status
    assert words in done.stderr and "Traceback" not in done.stderr
    assert done.stdout == ""


def test_json_is_all_there_is_on_stdout():
    done = run("-m", "video", "predict", "tests/data/v05_grid_man_3s.mpg", "--json")
    assert json.loads(done.stdout)["modality"] == "video"


def test_explain_writes_the_frame_with_a_map_over_the_face(tmp_path):
    target = tmp_path / "map.png"
    done = run("-m", "video", "explain", "tests/data/v05_grid_man_3s.mpg", "--at", "1", "--png", str(target))
    assert done.returncode == 0, done.stderr
    shown = cv2.imread(str(target))
    assert shown.shape == (288, 360, 3)
    plain = cv2.cvtColor(next(picture for t, picture in frames(ROOT / "tests/data/v05_grid_man_3s.mpg") if t >= 1), cv2.COLOR_RGB2BGR)
    changed = (shown != plain).any(axis=2)
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    assert 80 < rows[-1] - rows[0] < 200 and 80 < columns[-1] - columns[0] < 200
    assert changed[rows[0] : rows[-1], columns[0] : columns[-1]].mean() > 0.95
