"""Calls for help, messages among staff, calls that staff place, and promises to call back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_LIVING = sa.text("ended_at IS NULL")
_EMPTY = sa.text("''")


def upgrade() -> None:
    """Make the tables."""
    _help()
    _messages()
    _outbound()
    _promises()


def downgrade() -> None:
    """Take them away."""
    for table in (
        "call_promises",
        "outbound_calls",
        "staff_receipts",
        "staff_messages",
        "help_calls",
    ):
        op.drop_table(table)


def _help() -> None:
    op.create_table(
        "help_calls",
        sa.Column("help_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("agent_id", sa.String(length=64), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("asked_at", sa.Float(), nullable=False),
        sa.Column("seen_by", sa.String(length=64), nullable=False, server_default=_EMPTY),
        sa.Column("seen_at", sa.Float(), nullable=True),
        sa.Column("ended_by", sa.String(length=64), nullable=False, server_default=_EMPTY),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=False, server_default=_EMPTY),
        sa.Column("words", sa.Text(), nullable=False, server_default=_EMPTY),
        sa.PrimaryKeyConstraint("help_id", name=op.f("pk_help_calls")),
    )
    op.create_index(op.f("ix_help_calls_asked_at"), "help_calls", ["asked_at"])
    op.create_index(
        "uq_help_calls_open_of_agent",
        "help_calls",
        ["agent_id"],
        unique=True,
        sqlite_where=_LIVING,
        postgresql_where=_LIVING,
    )


def _messages() -> None:
    op.create_table(
        "staff_messages",
        sa.Column("message_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("sent_by", sa.String(length=64), nullable=False),
        sa.Column("sent_at", sa.Float(), nullable=False),
        sa.Column("sent_to", sa.String(length=72), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_staff_messages")),
    )
    op.create_index(op.f("ix_staff_messages_sent_at"), "staff_messages", ["sent_at"])
    op.create_index(op.f("ix_staff_messages_answers"), "staff_messages", ["answers"])
    op.create_table(
        "staff_receipts",
        sa.Column("message_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("read_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("message_id", "user_id", name=op.f("pk_staff_receipts")),
    )
    op.create_index("ix_staff_receipts_user_id_read_at", "staff_receipts", ["user_id", "read_at"])


def _outbound() -> None:
    op.create_table(
        "outbound_calls",
        sa.Column("outbound_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("agent_id", sa.String(length=64), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("case_number", sa.String(length=20), nullable=True),
        sa.Column("origin", sa.String(length=64), nullable=True),
        sa.Column("promise_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("dialled_at", sa.Float(), nullable=False),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.Column("talked_s", sa.Float(), nullable=True),
        sa.Column("recording", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("outbound_id", name=op.f("pk_outbound_calls")),
    )
    for column in ("call_id", "case_number", "dialled_at"):
        op.create_index(op.f(f"ix_outbound_calls_{column}"), "outbound_calls", [column])
    op.create_index(
        "uq_outbound_calls_up_of_agent",
        "outbound_calls",
        ["agent_id"],
        unique=True,
        sqlite_where=_LIVING,
        postgresql_where=_LIVING,
    )


def _promises() -> None:
    op.create_table(
        "call_promises",
        sa.Column("promise_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("due_at", sa.Float(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=True),
        sa.Column("case_number", sa.String(length=20), nullable=True),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("last_outcome", sa.String(length=20), nullable=True),
        sa.Column("ended_by", sa.String(length=64), nullable=True),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False, server_default=_EMPTY),
        sa.PrimaryKeyConstraint("promise_id", name=op.f("pk_call_promises")),
    )
    for column in ("call_id", "case_number"):
        op.create_index(op.f(f"ix_call_promises_{column}"), "call_promises", [column])
    op.create_index("ix_call_promises_state_due_at", "call_promises", ["state", "due_at"])
