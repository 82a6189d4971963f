"""Accounts of recruiters and coaches: made in the terminal, with passwords kept by Argon2. Candidates have none."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import delete, select

from core.errors import InputError
from interview.database import change, db
from interview.desk_database import Account, SignIn

ROLES = ("recruiter", "coach")
NAME_LENGTH = 80  # characters
LEAST_PASSWORD, MOST_PASSWORD = 12, 200  # characters
NOBODY = "There is no account with the name “%(name)s”."

hasher = PasswordHasher()


def add(name: str, role: str, password: str) -> Account:
    """Make an account.

    Raises
    ------
    InputError
        When the name is taken or empty, or the password too short.
    """
    name = " ".join(name.split())
    if not name or len(name) > NAME_LENGTH:
        raise InputError("The name of an account has between 1 and %(most)d characters.", most=NAME_LENGTH)
    hashed = _hashed(password)
    with change() as session:
        if session.scalar(select(Account.id).where(Account.key == key_of(name))):
            raise InputError("There already is an account with the name “%(name)s”.", name=name)
        account = Account(name=name, key=key_of(name), role=role, password=hashed)
        session.add(account)
    return account


def everyone() -> list[Account]:
    """Return every account by name."""
    return list(db.session.scalars(select(Account).order_by(Account.key)))


def remove(name: str) -> None:
    """Delete an account with its interviews and invitations; what candidates answered stays theirs.

    Raises
    ------
    InputError
        When there is no such account.
    """
    account = find(name)
    with change() as session:
        session.execute(delete(Account).where(Account.id == account.id))


def change_password(name: str, password: str) -> None:
    """Give an account another password and end everywhere what it had opened with the old one.

    Raises
    ------
    InputError
        When there is no such account, or the password is too short.
    """
    account, hashed = find(name), _hashed(password)
    with change() as session:
        account.password = hashed
        session.execute(delete(SignIn).where(SignIn.account_id == account.id))


def find(name: str) -> Account:
    """Return the account with this name.

    Raises
    ------
    InputError
        When there is none.
    """
    account = db.session.scalar(select(Account).where(Account.key == key_of(name)))
    if account is None:
        raise InputError(NOBODY, name=name)
    return account


def check(name: str, password: str) -> Account | None:
    """Return the account that this name and password open; as much time passes for a name that does not exist."""
    account = db.session.scalar(select(Account).where(Account.key == key_of(name)))
    known = account.password if account else _of_nobody()
    try:
        hasher.verify(known, password[:MOST_PASSWORD])
    except VerifyMismatchError:
        return None
    if account is None:
        return None
    if hasher.check_needs_rehash(known):
        with change():
            account.password = hasher.hash(password[:MOST_PASSWORD])
    return account


def key_of(name: str) -> str:
    """Return the form of a name in which upper case and spaces do not count."""
    return " ".join(name.split()).casefold()


@cache
def _of_nobody() -> str:
    return hasher.hash("")


def _hashed(password: str) -> str:
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        raise InputError("A password has between %(least)d and %(most)d characters.", least=LEAST_PASSWORD, most=MOST_PASSWORD)
    return hasher.hash(password)
