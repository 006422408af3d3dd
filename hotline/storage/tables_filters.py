"""Filters of the list of cases that somebody keeps."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Boolean, Float, Integer, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from hotline.storage.tables import Base


class SavedFilterRow(Base):
    """A filter with its name: its owner's own, or shared with everybody."""

    __tablename__ = "saved_filters"
    filter_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    owner: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(Text)
    # The list's address: names and values of its query.
    query: Mapped[dict[str, Any]] = mapped_column(JSON)
    shared: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    made_at: Mapped[float] = mapped_column(Float)
