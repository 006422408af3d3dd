"""The table of the reasons for which agents pause."""

from __future__ import annotations

from sqlalchemy import Boolean, Float, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.storage.tables import Base


class PauseReasonRow(Base):
    """A reason as a supervisor saved it last; the usual ones without a row have the default."""

    __tablename__ = "pause_reasons"
    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    zh: Mapped[str] = mapped_column(Text)
    en: Mapped[str] = mapped_column(Text)
    # What a day allows; None: not limited.
    minutes: Mapped[float | None] = mapped_column(Float)
    times: Mapped[int | None] = mapped_column(Integer)
    offered: Mapped[bool] = mapped_column(Boolean)
    version: Mapped[int] = mapped_column(Integer)
    changed_by: Mapped[str] = mapped_column(String(64))
    changed_at: Mapped[float] = mapped_column(Float)
