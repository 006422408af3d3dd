"""Telephone numbers and names of people, masked: in logs always, on screens until somebody
reveals them."""

from __future__ import annotations

import re

_STARS = "****"
_TITLES = ("先生", "女士", "小姐", "同志")
# A surname of one or two characters before its title.
_SHORT_TITLED = 4
# A mainland mobile number, or a landline with its area code. Digits on either side mean that it
# is part of something longer: a case number, a time, an identifier.
_NUMBER_IN_TEXT = re.compile(
    r"(?<![\d.])(?P<prefix>(?:\+|00)86-?)?(?P<number>1[3-9]\d{9}|0\d{2,3}-?\d{7,8})(?![\d.]\d|\d)"
)


def mask_number(number: str) -> str:
    """``13812345678`` as ``138****5678``; service numbers and extensions (under 7 digits) as
    they are, since they name nobody."""
    for prefix in ("+86", "0086"):
        if number.startswith(prefix):
            return prefix + mask_number(number.removeprefix(prefix))
    if sum(character.isdigit() for character in number) < 7:
        return number
    if len(number) < 10:
        return number[:2] + _STARS + number[-2:]
    return number[:3] + _STARS + number[-4:]


def mask_name(name: str) -> str:
    """``王小明`` as ``王**``, ``Anna Berg`` as ``A********``; ``王先生`` and what was taken out
    already (``***``) as they are, since they name nobody."""
    bare = name.strip()
    if bare.startswith("*") or (bare.endswith(_TITLES) and len(bare) <= _SHORT_TITLED):
        return bare
    return bare[:1] + "*" * (len(bare) - 1)


def mask_text(text: str) -> str:
    """``text`` with every telephone number in it masked."""
    return _NUMBER_IN_TEXT.sub(
        lambda found: (found["prefix"] or "") + mask_number(found["number"]), text
    )
