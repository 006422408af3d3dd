"""Text messages to citizens: written before they are sent, and what became of each."""

from __future__ import annotations

from sqlalchemy import Float, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hotline.storage.tables import Base


class MessageRow(Base):
    """A message. ``state``: due, sending, sent, refused, unsure, given_up or skipped (there is
    no mobile number to send it to); ``due_at`` is when the next step is taken."""

    __tablename__ = "messages"
    message_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    case_number: Mapped[str] = mapped_column(String(20))
    call_id: Mapped[str] = mapped_column(String(64))
    number: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[float] = mapped_column(Float)
    due_at: Mapped[float] = mapped_column(Float)
    sent_at: Mapped[float | None] = mapped_column(Float)
    gateway_id: Mapped[str | None] = mapped_column(String(120))
    fault: Mapped[str | None] = mapped_column(Text)
    # The journal's record that it came from.
    origin_seq: Mapped[int] = mapped_column(Integer, index=True)
    __table_args__ = (
        UniqueConstraint("kind", "case_number", name="uq_messages_kind_case"),
        Index("ix_messages_state_due_at", "state", "due_at"),
    )
