"""Recorded consultations: what agent and third say while the caller hears music."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("handovers", sa.Column("recording", sa.Text(), nullable=True))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("handovers", "recording")
