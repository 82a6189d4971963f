"""Steps of a live visitor, and a stand-in for the process with the models."""

import json
import time

import pytest
from simple_websocket import Client, ConnectionClosed

from interview import live_process
from interview.live_messages import CUT, HEAD, PICTURE, RECORD, SOUND, packed

PATIENCE = 10  # seconds
JPEG = b"\xff\xd8 a picture"


class StandIn:
    """Answer as the live process does, without a network; a picture ``slow`` takes a while, ``bad`` is refused, ``die`` breaks it."""

    def close(self):
        pass

    def answer(self, message):
        kind, _, t = HEAD.unpack_from(message)
        if kind == RECORD:
            return {"type": "recording", "t": t}
        if kind == CUT:
            return {"type": "taken", "take": "what was seen"}
        piece = live_process.piece_of(message)
        if piece.kind == SOUND:
            return {"type": "heard", "n": piece.number, "moments": []} if len(piece.data) > 100 else None
        if piece.data == b"slow":
            time.sleep(0.4)
        if piece.data == b"die":
            raise OSError("gone")
        if piece.data == b"bad":
            return {"type": "refused", "n": piece.number, "reason": "no"}
        return {"type": "seen", "n": piece.number, "t": piece.t, "bytes": len(piece.data)}


class Person:
    """A visitor's browser: a cookie, and sockets."""

    def __init__(self, app, address, agrees=True):
        self.app, self.address, self.client = app, address, app.test_client()
        if agrees:
            assert self.client.post("/live/consent", json={"consent": True}).status_code == 201

    def socket(self, origin="http://127.0.0.1", headers=None):
        cookie = self.client.get_cookie("interview")
        sent = {"Origin": origin, **({"Cookie": f"interview={cookie.value}"} if cookie else {}), **(headers or {})}
        return Client.connect(f"ws://{self.address}/live/socket", headers={k: v for k, v in sent.items() if v})

    def greeting(self, tab="1", headers=None, **wish):
        ws = self.socket(headers=headers)
        ws.send(json.dumps({"type": "hello", "tab": tab, **wish}))
        return ws

    def live(self, tab="1", **wish):
        ws = self.greeting(tab, **wish)
        assert json.loads(ws.receive(PATIENCE)) == {"type": "ready"}
        return ws


def code_of(ws):
    """Return the code with which a socket is closed."""
    with pytest.raises(ConnectionClosed) as closed:
        for _ in range(200):
            assert ws.receive(PATIENCE) is not None, "it was not closed"
    return closed.value.reason


def seen(ws, number, data=JPEG):
    ws.send(packed(PICTURE, number, number / 25, data))
    return json.loads(ws.receive(PATIENCE))
