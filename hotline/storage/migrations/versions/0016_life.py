"""What the life of a case needs beside the case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def _empty(name: str, kind: sa.types.TypeEngine[str]) -> sa.Column[str]:
    return sa.Column(name, kind, nullable=False, server_default=sa.text("''"))


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "case_lives",
        sa.Column("case_number", sa.String(length=20), nullable=False),
        _empty("came_from", sa.String(length=20)),
        sa.Column("suspended_until", sa.Float(), nullable=True),
        sa.Column("arrived_at", sa.Float(), nullable=True),
        _empty("closing", sa.String(length=64)),
        _empty("expert", sa.String(length=8)),
        _empty("handled_by", sa.String(length=64)),
        _empty("bound_unit", sa.Text()),
        sa.ForeignKeyConstraint(["case_number"], ["cases.case_number"]),
        sa.PrimaryKeyConstraint("case_number"),
    )
    op.create_table(
        "case_parts",
        sa.Column("case_number", sa.String(length=20), nullable=False),
        sa.Column("unit_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["case_number"], ["cases.case_number"]),
        sa.PrimaryKeyConstraint("case_number", "unit_id"),
    )
    op.create_index("ix_case_parts_unit_id_state", "case_parts", ["unit_id", "state"])
    op.create_table(
        "case_requests",
        sa.Column("case_number", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("asked_by", sa.String(length=64), nullable=False),
        sa.Column("asked_at", sa.Float(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("until", sa.Float(), nullable=True),
        sa.Column("against", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=False),
        sa.Column("decided_at", sa.Float(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_number"], ["cases.case_number"]),
        sa.PrimaryKeyConstraint("case_number", "number"),
    )
    op.create_index("ix_case_requests_state_kind", "case_requests", ["state", "kind"])
    op.create_table(
        "case_personal",
        sa.Column("ref", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case_number", sa.String(length=20), nullable=False),
        sa.Column("field", sa.String(length=16), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["case_number"], ["cases.case_number"]),
        sa.PrimaryKeyConstraint("ref"),
    )
    op.create_index("ix_case_personal_case_number_field", "case_personal", ["case_number", "field"])


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_case_personal_case_number_field", "case_personal")
    op.drop_table("case_personal")
    op.drop_index("ix_case_requests_state_kind", "case_requests")
    op.drop_table("case_requests")
    op.drop_index("ix_case_parts_unit_id_state", "case_parts")
    op.drop_table("case_parts")
    op.drop_table("case_lives")
