"""``python -m benchmarks.product``: a five-minute interview end to end, through the running application.

A visitor begins a ready-made interview and answers three questions: in writing, by voice (two and a half minutes), and on camera (two
and a half minutes, 640 × 480). All of it is real recordings, one after the other. The clock runs from the first answer that is sent
until the results of all three and the page of the whole interview are there.
"""

from __future__ import annotations

import json
import re
import sys
import threading
import time
import wave
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
import psutil
import requests

from benchmarks import answers, machine
from benchmarks.server import Server, serving
from core import media
from core.documents import markdown_table

RESULTS = Path(__file__).resolve().parent / "product.json"
SECONDS = 150  # of the voice, and of the video
TEXT_CHARACTERS = 2_000  # as somebody types in a minute or two
PATIENCE_SECONDS = 1800.0
POLL_SECONDS = 0.25
REQUEST_SECONDS = 300.0
COLUMNS = ("what", "value")


class Visitor:
    """Go through the application as a browser without JavaScript would."""

    def __init__(self, address: str) -> None:
        self.address, self.session = address, requests.Session()
        self.session.headers["Accept-Language"] = "en"

    def get(self, path: str) -> requests.Response:
        """Return a page; an error page is an error."""
        answer = self.session.get(self.address + path, timeout=REQUEST_SECONDS)
        answer.raise_for_status()
        return answer

    def post(self, path: str, form: dict[str, str], file: Path | None = None) -> str:
        """Send a form, with a file where there is one, and return the path that it leads to."""
        token = re.search(r'name="csrf-token" content="([^"]+)"', self.get("/").text)
        assert token is not None
        if file is None:
            answer = self.session.post(self.address + path, data={**form, "csrf_token": token[1]}, allow_redirects=False, timeout=REQUEST_SECONDS)
        else:
            with file.open("rb") as stream:
                files = {"recording": (file.name, stream)}
                told = {**form, "csrf_token": token[1]}
                answer = self.session.post(self.address + path, data=told, files=files, allow_redirects=False, timeout=REQUEST_SECONDS)
        if answer.status_code != 303:
            raise RuntimeError(f"{path} answered {answer.status_code}: {answer.text[:500]}")
        return answer.headers["Location"].removeprefix(self.address)


class Meter:
    """Watch the processes of a server: their memory at its largest, and their processor time."""

    def __init__(self, server: Server) -> None:
        self.parent, self.peak, self._stop = psutil.Process(server.pid), 0.0, threading.Event()
        self._times: dict[int, float] = {}
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._sample()
        self._before = self.processor
        self._thread.start()

    @property
    def processor(self) -> float:
        """Return the seconds of processor time of all processes so far, those that have ended among them."""
        return sum(self._times.values())

    def end(self) -> float:
        """Stop watching and return the processor time since the beginning."""
        self._stop.set()
        self._thread.join()
        self._sample()
        return self.processor - self._before

    def _watch(self) -> None:
        while not self._stop.wait(POLL_SECONDS):
            self._sample()

    def _sample(self) -> None:
        memory = 0.0
        for process in [self.parent, *self.parent.children(recursive=True)]:
            try:
                spent = process.cpu_times()
                memory += process.memory_info().rss / 2**20
            except psutil.NoSuchProcess:
                continue
            self._times[process.pid] = spent.user + spent.system
        self.peak = max(self.peak, memory)


