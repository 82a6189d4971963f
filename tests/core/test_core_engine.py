"""Networks are loaded only from files that the manifest names, whole and unchanged."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from core import engine
from core.manifest import ModelError, checked, read_manifest, sha256_of, write_manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model folder with a graph that doubles its input."""
    shape = ["n", 3]
    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "x"], ["y"])],
        "double",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), tmp_path / "double.onnx")
    data = [{"name": "none", "rows": 0, "sha256": "0" * 64}]
    write_manifest(tmp_path, "2026.1", ["double.onnx"], data, seed=7, classes=["a"], temperature=1.5)
    return tmp_path


def test_a_network_runs_and_is_loaded_once(folder: Path) -> None:
    network = engine.load(folder, "double", "onnx")
    assert np.array_equal(network({"x": np.array([[1, 2, 3]], np.float32)})[0], [[2, 4, 6]])
    assert engine.load(folder, "double", "onnx") is network


def test_the_manifest_says_what_the_weights_are(folder: Path) -> None:
    manifest = read_manifest(folder)
    path = folder / "double.onnx"
    assert manifest["files"]["double.onnx"] == {"sha256": sha256_of(path), "bytes": path.stat().st_size}
    assert (manifest["version"], manifest["seed"], manifest["temperature"]) == ("2026.1", 7, 1.5)
    assert manifest["packages"]["numpy"] == np.__version__


def test_a_changed_file_is_refused_by_name(folder: Path) -> None:
    path = folder / "double.onnx"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match="double.onnx is not the file"):
        engine.load(folder, "double", "onnx")


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "double.onnx").unlink()
    with pytest.raises(ModelError, match="double.onnx is missing"):
        checked(folder, "double.onnx")


def test_a_file_outside_the_manifest_is_answered_with_the_known_ones(folder: Path) -> None:
    with pytest.raises(ModelError, match=r"face.onnx is not named in manifest.json; it names double.onnx"):
        engine.load(folder, "face", "onnx")


def test_a_folder_without_manifest_has_not_been_trained(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="has not been trained"):
        engine.load(tmp_path, "face", "onnx")


def test_an_unknown_engine_is_answered_with_the_known_ones(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGINE", "torch")
    with pytest.raises(ModelError, match="'torch'; it can be onnx or keras"):
        engine.load(folder, "double")


@pytest.mark.parametrize("modality", ["text", "audio", "video"])
def test_the_shipped_weights_are_those_of_their_manifest(modality: str) -> None:
    shipped = Path(engine.__file__).parent.parent / "models" / modality
    manifest = read_manifest(shipped)
    assert any(name.endswith(".onnx") for name in manifest["files"])
    assert any(name.endswith(".keras") for name in manifest["files"])
    for name, facts in manifest["files"].items():
        assert checked(shipped, name).stat().st_size == facts["bytes"]
    for fact in ("input_shape", "normalisation", "temperature", "thresholds", "seed", "data", "packages"):
        assert manifest[fact] not in (None, "", []), fact
    figures = json.loads((shipped / "metrics.json").read_text(encoding="utf-8"))["figures"]
    assert figures
    assert all(figure["low"] <= figure["value"] <= figure["high"] and figure["n"] > 0 and figure["protocol"] for figure in figures.values())
