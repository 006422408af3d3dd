"""What is judged and published."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_INDEXED = ("dispatched_at", "handle_due_at", "close_due_at")


def upgrade() -> None:
    """Make the tables, and the indexes by which the cases of a period are found."""
    op.create_table(
        "bulletins",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.Column("open_data", sa.LargeBinary(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("published_by", sa.String(length=64), nullable=False),
        sa.Column("published_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("month", "revision", name=op.f("pk_bulletins")),
    )
    op.create_table(
        "themes",
        sa.Column("theme_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("first_month", sa.String(length=7), nullable=False),
        sa.Column("last_month", sa.String(length=7), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("theme_id", name=op.f("pk_themes")),
    )
    for column in _INDEXED:
        op.create_index(f"ix_cases_{column}", "cases", [column])


def downgrade() -> None:
    """Take them away."""
    for column in reversed(_INDEXED):
        op.drop_index(f"ix_cases_{column}", "cases")
    op.drop_table("themes")
    op.drop_table("bulletins")