def voice(target: Path) -> Path:
    """Write speech by several readers, one after the other, as WAV at 16 kHz."""
    blocks = [block for clip in answers.VOICES for block in media.sound(answers.CLIPS / clip)]
    samples = np.concatenate(blocks)
    samples = np.tile(samples, int(SECONDS * media.SOUND_RATE / len(samples)) + 1)[: SECONDS * media.SOUND_RATE]
    with wave.open(str(target), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(media.SOUND_RATE)
        file.writeframes((samples.clip(-1, 1) * answers.FULL_SCALE).astype("<i2").tobytes())
    return target


def video(folder: Path) -> Path:
    """Write the clip of a webcam again and again with a voice, the pictures' packets unchanged, as MP4."""
    clip, sound, target = answers.webcam(folder / "webcam.mp4"), voice(folder / "sound.wav"), folder / "video.mp4"
    seconds = media.probe(clip).seconds or 0.0
    with av.open(str(target), "w") as copy, av.open(str(sound)) as heard:
        with av.open(str(clip)) as first:
            pictures = copy.add_stream_from_template(first.streams.video[0])
        spoken = copy.add_stream("aac", rate=media.SOUND_RATE, layout="mono")
        for frame in heard.decode(audio=0):
            copy.mux(spoken.encode(frame))
        copy.mux(spoken.encode(None))
        for turn in range(int(SECONDS // seconds)):
            with av.open(str(clip)) as source:
                for packet in source.demux(video=0):
                    if packet.dts is None or packet.pts is None:
                        continue
                    shift = round(turn * seconds / float(packet.time_base))
                    packet.pts, packet.dts, packet.stream = packet.pts + shift, packet.dts + shift, pictures
                    copy.mux(packet)
    return target


def text() -> str:
    """Return an answer as somebody would type it, to the end of a sentence."""
    whole = answers.TEXT.read_text(encoding="utf-8")[:TEXT_CHARACTERS]
    return whole[: whole.rfind(".") + 1]


def interview(visitor: Visitor, spoken: Path, filmed: Path) -> dict[str, float]:
    """Answer three questions and wait for everything; return the seconds from the first answer to each result and to the whole page."""
    sitting = visitor.post("/sittings", {"set": "first"})
    began, found = time.perf_counter(), dict[str, float]()
    for number, (kind, form, file) in enumerate((("text", {"text": text()}, None), ("audio", {}, spoken), ("video", {}, filmed)), start=1):
        visitor.post(f"{sitting}/questions/{number}", {"kind": kind, "consent": "on", **form}, file)
    found["all three are sent"] = time.perf_counter() - began
    waiting = dict(zip(("text", "voice", "video"), dict.fromkeys(re.findall(r'href="(/answers/[\w-]+)"', visitor.get(sitting).text)), strict=True))
    while waiting:
        for name, address in list(waiting.items()):
            state = visitor.get(f"{address}/progress").json()
            if state["state"] == "failed" or time.perf_counter() - began > PATIENCE_SECONDS:
                raise RuntimeError(f"{name}: {state}")
            if state["state"] == "done":
                found[f"the result of the {name}"] = time.perf_counter() - began
                del waiting[name]
        time.sleep(POLL_SECONDS)
    assert "All answers side by side" in visitor.get(sitting).text, "the page of the whole interview shows no results"
    found["the page of the whole interview"] = time.perf_counter() - began
    return found


def measured() -> dict[str, object]:
    """Measure one interview in a server of its own and return the document that is written."""
    where = machine.describe()
    with TemporaryDirectory() as name:
        folder = Path(name)
        spoken, filmed = voice(folder / "voice.wav"), video(folder)
        length = sum((media.probe(path).seconds or 0.0) for path in (spoken, filmed))
        with serving(folder / "instance", ANSWER_SECONDS=str(SECONDS)) as server:
            visitor, meter = Visitor(server.address), Meter(server)
            found = interview(visitor, spoken, filmed)
            processor = meter.end()
    rows: list[list[str]] = [[f"until {what} (s)", f"{seconds:.1f}"] for what, seconds in found.items()]
    rows += [["processor time of all processes (s)", f"{processor:.1f}"], ["memory of all processes at its largest (MB)", f"{meter.peak:.0f}"]]
    return {"machine": where, "columns": list(COLUMNS), "rows": rows, "recorded_seconds": round(length, 1)}


def main() -> int:
    """Measure, print, and write ``product.json``."""
    document = measured()
    print(f"{markdown_table(document['columns'], document['rows'])}\n{document['machine']}")  # type: ignore[arg-type]
    RESULTS.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
