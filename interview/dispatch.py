"""Choose the modalities for a file and put their parts together; the worker and the terminal take the same road.

The modalities are imported inside the functions: only a worker or the terminal command ever loads them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from core.analysis import TIME_DECIMALS, Analysis, KeyFrame, Source, Transcript
from core.errors import InputError
from core.manifest import sha256_of
from core.terminal import Progress
from interview import media_types

if TYPE_CHECKING:
    from core.media import MediaInfo

WORDS_FROM = 0.6  # of the progress of a recording whose words are heard too
FACE_SHARE = 0.85  # of a video's progress; the rest is its sound track
WORDS_FAILED = "The words could not be heard this time; you can type them."
LIVE_FPS_LEAST = 12.0  # pictures a second; below, blinks cannot be counted, and the file has more
LIVE_HOLE_SECONDS = 1.0  # of a recording without a live picture
NO_SOUND_TRACK = "This video has no sound track, so there is no voice to listen to."

Kind = Literal["text", "audio", "video"]

log = logging.getLogger("interview.dispatch")


def analyze(
    path: Path,
    kind: str,
    progress: Progress | None = None,
    name: str | None = None,
    pictures: Path | None = None,
    baseline: Sequence[Path] = (),
    face: Analysis | None = None,
) -> Analysis:
    """Analyse an answer.

    Parameters
    ----------
    kind
        ``text``, ``audio`` or ``video``. A video's sound track becomes ``parts["voice"]``.
    progress
        Called with the stage and the share of the whole that is done (0…1).
    name
        The file name to show; the path's own by default.
    pictures
        Folder for a video's key frames and a voice's spectrogram.
    baseline
        Neutral recordings of the same speaker.
    face
        What was seen live while a video was recorded; where it fits the file, the file's pictures are not looked at again.

    Raises
    ------
    InputError
        When nothing in it can be analysed.
    """
    if kind == "text":
        from text.predict import analyze as analyze_text

        return analyze_text(path, progress, name=name)
    hears_words = _hears_words()
    inner = _part(progress, 0.0, WORDS_FROM) if hears_words else progress
    if kind == "audio":
        from audio.predict import analyze as analyze_voice

        analysis = analyze_voice(path, inner, name=name, baseline=baseline, pictures=pictures)
    else:
        analysis = _analyze_video(path, inner, name, pictures, baseline, face)
    if hears_words and (analysis.modality == "audio" or "voice" in analysis.parts):
        _hear_words(path, analysis, _part(progress, WORDS_FROM, 1.0))
    _put_together(analysis)
    if progress:
        progress("Done", 1.0)
    return analysis


def correct(analysis: Analysis, text: str) -> Analysis:
    """Return an answer's analysis with the transcript that the person typed; without words, with none. Nothing else is analysed anew."""
    from interview import spoken

    transcript = spoken.corrected(text, analysis.transcript) if text.strip() else None
    spoken.put(analysis, transcript, _read(transcript))
    _put_together(analysis)
    return analysis


def explain(path: Path, at: float, near: Sequence[int] | None, picture: Path) -> KeyFrame:
    """Return which places of the face spoke for its label at ``at`` seconds of a video, and write the frame to ``picture`` as JPEG.

    ``near`` is the box of the face to look at, in pixels, if it is known.

    Raises
    ------
    InputError
        When no face can be read at that moment.
    """
    from video.explain import explained
    from video.key_frames import encoded

    x, y, width, height = near or (0, 0, 0, 0)
    found = explained(path, at, (x, y, width, height) if near else None)
    picture.write_bytes(encoded(found.picture))
    height, width = found.picture.shape[:2]
    return KeyFrame(
        t=round(found.t, TIME_DECIMALS), label=found.label, confidence=found.probabilities[found.places_for], width=width, height=height,
        picture=picture.name, frame=list(found.frame), places=found.places.tolist(), places_for=found.places_for,
    )  # fmt: skip


def kind_of(path: Path) -> Kind:
    """Return the kind of analysis that a file's content calls for.

    Raises
    ------
    InputError
        When it is empty or neither a document nor a recording.
    """
    if path.stat().st_size == 0:
        raise InputError(media_types.EMPTY)
    found = media_types.recognise(path)
    if found in (media_types.PDF, media_types.DOCX, media_types.TEXT):
        return "text"
    if found is None:
        raise InputError(media_types.NOT_RECOGNISED)
    from core.media import probe

    return "video" if probe(path).has_video else "audio"


def warm() -> None:
    """Load every network, so that the first answer does not wait for it; one that is missing is logged."""
    loads: list[tuple[str, Callable[[], None]]] = [("text", _warm_text), ("audio", _warm_audio), ("video", _warm_video)]
    for modality, load in loads:
        try:
            load()
        except Exception:
            log.exception("the models of %s cannot be loaded", modality)


