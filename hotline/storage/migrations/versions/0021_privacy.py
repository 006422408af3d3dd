"""What was handed out, minimised and kept back; and a journal that minimising may rewrite."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_LIVING = sa.text("lifted_at IS NULL")
_KEPT = ("seq", "at", "kind", "call_id", "agent_id", "case_number")
_SQLITE_BEFORE = """
    CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
"""
_SQLITE = f"""
    CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal
    WHEN NOT EXISTS (SELECT 1 FROM minimising)
    OR {" OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _KEPT)}
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
"""
_POSTGRESQL_BEFORE = """
    CREATE OR REPLACE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$
"""
_POSTGRESQL = f"""
    CREATE OR REPLACE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF EXISTS (SELECT 1 FROM minimising)
        AND {" AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in _KEPT)}
        THEN RETURN NEW; END IF;
    END IF;
    RAISE EXCEPTION 'the journal is append-only';
    END $$
"""


def upgrade() -> None:
    """Make the tables; let the journal's data be rewritten while something is minimised."""
    op.create_table(
        "minimising",
        sa.Column("token", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_minimising")),
    )
    op.create_table(
        "privacy_requests",
        sa.Column("request_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_privacy_requests")),
    )
    op.create_index(op.f("ix_privacy_requests_at"), "privacy_requests", ["at"])
    op.create_table(
        "retention_rules",
        sa.Column("rule_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("rule_id", name=op.f("pk_retention_rules")),
    )
    op.create_index(op.f("ix_retention_rules_kind"), "retention_rules", ["kind"])
    op.create_table(
        "legal_holds",
        sa.Column("hold_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case_number", sa.String(length=20), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("lifted_by", sa.String(length=64), nullable=True),
        sa.Column("lifted_at", sa.Float(), nullable=True),
        sa.Column("lifted_why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hold_id", name=op.f("pk_legal_holds")),
    )
    op.create_index(
        "uq_legal_holds_of_case",
        "legal_holds",
        ["case_number"],
        unique=True,
        sqlite_where=_LIVING,
        postgresql_where=_LIVING,
    )
    _guard(_SQLITE, _POSTGRESQL)


def downgrade() -> None:
    """Take them away."""
    _guard(_SQLITE_BEFORE, _POSTGRESQL_BEFORE)
    for table in ("legal_holds", "retention_rules", "privacy_requests", "minimising"):
        op.drop_table(table)


def _guard(sqlite: str, postgresql: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(postgresql)
        return
    op.execute("DROP TRIGGER journal_no_update")
    op.execute(sqlite)
