"""The arrows of the house: who may import whom, and what the web process never loads."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODALITIES = {"text", "audio", "video"}
HEAVY = ("tensorflow", "keras", "librosa", "onnxruntime", "cv2", "dlib", "numba", "nltk", "gensim", "altair")


def imports(path):
    """Yield each import of a file as ``(first part of the name, whether it stands inside a function)``."""
    tree = ast.parse(path.read_text())
    inside = {id(node) for f in ast.walk(tree) if isinstance(f, (ast.FunctionDef, ast.AsyncFunctionDef)) for node in ast.walk(f)}
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        yield from ((name.split(".")[0], id(node) in inside) for name in names)


@pytest.mark.parametrize("package", sorted(MODALITIES))
def test_a_modality_imports_the_core_and_no_other_room(package):
    for path in (ROOT / package).glob("*.py"):
        wrong = {name for name, _ in imports(path)} & ({*MODALITIES, "interview", "app"} - {package})
        assert not wrong, f"{path.name} imports {wrong}"


def test_the_core_imports_no_room():
    for path in (ROOT / "core").glob("*.py"):
        wrong = {name for name, _ in imports(path)} & {*MODALITIES, "interview", "app"}
        assert not wrong, f"{path.name} imports {wrong}"


def test_the_application_imports_modalities_only_in_the_dispatcher_inside_functions():
    for path in [*(ROOT / "interview").glob("*.py"), ROOT / "app.py"]:
        for name, is_inside in imports(path):
            if name in MODALITIES:
                assert path.name == "dispatch.py", f"{path.name} imports {name}"
                assert is_inside, f"{path.name} imports {name} at its top"


def test_the_web_process_loads_no_network_and_nothing_that_networks_need(tmp_path):
    code = f"""
import sys
from app import create_app
from interview.database import upgrade
app = create_app({{"INSTANCE": {str(tmp_path)!r}}})
upgrade(app)
client = app.test_client()
assert client.get("/healthz").status_code == 200
assert client.get("/interviews/video").status_code == 200
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_serving_a_network_leaves_nothing_at_home_and_reports_to_nobody(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    code = """
from core.engine import OnnxNetwork
from core.manifest import MODELS
OnnxNetwork(MODELS / "video" / "face.onnx", 1)
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "HOME": str(home)}, check=True)
    assert list(home.rglob("*")) == []
