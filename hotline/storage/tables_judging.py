"""The tables of what is judged: bulletins as they were published, and reports on a theme."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Float, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.storage.tables import Base, CaseRow

# Which cases of a period are counted: by when they were sent and by when they are due.
Index("ix_cases_dispatched_at", CaseRow.dispatched_at)
Index("ix_cases_handle_due_at", CaseRow.handle_due_at)
Index("ix_cases_close_due_at", CaseRow.close_due_at)


class BulletinRow(Base):
    """A month's bulletin as it was published. A correction is a further revision; what was
    published before stays."""

    __tablename__ = "bulletins"
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, primary_key=True)
    # hotline.registry.judging.bulletin.Bulletin
    numbers: Mapped[dict[str, Any]] = mapped_column(JSON)
    # The open data that were published with it: gzip of JSON.
    open_data: Mapped[bytes] = mapped_column(LargeBinary)
    why: Mapped[str] = mapped_column(Text)
    published_by: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[float] = mapped_column(Float)


class ThemeRow(Base):
    """A report on a theme: which cases, over which time, and what somebody wrote of them."""

    __tablename__ = "themes"
    theme_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    title: Mapped[str] = mapped_column(Text)
    # The fields of hotline.registry.judging.themes.ThemeFilter
    wanted: Mapped[dict[str, str]] = mapped_column(JSON)
    first_month: Mapped[str] = mapped_column(String(7))
    last_month: Mapped[str] = mapped_column(String(7))
    text: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[float] = mapped_column(Float)
