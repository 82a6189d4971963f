import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from visiting import CLIPS, stand_in

from core.errors import InputError
from core.media import probe
from interview import jobs, worker
from interview.database import Answer, Job, change, db, now

ROOT = Path(__file__).resolve().parents[2]
LEASE = timedelta(seconds=30)
PATIENCE = 40  # seconds
MATROSKA = b"\x1aE\xdf\xa3"  # first bytes of a WebM file
WORKER = """
import sys, time
sys.path[:0] = [{root!r}, {root!r} + "/tests/interview"]
from app import create_app
from interview.worker import Worker
from visiting import stand_in

def analyze(path, kind, progress=None, name=None, pictures=None, baseline=()):
    progress("Thinking", 0.25)
    bytearray({megabytes} * 1_000_000)
    time.sleep({sleep})
    return stand_in(path, kind, progress, name, pictures)

Worker(create_app({{**{settings!r}, "ANALYZE": analyze}})).run()
"""


@pytest.fixture
def start_worker(settings):
    started = []

    def start(sleep=0.0, megabytes=0):
        plain = {name: value for name, value in settings.items() if name != "ANALYZE"}
        code = WORKER.format(root=str(ROOT), sleep=sleep, megabytes=megabytes, settings=plain)
        started.append(subprocess.Popen([sys.executable, "-c", code], cwd=ROOT))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def job_of(app):
    with app.app_context():
        return db.session.query(Job).one()


def work_of(app):
    return list(Path(app.config["INSTANCE"], "work").iterdir())


def wait_for(app, state):
    ends = time.monotonic() + PATIENCE
    while (job := job_of(app)).state != state:
        assert time.monotonic() < ends, f"the job is still {job.state}"
        time.sleep(0.05)
    return job


def test_a_killed_workers_job_is_taken_up_again(app, visit, start_worker):
    visit.write()
    first = start_worker(sleep=600)
    token = wait_for(app, "running").worker
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert work_of(app)
    start_worker()
    job = wait_for(app, "done")
    assert not work_of(app)
    assert job.attempts == 2
    assert job.worker != token


def test_a_worker_that_is_asked_to_end_hands_its_job_back(app, visit, start_worker):
    visit.write()
    process = start_worker(sleep=600)
    wait_for(app, "running")
    process.terminate()
    assert process.wait(PATIENCE) == 0
    job = job_of(app)
    assert (job.state, job.attempts, job.worker) == ("waiting", 0, None)
    assert app.extensions[jobs.EXTENSION]["huey"].pending_count() == 1
    assert not work_of(app)


def test_a_lost_message_is_sent_again_and_one_that_waits_is_not(app, visit):
    visit.write()
    with app.app_context():
        huey = app.extensions[jobs.EXTENSION]["huey"]
        with change() as session:
            session.query(Job).update({"enqueued": now() - timedelta(seconds=60)})
        jobs.sweep(LEASE, 3)
        assert huey.pending_count() == 1
        huey.flush()
        jobs.sweep(LEASE, 3)
        assert huey.pending_count() == 1


def test_a_queue_out_of_reach_loses_no_answer(app, visit, monkeypatch, work):
    def unreachable(job_id):
        raise OSError("no queue")

    monkeypatch.setitem(app.extensions[jobs.EXTENSION], "task", unreachable)
    assert visit.write().status_code == 303
    assert job_of(app).enqueued is None
    monkeypatch.undo()
    with app.app_context():
        jobs.sweep(LEASE, 3)
        assert app.extensions[jobs.EXTENSION]["huey"].pending_count() == 1


def test_a_job_over_its_time_ends_with_a_sentence_and_its_worker_ends(app, settings, visit, start_worker):
    visit.write()
    settings["JOB_SECONDS"] = 1
    process = start_worker(sleep=600)
    job = wait_for(app, "failed")
    assert "longer than" in job.sentence
    assert process.wait(PATIENCE) == worker.EXIT_TOO_LONG


def test_a_job_that_wants_too_much_memory_ends_with_a_sentence_and_its_worker_goes_on(app, visit, start_worker):
    visit.write()
    process = start_worker(megabytes=4000)
    assert "more memory" in wait_for(app, "failed").sentence
    assert process.poll() is None


def test_three_broken_attempts_end_with_a_sentence(app, visit):
    address = visit.write().headers["Location"]
    with app.app_context():
        job_id = db.session.query(Job).one().id
        for attempt in range(3):
            assert jobs.claim(job_id, f"worker {attempt}", timedelta(seconds=-1), 3)
        assert jobs.claim(job_id, "worker 4", LEASE, 3) is None
        jobs.sweep(LEASE, 3)
    shown = visit.client.get(f"{address}/progress").json
    assert shown["state"] == "failed"
    assert "3 times" in shown["sentence"]


