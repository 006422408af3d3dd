"""Who is asked first for a call, and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; nothing is known of calls that were before."""
    op.add_column("calls", sa.Column("first_agent", sa.String(length=64), nullable=True))
    op.add_column("calls", sa.Column("first_why", sa.String(length=32), nullable=True))


def downgrade() -> None:
    """Take them away."""
    op.drop_column("calls", "first_why")
    op.drop_column("calls", "first_agent")
