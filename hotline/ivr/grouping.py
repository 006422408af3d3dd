"""What every language shares when it reads values: groups of digits, and rounded waits. Pure."""

from __future__ import annotations

import re
from math import ceil

_CHINA = re.compile(r"\+86|0086(?=[1-9])|86(?=1[3-9]\d{9}$)")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_WITHOUT_AREA = ("400", "800")
_SHORT = 5
_LONGEST_LOCAL = 8
_FINE_MINUTES = 10
_COARSE_STEP = 5


def phone_groups(value: str) -> list[str]:
    """A telephone number as it is said: mobile 3-4-4, area code apart, services in one.

    China's own code is left out.
    """
    number = _at_home(value)
    if len(number) <= _SHORT:
        return [number]
    for sizes in _sizes(number):
        if sum(sizes) == len(number):
            return _cut(number, sizes)
    return case_groups(number)


def _at_home(value: str) -> str:
    """As it is dialled within China: an area code regains the 0 that abroad leaves out."""
    code = _CHINA.match(value)
    number = value[code.end() :] if code else value
    if not code or _MOBILE.fullmatch(number) or number.startswith(("0", *_WITHOUT_AREA)):
        return number
    return f"0{number}" if len(number) > _LONGEST_LOCAL else number


def _sizes(number: str) -> list[tuple[int, ...]]:
    if number.startswith("1"):
        return [(3, 4, 4)]
    if number.startswith(("400", "800")):
        return [(3, 3, 4)]
    if number.startswith(("010", "02")):
        return [(3, 4, 4), (3, 3, 4)]
    if number.startswith("0"):
        return [(4, 4, 4), (4, 3, 4)]
    return [(3, 4), (4, 4)]


def case_groups(value: str) -> list[str]:
    """Groups of four; a single last digit joins the group before it."""
    fours = [4] * (len(value) // 4)
    rest = len(value) % 4
    if rest == 1 and fours:
        fours[-1] += 1
    elif rest:
        fours.append(rest)
    return _cut(value, tuple(fours))


def rounded_wait(seconds: float) -> tuple[int, int]:
    """A wait as ``(minutes, half hours)``, rounded up; one of both is 0, both: under a minute.

    Nobody can foretell more closely: whole minutes up to ten, then steps of five, and half
    hours from an hour on.
    """
    if seconds < 60:
        return 0, 0
    minutes = ceil(seconds / 60)
    if minutes > _FINE_MINUTES:
        minutes = ceil(minutes / _COARSE_STEP) * _COARSE_STEP
    return (minutes, 0) if minutes < 60 else (0, ceil(seconds / 1800))


def _cut(value: str, sizes: tuple[int, ...]) -> list[str]:
    groups, at = [], 0
    for size in sizes:
        groups.append(value[at : at + size])
        at += size
    return groups
