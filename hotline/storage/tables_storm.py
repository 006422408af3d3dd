"""The tables of storms: the wide-spread troubles that callers are told of, and who is affected."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Float, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.storage.tables import Base


class StormRow(Base):
    """A storm. It is in force until ``ends_at``, unless somebody ended it sooner."""

    __tablename__ = "storms"
    storm_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    text_zh: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text)
    places: Mapped[list[str]] = mapped_column(JSON)
    case_number: Mapped[str] = mapped_column(ForeignKey("cases.case_number"), index=True)
    version: Mapped[int] = mapped_column(Integer)
    began_by: Mapped[str] = mapped_column(String(64))
    began_at: Mapped[float] = mapped_column(Float)
    ends_at: Mapped[float] = mapped_column(Float)
    ended_by: Mapped[str | None] = mapped_column(String(64))
    ended_at: Mapped[float | None] = mapped_column(Float)


class AffectedRow(Base):
    """A caller who is affected by a storm: each number once. ``number`` is empty when it was
    withheld; such a call counts once."""

    __tablename__ = "storm_affected"
    affected_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    storm_id: Mapped[int] = mapped_column(ForeignKey("storms.storm_id"))
    case_number: Mapped[str] = mapped_column(String(20))
    call_id: Mapped[str] = mapped_column(String(64))
    number: Mapped[str] = mapped_column(String(80))
    # Empty: the caller named none.
    place: Mapped[str] = mapped_column(Text)
    at: Mapped[float] = mapped_column(Float)
    # The ten minutes in which it was, counted from 1970.
    slot: Mapped[int] = mapped_column(Integer)
    # Who presses the key again, from the same number or in the same call.
    again: Mapped[int] = mapped_column(Integer, default=0)
    callback: Mapped[bool] = mapped_column(Boolean, default=False)
    __table_args__ = (
        Index("ix_storm_affected_storm_id_at", "storm_id", "at"),
        Index("uq_storm_affected_call", "storm_id", "call_id", unique=True),
        Index(
            "uq_storm_affected_number",
            "storm_id",
            "number",
            unique=True,
            sqlite_where=text("number <> ''"),
            postgresql_where=text("number <> ''"),
        ),
    )
