"""What is wrong with a flow: findings, each with its line, its node and plain words.

The words stand in ``findings.toml`` by code, in Chinese and in English, with the severity.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib import resources
from typing import Literal

Severity = Literal["error", "warning"]

_HINT = "did-you-mean"
_MOST_LISTED = 12


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing to mend. ``line`` counts from 1; 0 means the file as a whole. ``node`` is empty
    when the finding is about the flow itself. An error keeps a flow from being published."""

    line: int
    node: str
    code: str
    severity: Severity = "error"
    values: Mapping[str, str] = field(default_factory=dict, compare=False)

    def text(self, language: str = "zh") -> str:
        """What is wrong and how to mend it. Raises KeyError for a language without words."""
        hint = self.values.get("hint", "")
        asked = _catalogue()[_HINT][language].format(hint=hint) if hint else ""
        return _catalogue()[self.code][language].format_map({**self.values, "hint": asked})


class FlowFaults(ValueError):
    """A flow cannot be read; ``findings`` says why."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(sorted(findings))
        super().__init__("\n".join(f"{f.line}: {f.text('en')}" for f in self.findings))


def found(code: str, line: int, node: str = "", **values: object) -> Finding:
    """A finding of the catalogue. Raises KeyError for a code that it does not know."""
    severity: Severity = "warning" if _catalogue()[code]["severity"] == "warning" else "error"
    return Finding(line, node, code, severity, {k: str(v) for k, v in values.items()})


def similar(wanted: str, known: Iterable[str]) -> str:
    """The known name that ``wanted`` was most likely meant to be; empty when none is close."""
    close = get_close_matches(wanted, sorted(known), n=1, cutoff=0.6)
    return close[0] if close else ""


def listed(known: Iterable[str]) -> str:
    """The names there are, as a finding tells them; the rest of many is left out."""
    names = sorted(known)
    return ", ".join(names[:_MOST_LISTED]) + (", …" if len(names) > _MOST_LISTED else "")


def codes() -> tuple[str, ...]:
    """Every code there is."""
    return tuple(code for code in _catalogue() if code != _HINT)


@cache
def _catalogue() -> Mapping[str, Mapping[str, str]]:
    source = resources.files("hotline.ivr").joinpath("findings.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))
