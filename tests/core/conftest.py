from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

DATA = Path(__file__).resolve().parent.parent / "data"
TURN_90 = (0, 1 << 16, 0, (-1 << 16) & 0xFFFFFFFF, 0, 0, 0, 0, 1 << 30)  # the matrix of a phone held upright
MILLISECOND = Fraction(1, 1000)


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real clips; ``clips.csv`` in it says what each is."""
    return DATA


@pytest.fixture
def turned(tmp_path: Path) -> Path:
    """A clip whose pictures are stored lying and flagged with a quarter turn, as phones do."""
    content = bytearray((DATA / "v06_grid_woman_3s.mp4").read_bytes())
    header = content.index(b"tkhd")
    while not any(content[header + 4 + 76 : header + 4 + 84]):  # a sound track has no width and height
        header = content.index(b"tkhd", header + 1)
    matrix = b"".join(value.to_bytes(4, "big") for value in TURN_90)
    content[header + 4 + 40 : header + 4 + 76] = matrix
    path = tmp_path / "turned.mp4"
    path.write_bytes(content)
    return path


@pytest.fixture(params=[0.0, 7.5])
def uneven(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, list[float]]:
    """A clip whose frame rate varies and whose clock begins at 0 or later, and its frames' times since its beginning."""
    path, times = tmp_path / "uneven.webm", [0.0, 0.04, 0.08, 0.5, 0.54, 1.3, 2.0]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libvpx", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.time_base = MILLISECOND
        for t in times:
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 128, np.uint8), format="rgb24")
            frame.pts, frame.time_base = round((request.param + t) * 1000), MILLISECOND
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path, times
