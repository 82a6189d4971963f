"""The inference engine: ONNX Runtime on the exported graph, or Keras on the file it was exported from.

The environment variable ``ENGINE`` chooses (``onnx``, the default, or ``keras``); ``THREADS`` sets the threads of one
network (1 by default: the workers are the parallelism). Both engines are given the same names and shapes.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from core.manifest import ModelError, checked

ENGINES = ("onnx", "keras")


class Network(Protocol):
    """Run a network: arrays by input name in, the list of its outputs out."""

    def __call__(self, inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]: ...


class OnnxNetwork:
    """Serve an ONNX graph through ONNX Runtime on the CPU."""

    def __init__(self, path: Path, threads: int) -> None:
        # Otherwise ONNX Runtime 1.32 reports its use to its maker over HTTPS and keeps a device id under the home folder.
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def __call__(self, inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        return self.session.run(None, dict(inputs))


class KerasNetwork:
    """Serve a ``.keras`` file, loaded in safe mode (no code is run from it)."""

    def __init__(self, path: Path) -> None:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        import keras

        self.model: Any = keras.saving.load_model(path, compile=False, safe_mode=True)

    def __call__(self, inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        names = [tensor.name for tensor in self.model.inputs]
        outputs = self.model([inputs[name] for name in names] if len(names) > 1 else inputs[names[0]], training=False)
        return [np.asarray(output) for output in (outputs if isinstance(outputs, (list, tuple)) else [outputs])]


def threads() -> int:
    """Return the threads that one network may use (``THREADS``)."""
    return max(1, int(os.environ.get("THREADS", "1")))


@cache
def load(folder: Path, name: str, engine: str | None = None) -> Network:
    """Load network ``name`` (``face`` → ``face.onnx`` or ``face.keras``) of a model folder, once in a process.

    Raises
    ------
    ModelError
        When ``engine`` is unknown, or the file is missing or differs from the manifest.
    """
    engine = engine or os.environ.get("ENGINE", "onnx")
    if engine not in ENGINES:
        raise ModelError(f"ENGINE is {engine!r}; it can be {' or '.join(ENGINES)}")
    path = checked(folder, f"{name}.{engine}")
    return OnnxNetwork(path, threads()) if engine == "onnx" else KerasNetwork(path)


def export_onnx(model: Any, path: Path) -> None:
    """Write a Keras model's ONNX export to ``path``; input names stay those of the Keras inputs."""
    model.export(path, format="onnx", verbose=False)
