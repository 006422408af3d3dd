"""The form's last fields, drafts that know their order, notes of numbers, texts to insert, and the
news of calls for other systems."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# Named by a case's number so far; by a call's id from now on, too.
_NAMED = ("exchange_streams", "exchange_outbox")


def upgrade() -> None:
    """Add the columns and tables."""
    empty = sa.text("''")
    for name, kind in (("caller_sex", sa.String(8)), ("expected_reply", sa.Text())):
        op.add_column("cases", sa.Column(name, kind, nullable=False, server_default=empty))
    op.create_index("ix_cases_caller_name", "cases", ["caller_name"])
    op.add_column("drafts", sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("drafts", sa.Column("page", sa.String(32), nullable=False, server_default=empty))
    op.create_table(
        "caller_notes",
        sa.Column("note_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("note_id", name=op.f("pk_caller_notes")),
    )
    op.create_index("ix_caller_notes_number", "caller_notes", ["number"])
    op.create_table(
        "text_templates",
        sa.Column("template_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False, server_default=empty),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("template_id", name=op.f("pk_text_templates")),
    )
    op.create_table(
        "exchange_call_news",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_exchange_call_news")),
    )
    for table in _NAMED:
        _widen(table, sa.String(20), sa.String(64))


def downgrade() -> None:
    """Take them away."""
    for table in _NAMED:
        op.execute(sa.text(f"DELETE FROM {table} WHERE length(case_number) > 20"))  # noqa: S608
        _widen(table, sa.String(64), sa.String(20))
    op.drop_table("exchange_call_news")
    op.drop_table("text_templates")
    op.drop_index("ix_caller_notes_number", table_name="caller_notes")
    op.drop_table("caller_notes")
    op.drop_column("drafts", "page")
    op.drop_column("drafts", "revision")
    op.drop_index("ix_cases_caller_name", table_name="cases")
    op.drop_column("cases", "expected_reply")
    op.drop_column("cases", "caller_sex")


def _widen(table: str, before: sa.String, after: sa.String) -> None:
    with op.batch_alter_table(table) as batch:
        batch.alter_column(
            "case_number", existing_type=before, type_=after, existing_nullable=False
        )
