"""Text messages to citizens who left a report."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision: str | None = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the outbox."""
    op.create_table(
        "messages",
        sa.Column("message_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("case_number", sa.String(length=20), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("due_at", sa.Float(), nullable=False),
        sa.Column("sent_at", sa.Float(), nullable=True),
        sa.Column("gateway_id", sa.String(length=120), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.Column("origin_seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_messages")),
        sa.UniqueConstraint("kind", "case_number", name="uq_messages_kind_case"),
    )
    op.create_index(op.f("ix_messages_origin_seq"), "messages", ["origin_seq"])
    op.create_index("ix_messages_state_due_at", "messages", ["state", "due_at"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("messages")
