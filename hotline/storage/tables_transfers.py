"""The table of handovers: a projection of the journal."""

from __future__ import annotations

from sqlalchemy import BigInteger, Float, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.storage.tables import Base


class HandoverRow(Base):
    """A caller who was, or was to be, handed over to another service.

    ``mode``: flow, overflow, three_way or blind. ``outcome`` is empty while it goes on.
    ``recording`` is of a consultation, a path below the recordings' folder.
    """

    __tablename__ = "handovers"
    handover_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    call_id: Mapped[str] = mapped_column(String(64), index=True)
    target: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(Text, default="")
    mode: Mapped[str] = mapped_column(String(16))
    agent_id: Mapped[str] = mapped_column(String(64), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    started_at: Mapped[float] = mapped_column(Float, index=True)
    answered_at: Mapped[float | None] = mapped_column(Float)
    joined_at: Mapped[float | None] = mapped_column(Float)
    ended_at: Mapped[float | None] = mapped_column(Float)
    outcome: Mapped[str] = mapped_column(String(16), default="")
    talked_s: Mapped[float | None] = mapped_column(Float)
    recording: Mapped[str | None] = mapped_column(Text)
