"""How values are read in English, as names of prompt pieces. Pure.

American usage, as the voice's: "one hundred one", "October first", "two oh five p.m.".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, time
from decimal import Decimal

from hotline.ivr.grouping import case_groups, phone_groups

_ONES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
         "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
         "nineteen")  # fmt: skip
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December")  # fmt: skip
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
    "nine": "ninth", "twelve": "twelfth",
}  # fmt: skip
_LARGE = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"))
_NAMED = ("hundred", *(name for _, name in _LARGE))


def _below_hundred(number: int) -> str:
    if number < 20:
        return _ONES[number]
    tens, ones = divmod(number, 10)
    return _TENS[tens] + (f"-{_ONES[ones]}" if ones else "")


def _as_ordinal(words: str) -> str:
    before, hyphen, last = words.rpartition("-")
    regular = last[:-1] + "ieth" if last.endswith("y") else f"{last}th"
    return before + hyphen + _ORDINALS.get(last, regular)


TEXTS: Mapping[str, str] = {
    **{f"n-{number}": _below_hundred(number) for number in range(100)},
    **{f"ordinal-{number}": _as_ordinal(_below_hundred(number)) for number in range(1, 100)},
    **{f"month-{number}": name for number, name in enumerate(_MONTHS, 1)},
    **{name: name for name in _NAMED},
    **{f"ordinal-{name}": f"{name}th" for name in _NAMED},
    "minus": "minus",
    "point": "point",
    "star": "star",
    "hash": "hash",
    "plus": "plus",
    "yuan": "yuan",
    "fen": "fen",
    "oh": "oh",
    "midnight": "midnight",
    "midday": "noon",
    "am": "a.m.",
    "pm": "p.m.",
    "day-1": "one day",
    "days": "days",
    "hour-1": "one hour",
    "hours": "hours",
    "hour-and-a-half": "one and a half hours",
    "and-a-half-hours": "and a half hours",
    "minute-1": "one minute",
    "minutes": "minutes",
    "second-1": "one second",
    "seconds": "seconds",
    "about": "about",
    "less-than-a-minute": "less than a minute",
    "pause": ",",
}


def number(value: Decimal) -> list[str]:
    """A number; its decimals are read as they are given."""
    whole, _, decimals = f"{abs(value):f}".partition(".")
    said = ["minus"] if value < 0 else []
    said += _whole(int(whole))
    return [*said, "point", *digits(decimals)] if decimals else said


def ordinal(value: int) -> list[str]:
    """First, twenty-second, one hundredth."""
    *before, last = _whole(value)
    return [*before, f"ordinal-{last.removeprefix('n-')}"]


def digits(value: str) -> list[str]:
    """A string of keys, each said by itself."""
    signs = {"*": "star", "#": "hash", "+": "plus"}
    return [signs.get(sign) or f"n-{sign}" for sign in value]


def phone(value: str) -> list[str]:
    """A telephone number in the groups people say it in."""
    return _grouped(phone_groups(value))


def case_number(value: str) -> list[str]:
    """A case's number in groups of four, the last up to five."""
    return _grouped(case_groups(value))


def money(value: Decimal) -> list[str]:
    """Yuan and fen."""
    fen = int(abs(value) * 100)
    yuan, rest = divmod(fen, 100)
    said = ["minus"] if value < 0 else []
    if yuan or not fen:
        said += [*_whole(yuan), "yuan"]
    return [*said, f"n-{rest}", "fen"] if rest else said


def day(value: date) -> list[str]:
    """October first, twenty twenty-six."""
    return [f"month-{value.month}", f"ordinal-{value.day}", "pause", *_year(value.year)]


def clock(value: time) -> list[str]:
    """Nine a.m., two oh five p.m., midnight, noon."""
    if value.minute == 0 and value.hour in (0, 12):
        return ["midday" if value.hour else "midnight"]
    said = [f"n-{value.hour % 12 or 12}"]
    if value.minute:
        said += [*(["oh"] if value.minute < 10 else []), f"n-{value.minute}"]
    return [*said, "am" if value.hour < 12 else "pm"]


def end_of_day() -> list[str]:
    """24:00."""
    return ["midnight"]


def moment(value: date, at: time) -> list[str]:
    """A day and a time of it."""
    return [*day(value), "pause", *clock(at)]


def duration(seconds: int) -> list[str]:
    """Days, hours, minutes and seconds, as far as there are any."""
    amounts = {
        "day": seconds // 86_400,
        "hour": seconds // 3600 % 24,
        "minute": seconds // 60 % 60,
        "second": seconds % 60,
    }
    said: list[str] = []
    for unit, amount in amounts.items():
        if amount:
            said += _measured(amount, unit)
    return said or ["n-0", "seconds"]


def wait(minutes: int, half_hours: int) -> list[str]:
    """About how long; see :func:`hotline.ivr.grouping.rounded_wait`."""
    if not minutes and not half_hours:
        return ["less-than-a-minute"]
    if minutes:
        return ["about", *_measured(minutes, "minute")]
    hours, half = divmod(half_hours, 2)
    if not half:
        return ["about", *_measured(hours, "hour")]
    if hours == 1:
        return ["about", "hour-and-a-half"]
    return ["about", *_whole(hours), "and-a-half-hours"]


def _measured(amount: int, unit: str) -> list[str]:
    return [f"{unit}-1"] if amount == 1 else [*_whole(amount), f"{unit}s"]


def _grouped(groups: Iterable[str]) -> list[str]:
    said: list[str] = []
    for group in groups:
        said += [*(["pause"] if said else []), *digits(group)]
    return said


def _year(year: int) -> list[str]:
    century, rest = divmod(year, 100)
    if year < 1000 or (century % 10 == 0 and rest < 10):
        return _whole(year)
    if not rest:
        return [f"n-{century}", "hundred"]
    return [f"n-{century}", *(["oh"] if rest < 10 else []), f"n-{rest}"]


def _whole(value: int) -> list[str]:
    for size, name in _LARGE:
        high, low = divmod(value, size)
        if high:
            return [*_whole(high), name, *(_whole(low) if low else [])]
    high, low = divmod(value, 100)
    if high:
        return [f"n-{high}", "hundred", *([f"n-{low}"] if low else [])]
    return [f"n-{value}"]
