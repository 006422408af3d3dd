"""Storms, and the callers who are affected by them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _storms()
    _affected()


def _storms() -> None:
    op.create_table(
        "storms",
        sa.Column("storm_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("case_number", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("began_by", sa.String(length=64), nullable=False),
        sa.Column("began_at", sa.Float(), nullable=False),
        sa.Column("ends_at", sa.Float(), nullable=False),
        sa.Column("ended_by", sa.String(length=64), nullable=True),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_number"], ["cases.case_number"], name=op.f("fk_storms_case_number")
        ),
        sa.PrimaryKeyConstraint("storm_id", name=op.f("pk_storms")),
    )
    op.create_index(op.f("ix_storms_case_number"), "storms", ["case_number"])


def _affected() -> None:
    op.create_table(
        "storm_affected",
        sa.Column("affected_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("storm_id", sa.Integer(), nullable=False),
        sa.Column("case_number", sa.String(length=20), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("again", sa.Integer(), nullable=False),
        sa.Column("callback", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["storm_id"], ["storms.storm_id"], name=op.f("fk_storm_affected_storm_id")
        ),
        sa.PrimaryKeyConstraint("affected_id", name=op.f("pk_storm_affected")),
    )
    op.create_index("ix_storm_affected_storm_id_at", "storm_affected", ["storm_id", "at"])
    op.create_index(
        "uq_storm_affected_call", "storm_affected", ["storm_id", "call_id"], unique=True
    )
    op.create_index(
        "uq_storm_affected_number",
        "storm_affected",
        ["storm_id", "number"],
        unique=True,
        sqlite_where=sa.text("number <> ''"),
        postgresql_where=sa.text("number <> ''"),
    )


def downgrade() -> None:
    op.drop_table("storm_affected")
    op.drop_table("storms")
