"""Single values from other systems, read strictly: what cannot be taken as it stands is a fault
with a name, never a guess. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from typing import Any

from hotline.registry.forms import dialable
from hotline.storage.numbers import canonical, extension_of

EPOCH, EPOCH_MS, ISO = "epoch", "epoch_ms", "iso"
LONGEST_SHOWN = 80
_FORMATS = (
    ISO,
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y-%m-%d",
    "%Y/%m/%d",
)
# What nobody sees and what turns text around; line breaks and tabs are text.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
_YES = frozenset({"true", "yes", "y", "1", "是", "有"})
_NO = frozenset({"false", "no", "n", "0", "否", "无"})
_EARLIEST = -2_208_988_800.0  # 1900
_LATEST = 4_102_444_800.0  # 2100


class BadValue(ValueError):
    """A value that cannot be taken; ``key`` says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def shown(raw: Any) -> str:
    """The value as a fault quotes it."""
    text_ = _HIDDEN.sub("\ufffd", str(raw))
    return text_ if len(text_) <= LONGEST_SHOWN else text_[: LONGEST_SHOWN - 1] + "…"


def as_text(raw: Any) -> str:
    """The value to be looked up among texts. Raises :class:`BadValue`."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return text(raw)


def text(raw: Any, most: int | None = None) -> str:
    """A text, or a whole number as one. Raises :class:`BadValue`."""
    if isinstance(raw, bool):
        raise BadValue("not_text")
    if isinstance(raw, float) and math.isfinite(raw) and raw == int(raw) and abs(raw) < 2**53:
        raw = int(raw)
    if isinstance(raw, int):
        raw = str(raw)
    if not isinstance(raw, str):
        raise BadValue("not_text")
    if _HIDDEN.search(raw):
        raise BadValue("hidden_characters")
    kept = raw.strip()
    if most is not None and len(kept) > most:
        raise BadValue("too_long")
    return kept


def phone(raw: Any) -> str:
    """A number that can be dialled, with its extension if it has one. Raises
    :class:`BadValue`."""
    # A number that a sheet kept as 1.38E+10: what stood behind is gone.
    if isinstance(raw, float) and raw % 100_000 == 0:
        raise BadValue("digits_lost")
    written_ = text(raw)
    if _SCIENTIFIC.fullmatch(written_):
        raise BadValue("digits_lost")
    number = canonical(written_)
    if not dialable(number):
        raise BadValue("not_a_phone")
    extension = extension_of(written_)
    return f"{number}转{extension}" if extension else number


def integer(raw: Any) -> int:
    """A whole number. Raises :class:`BadValue`."""
    try:
        return int(text(raw))
    except ValueError as error:
        raise error if isinstance(error, BadValue) else BadValue("not_a_number") from error


def decimal(raw: Any) -> float:
    """A finite number. Raises :class:`BadValue`."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise BadValue("not_a_number")
    try:
        value = float(raw)
    except (ValueError, OverflowError) as error:
        raise BadValue("not_a_number") from error
    if not math.isfinite(value):
        raise BadValue("not_a_number")
    return value


def boolean(raw: Any) -> bool:
    """Yes or no. Raises :class:`BadValue`."""
    if isinstance(raw, bool):
        return raw
    word = text(raw).lower()
    if word not in _YES | _NO:
        raise BadValue("not_yes_or_no")
    return word in _YES


def time(raw: Any, formats: Sequence[str] | None, zone: tzinfo) -> float:
    """An instant in Unix seconds. Raises :class:`BadValue`."""
    at = _moment(raw, formats or _FORMATS, zone)
    if at is None or not _EARLIEST <= at < _LATEST:
        raise BadValue("not_a_date")
    return at


def _moment(raw: Any, formats: Sequence[str], zone: tzinfo) -> float | None:
    if isinstance(raw, datetime):
        return _at(raw, zone)
    if isinstance(raw, date):
        return _at(datetime(raw.year, raw.month, raw.day), zone)
    if not isinstance(raw, str) and not {EPOCH, EPOCH_MS} & set(formats):
        return None
    return _parsed(text(raw), formats, zone)


def _parsed(written_: str, formats: Sequence[str], zone: tzinfo) -> float | None:
    for pattern in formats:
        try:
            if pattern in {EPOCH, EPOCH_MS}:
                return float(written_) / (1000 if pattern == EPOCH_MS else 1)
            if pattern == ISO:
                # A bare number would be read as a date without its marks.
                if "-" in written_[1:]:
                    return _at(datetime.fromisoformat(written_), zone)
                continue
            return _at(datetime.strptime(written_, pattern), zone)
        except (ValueError, OverflowError):
            continue
    return None


def _at(moment: datetime, zone: tzinfo) -> float:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return aware.timestamp()


def check_format(pattern: str) -> None:
    """Raise ValueError for what is no form of a date."""
    if pattern in {EPOCH, EPOCH_MS, ISO}:
        return
    sample = datetime(2026, 11, 20, 8, 30, 15)
    if "%" not in pattern:
        raise ValueError(f"{pattern!r} is no form of a date")
    datetime.strptime(sample.strftime(pattern), pattern)


def written(raw: Any, type_: str | None, formats: Sequence[str] | None, zone: tzinfo) -> Any:
    """One of our values as it is sent. Raises :class:`BadValue`."""
    if type_ == "time" or formats:
        if isinstance(raw, bool) or not isinstance(raw, int | float):
            raise BadValue("not_a_date")
        pattern = (formats or [ISO])[0]
        if pattern in {EPOCH, EPOCH_MS}:
            return int(raw * (1000 if pattern == EPOCH_MS else 1))
        moment = datetime.fromtimestamp(raw, zone)
        if pattern == ISO:
            return moment.isoformat(timespec="seconds")
        return moment.strftime(pattern)
    if type_ == "text":
        return as_text(raw)
    return raw
