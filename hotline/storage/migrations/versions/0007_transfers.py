"""The table of handovers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision: str | None = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "handovers",
        sa.Column("handover_id", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("agent_id", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Float(), nullable=False),
        sa.Column("answered_at", sa.Float(), nullable=True),
        sa.Column("joined_at", sa.Float(), nullable=True),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("talked_s", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("handover_id", name=op.f("pk_handovers")),
    )
    op.create_index(op.f("ix_handovers_call_id"), "handovers", ["call_id"])
    op.create_index(op.f("ix_handovers_started_at"), "handovers", ["started_at"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("handovers")