def watch() -> Any:
    """Return a ``video.live.Watcher`` for one live visitor."""
    from video.live import Watcher
    from video.live import warm as load

    load()
    return Watcher()


def live_picture(jpeg: bytes) -> Any:
    """Decode a live picture.

    Raises
    ------
    InputError
        When it is none, or too large.
    """
    from video.live import picture_of as decode

    return decode(jpeg)


def listen() -> Callable[[bytes], list[Any]]:
    """Return what listens to one live visitor: 16-bit sound at 16 kHz in, every ``audio.live.Heard`` that it completes out."""
    import numpy as np

    from audio.live import Hearer

    hearer = Hearer()
    return lambda sound: hearer.push(np.frombuffer(sound, "<i2"))


def _analyze_video(path: Path, progress: Progress | None, name: str | None, pictures: Path | None, baseline: Sequence[Path], seen: Analysis | None) -> Analysis:
    from audio.predict import analyze as analyze_voice
    from core.media import NO_PICTURE, probe
    from video.predict import analyze as analyze_face

    info = probe(path)
    face: Analysis | None = None
    reason: InputError | None = None
    try:
        if not info.has_video:
            raise InputError(NO_PICTURE)
        face = _seen_live(seen, path, name or path.name, info) if seen is not None else None
        if face is None:
            _delete_key_frames(seen, pictures)
            face = analyze_face(path, _part(progress, 0.0, FACE_SHARE), name=name, pictures=pictures)
    except InputError as error:
        reason = error
    voice: Analysis | None = None
    said = NO_SOUND_TRACK
    if info.has_audio:
        try:
            voice = analyze_voice(path, _part(progress, FACE_SHARE, 1.0), name=name, baseline=baseline, pictures=pictures)
        except InputError as error:
            said = str(error)
    if face is None:
        if reason is None or voice is None:
            raise reason or InputError(NO_PICTURE)
        source = Source(name or path.name, sha256_of(path), voice.source.seconds, info.width, info.height, info.fps, has_audio=True)
        face = Analysis("video", source, warnings=[str(reason)], coverage=0.0)
    if voice is None:
        face.warnings.append(said)
    else:
        face.parts["voice"] = voice
    return face


def _hears_words() -> bool:
    from audio.transcript import available

    return available()


def _hear_words(path: Path, analysis: Analysis, progress: Progress | None) -> None:
    """Add what was said; where hearing it fails, the rest of the result stands."""
    from audio.transcript import transcribe, version
    from interview import spoken

    try:
        transcript = transcribe(path, progress)
    except InputError:
        return
    except Exception:
        log.exception("the words could not be heard")
        analysis.warnings.append(WORDS_FAILED)
        return
    if transcript is None:
        return
    if (model := version()) is not None:
        analysis.models["transcriber"] = model
    spoken.put(analysis, transcript, _read(transcript))


def _read(transcript: Transcript | None) -> Analysis | None:
    """Return what the text models say of a transcript."""
    if transcript is None:
        return None
    from interview.spoken import text_of
    from text.predict import analyze_text

    try:
        return analyze_text(text_of(transcript), name="transcript", spoken=True)
    except InputError:
        return None


def _put_together(analysis: Analysis) -> None:
    from interview.together import together

    analysis.together = together(analysis)


def _seen_live(seen: Analysis, path: Path, name: str, info: MediaInfo) -> Analysis | None:
    """Return what was seen live as the analysis of the recorded file; ``None`` where pictures were too few or a stretch is missing."""
    times = [moment.t for moment in seen.timeline]
    seconds = info.seconds if info.seconds is not None else times[-1]
    holes = max(b - a for a, b in pairwise([0.0, *times, seconds]))
    if (seen.source.fps or 0.0) < LIVE_FPS_LEAST or holes > LIVE_HOLE_SECONDS or times[-1] > seconds + LIVE_HOLE_SECONDS:
        return None
    seen.source = replace(seen.source, name=name, sha256=sha256_of(path), seconds=round(seconds, TIME_DECIMALS), has_audio=info.has_audio)
    seen.warnings.append(f"The face was looked at while it was recorded, in {seen.source.fps:.0f} pictures a second.")
    return seen


def _delete_key_frames(seen: Analysis | None, pictures: Path | None) -> None:
    for frame in seen.key_frames if seen is not None and pictures is not None else []:
        if frame.picture is not None and pictures is not None:
            (pictures / frame.picture).unlink(missing_ok=True)


def _part(progress: Progress | None, begin: float, end: float) -> Progress | None:
    return None if progress is None else lambda stage, share: progress(stage, begin + (end - begin) * min(share, 0.999))


def _warm_text() -> None:
    from text.predict import warm as load

    load()


def _warm_audio() -> None:
    from audio.predict import warm as load

    load()


def _warm_video() -> None:
    from video.predict import warm as load

    load()
