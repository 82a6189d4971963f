"""A process for one moment of a video: it decodes the picture and runs the network, which the web process never does.

The request is one JSON argument; the answer one line of JSON, and the picture in a file.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from core.errors import InputError
from core.terminal import EXIT_FINE, EXIT_INPUT
from interview import dispatch
from interview.limits import limit_memory, limit_seconds, limit_threads


def main(arguments: Sequence[str]) -> int:
    """Look at the moment that is asked for."""
    wanted = json.loads(arguments[0])
    limit_threads(wanted["threads"])
    limit_memory(wanted["megabytes"])
    limit_seconds(wanted["seconds"])
    os.environ["ENGINE"] = wanted["engine"]
    try:
        found = dispatch.explain(Path(wanted["path"]), wanted["at"], wanted["near"], Path(wanted["picture"]))
    except InputError as error:
        print(json.dumps({"sentence": error.sentence, "values": error.values}))
        return EXIT_INPUT
    print(json.dumps(asdict(found), allow_nan=False))
    return EXIT_FINE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
