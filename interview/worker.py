"""A worker: the process that analyses answers, within limits of memory and time.

The main thread consumes the queue, one job at a time; the keeper thread renews the lease, watches the clock and sweeps.
"""

from __future__ import annotations

import logging
import os
import secrets
import signal
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from flask import Flask
from huey import crontab

from core.analysis import Analysis
from core.errors import InputError
from interview import dispatch, jobs, live_takes, media, media_types, others, retention
from interview.database import Answer, Job, Picture, change, db, now
from interview.deletion import forget
from interview.errors import DEFECT, new_error_id
from interview.limits import limit_memory, limit_threads

KEEPER_SECONDS = 1.0
SWEEP_SECONDS = 5.0
REPORT_SECONDS = 0.5
POLL_SECONDS = 1.0  # the longest wait between two looks at an empty queue
EXIT_TOO_LONG = 3
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
HEARTBEATS_PER_LEASE = 3
RETENTION_MINUTE = "17"
REMUXED = {"video/webm": ".webm", "audio/webm": ".webm", "video/mp4": ".mp4", "audio/mp4": ".m4a"}
PREPARING = "Preparing the recording"
TOO_LONG = "The analysis took longer than %(minutes)d minutes and was stopped. A shorter recording may work."
TOO_MUCH_MEMORY = "The analysis needed more memory than it may use. A shorter or smaller recording may work."
GONE = "The file of this answer has been deleted, so it cannot be analysed again."

log = logging.getLogger("interview.worker")


class LeaseLost(Exception):
    """Leave a job that is not ours any more: deleted, or taken up by another worker."""


@dataclass
class Held:
    """Hold the job that this worker works on."""

    job_id: int
    began: float = field(default_factory=time.monotonic)
    renewed: float = field(default_factory=time.monotonic)
    reported: float = 0.0


