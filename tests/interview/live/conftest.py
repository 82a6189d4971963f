"""A real server whose live socket is answered by a stand-in for the models."""

import threading

import pytest
from live_steps import Person, StandIn
from werkzeug.serving import make_server

from app import create_app
from interview import live_link, live_process
from interview.database import upgrade


@pytest.fixture
def app(settings):
    app = create_app({**settings, "LIVE_VISITORS": 2, "SECRET_KEY": "for the tests"})
    upgrade(app)
    return app


@pytest.fixture
def looking(app):
    listening = live_link.listener(app.config)
    threading.Thread(target=live_process.serve, args=(listening, StandIn), daemon=True).start()
    yield listening
    listening.close()


@pytest.fixture
def address(app, looking):
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def person(app, address):
    return Person(app, address)
