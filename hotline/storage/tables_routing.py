"""The tables of the routing plan: its versions, what was published when, drafts, comparisons."""

from __future__ import annotations

from sqlalchemy import JSON, Float, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.storage.tables import Base


class RoutingVersionRow(Base):
    """One plan. A version is never changed; version 0 is what hotline.toml gives, not here."""

    __tablename__ = "routing_versions"
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    plan: Mapped[dict[str, object]] = mapped_column(JSON)
    # The version that was published when this one was begun.
    based_on: Mapped[int] = mapped_column(Integer)
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[float] = mapped_column(Float)


class RoutingPublicationRow(Base):
    """A version that was in force from ``at`` on; the last one is in force."""

    __tablename__ = "routing_publications"
    publication_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    version: Mapped[int] = mapped_column(Integer)
    published_by: Mapped[str] = mapped_column(String(64))
    at: Mapped[float] = mapped_column(Float)
    note: Mapped[str] = mapped_column(Text, default="")
    # The version that a return to an older one left, None for a new plan.
    rolled_back_from: Mapped[int | None] = mapped_column(Integer)
    # The comparison that was looked at before; None: ``unproved`` says why there was none.
    gate_id: Mapped[int | None] = mapped_column(Integer)
    unproved: Mapped[str] = mapped_column(Text, default="")


class RoutingDraftRow(Base):
    """What somebody has changed and not published: survives F5 and crashes."""

    __tablename__ = "routing_drafts"
    user_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    # As the page has it, faults and all.
    plan: Mapped[dict[str, object]] = mapped_column(JSON)
    based_on: Mapped[int] = mapped_column(Integer)
    saved_at: Mapped[float] = mapped_column(Float)


class RoutingGateRow(Base):
    """A plan run against the calls of a period beside the one in force, and what came of it."""

    __tablename__ = "routing_gates"
    gate_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    # SHA-256 of the plan that was tried: a comparison speaks for that plan alone.
    digest: Mapped[str] = mapped_column(String(64), index=True)
    based_on: Mapped[int] = mapped_column(Integer)
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[float] = mapped_column(Float)
    result: Mapped[dict[str, object]] = mapped_column(JSON)
