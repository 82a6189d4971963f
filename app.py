"""Interview Mirror: the application, and its command line (``serve``, ``worker``, ``live``, ``analyze``, ``user``)."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from flask import Flask

from core.errors import InputError
from core.terminal import progress_bar, run
from interview import accounts_command
from interview.settings import ROOT, SettingError, read

EXIT_WRONG_USE = 2
POOL = {"pool_size": 20, "max_overflow": 20}
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Make the application from the environment's settings and what ``config`` overrides."""
    values = read(config)
    instance = Path(values["INSTANCE"])
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    app = Flask(__name__, root_path=str(ROOT), instance_path=str(instance))

    from interview import database, desk_sessions, dispatch, errors, jobs, languages, live_seats, live_takes, mail, moments, rights, security

    mail.check(values["MAIL_URL"], values["MAIL_FROM"])
    app.config.from_mapping(
        SQLALCHEMY_DATABASE_URI=values["DATABASE_URL"] or f"sqlite:///{instance / 'interview.db'}",
        SQLALCHEMY_ENGINE_OPTIONS=POOL,
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "translations"),
        ANALYZE=dispatch.analyze,
    )
    app.config.from_mapping(values)
    app.config.from_mapping({name: value for name, value in security.flask_config(values).items() if name not in (config or {})})
    app.logger.setLevel(app.config["LOG_LEVEL"])
    for part in (database, jobs, languages, security, desk_sessions, rights, errors, live_seats, live_takes, moments):
        part.init_app(app)

    from interview import (
        answers,
        desk,
        desk_answers,
        desk_interviews,
        desk_invitations,
        desk_reports,
        differences,
        interviews,
        live,
        pages,
        recordings,
        reports,
        sittings,
        visitors,
    )

    candidate, desks = (differences, moments, reports, visitors, sittings), (desk, desk_interviews, desk_invitations, desk_answers, desk_reports)
    for room in (pages, interviews, live, recordings, answers, *candidate, *desks):
        app.register_blueprint(room.bp)
    return app


def serve(options: argparse.Namespace) -> int:
    """Serve the application with its workers until Ctrl-C."""
    from interview.supervisor import Supervisor

    return Supervisor(create_app()).run()


def worker(options: argparse.Namespace) -> int:
    """Analyse answers until Ctrl-C."""
    from interview.worker import Worker

    return Worker(create_app(), options.parent).run()


def live(options: argparse.Namespace) -> int:
    """Look at and listen to those who are live until Ctrl-C."""
    from interview import live_process

    return live_process.run(create_app(), options.parent)


def analyze(options: argparse.Namespace) -> int:
    """Analyse one file in the terminal."""
    from interview import dispatch
    from interview.report import text_of

    for path in (options.file, *options.baseline):
        if path.is_dir():
            raise InputError("%(path)s is a folder; please name one file.", path=path)
    kind = dispatch.kind_of(options.file)
    analysis = dispatch.analyze(options.file, kind, progress_bar(), baseline=options.baseline)
    print(analysis.to_json(indent=1) if options.json else text_of(analysis))
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="app.py", description="Interview Mirror. Without a command: serve. Settings are environment variables (see README).")
    parser.set_defaults(function=serve)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    commands.add_parser("serve", help="serve the pages, with workers").set_defaults(function=serve)
    command = commands.add_parser("worker", help="run one worker")
    command.add_argument("--parent", type=int, help=argparse.SUPPRESS)
    command.set_defaults(function=worker)
    command = commands.add_parser("live", help="run what looks at live visitors; serve starts it by itself")
    command.add_argument("--parent", type=int, help=argparse.SUPPRESS)
    command.set_defaults(function=live)
    command = commands.add_parser("analyze", help="analyse an answer in the terminal")
    command.add_argument("file", type=Path, metavar="FILE", help="a text, PDF, DOCX, sound or video file")
    command.add_argument("--json", action="store_true", help="print the whole result as JSON")
    command.add_argument("--baseline", type=Path, action="append", default=[], metavar="FILE", help="a neutral recording of the same speaker; may be repeated")
    command.set_defaults(function=analyze)
    accounts_command.add_parser(commands, create_app)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    try:
        logging.basicConfig(level=read()["LOG_LEVEL"], format=LOG_FORMAT)
        return run(parser(), arguments)
    except SettingError as error:
        print(error, file=sys.stderr)
        return EXIT_WRONG_USE


if __name__ == "__main__":
    sys.exit(main())
