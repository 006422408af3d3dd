"""Telephone numbers as keys: the same phone is found however its number was written."""

from __future__ import annotations

import re

_SEPARATORS = re.compile(r"[\s\-()（）－—.]+")
_LANDLINE = r"(?:(?:10|2\d)\d{8}|[3-9]\d{2}\d{7,8})"
_COUNTRY = re.compile(rf"^(?:(?:\+|00)86(?={_LANDLINE}$)|(?:\+|00)?86(?=1[3-9]\d{{9}}$))")
_MOBILE = re.compile(r"^1[3-9]\d{9}$")
_WITH_AREA_CODE = re.compile(rf"^0{_LANDLINE}$")


def canonical(number: str) -> str:
    """The number as it is dialled inside the country, without separators.

    ``+86 138-1234-5678`` and ``013812345678`` are ``13812345678``; ``+86 571 1234 5678`` is
    ``057112345678``. What is no mainland number only loses its separators.
    """
    bare = _SEPARATORS.sub("", number)
    home = _COUNTRY.sub("", bare)
    if home != bare and not _MOBILE.match(home):
        return f"0{home}"
    if home.startswith("0") and _MOBILE.match(home[1:]):
        return home[1:]
    return home


def variants(number: str) -> tuple[str, ...]:
    """Every way in which a trunk may present the number, the canonical one first."""
    home = canonical(number)
    if _MOBILE.match(home):
        return (home, f"0{home}", f"86{home}", f"+86{home}", f"0086{home}")
    if _WITH_AREA_CODE.match(home):
        return (home, f"+86{home[1:]}", f"0086{home[1:]}")
    return (home,)