class Worker:
    """Analyse the answers that the queue names, one at a time."""

    def __init__(self, app: Flask, parent: int | None = None) -> None:
        self.app = app
        self.parent = parent
        self.token = jobs.worker_name(os.getpid()) + secrets.token_hex(4)
        self.lease = timedelta(seconds=app.config["LEASE_SECONDS"])
        self.held: Held | None = None
        self.stopping = threading.Event()

    def run(self) -> int:
        """Work until a signal, or until the parent process is gone; a job in work is handed back."""
        for number in SIGNALS:
            signal.signal(number, lambda *_: os._exit(0))  # nothing is held yet, and loading networks takes long
        threading.Thread(target=self._watch_parent, name="parent", daemon=True).start()
        limit_threads(self.app.config["THREADS"])
        for name in ("ENGINE", "WHISPER_MODEL"):
            os.environ[name] = self.app.config[name]
        limit_memory(self.app.config["JOB_MB"])
        if self.app.config["ANALYZE"] is dispatch.analyze:
            dispatch.warm()
        queue = jobs.consume(self.app, self.run_job)
        queue.periodic_task(crontab(minute=RETENTION_MINUTE), name="retention")(self._clear_up)
        self._clear_up()
        consumer = queue.create_consumer(workers=1, max_delay=POLL_SECONDS, check_worker_health=False)
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # start() sets handlers of its own and may begin a job: no signal may come in between
        consumer.start()
        for number in SIGNALS:
            signal.signal(number, lambda *_: self.stopping.set())
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)
        keeper.start()
        while not self.stopping.wait(KEEPER_SECONDS):
            consumer.check_worker_health()
        consumer.stop()
        keeper.join(SWEEP_SECONDS)  # it must not enqueue what is being handed back
        self._hand_back()
        logging.shutdown()
        os._exit(0)  # a network in the middle of a job cannot be asked to stop

    def run_job(self, job_id: int) -> None:
        """Claim a job and analyse its answer; what goes wrong becomes the job's sentence."""
        with self.app.app_context():
            job = jobs.claim(job_id, self.token, self.lease, self.app.config["JOB_ATTEMPTS"])
            if job is None:
                return
            self.held = Held(job_id)
            try:
                self._analyse(job.answer)
            except LeaseLost:
                log.info("job %d is not ours any more", job_id)
            except InputError as error:
                jobs.fail(job_id, self.token, error.sentence, dict(error.values))
            except MemoryError:
                log.exception("job %d needed too much memory", job_id)
                jobs.fail(job_id, self.token, TOO_MUCH_MEMORY, {})
            except Exception:
                db.session.rollback()
                error_id = new_error_id()
                log.exception("%s: job %d", error_id, job_id)
                jobs.fail(job_id, self.token, DEFECT, {"id": error_id})
            finally:
                self.held = None

    def progress(self, stage: str, share: float) -> None:
        """Write down how far the job is, twice a second at most."""
        held = self.held
        if held is None or time.monotonic() - held.reported < REPORT_SECONDS:
            return
        held.reported = time.monotonic()
        if not jobs.report(held.job_id, self.token, stage, share):
            raise LeaseLost

    def _analyse(self, answer: Answer) -> None:
        held = self.held
        assert held is not None
        with retention.work_folder() as folder:
            pictures = folder / "pictures"
            pictures.mkdir()
            kind, shown, live = answer.kind, answer.file_name or "answer.txt", None
            if kind != "text" and answer.text is not None and answer.result is not None:
                result, text = Analysis.from_json(answer.result), answer.text
                db.session.rollback()
                self._store(held, dispatch.correct(result, text))
                return
            typed = answer.text if kind != "text" else None
            if answer.media_key is None:
                if kind != "text" or answer.text is None:
                    raise InputError(GONE)
                path = folder / "answer.txt"
                path.write_text(answer.text, encoding="utf-8")
                db.session.rollback()  # no transaction stays open during the analysis
                analysis = self.app.config["ANALYZE"](path, kind, self.progress, shown, None)
            else:
                self._make_seekable(answer, folder)
                key, ending, shown = answer.media_key, media_types.ending(answer.media_type), answer.file_name or answer.kind
                read = (answer.baseline_key, f"baseline{media_types.ending(answer.baseline_type)}") if answer.baseline_key else None
                live = next((picture.media_key for picture in answer.pictures if picture.name == live_takes.NAME), None)
                db.session.rollback()
                with ExitStack() as files:
                    path = files.enter_context(media.local(key, folder, f"answer{ending}"))
                    baseline = [files.enter_context(media.local(read[0], folder, read[1]))] if read else []
                    seen = {} if live is None else {"face": self._seen_live(live, folder, pictures)}
                    analysis = self.app.config["ANALYZE"](path, kind, self.progress, shown, None if kind == "text" else pictures, baseline, **seen)
            if typed is not None:
                analysis = dispatch.correct(analysis, typed)
            self._store(held, analysis, {picture.name: media.put(picture) for picture in sorted(pictures.iterdir())})
            if live is not None:
                forget([live])

    def _store(self, held: Held, analysis: Analysis, keys: dict[str, str] | None = None) -> None:
        """End the job with its result; ``keys`` are its new pictures, ``None`` leaves those that it has."""

        def store(stored: Answer) -> None:
            stored.result, stored.summary, stored.result_at = analysis.to_json(), others.summary_of(analysis.to_dict()), now()
            if keys is not None:
                stored.pictures = [Picture(name=name, media_key=key) for name, key in keys.items()]

        if not jobs.finish(held.job_id, self.token, store):
            forget((keys or {}).values())
            raise LeaseLost

    def _seen_live(self, key: str, folder: Path, pictures: Path) -> Analysis:
        """Return what was seen live while the answer was recorded; its key frames are written to ``pictures``."""
        with media.local(key, folder, live_takes.NAME) as path:
            return live_takes.unpacked(path.read_text(encoding="utf-8"), pictures)

    def _make_seekable(self, answer: Answer, folder: Path) -> None:
        """Give a browser's recording, which has neither duration nor index, both; its packets stay as they are."""
        ending, before = REMUXED.get(answer.media_type or ""), answer.media_key
        if ending is None or before is None:
            return
        self.progress(PREPARING, 0.0)
        from core.media import probe, remux

        target = folder / f"remuxed{ending}"
        try:
            with media.local(before, folder, f"original{ending}") as path:
                if probe(path).seconds is not None:
                    return
                remux(path, target)
        except InputError:
            return  # the analysis will say what is wrong with it
        key = media.put(target)
        with change():
            answer.media_key, answer.media_bytes = key, target.stat().st_size
        target.unlink()
        forget([before])

    def _keep(self) -> None:
        swept = 0.0
        while not self.stopping.wait(KEEPER_SECONDS):
            try:
                with self.app.app_context():
                    self._keep_job()
                    if time.monotonic() - swept > SWEEP_SECONDS:
                        swept = time.monotonic()
                        jobs.sweep(self.lease, self.app.config["JOB_ATTEMPTS"])
            except Exception:
                log.exception("the keeper goes on after an error")

    def _keep_job(self) -> None:
        held = self.held
        if held is None:
            return
        at = time.monotonic()
        if at - held.began > self.app.config["JOB_SECONDS"]:
            log.error("job %d took longer than %d s; this worker ends", held.job_id, self.app.config["JOB_SECONDS"])
            jobs.fail(held.job_id, self.token, TOO_LONG, {"minutes": max(1, self.app.config["JOB_SECONDS"] // 60)})
            retention.clear_work_folder()
            logging.shutdown()
            os._exit(EXIT_TOO_LONG)
        if at - held.renewed > self.lease.total_seconds() / HEARTBEATS_PER_LEASE:
            held.renewed = at
            jobs.renew(held.job_id, self.token, self.lease)

    def _watch_parent(self) -> None:
        """End with the parent, also when it is killed and cannot say so, and also while networks are being loaded."""
        if self.parent is None:
            return
        while os.getppid() == self.parent:
            time.sleep(KEEPER_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    def _hand_back(self) -> None:
        held = self.held
        with self.app.app_context():
            if held is not None and jobs.hand_back(held.job_id, self.token):
                jobs.enqueue(db.session.get(Job, held.job_id))
            retention.clear_work_folder()

    def _clear_up(self) -> None:
        with self.app.app_context():
            try:
                retention.clear_up()
            except Exception:
                log.exception("clearing up failed; it is tried again within the hour")
