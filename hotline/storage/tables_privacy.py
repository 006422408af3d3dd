"""What was asked about citizens' data, how long which are kept, and what must not be touched."""

from __future__ import annotations

from sqlalchemy import JSON, Float, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.storage.tables import Base


class MinimisingRow(Base):
    """Stands here only inside a transaction that minimises a citizen's data: the journal's
    triggers let ``data`` be rewritten then, and nothing else ever."""

    __tablename__ = "minimising"
    token: Mapped[str] = mapped_column(String(16), primary_key=True)


class PrivacyRequestRow(Base):
    """A citizen's data were found, handed out or minimised, on whose behalf and why.

    The citizen is named by their masked number only. ``counts``: rows by table.
    """

    __tablename__ = "privacy_requests"
    request_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    # found, handed_out or minimised
    what: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(80))
    why: Mapped[str] = mapped_column(Text)
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[float] = mapped_column(Float, index=True)


class RetentionRuleRow(Base):
    """How many days something is kept; ``days`` None: for ever. The newest row of a kind holds."""

    __tablename__ = "retention_rules"
    rule_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(32), index=True)
    days: Mapped[int | None] = mapped_column(Integer)
    why: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[float] = mapped_column(Float)


class LegalHoldRow(Base):
    """A case of which nothing may be minimised until ``lifted_at``."""

    __tablename__ = "legal_holds"
    hold_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    case_number: Mapped[str] = mapped_column(String(20))
    why: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[float] = mapped_column(Float)
    lifted_by: Mapped[str | None] = mapped_column(String(64))
    lifted_at: Mapped[float | None] = mapped_column(Float)
    lifted_why: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (
        Index(
            "uq_legal_holds_of_case",
            "case_number",
            unique=True,
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )
