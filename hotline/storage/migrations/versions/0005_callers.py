"""Callers: why a call has its priority, signs of nuisance, rules for numbers, appeals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    op.add_column("calls", sa.Column("reasons", sa.JSON(), nullable=True))
    op.create_table(
        "call_signs",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("sign", sa.String(length=16), nullable=False),
        sa.Column("marked_by", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", "sign", "marked_by", name="pk_call_signs"),
    )
    op.create_table(
        "caller_rules",
        sa.Column("rule_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("because", sa.String(length=16), nullable=False),
        sa.Column("effect", sa.String(length=16), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("proposed_at", sa.Float(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=True),
        sa.Column("made_at", sa.Float(), nullable=True),
        sa.Column("expires_at", sa.Float(), nullable=True),
        sa.Column("ended_by", sa.String(length=64), nullable=True),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.Column("ended_why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("rule_id", name="pk_caller_rules"),
    )
    op.create_index("ix_caller_rules_state", "caller_rules", ["state"])
    op.create_index("ix_caller_rules_number_state", "caller_rules", ["number", "state"])
    op.create_table(
        "caller_appeals",
        sa.Column("appeal_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("taken_by", sa.String(length=64), nullable=False),
        sa.Column("taken_at", sa.Float(), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", sa.Float(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["caller_rules.rule_id"], name="fk_caller_appeals_rule_id_caller_rules"
        ),
        sa.PrimaryKeyConstraint("appeal_id", name="pk_caller_appeals"),
    )
    op.create_index("ix_caller_appeals_rule_id", "caller_appeals", ["rule_id"])


def downgrade() -> None:
    """Take them away."""
    op.drop_table("caller_appeals")
    op.drop_table("caller_rules")
    op.drop_table("call_signs")
    op.drop_column("calls", "reasons")