def test_of_two_workers_on_one_job_one_finishes_it(app, visit):
    visit.write()
    with app.app_context():
        job_id = db.session.query(Job).one().id
        assert jobs.claim(job_id, "slow", timedelta(seconds=-1), 3)
        assert jobs.claim(job_id, "quick", LEASE, 3)
        assert jobs.claim(job_id, "third", LEASE, 3) is None
        stored = []
        assert not jobs.finish(job_id, "slow", lambda answer: stored.append("slow"))
        assert not jobs.renew(job_id, "slow", LEASE)
        assert jobs.finish(job_id, "quick", lambda answer: stored.append("quick"))
        assert not jobs.finish(job_id, "slow", lambda answer: stored.append("slow"))
        assert not jobs.report(job_id, "slow", "Reading", 0.9)
        assert not jobs.fail(job_id, "slow", "Too late.", {})
        assert not jobs.hand_back(job_id, "slow")
        assert stored == ["quick"]
        assert db.session.query(Job).one().state == "done"


def test_a_worker_whose_job_was_taken_over_stores_nothing(app, visit, work):
    def taken_over(path, kind, progress=None, name=None, pictures=None, baseline=()):
        with change() as session:
            session.query(Job).update({"worker": "another"})
        return stand_in(path, kind, progress, name, pictures)

    app.config["ANALYZE"] = taken_over
    visit.write()
    work()
    with app.app_context():
        answer = db.session.query(Answer).one()
        assert (answer.result, answer.job.state, answer.job.worker) == (None, "running", "another")


def test_an_answer_deleted_while_it_is_analysed_stays_deleted(app, visit, work):
    def deleted(path, kind, progress=None, name=None, pictures=None, baseline=()):
        analysis = stand_in(path, kind, progress, name, pictures)
        visit.client.delete(address)
        return analysis

    app.config["ANALYZE"] = deleted
    address = visit.upload("video", CLIPS / "v06_grid_woman_3s.mp4").headers["Location"]
    work()
    assert visit.client.get(address).status_code == 404
    assert not [path for path in Path(app.config["INSTANCE"], "media").rglob("*") if path.is_file()]


def test_an_input_error_is_the_sentence_and_the_upload_is_kept(app, visit, work):
    def refuse(path, kind, progress=None, name=None, pictures=None, baseline=()):
        raise InputError("There is no speech in the first %(seconds)d seconds.", seconds=9)

    app.config["ANALYZE"] = refuse
    address = visit.upload("audio", CLIPS / "a01_speech_woman_14s.ogg").headers["Location"]
    work()
    shown = visit.client.get(f"{address}/progress").json
    assert (shown["state"], shown["sentence"]) == ("failed", "There is no speech in the first 9 seconds.")
    assert visit.client.get(f"{address}/media").status_code == 200
    app.config["ANALYZE"] = stand_in
    visit.client.post(address, data={"action": "again"})
    work()
    assert visit.client.get(f"{address}/progress").json["state"] == "done"


def test_a_defect_is_logged_with_the_id_that_is_shown(app, visit, work, caplog):
    def break_down(path, kind, progress=None, name=None, pictures=None, baseline=()):
        raise RuntimeError("a secret detail")

    app.config["ANALYZE"] = break_down
    address = visit.write().headers["Location"]
    work()
    sentence = visit.client.get(f"{address}/progress").json["sentence"]
    assert "Something broke on our side" in sentence
    assert "secret" not in sentence
    (logged,) = [record for record in caplog.records if record.exc_info and "job" in record.message]
    assert logged.message.split(":")[0] in sentence


def test_progress_is_written_and_not_too_often(app, visit, work, monkeypatch):
    written = []
    report = jobs.report
    monkeypatch.setattr(jobs, "report", lambda job, token, stage, share: written.append(share) or report(job, token, stage, share))

    def busy(path, kind, progress=None, name=None, pictures=None, baseline=()):
        for i in range(1000):
            progress("Reading", i / 1000)
        assert visit.client.get(f"{address}/progress").json["state"] == "running"
        return stand_in(path, kind, progress, name, pictures)

    app.config["ANALYZE"] = busy
    address = visit.write().headers["Location"]
    work()
    assert visit.client.get(f"{address}/progress").json["state"] == "done"
    assert 1 <= len(written) < 50


def test_the_queue_never_holds_code(app, visit):
    visit.write()
    (message,) = app.extensions[jobs.EXTENSION]["huey"].storage.enqueued_items()
    assert bytes(message).startswith(b"[")


def test_a_browsers_recording_becomes_seekable_and_keeps_its_bytes_otherwise(app, visit, work):
    address = visit.upload("audio", CLIPS / "a06_speech_woman_9s_mediarecorder.webm").headers["Location"]
    work()
    played = visit.client.get(f"{address}/media")
    path = Path(app.config["INSTANCE"], "played.webm")
    path.write_bytes(played.data)
    assert probe(path).seconds == pytest.approx(9.17, abs=0.1)
    kept = [p.read_bytes()[:4] for p in Path(app.config["INSTANCE"], "media").rglob("*") if p.is_file()]
    assert kept.count(MATROSKA) == 1  # the original is gone; the picture of the spectrogram lies beside it
