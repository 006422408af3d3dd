"""The tables of duty hours: each queue's week, and what is decided for single days."""

from __future__ import annotations

from sqlalchemy import JSON, Float, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.storage.tables import Base


class DutyHoursRow(Base):
    """A queue's week as a supervisor saved it last; a queue without a row has the default."""

    __tablename__ = "duty_hours"
    queue: Mapped[str] = mapped_column(String(32), primary_key=True)
    # Seven texts, Monday first: "08:30-12:00 14:00-18:00", empty for a day off.
    week: Mapped[list[str]] = mapped_column(JSON)
    # closed, sunday or usual
    holidays: Mapped[str] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(Integer)
    changed_by: Mapped[str] = mapped_column(String(64))
    changed_at: Mapped[float] = mapped_column(Float)


class SpecialRow(Base):
    """A closure or an opening for a time. One that was removed stays as history."""

    __tablename__ = "calendar_specials"
    special_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    # closed or open
    what: Mapped[str] = mapped_column(String(8))
    # Empty: every queue.
    queue: Mapped[str] = mapped_column(String(32))
    since: Mapped[float] = mapped_column(Float)
    until: Mapped[float] = mapped_column(Float, index=True)
    text_zh: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[float] = mapped_column(Float)
    removed_by: Mapped[str | None] = mapped_column(String(64))
    removed_at: Mapped[float | None] = mapped_column(Float)
