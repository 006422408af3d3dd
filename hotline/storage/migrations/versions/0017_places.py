"""Places, grids, units, and which cases are about the same matter."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _make_places()
    _make_units()
    _make_links()
    op.create_index("ix_cases_merged_into", "cases", ["merged_into"])


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_cases_merged_into", "cases")
    op.drop_table("case_links")
    op.drop_table("units")
    op.drop_table("places")
    op.drop_table("places_imports")


def _make_places() -> None:
    op.create_table(
        "places_imports",
        sa.Column("revision", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("crs", sa.String(length=16), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_places_imports")),
    )
    op.create_table(
        "places",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("place_id", sa.String(length=24), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("aliases", sa.Text(), nullable=False),
        sa.Column("duty_grid", sa.String(length=24), nullable=False),
        sa.Column("community", sa.String(length=24), nullable=False),
        sa.Column("street", sa.String(length=24), nullable=False),
        sa.Column("district", sa.String(length=24), nullable=False),
        sa.Column("geometry", sa.Text(), nullable=False),
        sa.Column("west", sa.Float(), nullable=True),
        sa.Column("south", sa.Float(), nullable=True),
        sa.Column("east", sa.Float(), nullable=True),
        sa.Column("north", sa.Float(), nullable=True),
        sa.Column("first_number", sa.Integer(), nullable=True),
        sa.Column("last_number", sa.Integer(), nullable=True),
        sa.Column("odd_side", sa.String(length=8), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "place_id", name=op.f("pk_places")),
    )
    op.create_index("ix_places_kind_retired", "places", ["kind", "retired"])


def _make_units() -> None:
    op.create_table(
        "units",
        sa.Column("unit_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("parent", sa.String(length=32), nullable=False, server_default=sa.text("''")),
        sa.Column("phone", sa.String(length=32), nullable=False, server_default=sa.text("''")),
        sa.Column("districts", sa.JSON(), nullable=False),
        sa.Column("streets", sa.JSON(), nullable=False),
        sa.Column("professional", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", name=op.f("pk_units")),
        sa.UniqueConstraint("name", name=op.f("uq_units_name")),
    )


def _make_links() -> None:
    op.create_table(
        "case_links",
        sa.Column("link_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case_number", sa.String(length=20), nullable=False),
        sa.Column("other", sa.String(length=20), nullable=False),
        sa.Column("relation", sa.String(length=16), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("undone_by", sa.String(length=64), nullable=True),
        sa.Column("undone_at", sa.Float(), nullable=True),
        sa.Column("undone_why", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.ForeignKeyConstraint(
            ["case_number"], ["cases.case_number"], name=op.f("fk_case_links_case_number_cases")
        ),
        sa.ForeignKeyConstraint(
            ["other"], ["cases.case_number"], name=op.f("fk_case_links_other_cases")
        ),
        sa.PrimaryKeyConstraint("link_id", name=op.f("pk_case_links")),
    )
    op.create_index(op.f("ix_case_links_case_number"), "case_links", ["case_number"])
    op.create_index(op.f("ix_case_links_other"), "case_links", ["other"])
