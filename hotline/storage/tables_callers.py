"""The tables of callers: signs of nuisance, rules for numbers, and appeals."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.storage.tables import Base


class CallSignRow(Base):
    """A sign that a call was no matter for the hotline: a projection of the journal.

    ``sign`` is silent, nuisance or abusive. Signs of a measurement have ``seconds`` and no
    ``marked_by``; an agent's mark that was undone keeps its row, ``withdrawn``.
    """

    __tablename__ = "call_signs"
    call_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    sign: Mapped[str] = mapped_column(String(16), primary_key=True)
    marked_by: Mapped[str] = mapped_column(String(64), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[float] = mapped_column(Float)
    seconds: Mapped[float | None] = mapped_column(Float)
    why: Mapped[str] = mapped_column(Text, default="")
    withdrawn: Mapped[bool] = mapped_column(Boolean, default=False)


class CallerRuleRow(Base):
    """A rule for one number, from its proposal to its end. Nothing is deleted.

    ``number`` is canonical (:mod:`hotline.storage.numbers`). A proposal has no ``expires_at``,
    an active rule always has one; past it the rule is over, whatever ``state`` says.
    """

    __tablename__ = "caller_rules"
    rule_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    number: Mapped[str] = mapped_column(String(80))
    # silent, hang_ups, abusive, nuisance or volume
    because: Mapped[str] = mapped_column(String(16))
    # announce, lower or report
    effect: Mapped[str] = mapped_column(String(16))
    why: Mapped[str] = mapped_column(Text, default="")
    # Call ids, oldest first.
    evidence: Mapped[list[str]] = mapped_column(JSON)
    # proposed, active, dismissed or lifted
    state: Mapped[str] = mapped_column(String(16), index=True)
    proposed_at: Mapped[float] = mapped_column(Float)
    made_by: Mapped[str | None] = mapped_column(String(64))
    made_at: Mapped[float | None] = mapped_column(Float)
    expires_at: Mapped[float | None] = mapped_column(Float)
    ended_by: Mapped[str | None] = mapped_column(String(64))
    ended_at: Mapped[float | None] = mapped_column(Float)
    ended_why: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (Index("ix_caller_rules_number_state", "number", "state"),)


class CallerAppealRow(Base):
    """A citizen's appeal against a rule. ``granted`` is None until somebody decided."""

    __tablename__ = "caller_appeals"
    appeal_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    rule_id: Mapped[int] = mapped_column(ForeignKey("caller_rules.rule_id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    taken_by: Mapped[str] = mapped_column(String(64))
    taken_at: Mapped[float] = mapped_column(Float)
    granted: Mapped[bool | None] = mapped_column(Boolean)
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[float | None] = mapped_column(Float)
    why: Mapped[str] = mapped_column(Text, default="")
