"""The tables of attachments, and of the rules that suggest a handling unit."""

from __future__ import annotations

from sqlalchemy import Boolean, Float, ForeignKey, Index, Integer, String, Text, text, true
from sqlalchemy.orm import Mapped, mapped_column

from hotline.storage.tables import Base


class AttachmentRow(Base):
    """A file of a case. Its bytes lie on the disk by their hash; several rows may name the same
    ones."""

    __tablename__ = "attachments"
    attachment_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    case_number: Mapped[str] = mapped_column(ForeignKey("cases.case_number"))
    # Chosen by the sender, who may send the same file again after a lost answer.
    upload_key: Mapped[str] = mapped_column(String(64))
    # One of hotline.registry.attachments.model.STAGES
    stage: Mapped[str] = mapped_column(String(16))
    # photo, document or sound
    kind: Mapped[str] = mapped_column(String(16))
    mime: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(Integer)
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    # As the camera wrote it, empty for unknown.
    taken_at: Mapped[str] = mapped_column(String(20))
    longitude: Mapped[float | None] = mapped_column(Float)
    latitude: Mapped[float | None] = mapped_column(Float)
    added_by: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[float] = mapped_column(Float)
    # When the file was erased as personal data; the row tells that there was one.
    erased_at: Mapped[float | None] = mapped_column(Float)
    __table_args__ = (
        Index("uq_attachments_upload", "case_number", "added_by", "upload_key", unique=True),
    )


class DispatchRuleRow(Base):
    """Which unit a class of cases goes to, everywhere or in one place. A rule that was taken
    back stays, closed."""

    __tablename__ = "dispatch_rules"
    rule_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    # The beginning of a category's key (hotline.registry.taxonomy), empty for every class.
    category: Mapped[str] = mapped_column(String(24))
    # The id of a district, street, community or grid, empty for everywhere.
    place: Mapped[str] = mapped_column(String(24))
    unit_id: Mapped[str] = mapped_column(String(32))
    note: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[float] = mapped_column(Float)
    active: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    closed_by: Mapped[str | None] = mapped_column(String(64))
    closed_at: Mapped[float | None] = mapped_column(Float)
    __table_args__ = (Index("ix_dispatch_rules_active_category", "active", "category"),)


class DispatchRow(Base):
    """One dispatch of a case to a unit and what came of it: what suggestions learn from.

    A projection of the case's steps, written with each of them.
    """

    __tablename__ = "dispatches"
    dispatch_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    case_number: Mapped[str] = mapped_column(String(20), index=True)
    # The case's class and place when it was dispatched.
    category: Mapped[str] = mapped_column(String(24))
    street: Mapped[str] = mapped_column(String(24))
    district: Mapped[str] = mapped_column(String(24))
    unit_id: Mapped[str] = mapped_column(String(32))
    dispatched_by: Mapped[str] = mapped_column(String(64))
    dispatched_at: Mapped[float] = mapped_column(Float)
    # open, handled, returned (the unit sent it back) or redirected (ruled to another unit)
    outcome: Mapped[str] = mapped_column(String(16))
    ended_at: Mapped[float | None] = mapped_column(Float)
    why: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    # Who was given the case after this one had it in vain; empty while nobody was.
    corrected_to: Mapped[str] = mapped_column(String(32), default="", server_default=text("''"))
    __table_args__ = (
        Index("ix_dispatches_category_street_at", "category", "street", "dispatched_at"),
    )
