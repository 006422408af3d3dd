"""The tables of published flows: their texts, what was published when, and how callers walked."""

from __future__ import annotations

from sqlalchemy import BigInteger, Float, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.storage.tables import Base

NAME_LENGTH = 48
NODE_LENGTH = 80


class FlowVersionRow(Base):
    """One text of a flow. A version is never changed; version 0 is the shipped file, not here."""

    __tablename__ = "flow_versions"
    name: Mapped[str] = mapped_column(String(NAME_LENGTH), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(Text)
    # The version that was published when this one was begun.
    based_on: Mapped[int] = mapped_column(Integer)
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[float] = mapped_column(Float)


class FlowPublicationRow(Base):
    """A version that new calls took from ``at`` on; the last one of a name is in force.

    ``rolled_back_from`` is the version that a return to an older one left, None for a new text.
    """

    __tablename__ = "flow_publications"
    publication_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH), index=True)
    version: Mapped[int] = mapped_column(Integer)
    published_by: Mapped[str] = mapped_column(String(64))
    at: Mapped[float] = mapped_column(Float)
    note: Mapped[str] = mapped_column(Text, default="")
    rolled_back_from: Mapped[int | None] = mapped_column(Integer)


class FlowDraftRow(Base):
    """What somebody has typed into a flow and not published: survives F5 and crashes."""

    __tablename__ = "flow_drafts"
    name: Mapped[str] = mapped_column(String(NAME_LENGTH), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    based_on: Mapped[int] = mapped_column(Integer)
    saved_at: Mapped[float] = mapped_column(Float)


class FlowEntryRow(Base):
    """The flow in which a call to ``called`` begins; ``*`` stands for every other number."""

    __tablename__ = "flow_entries"
    called: Mapped[str] = mapped_column(String(80), primary_key=True)
    flow: Mapped[str] = mapped_column(String(NAME_LENGTH))


class FlowPassageRow(Base):
    """How often callers who entered ``node`` in this hour went on by ``exit``.

    ``hour`` counts from the Unix epoch. Exit ``""`` is the entering itself; an empty node is the
    whole flow. A projection of the journal, computed behind it: see :mod:`hotline.ivr.counts`.
    """

    __tablename__ = "flow_passages"
    flow: Mapped[str] = mapped_column(String(NAME_LENGTH), primary_key=True)
    hour: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    node: Mapped[str] = mapped_column(String(NODE_LENGTH), primary_key=True)
    exit: Mapped[str] = mapped_column(String(NODE_LENGTH), primary_key=True)
    times: Mapped[int] = mapped_column(Integer)


class CountedRow(Base):
    """How far in the journal a projection that is computed behind it has come."""

    __tablename__ = "counted"
    projection: Mapped[str] = mapped_column(String(32), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)


class BlindIntervalRow(Base):
    """A time in which the PBX was unseen: figures of it are unknown. Projected from the journal."""

    __tablename__ = "blind_intervals"
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    node: Mapped[str] = mapped_column(String(16))
    since: Mapped[float] = mapped_column(Float)
    until: Mapped[float] = mapped_column(Float, index=True)
