"""The knowledge base: articles in versions, and the cases answered from them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "knowledge_versions",
        sa.Column("article_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("keywords", sa.JSON(), nullable=False),
        sa.Column("classes", sa.JSON(), nullable=False),
        sa.Column("review_on", sa.String(length=10), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", "version", name=op.f("pk_knowledge_versions")),
    )
    op.create_table(
        "knowledge_answers",
        sa.Column("answer_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case_number", sa.String(length=20), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["case_number"], ["cases.case_number"]),
        sa.ForeignKeyConstraint(
            ["article_id", "version"],
            ["knowledge_versions.article_id", "knowledge_versions.version"],
        ),
        sa.PrimaryKeyConstraint("answer_id", name=op.f("pk_knowledge_answers")),
    )
    op.create_index("ix_knowledge_answers_case_number", "knowledge_answers", ["case_number"])


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_knowledge_answers_case_number", "knowledge_answers")
    op.drop_table("knowledge_answers")
    op.drop_table("knowledge_versions")
