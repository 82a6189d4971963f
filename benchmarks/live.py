"""``python -m benchmarks.live``: the live page under load, with the load generator on the same machine.

A real clip is played through a WebSocket client by 1, 2, 4 and 8 visitors, and through a real Chromium by one. The clients behave as
the page does: a picture every 40 ms, at most two on their way, the sound in tenths of a second.
"""

from __future__ import annotations

import argparse
import http.cookiejar
import json
import multiprocessing
import re
import sys
import threading
import time
import urllib.request
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
import psutil
from simple_websocket import Client

from benchmarks import camera, machine
from benchmarks.server import Server, serving
from core import media
from core.documents import markdown_table
from interview.live_messages import PICTURE, SOUND, SOUND_RATE, packed

RESULTS = Path(__file__).resolve().parent / "live.json"
WIDTH, HEIGHT, FPS = camera.WIDTH, camera.HEIGHT, 25
CLIP_SECONDS = 6.0
JPEG_QUALITY = 80  # as the page sends
ON_THE_WAY = 2
SOUND_SECONDS = 0.1
WARM_SECONDS, SECONDS = 3.0, 8.0
VISITORS = (1, 2, 4, 8)
PATIENCE_SECONDS = 120.0
SAMPLE_SECONDS = 0.5
BATCHES = (1, 4, 8)
BATCH_RUNS = 40
COLUMNS = ("visitors", "pictures a second for each (the slowest)", "delay, median (ms)", "delay, 95th percentile (ms)", "CPU (cores)", "memory (MB)")
BROWSER = "1, in Chromium (camera to drawn)"


def pictures(clip: Path = camera.FACE) -> list[bytes]:
    """Return the first seconds of a clip as JPEGs of 640 × 480, bars above and below."""
    found: list[bytes] = []
    for t, picture in media.frames(clip):
        if t > CLIP_SECONDS:
            return found
        scale = min(WIDTH / picture.shape[1], HEIGHT / picture.shape[0])
        inside = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        top, left = (HEIGHT - inside.shape[0]) // 2, (WIDTH - inside.shape[1]) // 2
        bottom, right = HEIGHT - inside.shape[0] - top, WIDTH - inside.shape[1] - left
        whole = cv2.cvtColor(cv2.copyMakeBorder(inside, top, bottom, left, right, cv2.BORDER_CONSTANT), cv2.COLOR_RGB2BGR)
        found.append(cv2.imencode(".jpg", whole, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes())
    return found


def sounds(clip: Path = camera.VOICE) -> list[bytes]:
    """Return the sound of a clip in tenths of a second, 16-bit at 16 kHz."""
    samples = (np.concatenate(list(media.sound(clip))).clip(-1, 1) * 32767).astype("<i2")
    length = int(SOUND_RATE * SOUND_SECONDS)
    return [samples[i : i + length].tobytes() for i in range(0, len(samples) - length, length)]


def visitor(address: str) -> Client:
    """Agree as a new visitor, and return their socket when the server is ready for pictures."""
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = opener.open(f"{address}/live").read().decode()
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert token is not None
    headers = {"Content-Type": "application/json", "X-CSRFToken": token[1]}
    opener.open(urllib.request.Request(f"{address}/live/consent", b'{"consent": true}', headers, method="POST"))
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
    host = address.removeprefix("http://").rsplit(":", 1)[0]  # this client names no port
    ends = time.monotonic() + PATIENCE_SECONDS
    while True:
        socket = Client.connect(f"{address.replace('http', 'ws', 1)}/live/socket", headers={"Cookie": cookies, "Origin": f"http://{host}"})
        try:
            socket.send(json.dumps({"type": "hello", "tab": "1"}))
            if json.loads(socket.receive(PATIENCE_SECONDS) or "{}").get("type") == "ready":
                return socket
        except Exception:
            if time.monotonic() > ends:
                raise
            time.sleep(0.5)  # the live process is still starting


def play(socket: Client, seconds: float, shown: list[bytes], heard: list[bytes], delays: list[tuple[float, float]]) -> None:
    """Play pictures and sound for so long; write ``(time, milliseconds)`` of each answer to ``delays``."""
    sent: dict[int, float] = {}
    began, number, due, sound_due = time.monotonic(), 0, 0.0, 0.0
    picture, piece = cycle(shown), cycle(heard)
    while (now := time.monotonic() - began) < seconds:
        if now >= sound_due:
            number, sound_due = number + 1, sound_due + SOUND_SECONDS
            socket.send(packed(SOUND, number, now, next(piece)))
        if now >= due:
            due += 1 / FPS
            data = next(picture)
            if len(sent) < ON_THE_WAY:
                number += 1
                sent[number] = time.monotonic()
                socket.send(packed(PICTURE, number, now, data))
        left = min(due, sound_due) - (time.monotonic() - began)
        answer = socket.receive(timeout=max(0.0005, left))
        if answer is not None:
            said = json.loads(answer)
            if said["type"] == "seen":
                at = time.monotonic()
                delays.append((at - began, 1000 * (at - sent.pop(said["n"]))))


def crowd(address: str, count: int, seconds: float) -> list[list[tuple[float, float]]]:
    """Play as several visitors at once, from a process of its own."""
    shown, heard = pictures(), sounds()
    sockets = [visitor(address) for _ in range(count)]
    delays: list[list[tuple[float, float]]] = [[] for _ in sockets]
    threads = [threading.Thread(target=play, args=(socket, seconds, shown, heard, own)) for socket, own in zip(sockets, delays, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for socket in sockets:
        socket.close()
    return delays


def chromium(address: str, seconds: float) -> list[list[tuple[float, float]]]:
    """Be one visitor with a real browser whose camera and microphone play the clips; ``(time, milliseconds)`` from camera to drawn."""
    from playwright.sync_api import sync_playwright

    with TemporaryDirectory() as folder, sync_playwright() as playing:
        browser = playing.chromium.launch(executable_path=camera.chromium(), args=camera.flags(Path(folder)))
        page = browser.new_page(base_url=address)
        page.goto("/live")
        page.check("#agree")
        page.evaluate("""() => { window.found = [];
            document.querySelector('[data-live]').addEventListener('live:seen', ({ detail }) => window.found.push([performance.now() / 1000, detail.delay])) }""")
        page.click("[data-part=start]")
        ends = time.monotonic() + PATIENCE_SECONDS
        while not page.evaluate("window.found.length") and time.monotonic() < ends:
            page.wait_for_timeout(100)
        page.wait_for_timeout(1000 * seconds)
        found = page.evaluate("window.found")
        browser.close()
    return [[(t - found[0][0], delay) for t, delay in found]]


def measured(server: Server, count: int | None) -> list[str | int]:
    """Return a row of the table: ``count`` visitors by WebSocket client, ``None`` for one in Chromium."""
    while not (live := [process for process in psutil.Process(server.pid).children() if "live" in process.cmdline()]):
        time.sleep(0.1)
    processes = [psutil.Process(server.pid), *psutil.Process(server.pid).children(recursive=True)]
    seconds = WARM_SECONDS + SECONDS
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        working = pool.apply_async(crowd, (server.address, count, seconds)) if count else pool.apply_async(chromium, (server.address, seconds))
        used = [(time.monotonic(), _seconds_of(processes))]
        while not working.ready():
            working.wait(SAMPLE_SECONDS)
            used.append((time.monotonic(), _seconds_of(processes)))
        found = working.get()
    each = [[delay for t, delay in own if t > WARM_SECONDS] for own in found]
    delays = np.concatenate([np.array(own) for own in each])
    rate = min(len(own) for own in each) / SECONDS
    median, late = np.percentile(delays, (50, 95))
    # The busiest stretch of that length: while pictures were played, and not while the clients got ready.
    cores = max((b - a) / (end - begin) for begin, a in used for end, b in used if end - begin >= SECONDS - 2 * SAMPLE_SECONDS)
    memory = live[0].memory_info().rss / 2**20
    return [str(count or BROWSER), f"{rate:.1f}", round(median), round(late), f"{cores:.2f}", round(memory)]


def _seconds_of(processes: list[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def batches() -> dict[str, float]:
    """Return the milliseconds a face that the network takes for batches of several sizes, in one thread."""
    from core.engine import load
    from video.predict import FOLDER

    network, found = load(FOLDER, "face"), {}
    shape = [48, 48, 1]
    for size in BATCHES:
        faces = np.random.default_rng(0).standard_normal((size, *shape)).astype(np.float32)
        network({"face": faces})
        began = time.perf_counter()
        for _ in range(BATCH_RUNS):
            network({"face": faces})
        found[str(size)] = round(1000 * (time.perf_counter() - began) / BATCH_RUNS / size, 2)
    return found


def main(arguments: list[str] | None = None) -> int:
    """Measure, print a table and the machine, and write ``live.json``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live", description=__doc__)
    parser.add_argument("--visitors", type=int, nargs="*", default=list(VISITORS), help="how many at once, by WebSocket client")
    parser.add_argument("--no-browser", action="store_true", help="leave Chromium out")
    options = parser.parse_args(arguments)
    where = machine.describe()
    rows = []
    with TemporaryDirectory() as folder, serving(Path(folder) / "instance", LIVE_VISITORS=str(max(VISITORS)), RATE_LIMIT="1000 per minute") as server:
        visitor(server.address).close()  # when it is ready, the networks are loaded
        for count in [*options.visitors, *([] if options.no_browser else [None])]:
            print(f"measuring {count or BROWSER} …", file=sys.stderr)
            rows.append(measured(server, count))
            print(rows[-1], file=sys.stderr)
    per_face = batches()
    print(f"{markdown_table(COLUMNS, rows)}\n{where}\nmilliseconds a face in batches: {per_face}")
    if not arguments and options.visitors == list(VISITORS) and not options.no_browser:
        document = {"machine": where, "columns": list(COLUMNS), "rows": rows, "ms_per_face_by_batch": per_face}
        RESULTS.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
