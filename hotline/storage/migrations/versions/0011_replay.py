"""What the routing engine was given, for replays."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "engine_starts",
        sa.Column("start_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("engine", sa.String(length=32), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("start_id", name=op.f("pk_engine_starts")),
    )
    op.create_index(op.f("ix_engine_starts_at"), "engine_starts", ["at"])
    op.create_table(
        "engine_inputs",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("start_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("entries", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_engine_inputs")),
    )
    op.create_index("ix_engine_inputs_start_id_seq", "engine_inputs", ["start_id", "seq"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("engine_inputs")
    op.drop_table("engine_starts")
