"""The floor's tables: calls for help, messages among staff, calls that staff place, promises."""

from __future__ import annotations

from sqlalchemy import Float, Index, Integer, String, Text
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from hotline.storage.tables import Base

_NOT_ENDED = "ended_at IS NULL"


class HelpCallRow(Base):
    """An agent's call for help; one open at a time."""

    __tablename__ = "help_calls"
    help_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    agent_id: Mapped[str] = mapped_column(String(64))
    call_id: Mapped[str] = mapped_column(String(64))
    asked_at: Mapped[float] = mapped_column(Float, index=True)
    seen_by: Mapped[str] = mapped_column(String(64), default="", server_default=sql("''"))
    seen_at: Mapped[float | None] = mapped_column(Float)
    ended_by: Mapped[str] = mapped_column(String(64), default="", server_default=sql("''"))
    ended_at: Mapped[float | None] = mapped_column(Float)
    # answered, dismissed or withdrawn; empty while it is open
    outcome: Mapped[str] = mapped_column(String(16), default="", server_default=sql("''"))
    words: Mapped[str] = mapped_column(Text, default="", server_default=sql("''"))
    __table_args__ = (
        Index(
            "uq_help_calls_open_of_agent",
            "agent_id",
            unique=True,
            sqlite_where=sql(_NOT_ENDED),
            postgresql_where=sql(_NOT_ENDED),
        ),
    )


class StaffMessageRow(Base):
    """A message among staff; ``sent_to`` as in :class:`hotline.events.StaffMessageSent`."""

    __tablename__ = "staff_messages"
    message_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    sent_by: Mapped[str] = mapped_column(String(64))
    sent_at: Mapped[float] = mapped_column(Float, index=True)
    sent_to: Mapped[str] = mapped_column(String(72))
    text: Mapped[str] = mapped_column(Text)
    # The message that it answers.
    answers: Mapped[int | None] = mapped_column(Integer, index=True)


class StaffReceiptRow(Base):
    """Whom a message reached, and when they acknowledged it."""

    __tablename__ = "staff_receipts"
    message_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    user_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    read_at: Mapped[float | None] = mapped_column(Float)
    __table_args__ = (Index("ix_staff_receipts_user_id_read_at", "user_id", "read_at"),)


class OutboundCallRow(Base):
    """A call that a member of staff placed. ``origin`` is the call whose form it was placed from,
    ``promise_id`` the promise that it keeps."""

    __tablename__ = "outbound_calls"
    outbound_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    call_id: Mapped[str] = mapped_column(String(64), index=True)
    agent_id: Mapped[str] = mapped_column(String(64))
    phone: Mapped[str] = mapped_column(String(32))
    case_number: Mapped[str | None] = mapped_column(String(20), index=True)
    origin: Mapped[str | None] = mapped_column(String(64))
    promise_id: Mapped[int | None] = mapped_column(Integer)
    # As a callback's call: dialling, connecting, ringing or talking; ended
    state: Mapped[str] = mapped_column(String(16))
    outcome: Mapped[str | None] = mapped_column(String(20))
    dialled_at: Mapped[float] = mapped_column(Float, index=True)
    ended_at: Mapped[float | None] = mapped_column(Float)
    talked_s: Mapped[float | None] = mapped_column(Float)
    recording: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        Index(
            "uq_outbound_calls_up_of_agent",
            "agent_id",
            unique=True,
            sqlite_where=sql(_NOT_ENDED),
            postgresql_where=sql(_NOT_ENDED),
        ),
    )


class PromiseRow(Base):
    """A promise to call a citizen at a time."""

    __tablename__ = "call_promises"
    promise_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    phone: Mapped[str] = mapped_column(String(32))
    due_at: Mapped[float] = mapped_column(Float)
    note: Mapped[str] = mapped_column(Text)
    call_id: Mapped[str | None] = mapped_column(String(64), index=True)
    case_number: Mapped[str | None] = mapped_column(String(20), index=True)
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[float] = mapped_column(Float)
    # open, kept, withdrawn or rang_again
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    last_outcome: Mapped[str | None] = mapped_column(String(20))
    ended_by: Mapped[str | None] = mapped_column(String(64))
    ended_at: Mapped[float | None] = mapped_column(Float)
    why: Mapped[str] = mapped_column(Text, default="", server_default=sql("''"))
    __table_args__ = (Index("ix_call_promises_state_due_at", "state", "due_at"),)
