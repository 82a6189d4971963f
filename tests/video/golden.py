"""The whole way of one public-domain picture, kept as numbers: ``python -m tests.video.golden`` writes ``golden.json`` anew.

It is made again only with new weights or when the way itself is meant to give something else; ``test_video_golden`` holds the
way to it within the tolerances below.
"""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import av
import cv2
import numpy as np

from core.manifest import read_manifest
from video.predict import FOLDER, analyze

HERE = Path(__file__).resolve().parent
GOLDEN = HERE / "golden.json"
PICTURE = HERE.parent / "data" / "p03_obama.jpg"  # official White House photo, public domain
FRAMES, FPS, STEP = 60, 25, 2  # the picture moves by so many pixels a frame
KEPT_FRAMES = (0, 15, 30, 45, 59)

# Another processor rounds differently, and the detector's box may then fall on the next cell.
BOX_PIXELS, LANDMARK_PIXELS, PROBABILITY, FACT_SHARE = 12, 3.0, 0.03, 0.05


def film(target: Path) -> Path:
    """Write the picture as a video of 2.4 s, without loss, in which it moves to the right."""
    picture = cv2.imread(str(PICTURE))
    with av.open(str(target), "w") as container:
        stream = container.add_stream("ffv1", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = picture.shape[1], picture.shape[0], "yuv420p"
        for i in range(FRAMES):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(np.roll(picture, STEP * i, axis=1)), format="bgr24")))
        container.mux(stream.encode(None))
    return target


def seen() -> dict[str, Any]:
    """Return what the pipeline sees in the film."""
    with TemporaryDirectory() as folder:
        analysis = analyze(film(Path(folder) / "golden.mkv"))
    frame = analysis.key_frames[0]
    return {
        "weights": read_manifest(FOLDER)["files"]["face.onnx"]["sha256"],
        "moments": [
            {"t": moment.t, "box": moment.box, "raw": moment.raw, "p": moment.p, "label": moment.label}
            for moment in (analysis.timeline[i] for i in KEPT_FRAMES)
        ],
        "key_frame": {"t": frame.t, "landmarks": frame.landmarks, "frame": frame.frame, "places": frame.places, "places_for": frame.places_for},
        "facts": {name: fact.value for name, fact in analysis.facts.items()},
        "shares": analysis.shares,
        "most_frequent": analysis.most_frequent,
        "coverage": analysis.coverage,
    }


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(seen(), indent=1) + "\n", encoding="utf-8")
    print(f"{GOLDEN.name} written")
