"""Telephone numbers as keys: the same phone is found however its number was written. Pure.

What is certain is told apart from what may be: a landline without its area code may be the same
as one with it, and is only shown as that.
"""

from __future__ import annotations

import re

# Full-width digits and signs, as Chinese input methods write them.
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
# Invisible marks that come with numbers copied from other programs stand among them.
_SEPARATORS = re.compile(r"[\s\-().\u200b-\u200f\u2010-\u2015\u202a-\u202e\u2060\u2212\ufeff]+")
_LANDLINE = r"(?:(?:10|2\d)\d{8}|[3-9]\d{2}\d{7,8})"
_COUNTRY = re.compile(rf"^(?:(?:\+|00)86(?={_LANDLINE}$)|(?:\+|00)?86(?=1[3-9]\d{{9}}$))")
# "+86 (0)571 …": the country's prefix with the area code as it is dialled at home.
_BOTH = re.compile(rf"^(?:(?:\+|00)86)0(?={_LANDLINE}$|1[3-9]\d{{9}}$)")
_MOBILE = re.compile(r"^1[3-9]\d{9}$")
_LOCAL = re.compile(r"^[2-8]\d{6,7}$")
_AREA_CODE = re.compile(r"^0(?:10|2\d|[3-9]\d{2})$")
_WITH_AREA_CODE = re.compile(rf"^0{_LANDLINE}$")


def canonical(number: str) -> str:
    """The number as it is dialled inside the country, without separators.

    ``+86 138-1234-5678`` and ``013812345678`` are ``13812345678``; ``+86 571 1234 5678`` and
    ``+86 (0)571 12345678`` are ``057112345678``. What is no mainland number only loses its
    separators; full-width digits are digits.
    """
    bare = _SEPARATORS.sub("", number.translate(_NARROW))
    home = _COUNTRY.sub("", _BOTH.sub("+86", bare))
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


def maybe_same(number: str, area_code: str) -> tuple[str, ...]:
    """Ways of writing numbers that may be this one: a landline of the city with and without the
    city's ``area_code`` (``0571``; empty for unknown). Those that are certain (:func:`variants`)
    are not among them."""
    if not _AREA_CODE.match(area_code):
        return ()
    home = canonical(number)
    if _LOCAL.match(home) and _WITH_AREA_CODE.match(area_code + home):
        return variants(area_code + home)
    if _WITH_AREA_CODE.match(home) and home.startswith(area_code):
        local = home.removeprefix(area_code)
        return (local,) if _LOCAL.match(local) else ()
    return ()
