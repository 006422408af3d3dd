"""The words by which cases are found, and how many cases stand in each state."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Integer, String, Text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from hotline.storage.tables import Base


class CaseWordsRow(Base):
    """The words of a case (:mod:`hotline.registry.searching.words`).

    PostgreSQL keeps them as a tsvector. SQLite keeps the folded text they are cut from, and their
    index in the virtual table ``case_fts``, whose rows have the same numbers and hold nothing.
    """

    __tablename__ = "case_words"
    # The case's number as a number: the newest case has the largest.
    doc: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False
    )
    words: Mapped[str] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"))
    __table_args__ = (
        Index("ix_case_words_words", "words", postgresql_using="gin").ddl_if("postgresql"),
    )


class CaseCountRow(Base):
    """How many cases stand in a state, kept in the transaction of every change: counting a
    million for each view of a list would take longer than the list."""

    __tablename__ = "case_counts"
    state: Mapped[str] = mapped_column(String(20), primary_key=True)
    cases: Mapped[int] = mapped_column(Integer)
