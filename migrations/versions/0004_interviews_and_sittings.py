"""Make the tables of interviews, invitations, sittings, takes, shares, comments and looks."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "interview",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("account_id", sa.String(length=22), nullable=True),
        sa.Column("visitor_id", sa.String(length=22), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_interview_account_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["visitor_id"], ["visitor.id"], name=op.f("fk_interview_visitor_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interview")),
    )
    op.create_index(op.f("ix_interview_account_id"), "interview", ["account_id"], unique=False)
    op.create_index(op.f("ix_interview_visitor_id"), "interview", ["visitor_id"], unique=False)
    op.create_table(
        "comment",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("answer_id", sa.String(length=22), nullable=False),
        sa.Column("account_id", sa.String(length=22), nullable=True),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_comment_account_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name=op.f("fk_comment_answer_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
    )
    op.create_index(op.f("ix_comment_account_id"), "comment", ["account_id"], unique=False)
    op.create_index(op.f("ix_comment_answer_id"), "comment", ["answer_id"], unique=False)
    op.create_table(
        "invitation",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("interview_id", sa.String(length=22), nullable=False),
        sa.Column("token", sa.String(length=22), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("contact", sa.String(length=200), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declined", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["interview_id"], ["interview.id"], name=op.f("fk_invitation_interview_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token", name=op.f("uq_invitation_token")),
    )
    op.create_index(op.f("ix_invitation_interview_id"), "invitation", ["interview_id"], unique=False)
    op.create_table(
        "look",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("answer_id", sa.String(length=22), nullable=False),
        sa.Column("account_id", sa.String(length=22), nullable=True),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("what", sa.String(length=10), nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_look_account_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name=op.f("fk_look_answer_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look")),
    )
    op.create_index(op.f("ix_look_account_id"), "look", ["account_id"], unique=False)
    op.create_index(op.f("ix_look_answer_id"), "look", ["answer_id"], unique=False)
    op.create_table(
        "step",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("interview_id", sa.String(length=22), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.String(length=60), nullable=True),
        sa.Column("theme", sa.String(length=40), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("thinking_seconds", sa.Integer(), nullable=False),
        sa.Column("answer_seconds", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("break_seconds", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["interview_id"], ["interview.id"], name=op.f("fk_step_interview_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step")),
    )
    op.create_index(op.f("ix_step_interview_id"), "step", ["interview_id"], unique=False)
    op.create_table(
        "sitting",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("interview_id", sa.String(length=22), nullable=False),
        sa.Column("invitation_id", sa.String(length=22), nullable=True),
        sa.Column("visitor_id", sa.String(length=22), nullable=False),
        sa.Column("begun", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["interview_id"], ["interview.id"], name=op.f("fk_sitting_interview_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name=op.f("fk_sitting_invitation_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["visitor_id"], ["visitor.id"], name=op.f("fk_sitting_visitor_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sitting")),
        sa.UniqueConstraint("invitation_id", name=op.f("uq_sitting_invitation_id")),
    )
    op.create_index(op.f("ix_sitting_interview_id"), "sitting", ["interview_id"], unique=False)
    op.create_index(op.f("ix_sitting_visitor_id"), "sitting", ["visitor_id"], unique=False)
    op.create_table(
        "share",
        sa.Column("answer_id", sa.String(length=22), nullable=False),
        sa.Column("sitting_id", sa.String(length=22), nullable=False),
        sa.Column("media", sa.Boolean(), nullable=False),
        sa.Column("facts", sa.Boolean(), nullable=False),
        sa.Column("inferences", sa.Boolean(), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name=op.f("fk_share_answer_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_share_sitting_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("answer_id", name=op.f("pk_share")),
    )
    op.create_index(op.f("ix_share_sitting_id"), "share", ["sitting_id"], unique=False)
    op.create_table(
        "take",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sitting_id", sa.String(length=22), nullable=False),
        sa.Column("step_id", sa.String(length=22), nullable=False),
        sa.Column("recording_id", sa.String(length=22), nullable=True),
        sa.Column("answer_id", sa.String(length=22), nullable=True),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("begun", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name=op.f("fk_take_answer_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["recording_id"], ["recording.id"], name=op.f("fk_take_recording_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_take_sitting_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["step_id"], ["step.id"], name=op.f("fk_take_step_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_take")),
        sa.UniqueConstraint("answer_id", name=op.f("uq_take_answer_id")),
    )
    op.create_index(op.f("ix_take_recording_id"), "take", ["recording_id"], unique=False)
    op.create_index(op.f("ix_take_sitting_id"), "take", ["sitting_id"], unique=False)
    op.create_index(op.f("ix_take_step_id"), "take", ["step_id"], unique=False)


def downgrade() -> None:
    op.drop_table("look")
    op.drop_table("comment")
    op.drop_table("share")
    op.drop_table("take")
    op.drop_table("sitting")
    op.drop_table("invitation")
    op.drop_table("step")
    op.drop_table("interview")
