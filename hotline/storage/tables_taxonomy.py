"""The table of a city's changes to the classes of its standard."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Float, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.storage.tables import Base


class TaxonomyRevisionRow(Base):
    """One change of a city's classes. Rows are added and never changed: the last one of a class
    tells how it stands (see :class:`hotline.registry.taxonomy.city.CityClass`)."""

    __tablename__ = "taxonomy_revisions"
    revision: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    standard: Mapped[str] = mapped_column(String(32))
    # add, change, retire or restore
    action: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(16))
    entry: Mapped[dict[str, Any]] = mapped_column(JSON)
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    why: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[float] = mapped_column(Float)
