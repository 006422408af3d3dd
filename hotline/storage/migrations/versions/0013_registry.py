"""What a registry keeps of a case beyond its form: place, clocks, counts, and who answers for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_INDEXES = (
    ("state", "handle_due_at"),
    ("unit_id", "state"),
    ("category_code", "opened_at"),
    ("closed_at",),
)


def _columns() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("unit_id", sa.String(length=32), nullable=False, server_default=sa.text("''")),
        sa.Column("owner", sa.String(length=64), nullable=False, server_default=sa.text("''")),
        sa.Column("confidential", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("taxonomy_revision", sa.Integer(), nullable=True),
        sa.Column("condition", sa.String(length=64), nullable=False, server_default=sa.text("''")),
        sa.Column("component_code", sa.String(length=24), nullable=False, server_default=sa.text("''")),
        sa.Column("road", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("landmark", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("grid", sa.String(length=24), nullable=False, server_default=sa.text("''")),
        sa.Column("duty_grid", sa.String(length=24), nullable=False, server_default=sa.text("''")),
        sa.Column("community", sa.String(length=24), nullable=False, server_default=sa.text("''")),
        sa.Column("street", sa.String(length=24), nullable=False, server_default=sa.text("''")),
        sa.Column("district", sa.String(length=24), nullable=False, server_default=sa.text("''")),
        sa.Column("filed_at", sa.Float(), nullable=True),
        sa.Column("dispatched_at", sa.Float(), nullable=True),
        sa.Column("handled_at", sa.Float(), nullable=True),
        sa.Column("handle_due_at", sa.Float(), nullable=True),
        sa.Column("close_due_at", sa.Float(), nullable=True),
        sa.Column("suspended_at", sa.Float(), nullable=True),
        sa.Column("returns", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("reworks", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("extensions", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("urgings", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("supervision", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("forced", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("reports", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("merged_into", sa.String(length=20), nullable=False, server_default=sa.text("''")),
    )


def upgrade() -> None:
    """Add the columns; of older cases only what the form said is known."""
    for column in _columns():
        op.add_column("cases", column)
    for columns in _INDEXES:
        op.create_index(f"ix_cases_{'_'.join(columns)}", "cases", list(columns))
    op.add_column(
        "users",
        sa.Column("unit_id", sa.String(length=32), nullable=False, server_default=sa.text("''")),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_column("users", "unit_id")
    for columns in reversed(_INDEXES):
        op.drop_index(f"ix_cases_{'_'.join(columns)}", "cases")
    for column in reversed(_columns()):
        op.drop_column("cases", column.name)
