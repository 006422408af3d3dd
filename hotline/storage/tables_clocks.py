"""The tables of time limits, of the working calendar, and of the clocks of cases."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from hotline.storage.tables import Base


class TimeLimitRow(Base):
    """How long something may take, by class, filing condition and urgency.

    An empty ``class_key`` (then ``standard`` and ``condition`` are empty too) is the fallback for
    every class; an empty ``condition`` or ``urgency`` stands for any.
    """

    __tablename__ = "time_limits"
    limit_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    standard: Mapped[str] = mapped_column(String(32))
    class_key: Mapped[str] = mapped_column(String(16))
    condition: Mapped[str] = mapped_column(String(64))
    condition_text: Mapped[str] = mapped_column(Text)
    urgency: Mapped[str] = mapped_column(String(16))
    # One of hotline.registry.clocks.model.ClockKind
    kind: Mapped[str] = mapped_column(String(16))
    # As hotline.registry.clocks.limits writes it: "4工作时"
    limit_text: Mapped[str] = mapped_column(String(32))
    version: Mapped[int] = mapped_column(Integer)
    # A removed row stays, with its history, and may come back.
    removed: Mapped[bool] = mapped_column(Boolean)
    changed_by: Mapped[str] = mapped_column(String(64))
    changed_at: Mapped[float] = mapped_column(Float)
    __table_args__ = (
        UniqueConstraint(
            "standard", "class_key", "condition", "urgency", "kind", name="uq_time_limits_key"
        ),
    )


class TimeLimitChangeRow(Base):
    """A row of the table as somebody left it, and why."""

    __tablename__ = "time_limit_changes"
    change_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    limit_id: Mapped[int] = mapped_column(ForeignKey("time_limits.limit_id"), index=True)
    version: Mapped[int] = mapped_column(Integer)
    limit_text: Mapped[str] = mapped_column(String(32))
    condition_text: Mapped[str] = mapped_column(Text)
    removed: Mapped[bool] = mapped_column(Boolean)
    why: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[float] = mapped_column(Float)


class WorkCalendarRow(Base):
    """A revision of the city's working calendar; the latest is in force.

    ``recomputed_at`` is None while open clocks still follow an earlier one.
    """

    __tablename__ = "work_calendars"
    revision: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    hours: Mapped[str] = mapped_column(String(200))
    official: Mapped[bool] = mapped_column(Boolean)
    # Dates as 2026-10-01
    holidays: Mapped[list[str]] = mapped_column(JSON)
    workdays: Mapped[list[str]] = mapped_column(JSON)
    why: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[float] = mapped_column(Float)
    recomputed_at: Mapped[float | None] = mapped_column(Float)
    # Cases whose limits it moved.
    moved: Mapped[int] = mapped_column(Integer, default=0)


class CaseClockRow(Base):
    """One clock of a case. It stands still while ``paused_at`` is set, and has ended when
    ``ended_at`` is."""

    __tablename__ = "case_clocks"
    clock_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    case_number: Mapped[str] = mapped_column(ForeignKey("cases.case_number"), index=True)
    # One of hotline.registry.clocks.model.ClockKind
    kind: Mapped[str] = mapped_column(String(16))
    unit: Mapped[str] = mapped_column(String(16))
    limit_text: Mapped[str] = mapped_column(String(32))
    started_at: Mapped[float] = mapped_column(Float)
    # While it stands still: when it was to end before that.
    due_at: Mapped[float] = mapped_column(Float)
    paused_at: Mapped[float | None] = mapped_column(Float)
    ended_at: Mapped[float | None] = mapped_column(Float)
    # Empty while it runs; met, late, or withdrawn (the case went another way)
    outcome: Mapped[str] = mapped_column(String(12), default="")
    # How many of the things to tell (warning, miss, escalations) have been told, and when the
    # next one is due; None: nothing more, or it stands still.
    told: Mapped[int] = mapped_column(Integer, default=0)
    next_at: Mapped[float | None] = mapped_column(Float)
    warned_at: Mapped[float | None] = mapped_column(Float)
    breached_at: Mapped[float | None] = mapped_column(Float)
    escalated_at: Mapped[float | None] = mapped_column(Float)
    calendar_revision: Mapped[int] = mapped_column(Integer)
    trace: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    __table_args__ = (
        Index("ix_case_clocks_next_at", "next_at"),
        Index(
            "ix_case_clocks_open_by_revision",
            "calendar_revision",
            "case_number",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )
