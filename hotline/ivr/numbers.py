"""Values read out: which prompt pieces say them, and the same as text. Pure.

The rules are :mod:`hotline.ivr.mandarin`'s and :mod:`hotline.ivr.english`'s; here a value is taken
apart and checked. A piece is a prompt of the catalogue's topic ``reading``, named by its language's
table, so that the text of a reading is by construction what its pieces say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Protocol

from hotline.ivr import english, mandarin
from hotline.ivr.grouping import rounded_wait
from hotline.ivr.pieces import Read, Reading

LARGEST = Decimal(10) ** 15
PAUSE = "pause"
_LONGEST = 40
_MOST_DECIMALS = 6

_KEYS = re.compile(r"[0-9*#]+")
_PHONE = re.compile(r"\+?[0-9]+")
_FIGURES = re.compile(r"[0-9]+")
_SEPARATORS = re.compile(r"[\s\-()]")


class Unreadable(ValueError):
    """A value is not of the kind it is to be read as; the message says which and why."""


class _Rules(Protocol):
    """What each language's module gives."""

    TEXTS: Mapping[str, str]

    def number(self, value: Decimal) -> list[str]: ...
    def ordinal(self, value: int) -> list[str]: ...
    def digits(self, value: str) -> list[str]: ...
    def phone(self, value: str) -> list[str]: ...
    def case_number(self, value: str) -> list[str]: ...
    def money(self, value: Decimal) -> list[str]: ...
    def day(self, value: date) -> list[str]: ...
    def clock(self, value: time) -> list[str]: ...
    def end_of_day(self) -> list[str]: ...
    def moment(self, value: date, at: time) -> list[str]: ...
    def duration(self, seconds: int) -> list[str]: ...
    def wait(self, minutes: int, half_hours: int) -> list[str]: ...


_LANGUAGES: Mapping[str, _Rules] = {"zh": mandarin, "en": english}


def piece_texts(language: str) -> Mapping[str, str]:
    """What each reading piece of a language says, by name. KeyError for an unknown language."""
    return _LANGUAGES[language].TEXTS


def piece_names(read: Read, language: str) -> list[str]:
    """The pieces that say a value, in order. Raises :class:`Unreadable`."""
    if len(read.value) > _LONGEST:
        raise Unreadable(f"{read.value[:_LONGEST]}… is too long to be read out")
    try:
        return _READERS[read.reading](_LANGUAGES[language], read.value.strip())
    except (ValueError, InvalidOperation) as error:
        why = str(error) if isinstance(error, Unreadable) else "not understood"
        raise Unreadable(f"{read.value!r} cannot be read as {read.reading}: {why}") from error


def text(read: Read, language: str) -> str:
    """What a listener hears, as text of the language. Raises :class:`Unreadable`."""
    texts = piece_texts(language)
    said = [texts[name] for name in piece_names(read, language)]
    return "".join(said) if language == "zh" else " ".join(said).replace(" ,", ",")


def _number(rules: _Rules, value: str) -> list[str]:
    number = _decimal(value)
    if -int(number.as_tuple().exponent) > _MOST_DECIMALS:
        raise Unreadable(f"more than {_MOST_DECIMALS} decimals")
    return rules.number(number)


def _ordinal(rules: _Rules, value: str) -> list[str]:
    number = _decimal(value)
    if number < 1 or number != number.to_integral_value():
        raise Unreadable("not a whole number from 1 on")
    return rules.ordinal(int(number))


def _money(rules: _Rules, value: str) -> list[str]:
    amount = _decimal(value)
    if (amount * 100) % 1:
        raise Unreadable("smaller than a fen")
    return rules.money(amount)


def _decimal(value: str) -> Decimal:
    number = Decimal(value)
    if not number.is_finite() or abs(number) >= LARGEST:
        raise Unreadable(f"not a number below {LARGEST:f}")
    return number


def _digits(rules: _Rules, value: str) -> list[str]:
    if not _KEYS.fullmatch(value):
        raise Unreadable("not a string of keys")
    return rules.digits(value)


def _phone(rules: _Rules, value: str) -> list[str]:
    number = _SEPARATORS.sub("", value)
    if not _PHONE.fullmatch(number):
        raise Unreadable("not a telephone number")
    return rules.phone(number)


def _case_number(rules: _Rules, value: str) -> list[str]:
    number = _SEPARATORS.sub("", value)
    if not _FIGURES.fullmatch(number):
        raise Unreadable("not a case's number")
    return rules.case_number(number)


def _day(rules: _Rules, value: str) -> list[str]:
    return rules.day(date.fromisoformat(value))


def _clock(rules: _Rules, value: str) -> list[str]:
    # The end of a day's duty; Python's clocks stop a minute before.
    return rules.end_of_day() if value == "24:00" else rules.clock(time.fromisoformat(value))


def _moment(rules: _Rules, value: str) -> list[str]:
    moment = datetime.fromisoformat(value)
    return rules.moment(moment.date(), moment.time())


def _duration(rules: _Rules, value: str) -> list[str]:
    return rules.duration(round(_seconds(value)))


def _wait(rules: _Rules, value: str) -> list[str]:
    return rules.wait(*rounded_wait(float(_seconds(value))))


def _seconds(value: str) -> Decimal:
    seconds = _decimal(value)
    if seconds < 0:
        raise Unreadable("less than nothing")
    return seconds


_READERS: Mapping[Reading, Callable[[_Rules, str], list[str]]] = {
    Reading.DIGITS: _digits,
    Reading.PHONE: _phone,
    Reading.NUMBER: _number,
    Reading.ORDINAL: _ordinal,
    Reading.MONEY: _money,
    Reading.DATE: _day,
    Reading.TIME: _clock,
    Reading.DATETIME: _moment,
    Reading.DURATION: _duration,
    Reading.CASE_NUMBER: _case_number,
    Reading.WAIT: _wait,
}
