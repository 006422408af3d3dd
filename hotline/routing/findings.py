"""What is wrong with a routing plan: findings, each with where it is and plain words.

The words stand in ``findings.toml`` by code, in Chinese and in English, with the severity.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib import resources
from typing import Literal

Severity = Literal["error", "warning"]
Place = tuple[str | int, ...]

_HINT, _DAYS = "did-you-mean", "days"
_WEEK = tuple("0123456")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend. ``where`` leads to it in the plan's JSON: ``("queues", 0, "rings", 1)``,
    and ``line`` (from 1; 0: none) in the file that was read. An error keeps a plan from being
    published."""

    code: str
    where: Place = ()
    severity: Severity = "error"
    values: Mapping[str, str] = field(default_factory=dict)
    line: int = 0

    def text(self, language: str = "zh") -> str:
        """What is wrong and how to mend it. Raises KeyError for a language without words."""
        catalogue, hint = _catalogue(), self.values.get("hint", "")
        asked = catalogue[_HINT][language].format(hint=hint) if hint else ""
        day = self.values.get("day", "")
        named = catalogue[_DAYS][language].split()[int(day)] if day in _WEEK else day
        values = {**self.values, "hint": asked, "day": named}
        return catalogue[self.code][language].format_map(values)


def found(code: str, *where: str | int, **values: object) -> Finding:
    """A finding of the catalogue. Raises KeyError for a code that it does not know."""
    severity: Severity = "warning" if _catalogue()[code]["severity"] == "warning" else "error"
    return Finding(code, where, severity, {k: _plain(v) for k, v in values.items()})


def similar(wanted: str, known: Sequence[str]) -> str:
    """The known name that ``wanted`` was most likely meant to be; empty when none is close."""
    close = get_close_matches(wanted, sorted(known), n=1, cutoff=0.6)
    return close[0] if close else ""


def codes() -> tuple[str, ...]:
    """Every code there is."""
    return tuple(code for code in _catalogue() if code not in (_HINT, _DAYS))


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


@cache
def _catalogue() -> Mapping[str, Mapping[str, str]]:
    source = resources.files("hotline.routing").joinpath("findings.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))
