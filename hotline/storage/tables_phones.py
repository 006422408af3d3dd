"""The table of the phones' last self-tests."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Float, String
from sqlalchemy.orm import Mapped, mapped_column

from hotline.storage.tables import Base


class PhoneCheckRow(Base):
    """Somebody's last self-test of their web phone. Projected from the journal."""

    __tablename__ = "phone_checks"
    agent_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    extension: Mapped[str] = mapped_column(String(16))
    at: Mapped[float] = mapped_column(Float)
    # One of hotline.phones.checking.Verdict
    verdict: Mapped[str] = mapped_column(String(16))
    faults: Mapped[list[str]] = mapped_column(JSON)
    measures: Mapped[dict[str, object]] = mapped_column(JSON)


class PhoneLoginRow(Base):
    """Which login the password of a web phone was made for."""

    __tablename__ = "phone_logins"
    extension: Mapped[str] = mapped_column(String(16), primary_key=True)
    # The session's token, hashed; the session may be over.
    session_id: Mapped[str] = mapped_column(String(64))
    at: Mapped[float] = mapped_column(Float)
