"""The tables of the city's places, of the units that handle cases, and of linked cases."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Boolean, Float, ForeignKey, Index, Integer, String, Text, text, true
from sqlalchemy.orm import Mapped, mapped_column

from hotline.storage.tables import Base


class PlacesImportRow(Base):
    """One import of places or units. Its number is the revision of whatever it brought."""

    __tablename__ = "places_imports"
    revision: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    # A kind of place (hotline.registry.places.model.Kind), ``unit``, or ``sample`` for the
    # sample city as a whole.
    kind: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(Text)
    # What the coordinates were before they became WGS 84.
    crs: Mapped[str] = mapped_column(String(16))
    added: Mapped[int] = mapped_column(Integer)
    changed: Mapped[int] = mapped_column(Integer)
    retired: Mapped[int] = mapped_column(Integer)
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[float] = mapped_column(Float)


class PlaceRow(Base):
    """A place. One that an import no longer holds is retired, never deleted: cases name it."""

    __tablename__ = "places"
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    place_id: Mapped[str] = mapped_column(String(24), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    # Other names, separated by |.
    aliases: Mapped[str] = mapped_column(Text, default="")
    # What it lies in, by id; empty: unknown, or nothing that high.
    duty_grid: Mapped[str] = mapped_column(String(24), default="")
    community: Mapped[str] = mapped_column(String(24), default="")
    street: Mapped[str] = mapped_column(String(24), default="")
    district: Mapped[str] = mapped_column(String(24), default="")
    # A GeoJSON geometry in WGS 84 and its bounds; empty and None for a place without one.
    geometry: Mapped[str] = mapped_column(Text, default="")
    west: Mapped[float | None] = mapped_column(Float)
    south: Mapped[float | None] = mapped_column(Float)
    east: Mapped[float | None] = mapped_column(Float)
    north: Mapped[float | None] = mapped_column(Float)
    # The house numbers from the road's beginning to its end; on which side of it the odd ones
    # stand, looking along it: left, right, or empty for unknown.
    first_number: Mapped[int | None] = mapped_column(Integer)
    last_number: Mapped[int | None] = mapped_column(Integer)
    odd_side: Mapped[str] = mapped_column(String(8), default="")
    source: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int] = mapped_column(Integer)
    retired: Mapped[bool] = mapped_column(Boolean, default=False)
    __table_args__ = (Index("ix_places_kind_retired", "kind", "retired"),)


class UnitRow(Base):
    """A unit that handles cases: a department, a company, a district's own."""

    __tablename__ = "units"
    unit_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    # department, company or district
    kind: Mapped[str] = mapped_column(String(16))
    parent: Mapped[str] = mapped_column(String(32), default="", server_default=text("''"))
    phone: Mapped[str] = mapped_column(String(32), default="", server_default=text("''"))
    # Ids of the districts and streets it serves; none: the whole city.
    districts: Mapped[list[str]] = mapped_column(JSON)
    streets: Mapped[list[str]] = mapped_column(JSON)
    # Its own professionals check its cases before the centre does.
    professional: Mapped[bool] = mapped_column(Boolean)
    active: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    changed_by: Mapped[str] = mapped_column(String(64))
    changed_at: Mapped[float] = mapped_column(Float)


class CaseLinkRow(Base):
    """Two cases that somebody linked. Undone links stay, with who undid them and why."""

    __tablename__ = "case_links"
    link_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    case_number: Mapped[str] = mapped_column(ForeignKey("cases.case_number"), index=True)
    other: Mapped[str] = mapped_column(ForeignKey("cases.case_number"), index=True)
    # duplicate, related, merged (case_number into other) or split (case_number out of other)
    relation: Mapped[str] = mapped_column(String(16))
    why: Mapped[str] = mapped_column(Text)
    # What spoke for it: hotline.registry.similar.model.Evidence as JSON.
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON)
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[float] = mapped_column(Float)
    undone_by: Mapped[str | None] = mapped_column(String(64))
    undone_at: Mapped[float | None] = mapped_column(Float)
    undone_why: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
