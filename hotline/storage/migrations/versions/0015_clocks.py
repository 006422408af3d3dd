"""Time limits and the clocks of cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "time_limits",
        sa.Column("limit_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("standard", sa.String(length=32), nullable=False),
        sa.Column("class_key", sa.String(length=16), nullable=False),
        sa.Column("condition", sa.String(length=64), nullable=False),
        sa.Column("condition_text", sa.Text(), nullable=False),
        sa.Column("urgency", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("limit_text", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("limit_id"),
        sa.UniqueConstraint(
            "standard", "class_key", "condition", "urgency", "kind", name="uq_time_limits_key"
        ),
    )
    op.create_table(
        "time_limit_changes",
        sa.Column("change_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("limit_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("limit_text", sa.String(length=32), nullable=False),
        sa.Column("condition_text", sa.Text(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["limit_id"], ["time_limits.limit_id"]),
        sa.PrimaryKeyConstraint("change_id"),
    )
    op.create_index("ix_time_limit_changes_limit_id", "time_limit_changes", ["limit_id"])
    op.create_table(
        "work_calendars",
        sa.Column("revision", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("hours", sa.String(length=200), nullable=False),
        sa.Column("official", sa.Boolean(), nullable=False),
        sa.Column("holidays", sa.JSON(), nullable=False),
        sa.Column("workdays", sa.JSON(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.Column("recomputed_at", sa.Float(), nullable=True),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("revision"),
    )
    op.create_table(
        "case_clocks",
        sa.Column("clock_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case_number", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("limit_text", sa.String(length=32), nullable=False),
        sa.Column("started_at", sa.Float(), nullable=False),
        sa.Column("due_at", sa.Float(), nullable=False),
        sa.Column("paused_at", sa.Float(), nullable=True),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.Float(), nullable=True),
        sa.Column("warned_at", sa.Float(), nullable=True),
        sa.Column("breached_at", sa.Float(), nullable=True),
        sa.Column("escalated_at", sa.Float(), nullable=True),
        sa.Column("calendar_revision", sa.Integer(), nullable=False),
        sa.Column("trace", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["case_number"], ["cases.case_number"]),
        sa.PrimaryKeyConstraint("clock_id"),
    )
    op.create_index("ix_case_clocks_case_number", "case_clocks", ["case_number"])
    op.create_index("ix_case_clocks_next_at", "case_clocks", ["next_at"])
    op.create_index(
        "ix_case_clocks_open_by_revision",
        "case_clocks",
        ["calendar_revision", "case_number"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    """Take them away."""
    for table in ("case_clocks", "work_calendars", "time_limit_changes", "time_limits"):
        op.drop_table(table)
