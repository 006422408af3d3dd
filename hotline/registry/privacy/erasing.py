"""Takes a citizen's number and name out of texts. Pure.

A number is found however a trunk, an agent or a citizen wrote it: with the country's prefix, with
a leading zero, with spaces or dashes between its digits.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from hotline.storage.numbers import canonical

SHORTEST_NUMBER = 7
"""Fewer digits name a service or an extension, and stand in too many texts by chance."""
_SEPARATOR = r"[\s\-()（）－—.]{0,3}"


class NotANumber(ValueError):
    """Too few digits to be somebody's telephone number."""


def needle_of(number: str) -> str:
    """The digits that every way of writing the number has in common.

    Raises :class:`NotANumber`.
    """
    needle = canonical(number).lstrip("+0")
    if not needle.isdecimal() or len(needle) < SHORTEST_NUMBER:
        raise NotANumber(number)
    return needle


class Eraser:
    """Puts a token where one of the numbers, or one of the names, stands: each number and each name
    has one token of ``new_token``, so that rows of one citizen still belong together.

    ``needles`` come from :func:`needle_of`. Names of one character are left: they are words.
    """

    def __init__(
        self, needles: Iterable[str], names: Iterable[str], new_token: Callable[[], str]
    ) -> None:
        numbers = [
            rf"(?<!\d)(?:(?:\+|00)?86|0)?{_SEPARATOR}{_spread(one)}(?!\d)" for one in set(needles)
        ]
        words = sorted({name for name in names if len(name) > 1}, key=len, reverse=True)
        self._pattern = re.compile("|".join([*numbers, *map(re.escape, words)]) or r"(?!)")
        self._tokens: defaultdict[str, str] = defaultdict(new_token)

    def text(self, value: str) -> str:
        """``value`` without them."""
        return self._pattern.sub(self._token, value)

    def value(self, value: Any) -> Any:
        """JSON without them; keys stay."""
        match value:
            case str():
                return self.text(value)
            case dict():
                return {key: self.value(item) for key, item in value.items()}
            case list():
                return [self.value(item) for item in value]
            case _:
                return value

    def _token(self, found: re.Match[str]) -> str:
        digits = "".join(one for one in found[0] if one.isdecimal())
        return self._tokens[digits[-SHORTEST_NUMBER:] or found[0]]


def _spread(needle: str) -> str:
    return _SEPARATOR.join(needle)
