from flask_migrate import check, downgrade, upgrade
from sqlalchemy import inspect, text

from interview.database import Base, db


def test_the_migrations_make_the_tables_of_the_models(app):
    with app.app_context():
        check()


def test_the_migrations_go_down_and_up_again(app):
    with app.app_context():
        downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
        upgrade()
        assert set(Base.metadata.tables) <= set(inspect(db.engine).get_table_names())


def test_sqlite_is_set_up_for_several_processes_and_for_deleting_for_good(app):
    with app.app_context(), db.engine.connect() as connection:
        found = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "busy_timeout", "secure_delete", "foreign_keys")}
    assert found == {"journal_mode": "wal", "busy_timeout": 15000, "secure_delete": 1, "foreign_keys": 1}
