"""What an agent's screen shows beside calls and cases: notes about numbers, texts to insert; and
how far the news of calls has been told to other systems."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Float, Integer, String, Text, text, true
from sqlalchemy.orm import Mapped, mapped_column

from hotline.storage.tables import Base


class CallerNoteRow(Base):
    """What an agent wants the next one to know of a number. ``number`` is canonical
    (:func:`hotline.storage.numbers.canonical`)."""

    __tablename__ = "caller_notes"
    note_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    number: Mapped[str] = mapped_column(String(32), index=True)
    text: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[float] = mapped_column(Float)


class TextTemplateRow(Base):
    """A text that agents insert into a form instead of typing it. ``kind`` is the kind of case it
    is offered for, empty for any; those that are no longer offered stay."""

    __tablename__ = "text_templates"
    template_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(16), default="", server_default=text("''"))
    text: Mapped[str] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    changed_by: Mapped[str] = mapped_column(String(64))
    changed_at: Mapped[float] = mapped_column(Float)


class CallNewsRow(Base):
    """The last record of the journal whose news other systems have in their outbox."""

    __tablename__ = "exchange_call_news"
    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
