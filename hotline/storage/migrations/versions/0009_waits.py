"""What waiting callers were told, and places kept for a callback."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "callers_told",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("told_at", sa.Float(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("queue", sa.String(length=32), nullable=False),
        sa.Column("ahead", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("said_s", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("call_id", "told_at", name=op.f("pk_callers_told")),
    )
    op.create_index(op.f("ix_callers_told_told_at"), "callers_told", ["told_at"])
    op.create_table(
        "kept_places",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("queue", sa.String(length=32), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("since", sa.Float(), nullable=False),
        sa.Column("kept_at", sa.Float(), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.String(length=80), nullable=False),
        sa.Column("called_at", sa.Float(), nullable=True),
        sa.Column("again_at", sa.Float(), nullable=True),
        sa.Column("last_outcome", sa.String(length=16), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_kept_places")),
    )
    for column in ("origin", "number", "ended_at"):
        op.create_index(op.f(f"ix_kept_places_{column}"), "kept_places", [column])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("kept_places")
    op.drop_table("callers_told")
