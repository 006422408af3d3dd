"""Attachments of cases, and what a suggested handling unit rests on: rules and past dispatches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "attachments",
        sa.Column("attachment_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case_number", sa.String(length=20), nullable=False),
        sa.Column("upload_key", sa.String(length=64), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("mime", sa.String(length=100), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("taken_at", sa.String(length=20), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("added_by", sa.String(length=64), nullable=False),
        sa.Column("added_at", sa.Float(), nullable=False),
        sa.Column("erased_at", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_number"], ["cases.case_number"], name=op.f("fk_attachments_case_number")
        ),
        sa.PrimaryKeyConstraint("attachment_id", name=op.f("pk_attachments")),
    )
    op.create_index(
        "uq_attachments_upload",
        "attachments",
        ["case_number", "added_by", "upload_key"],
        unique=True,
    )
    op.create_table(
        "dispatch_rules",
        sa.Column("rule_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("category", sa.String(length=24), nullable=False),
        sa.Column("place", sa.String(length=24), nullable=False),
        sa.Column("unit_id", sa.String(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("closed_by", sa.String(length=64), nullable=True),
        sa.Column("closed_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("rule_id", name=op.f("pk_dispatch_rules")),
    )
    op.create_index("ix_dispatch_rules_active_category", "dispatch_rules", ["active", "category"])
    op.create_table(
        "dispatches",
        sa.Column("dispatch_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case_number", sa.String(length=20), nullable=False),
        sa.Column("category", sa.String(length=24), nullable=False),
        sa.Column("street", sa.String(length=24), nullable=False),
        sa.Column("district", sa.String(length=24), nullable=False),
        sa.Column("unit_id", sa.String(length=32), nullable=False),
        sa.Column("dispatched_by", sa.String(length=64), nullable=False),
        sa.Column("dispatched_at", sa.Float(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column(
            "corrected_to", sa.String(length=32), nullable=False, server_default=sa.text("''")
        ),
        sa.PrimaryKeyConstraint("dispatch_id", name=op.f("pk_dispatches")),
    )
    op.create_index("ix_dispatches_case_number", "dispatches", ["case_number"])
    op.create_index(
        "ix_dispatches_category_street_at", "dispatches", ["category", "street", "dispatched_at"]
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_dispatches_category_street_at", table_name="dispatches")
    op.drop_index("ix_dispatches_case_number", table_name="dispatches")
    op.drop_table("dispatches")
    op.drop_index("ix_dispatch_rules_active_category", table_name="dispatch_rules")
    op.drop_table("dispatch_rules")
    op.drop_index("uq_attachments_upload", table_name="attachments")
    op.drop_table("attachments")
