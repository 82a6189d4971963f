"""The sentences that a person reads aloud before the answer: what their ordinary voice sounds like.

They belong to the recording and then to its answer, and are deleted with its media.
"""

from __future__ import annotations

from typing import IO

from core.errors import InputError
from interview import deletion, media, media_types
from interview.database import Recording, change

MOST_BYTES = 2_000_000  # a minute of speech in any form that browsers record
TOO_LARGE = "The sentences read aloud take more than %(most)d MB. Please read only the two of them."


def keep(recording: Recording, stream: IO[bytes]) -> None:
    """Keep what ``stream`` brings as the baseline of a recording, in place of an earlier one.

    Raises
    ------
    InputError
        When it is empty, too large or no recording; an earlier one stays.
    BlockingIOError
        While another request brings one.
    """
    identity, before = f"{recording.id}-baseline", recording.baseline_key
    try:
        with media.partial(identity) as file:
            if media.append(file, 0, stream, MOST_BYTES) > MOST_BYTES:
                raise InputError(TOO_LARGE, most=MOST_BYTES // 1_000_000)
            path = media.partial_path(identity)
            media_type = media_types.check(path, "audio")
            key = media.put(path, is_ours=True)
            with change():
                recording.baseline_key, recording.baseline_type = key, media_type
            if not media.exists(key):  # deleted with an answer of the same content just before ours was written
                media.put(path, is_ours=True)
    finally:
        media.delete_partial(identity)
    if before not in (None, key):
        deletion.forget([before])
