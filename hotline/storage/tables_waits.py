"""What waiting callers were told, and places kept for a callback: projections of the journal."""

from __future__ import annotations

from sqlalchemy import BigInteger, Float, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from hotline.storage.tables import Base


class CallerToldRow(Base):
    """A waiting caller was told their position at ``told_at``: ``seconds`` was foretold, ``said_s``
    is what they heard (None: unknown, or no figure). What then happened is in ``calls``."""

    __tablename__ = "callers_told"
    call_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    told_at: Mapped[float] = mapped_column(Float, primary_key=True, index=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    queue: Mapped[str] = mapped_column(String(32))
    ahead: Mapped[int] = mapped_column(Integer)
    seconds: Mapped[float | None] = mapped_column(Float)
    said_s: Mapped[float | None] = mapped_column(Float)


class KeptPlaceRow(Base):
    """A place kept for a callback. ``call_id`` is the place's own call, ``origin`` that of the
    caller who hung up. ``step``: resting, ringing, dialling or over."""

    __tablename__ = "kept_places"
    call_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    origin: Mapped[str] = mapped_column(String(64), index=True)
    number: Mapped[str] = mapped_column(String(80), index=True)
    queue: Mapped[str] = mapped_column(String(32))
    priority: Mapped[int] = mapped_column(Integer)
    since: Mapped[float] = mapped_column(Float)
    kept_at: Mapped[float] = mapped_column(Float)
    step: Mapped[str] = mapped_column(String(16))
    tries: Mapped[int] = mapped_column(Integer)
    channel_id: Mapped[str] = mapped_column(String(80))
    called_at: Mapped[float | None] = mapped_column(Float)
    again_at: Mapped[float | None] = mapped_column(Float)
    last_outcome: Mapped[str | None] = mapped_column(String(16))
    outcome: Mapped[str] = mapped_column(String(16))
    ended_at: Mapped[float | None] = mapped_column(Float, index=True)
