"""The settings: one table of name, default and help, read from the environment or from what ``create_app`` is given."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TRUE, FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")


class SettingError(ValueError):
    """Say which setting has a value that cannot be used."""


@dataclass(frozen=True)
class Setting:
    """Describe one setting; the type of its default is its type."""

    name: str
    default: str | int | bool
    help: str
    choices: tuple[str, ...] = ()


SETTINGS = (
    Setting("HOST", "127.0.0.1", "Address that the server listens on."),
    Setting("PORT", 5000, "Port that the server listens on."),
    Setting("WORKERS", 1, "Worker processes that analyse answers."),
    Setting("WEB_THREADS", 16, "Requests that the server handles at the same time."),
    Setting("INSTANCE", "instance", "Folder of everything that is kept: database, media, secret key."),
    Setting("DATABASE_URL", "", "Database as SQLAlchemy writes it; empty: SQLite in INSTANCE."),
    Setting("QUEUE_URL", "", "redis://… for a queue on Redis; empty: SQLite in INSTANCE."),
    Setting("MEDIA_URL", "", "Any fsspec address for the media, such as s3://bucket/media; empty: a folder in INSTANCE."),
    Setting("SECRET_KEY", "", "Key that signs the session cookies; empty: made at the first start and kept in INSTANCE."),
    Setting("SECURE_COOKIES", False, "Send cookies over HTTPS only; switch it on behind HTTPS."),
    Setting("PROXIES", 0, "Reverse proxies in front of the server whose X-Forwarded headers are believed."),
    Setting("UPLOAD_MB", 512, "Largest upload in megabytes."),
    Setting("RESERVE_MB", 200, "Uploads are refused when they would leave less than these megabytes free on the disk."),
    Setting("TEXT_CHARACTERS", 20000, "Longest typed answer in characters."),
    Setting("ANSWER_SECONDS", 45, "Seconds that a recorded answer may last."),
    Setting("THINKING_SECONDS", 10, "Seconds to think before the recording begins."),
    Setting("MIN_WORDS", 50, "Words below which the page says that a text is too short for traits."),
    Setting("MEDIA_DAYS", 7, "Days after which recordings and documents are deleted."),
    Setting("RESULT_DAYS", 90, "Days after which results are deleted."),
    Setting("OTHERS_LEAST", 5, "Other people whose answers are needed before a comparison is shown."),
    Setting("JOB_SECONDS", 900, "Seconds that one analysis may take."),
    Setting("JOB_MB", 3000, "Megabytes of memory that a worker may use; 0: no limit."),
    Setting("JOB_ATTEMPTS", 3, "Times that an analysis is begun before it counts as failed."),
    Setting("LEASE_SECONDS", 30, "Seconds after which the job of a worker that gives no sign of life is taken up again."),
    Setting("LIVE_VISITORS", 4, "Visitors who may be live at the same time; 0 switches the live page off."),
    Setting("RATE_LIMIT", "120 per minute", "Changes that one address may make."),
    Setting("PIECE_RATE_LIMIT", "1200 per minute", "Pieces of recordings that one address may send."),
    Setting("REPORT_RATE_LIMIT", "20 per minute", "Reports, as a page or as PDF, that one address may have made."),
    Setting("MOMENT_RATE_LIMIT", "30 per minute", "Times that one address may ask what the model looked at in a moment of a video."),
    Setting("LOGIN_RATE_LIMIT", "10 per minute", "Times that one address, or one name, may try to sign in at the desk."),
    Setting("DESK_MINUTES", 60, "Minutes without a click after which somebody at the desk is signed out."),
    Setting("DESK_HOURS", 12, "Hours after which somebody at the desk is signed out in any case."),
    Setting("INVITATION_DAYS", 14, "Days for which an invitation to an interview is open."),
    Setting(
        "MAIL_URL", "", "Server that sends invitations, such as smtp+starttls://name:password@mail.example.org:587 (or smtps, smtp); empty: no mail is sent."
    ),
    Setting("MAIL_FROM", "", "Address that mail comes from."),
    Setting("SHARE_INFERENCES", False, "Let candidates share labels and traits with a coach, beside media and facts; never with a recruiter."),
    Setting("ENGINE", "onnx", "What runs the networks: onnx or keras.", ("onnx", "keras")),
    Setting("WHISPER_MODEL", "", "Folder of a CTranslate2 Whisper model that hears words; empty: what make transcriber installed."),
    Setting("THREADS", 1, "Threads of one network in a worker."),
    Setting("LOG_LEVEL", "WARNING", "Least level of what is logged: DEBUG, INFO, WARNING or ERROR.", ("DEBUG", "INFO", "WARNING", "ERROR")),
)


def table() -> list[Setting]:
    """Return every setting, in the order in which the documentation shows them."""
    return list(SETTINGS)


def read(config: Mapping[str, Any] | None = None, environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return the value of every setting by name: from ``config``, else from the environment, else its default.

    What ``config`` holds beyond the settings (Flask's own keys, a test's stand-in) is passed through. ``INSTANCE`` is
    made absolute; a relative one lies in the checkout.

    Raises
    ------
    SettingError
        When a value is not of its setting's type.
    """
    given = dict(config or {})
    values = {s.name: _typed(s, given[s.name] if s.name in given else environment.get(s.name, s.default)) for s in SETTINGS}
    values["INSTANCE"] = str(ROOT / str(values["INSTANCE"]))
    return {**given, **values}


def _typed(setting: Setting, value: Any) -> str | int | bool:
    if isinstance(setting.default, bool):
        word = str(value).strip().lower()
        if word in (*TRUE, *FALSE):
            return word in TRUE
        raise SettingError(f"{setting.name} is {value!r}; it can be 1 or 0")
    if isinstance(setting.default, int):
        try:
            number = int(value)
        except ValueError:
            raise SettingError(f"{setting.name} is {value!r}; it must be a whole number") from None
        if number < 0:
            raise SettingError(f"{setting.name} is {number}; it cannot be negative")
        return number
    if setting.choices and str(value) not in setting.choices:
        raise SettingError(f"{setting.name} is {value!r}; it can be {', '.join(setting.choices)}")
    return str(value)
