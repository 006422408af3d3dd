"""The city's own classes and their revisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and count cases by class quickly."""
    op.create_table(
        "taxonomy_revisions",
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("standard", sa.String(length=32), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("entry", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_taxonomy_revisions")),
    )
    op.create_index("ix_cases_standard_category_code", "cases", ["standard", "category_code"])


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_cases_standard_category_code", "cases")
    op.drop_table("taxonomy_revisions")
