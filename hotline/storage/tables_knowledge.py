"""The tables of the knowledge base."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from hotline.storage.tables import Base


class KnowledgeVersionRow(Base):
    """An article as somebody wrote it. Rows are added and never changed: the last version of an
    article tells how it stands."""

    __tablename__ = "knowledge_versions"
    article_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    # add, change, review, withdraw or restore
    action: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    keywords: Mapped[list[str]] = mapped_column(JSON)
    # Keys of the city's standard.
    classes: Mapped[list[str]] = mapped_column(JSON)
    # The day, as 2026-11-20, from which somebody has to read it again.
    review_on: Mapped[str] = mapped_column(String(10))
    withdrawn: Mapped[bool] = mapped_column(Boolean)
    why: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[float] = mapped_column(Float)


class KnowledgeAnswerRow(Base):
    """A case that was answered at once from an article, as the article then stood."""

    __tablename__ = "knowledge_answers"
    answer_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    case_number: Mapped[str] = mapped_column(ForeignKey("cases.case_number"), index=True)
    article_id: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[float] = mapped_column(Float)
    __table_args__ = (
        ForeignKeyConstraint(
            ["article_id", "version"],
            ["knowledge_versions.article_id", "knowledge_versions.version"],
        ),
    )
