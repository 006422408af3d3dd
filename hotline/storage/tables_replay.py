"""What the routing engine was given: enough to decide all of it again."""

from __future__ import annotations

from sqlalchemy import JSON, Float, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from hotline.storage.tables import Base, Sequence


class EngineStartRow(Base):
    """A start of the engine: from here on a replay can begin."""

    __tablename__ = "engine_starts"
    start_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    at: Mapped[float] = mapped_column(Float, index=True)
    version: Mapped[str] = mapped_column(String(32))
    # hotline.replay.digest
    engine: Mapped[str] = mapped_column(String(32))
    # Every queue's rules at the start.
    rules: Mapped[dict[str, object]] = mapped_column(JSON)


class EngineInputsRow(Base):
    """What the engine was given since the row before, as :mod:`hotline.replay.tape` has it."""

    __tablename__ = "engine_inputs"
    seq: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    start_id: Mapped[int] = mapped_column(Integer)
    # Of the first of the entries.
    at: Mapped[float] = mapped_column(Float)
    entries: Mapped[list[object]] = mapped_column(JSON)
    __table_args__ = (Index("ix_engine_inputs_start_id_seq", "start_id", "seq"),)
