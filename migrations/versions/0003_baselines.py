"""Let answers and recordings keep the sentences that were read aloud before them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = ("answer", "recording")


def upgrade() -> None:
    for table in TABLES:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("baseline_key", sa.String(length=64), nullable=True))
            batch.add_column(sa.Column("baseline_type", sa.String(length=100), nullable=True))
            batch.create_index(op.f(f"ix_{table}_baseline_key"), ["baseline_key"])


def downgrade() -> None:
    for table in TABLES:
        with op.batch_alter_table(table) as batch:
            batch.drop_index(op.f(f"ix_{table}_baseline_key"))
            batch.drop_column("baseline_type")
            batch.drop_column("baseline_key")
