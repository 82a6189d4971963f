"""``python app.py user add|list|remove|password``: the accounts of the desk, in the terminal."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable

from flask import Flask

from core.errors import InputError
from interview import accounts
from interview.database import upgrade


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser], create_app: Callable[[], Flask]) -> None:
    """Add the command ``user`` to the command line."""
    users = commands.add_parser("user", help="make, list and remove the accounts of the desk").add_subparsers(
        title="commands", metavar="COMMAND", required=True
    )
    for name, function, told in (
        ("add", add, "make an account"),
        ("list", show, "list the accounts"),
        ("remove", remove, "remove an account with its interviews and invitations"),
        ("password", password, "give an account another password and sign it out everywhere"),
    ):
        command = users.add_parser(name, help=told)
        command.set_defaults(function=_within(create_app, function))
        if name != "list":
            command.add_argument("name", metavar="NAME")
        if name == "add":
            command.add_argument("--role", choices=accounts.ROLES, default="recruiter", help="recruiter (the default) or coach")
        if name in ("add", "password"):
            command.add_argument("--password-stdin", action="store_true", help="read the password from standard input instead of asking for it")


def add(options: argparse.Namespace) -> None:
    """Make an account."""
    account = accounts.add(options.name, options.role, _password(options.password_stdin))
    print(f"{account.name} ({account.role}) can sign in at /desk.")


def show(options: argparse.Namespace) -> None:
    """Print every account, one a line."""
    for account in accounts.everyone():
        print(f"{account.name}\t{account.role}\tsince {account.created:%Y-%m-%d}")


def remove(options: argparse.Namespace) -> None:
    """Remove an account."""
    accounts.remove(options.name)
    print(f"{options.name} is removed, with its interviews and invitations. What candidates answered stays theirs.")


def password(options: argparse.Namespace) -> None:
    """Change a password."""
    accounts.find(options.name)
    accounts.change_password(options.name, _password(options.password_stdin))
    print(f"The password of {options.name} is changed; it is signed out everywhere.")


def _within(create_app: Callable[[], Flask], function: Callable[[argparse.Namespace], None]) -> Callable[[argparse.Namespace], int]:
    def run(options: argparse.Namespace) -> int:
        app = create_app()
        upgrade(app)
        with app.app_context():
            function(options)
        return 0

    return run


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != first:
        raise InputError("The two passwords differ.")
    return first
