"""Cases exchanged with other systems: who they are, what goes out, what came in, and which of
their tickets became which case."""

from __future__ import annotations

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
)
from sqlalchemy.orm import Mapped, mapped_column

from hotline.storage.tables import Base, Sequence


class PeerRow(Base):
    """Another system. No secret stands here: see :mod:`hotline.registry.exchange.signing`."""

    __tablename__ = "exchange_peers"
    peer_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    # The source of the cases that it sends, one of hotline.registry.model.SOURCES.
    source: Mapped[str] = mapped_column(String(20))
    # Whether it may send to us, and where we send to; empty: nowhere.
    sends: Mapped[bool] = mapped_column(Boolean)
    url: Mapped[str] = mapped_column(Text)
    # Whose cases it is told of: own (those it sent), units (of those units) or all.
    scope: Mapped[str] = mapped_column(String(8))
    units: Mapped[list[str]] = mapped_column(JSON)
    # Which happenings it is told of; empty: all.
    kinds: Mapped[list[str]] = mapped_column(JSON)
    concurrency: Mapped[int] = mapped_column(Integer)
    deadline_s: Mapped[float] = mapped_column(Float)
    attempts: Mapped[int] = mapped_column(Integer)
    paused: Mapped[bool] = mapped_column(Boolean)
    # Which of its secrets is in force, and until when the one before is taken too.
    generation: Mapped[int] = mapped_column(Integer)
    former_until: Mapped[float | None] = mapped_column(Float)
    version: Mapped[int] = mapped_column(Integer)
    changed_at: Mapped[float] = mapped_column(Float)
    changed_by: Mapped[str] = mapped_column(String(64))


class MappingRow(Base):
    """One version of a peer's field mapping; the last one is in force. ``purpose``: in, out or
    sheet."""

    __tablename__ = "exchange_mappings"
    peer_id: Mapped[str] = mapped_column(ForeignKey("exchange_peers.peer_id"), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(8), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[float] = mapped_column(Float)
    by: Mapped[str] = mapped_column(String(64))


class OutStreamRow(Base):
    """What one peer is told of one case (or call), in order: the number of the last message that
    was written, and of the last that is done with (taken by the peer, or skipped)."""

    __tablename__ = "exchange_streams"
    peer_id: Mapped[str] = mapped_column(ForeignKey("exchange_peers.peer_id"), primary_key=True)
    # Of a call its id.
    case_number: Mapped[str] = mapped_column(String(64), primary_key=True)
    written: Mapped[int] = mapped_column(Integer)
    done: Mapped[int] = mapped_column(Integer)


class OutMessageRow(Base):
    """A message to a peer, written with the change that it tells of.

    ``state``: waiting (behind another of its case), due, stuck, sent or skipped. ``content`` is
    what happened in our words, ``body`` what was sent: the same bytes at every try, until the
    peer refused them for good.
    """

    __tablename__ = "exchange_outbox"
    message_id: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    peer_id: Mapped[str] = mapped_column(ForeignKey("exchange_peers.peer_id"))
    case_number: Mapped[str] = mapped_column(String(64))
    number: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(16))
    content: Mapped[dict[str, object]] = mapped_column(JSON)
    body: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(8))
    attempts: Mapped[int] = mapped_column(Integer)
    made_at: Mapped[float] = mapped_column(Float)
    due_at: Mapped[float] = mapped_column(Float)
    tried_at: Mapped[float | None] = mapped_column(Float)
    # The last answer: its HTTP status (None: there was none) and the beginning of what it said.
    status: Mapped[int | None] = mapped_column(Integer)
    answer: Mapped[str] = mapped_column(Text)
    ended_at: Mapped[float | None] = mapped_column(Float)
    __table_args__ = (
        UniqueConstraint(
            "peer_id", "case_number", "number", name="uq_exchange_outbox_peer_case_number"
        ),
        Index("ix_exchange_outbox_peer_id_state_due_at", "peer_id", "state", "due_at"),
    )


class ReferenceRow(Base):
    """A peer's ticket and the case that it became."""

    __tablename__ = "exchange_references"
    peer_id: Mapped[str] = mapped_column(ForeignKey("exchange_peers.peer_id"), primary_key=True)
    external_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    case_number: Mapped[str] = mapped_column(String(20), index=True)
    # When it was made there, and until when they want an answer.
    asked_at: Mapped[float | None] = mapped_column(Float)
    reply_by: Mapped[float | None] = mapped_column(Float)
    # Of what it said when it came: the same ticket again is told from another of its number.
    digest: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[float] = mapped_column(Float)


class InStreamRow(Base):
    """How far the numbered messages about one of a peer's tickets have been taken in."""

    __tablename__ = "exchange_arrivals"
    peer_id: Mapped[str] = mapped_column(ForeignKey("exchange_peers.peer_id"), primary_key=True)
    external_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    applied: Mapped[int] = mapped_column(Integer)


class InMessageRow(Base):
    """A message from a peer, and what it was answered. ``state``: applied, held (one before it
    is missing) or faulty (its turn came, and it cannot be applied as it is)."""

    __tablename__ = "exchange_inbox"
    message_id: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    peer_id: Mapped[str] = mapped_column(ForeignKey("exchange_peers.peer_id"))
    idempotency_key: Mapped[str] = mapped_column(String(128))
    external_id: Mapped[str] = mapped_column(String(64))
    # Its place among the messages about its ticket, from 1; None: it has none.
    number: Mapped[int | None] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[dict[str, object]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(8))
    status: Mapped[int] = mapped_column(Integer)
    answer: Mapped[dict[str, object]] = mapped_column(JSON)
    arrived_at: Mapped[float] = mapped_column(Float)
    __table_args__ = (
        UniqueConstraint("peer_id", "idempotency_key", name="uq_exchange_inbox_peer_key"),
        UniqueConstraint(
            "peer_id", "external_id", "number", name="uq_exchange_inbox_peer_ticket_number"
        ),
        Index("ix_exchange_inbox_state_arrived_at", "state", "arrived_at"),
    )


class ImportRow(Base):
    """A file of tickets that was found good and is taken in, whole: a few at a time, so that
    calls need not wait for it, and to the end, whatever dies meanwhile.

    ``state``: running, done or stopped (``fault`` says why). ``tickets`` are those to be opened,
    of which ``place`` are behind us; ``total`` also counts those that were known.
    """

    __tablename__ = "exchange_imports"
    import_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    peer_id: Mapped[str] = mapped_column(ForeignKey("exchange_peers.peer_id"))
    file_name: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(8), index=True)
    fault: Mapped[str] = mapped_column(Text)
    tickets: Mapped[list[dict[str, object]]] = mapped_column(JSON)
    place: Mapped[int] = mapped_column(Integer)
    total: Mapped[int] = mapped_column(Integer)
    opened: Mapped[int] = mapped_column(Integer)
    known: Mapped[int] = mapped_column(Integer)
    at: Mapped[float] = mapped_column(Float)
    by: Mapped[str] = mapped_column(String(64))
