"""Searching cases by their words, counts of cases by state, saved filters, and quick lists.

The words of older cases are not made here: on SQLite and PostgreSQL alike that takes minutes for
a million cases. The hotline makes them in batches once it runs
(:meth:`hotline.registry.searching.service.SearchDesk.run`), and searching tells how far it is.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_OPEN = "state NOT IN ('closed', 'not_filed', 'void')"
_COVERING = (
    "state", "unit_id", "owner", "district", "street", "community", "grid", "category_code",
    "kind", "urgency", "source", "supervision", "suspended_at", "handle_due_at", "close_due_at",
    "opened_at", "case_number",
)  # fmt: skip
_PARTIAL: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("ix_cases_open", _COVERING, _OPEN),
    ("ix_cases_supervised", ("opened_at",), "supervision > 0"),
)
_INDEXES: tuple[tuple[str, ...], ...] = (
    ("street", "opened_at"),
    ("grid", "opened_at"),
    ("owner", "opened_at"),
    ("unit_id", "opened_at"),
    ("source", "opened_at"),
    ("opened_by", "opened_at"),
    ("changed_at",),
)


def upgrade() -> None:
    """Make the tables and the indexes."""
    _make_words()
    op.create_table(
        "case_counts",
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("state"),
    )
    op.execute(
        "INSERT INTO case_counts (state, cases) SELECT state, count(*) FROM cases GROUP BY state"
    )
    op.create_table(
        "saved_filters",
        sa.Column("filter_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.JSON(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("filter_id"),
    )
    op.create_index("ix_saved_filters_owner", "saved_filters", ["owner"])
    for columns in _INDEXES:
        op.create_index(f"ix_cases_{'_'.join(columns)}", "cases", list(columns))
    for name, columns, which in _PARTIAL:
        where = sa.text(which)
        op.create_index(name, "cases", list(columns), sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Take them away."""
    for name, _, _ in reversed(_PARTIAL):
        op.drop_index(name, "cases")
    for columns in reversed(_INDEXES):
        op.drop_index(f"ix_cases_{'_'.join(columns)}", "cases")
    op.drop_table("saved_filters")
    op.drop_table("case_counts")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE case_fts")
    op.drop_table("case_words")


def _make_words() -> None:
    op.create_table(
        "case_words",
        sa.Column(
            "doc",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "words", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False
        ),
        sa.PrimaryKeyConstraint("doc"),
    )
    if op.get_bind().dialect.name == "sqlite":
        # ascii: whatever is no ASCII is part of a word, so words are kept exactly as they are made.
        op.execute("CREATE VIRTUAL TABLE case_fts USING fts5(words, content='', tokenize='ascii')")
    else:
        op.create_index("ix_case_words_words", "case_words", ["words"], postgresql_using="gin")
