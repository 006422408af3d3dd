"""What the life of a case keeps beside the case: its joint parts, what was asked for, and the
personal values that the journal refers to."""

from __future__ import annotations

from sqlalchemy import Float, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.storage.tables import Base


class CaseLifeRow(Base):
    """What the rules of a case's life need that no list shows; a case without a row has taken no
    step that left anything here."""

    __tablename__ = "case_lives"
    case_number: Mapped[str] = mapped_column(ForeignKey("cases.case_number"), primary_key=True)
    # The state that a suspension or a merging interrupted; empty when none did.
    came_from: Mapped[str] = mapped_column(String(20), default="", server_default=text("''"))
    suspended_until: Mapped[float | None] = mapped_column(Float)
    # When the unit accepted it or came to the place (到场).
    arrived_at: Mapped[float | None] = mapped_column(Float)
    # The closing condition (结案条件), a key of the machine's.
    closing: Mapped[str] = mapped_column(String(64), default="", server_default=text("''"))
    # The specialists' check (专业核查): due, passed, or empty when none is called for.
    expert: Mapped[str] = mapped_column(String(8), default="", server_default=text("''"))
    # Who reported it as handled, so that they do not check their own work.
    handled_by: Mapped[str] = mapped_column(String(64), default="", server_default=text("''"))
    # The unit that a ruling (裁决) gave it to: its id, or its name when it is in no list.
    bound_unit: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))


class CasePartRow(Base):
    """What an assisting unit has to do in joint handling (联动)."""

    __tablename__ = "case_parts"
    case_number: Mapped[str] = mapped_column(ForeignKey("cases.case_number"), primary_key=True)
    unit_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    # open, done or waived
    state: Mapped[str] = mapped_column(String(8))
    # The part's feedback, or why it was waived.
    words: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[float | None] = mapped_column(Float)
    __table_args__ = (Index("ix_case_parts_unit_id_state", "unit_id", "state"),)


class CaseRequestRow(Base):
    """An extension (延期) asked for, a dispute to be ruled on (裁决), or an appeal (申诉)."""

    __tablename__ = "case_requests"
    case_number: Mapped[str] = mapped_column(ForeignKey("cases.case_number"), primary_key=True)
    # Counted from 1 within the case.
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    # extension, dispute or appeal
    kind: Mapped[str] = mapped_column(String(16))
    asked_by: Mapped[str] = mapped_column(String(64))
    asked_at: Mapped[float] = mapped_column(Float)
    why: Mapped[str] = mapped_column(Text)
    # The limit that is wished for; extensions only.
    until: Mapped[float | None] = mapped_column(Float)
    # check or overdue; appeals only.
    against: Mapped[str] = mapped_column(String(16))
    # open, granted, denied or lapsed (the case went on before anybody decided)
    state: Mapped[str] = mapped_column(String(8))
    decided_by: Mapped[str] = mapped_column(String(64))
    decided_at: Mapped[float | None] = mapped_column(Float)
    answer: Mapped[str] = mapped_column(Text)
    __table_args__ = (Index("ix_case_requests_state_kind", "state", "kind"),)


class CasePersonalRow(Base):
    """A citizen's name or number as a case once said it. Events hold ``ref`` in its place, so
    that it can be taken away although the journal is append-only: empty ``value``."""

    __tablename__ = "case_personal"
    ref: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    case_number: Mapped[str] = mapped_column(ForeignKey("cases.case_number"))
    # caller_name or caller_phone
    field: Mapped[str] = mapped_column(String(16))
    value: Mapped[str] = mapped_column(Text)
    at: Mapped[float] = mapped_column(Float)
    __table_args__ = (Index("ix_case_personal_case_number_field", "case_number", "field"),)
