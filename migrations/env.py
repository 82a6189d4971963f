"""Alembic's environment: the application's own engine and tables."""

from typing import Any, Literal

from alembic import context
from flask import current_app

from interview.database import UtcTime

extension = current_app.extensions["migrate"]
database = extension.db


def render_item(kind: str, item: Any, autogenerate_context: Any) -> str | Literal[False]:
    """Write plain types into migrations, which must not depend on code that changes."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcTime) else False


def run_migrations_online() -> None:
    with database.engine.connect() as connection:
        context.configure(connection=connection, target_metadata=database.metadata, render_item=render_item, **extension.configure_args)
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    context.configure(url=str(database.engine.url), target_metadata=database.metadata, literal_binds=True, render_item=render_item, **extension.configure_args)
    with context.begin_transaction():
        context.run_migrations()
else:
    run_migrations_online()
