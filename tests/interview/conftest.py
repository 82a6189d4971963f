"""An application on a fresh instance folder, visitors as strangers with cookies, and a worker that runs in the test."""

from __future__ import annotations

import threading
from functools import partial

import pytest
from argon2 import PasswordHasher
from desking import Desk, Road
from visiting import Visit, stand_in

from app import create_app
from interview import accounts
from interview.database import Answer, db, upgrade
from interview.worker import Worker


@pytest.fixture
def settings(tmp_path):
    return {
        "INSTANCE": str(tmp_path / "instance"), "ANALYZE": stand_in, "TESTING": True, "WTF_CSRF_ENABLED": False, "RATELIMIT_ENABLED": False,
        "PROPAGATE_EXCEPTIONS": False, "LEASE_SECONDS": 2, "UPLOAD_MB": 3,
    }  # fmt: skip


@pytest.fixture
def app(settings):
    app = create_app(settings)
    upgrade(app)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def visit(app):
    return Visit(app)


@pytest.fixture
def stranger(app):
    return Visit(app)


@pytest.fixture
def work_of():
    """Return a function that lets a worker of an application look at every job, here and now."""

    def run(app, worker=None):
        worker = worker or Worker(app)
        with app.app_context():
            found = [a.job.id for a in db.session.query(Answer).all()]
        for identity in found:
            thread = threading.Thread(target=worker.run_job, args=(identity,))
            thread.start()
            thread.join()

    return run


@pytest.fixture
def work(app, work_of):
    """Return a function that lets a worker look at every job, here and now."""
    return partial(work_of, app)


@pytest.fixture
def quick_hashes(monkeypatch):
    """Let a password cost nothing: not Argon2 is tried here."""
    monkeypatch.setattr(accounts, "hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def ann(app, quick_hashes):
    return Desk(app)


@pytest.fixture
def invited(ann, visit):
    """Return a candidate who has begun an interview that Ann has composed."""
    interview = ann.compose()
    link, desk = ann.invite(interview)["Bob"]
    road = Road(visit, link)
    road.interview, road.desk = interview, desk
    visit.client.get(link)
    road.begin()
    return road
