"""gunicorn's configuration: one process with threads, and no control socket, which two installations would share."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Any

worker_class = "gthread"
workers = 1
control_socket_disable = True
graceful_timeout = 10
keepalive = 5
preload_app = False
PARENT_SECONDS = 1.0


def when_ready(server: Any) -> None:
    """End with the supervisor, also when it is killed and cannot say so."""
    parent = int(os.environ.get("INTERVIEW_PARENT", "0"))

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    if parent:
        threading.Thread(target=watch, name="parent", daemon=True).start()
