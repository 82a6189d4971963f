"""What the tests of the application share: a stand-in for the models, and visitors with their own cookies."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from pathlib import Path

from core.analysis import Analysis, Evidence, Fact, KeyFrame, ModelVersion, Moment, Source, Spectrogram, Trait, Word
from core.manifest import sha256_of

CLIPS = Path(__file__).resolve().parent.parent / "data"
TUS = {"Tus-Resumable": "1.0.0"}
PIECE = {**TUS, "Content-Type": "application/offset+octet-stream"}
QUESTION = "leadership-led"


def stand_in(path, kind, progress=None, name=None, pictures=None, baseline=()):
    """Answer as a modality does, without a network: the mechanics of jobs and pages are tested with it."""
    compared = "given" if [p for p in baseline if p.read_bytes()] else "answer"
    if progress:
        progress("Reading", 0.5)
    shares = {"angry": 0.0, "disgust": 0.0, "fear": 0.0, "happy": 0.5, "sad": 0.25, "surprise": 0.0, "neutral": 0.25, "unclear": 0.0}
    source = Source(name or path.name, sha256_of(path), seconds=4.0)
    if kind == "text":
        text = path.read_bytes().decode("utf-8", "replace")
        words = [Word(w, text.split().count(w), w) for w in dict.fromkeys(text.split())][:20]
        traits = {"openness": Trait(0.6, 0.5, 0.7, "weak"), "extraversion": Trait(0.7, 0.6, 0.8, "strong")}
        source = Source(name or path.name, sha256_of(path), words=len(text.split()))
        return Analysis("text", source, {"traits": ModelVersion("t", "0" * 64)}, text=text, language="en", words=words, traits=traits)
    p = [0.05, 0.05, 0.05, 0.6, 0.1, 0.05, 0.1]
    timeline = [Moment(t / 5, p, p, "happy") if t != 7 else Moment(t / 5, gap="no face") for t in range(20)]
    facts = {"blinks": Fact(2, "count", "d", "s", [0.4, 1.2])}
    analysis = Analysis(kind, source, timeline=timeline, shares=shares, most_frequent="happy", coverage=0.95, facts=facts)
    heard = Analysis("audio", source, timeline=timeline, shares=shares, most_frequent="happy", coverage=0.9, baseline=compared)
    if pictures is not None:
        (pictures / "spectrogram.jpg").write_bytes(b"\xff\xd8\xff picture of the sound of " + path.read_bytes()[:100])
        heard.spectrogram = Spectrogram("spectrogram.jpg", 128, 192, 4.0, 40.0, 8000.0, [Evidence(0.5, 1.5, "happy", 0.2)])
    if kind == "audio":
        return replace(analysis, baseline=heard.baseline, spectrogram=heard.spectrogram)
    analysis.parts["voice"] = heard
    if pictures is not None:
        (pictures / "frame-1.jpg").write_bytes(b"\xff\xd8\xff picture of " + path.read_bytes()[:100])
        analysis.key_frames = [KeyFrame(0.4, "happy", 0.6, [1, 2, 3, 4], picture="frame-1.jpg")]
    return analysis


class Visit:
    """A visitor with their own cookies."""

    def __init__(self, app):
        self.app = app
        self.client = app.test_client()

    def write(self, text="I led a small group towards a hard goal and we made it in the end", **fields):
        form = {"question": QUESTION, "consent": "on", "text": text, **fields}
        return self.client.post("/interviews/text", data=form)

    def upload(self, kind, path, name=None, **fields):
        field = "document" if kind == "text" else "recording"
        form = {"question": QUESTION, "consent": "on", field: (io.BytesIO(Path(path).read_bytes()), name or Path(path).name), **fields}
        return self.client.post(f"/interviews/{kind}", data=form, content_type="multipart/form-data")

    def begin(self, kind="audio", length=None, **told):
        told = {"kind": kind, "question": QUESTION, "consent": "on", **told}
        pairs = ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in told.items())
        sizes = {"Upload-Defer-Length": "1"} if length is None else {"Upload-Length": str(length)}
        return self.client.post("/recordings", headers={**TUS, **sizes, "Upload-Metadata": pairs})

    def send(self, address, offset, data, **headers):
        return self.client.patch(address, data=data, headers={**PIECE, "Upload-Offset": str(offset), **headers})

    def read_aloud(self, address, data):
        return self.client.put(f"{address}/baseline", data=data, headers={"Content-Type": "audio/webm"})

    def finish(self, address):
        return self.client.post(f"{address}/finish", json={})
