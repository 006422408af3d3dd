"""Telephone numbers as keys: the same phone is found however its number was written. Pure.

What is certain is told apart from what may be: a landline without its area code may be the same
as one with it, and is only shown as that.
"""

from __future__ import annotations

import re

# Full-width digits and signs, as Chinese input methods write them.
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
_DASHES = r"\-\u2010-\u2015\u2212"
# Invisible marks that come with numbers copied from other programs stand among them.
_BLANKS = r"\s\u200b-\u200f\u202a-\u202e\u2060\ufeff"
_SEPARATORS = re.compile(rf"[{_BLANKS}{_DASHES}().\[\]【】_~·]+")
# 400 and 800 are no area codes, and are dialled without a 0 in front.
_AREA = r"(?!400|800)[3-9]\d{2}"
_LANDLINE = rf"(?:(?:10|2\d)\d{{8}}|{_AREA}\d{{7,8}})"
_NATIONWIDE = r"[48]00\d{7}"
_ABROAD = r"(?:\+|00)?86"
_COUNTRY = re.compile(rf"^{_ABROAD}(?={_LANDLINE}$|{_NATIONWIDE}$|1[3-9]\d{{9}}$)")
# "+86 (0)571 …": the country's prefix with the area code as it is dialled at home.
_BOTH = re.compile(rf"^{_ABROAD}0(?={_LANDLINE}$|1[3-9]\d{{9}}$)")
_MOBILE = re.compile(r"^1[3-9]\d{9}$")
_NO_AREA_CODE = re.compile(rf"^{_NATIONWIDE}$")
_LOCAL = re.compile(r"^[2-8]\d{6,7}$")
_AREA_CODE = re.compile(rf"^0(?:10|2\d|{_AREA})$")
_WITH_AREA_CODE = re.compile(rf"^0{_LANDLINE}$")
_WITHOUT_ZERO = re.compile(rf"^(?:(?:10|2\d)[2-8]\d{{7}}|{_AREA}[2-8]\d{{6,7}})$")
# "571-8765 4321", "(571) 87654321": who sets the area code apart means one, with or without its 0.
_APART = re.compile(
    rf"^[{_BLANKS}]*[(\[【]?(?:10|2\d|{_AREA})[{_BLANKS}{_DASHES})\]】]+(?=[2-8])[\d{_BLANKS}{_DASHES}]+$"
)
# "0571-87654321转801", "8765 4321 ext. 801", "0571-87654321-801".
_EXTENSION = re.compile(
    rf"^(?P<line>.*\d[{_BLANKS})\]】]*)"
    rf"(?P<said>[{_BLANKS}{_DASHES}(,;#]*(?:转接?|轉接?|分机号?|分機號?|内线|内線|ext(?:ension)?|x)"
    rf"[{_BLANKS}:.]*|[{_BLANKS}]*[{_DASHES}#,;][{_BLANKS}]*)"
    rf"(?P<extension>\d{{1,6}})[{_BLANKS})]*$",
    re.IGNORECASE,
)
_LONGEST_UNSAID = 4
# What is longer is no number, and is not looked into.
_LONGEST = 64


def canonical(number: str) -> str:
    """The number as it is dialled inside the country, without separators.

    ``+86 138-1234-5678`` and ``013812345678`` are ``13812345678``; ``+86 571 1234 5678``,
    ``+86 (0)571 12345678`` and ``571-8234 5678`` with the area code set apart begin with ``0571``;
    ``+86 400 …`` with ``400``. An extension is left out (:func:`extension_of`): it is dialled at
    the same line. What is no mainland number only loses its separators; full-width digits are
    digits.
    """
    narrow = number.translate(_NARROW)
    found = _extended(narrow)
    return _home(found["line"] if found else narrow)


def extension_of(number: str) -> str:
    """The digits to be dialled once the line answers, as in ``0571-87654321转801``; empty for
    none."""
    found = _extended(number.translate(_NARROW))
    return found["extension"] if found else ""


def _extended(narrow: str) -> re.Match[str] | None:
    """A number with an extension, taken apart. What is a whole number by itself has none."""
    if len(narrow) > _LONGEST or _is_line(_home(narrow)):
        return None
    found = _EXTENSION.match(narrow)
    if not found or not _is_line(_home(found["line"])):
        return None
    said = any(one.isalpha() for one in found["said"])
    return found if said or len(found["extension"]) <= _LONGEST_UNSAID else None


def _is_line(home: str) -> bool:
    ways = (_MOBILE, _WITH_AREA_CODE, _LOCAL, _NO_AREA_CODE)
    return any(way.match(home) for way in ways)


def _home(narrow: str) -> str:
    bare = _SEPARATORS.sub("", narrow)
    home = _COUNTRY.sub("", _BOTH.sub("+86", bare))
    apart = _APART.match(narrow) and _WITHOUT_ZERO.match(home)
    if apart or (home != bare and not _MOBILE.match(home) and not _NO_AREA_CODE.match(home)):
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
        return (home, f"+86{home[1:]}", f"0086{home[1:]}", f"86{home[1:]}")
    if _NO_AREA_CODE.match(home):
        return (home, f"+86{home}", f"0086{home}", f"86{home}")
    return (home,)


def maybe_same(number: str, area_code: str) -> tuple[str, ...]:
    """Ways of writing numbers that may be this one: a landline of the city with and without the
    city's ``area_code`` (``0571``; empty for unknown), and one with its area code that lacks only
    the 0 in front. Those that are certain (:func:`variants`) are not among them."""
    home = canonical(number)
    if _WITHOUT_ZERO.match(home):
        return variants(f"0{home}")
    if _WITH_AREA_CODE.match(home):
        local = home.removeprefix(area_code) if area_code and home.startswith(area_code) else ""
        short = (local,) if _LOCAL.match(local) else ()
        return (*short, home[1:]) if _WITHOUT_ZERO.match(home[1:]) else short
    whole = area_code + home
    fits = _AREA_CODE.match(area_code) and _LOCAL.match(home) and _WITH_AREA_CODE.match(whole)
    return variants(whole) if fits else ()
