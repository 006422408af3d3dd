"""Published flows: their texts, publications, drafts and entries; how callers walked them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _flows()
    _passages()


def _flows() -> None:
    op.create_table(
        "flow_versions",
        sa.Column("name", sa.String(length=48), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name", "version", name=op.f("pk_flow_versions")),
    )
    op.create_table(
        "flow_publications",
        sa.Column("publication_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=48), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("published_by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("rolled_back_from", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("publication_id", name=op.f("pk_flow_publications")),
    )
    op.create_index(op.f("ix_flow_publications_name"), "flow_publications", ["name"])
    op.create_table(
        "flow_drafts",
        sa.Column("name", sa.String(length=48), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name", "user_id", name=op.f("pk_flow_drafts")),
    )
    op.create_table(
        "flow_entries",
        sa.Column("called", sa.String(length=80), nullable=False),
        sa.Column("flow", sa.String(length=48), nullable=False),
        sa.PrimaryKeyConstraint("called", name=op.f("pk_flow_entries")),
    )


def _passages() -> None:
    op.create_table(
        "flow_passages",
        sa.Column("flow", sa.String(length=48), nullable=False),
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("node", sa.String(length=80), nullable=False),
        sa.Column("exit", sa.String(length=80), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "flow", "hour", "version", "node", "exit", name=op.f("pk_flow_passages")
        ),
    )
    op.create_table(
        "counted",
        sa.Column("projection", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("projection", name=op.f("pk_counted")),
    )
    op.create_table(
        "blind_intervals",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("node", sa.String(length=16), nullable=False),
        sa.Column("since", sa.Float(), nullable=False),
        sa.Column("until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_blind_intervals")),
    )
    op.create_index(op.f("ix_blind_intervals_until"), "blind_intervals", ["until"])
    # What stands in the journal so far was written before flows had versions: none of it counts.
    op.execute(
        "INSERT INTO counted (projection, seq) "
        "SELECT 'flow_passages', COALESCE(MAX(seq), 0) FROM journal"
    )
