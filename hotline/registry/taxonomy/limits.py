"""One city's time limits as they were published beside a standard's classes, read into data.

A published text such as ``2紧急工作时/4小时/2天/5天`` holds one limit for each filing condition
(立案条件) of the class, in the order of the standard. 小时 and 天 stand for working hours and
working days, as the standard's own units are 紧急工作时, 工作时 and 工作日; 紧急工作日 runs on
every day. The published words stay beside what was read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from hotline.registry.taxonomy.shipped import load

_ONE = re.compile(r"(\d+)(紧急工作时|紧急工作日|小时|天)(\S*)")
UNITS = {"紧急工作时": "紧急工作时", "紧急工作日": "自然日", "小时": "工作时", "天": "工作日"}
"""How a published unit is read: 紧急工作时, 工作时, 工作日 or 自然日."""


@dataclass(frozen=True, slots=True)
class ExampleLimit:
    """The limit of one filing condition.

    ``condition`` counts the conditions of the class from 1. ``unit`` is 紧急工作时, 工作时, 工作日
    or 自然日; ``note`` is what the limit is for where the text says so (制止), ``raw`` the text.
    """

    condition: int
    amount: int
    unit: str
    raw: str
    note: str = ""

    @property
    def limit(self) -> str:
        """The limit as ``hotline deadline --limit`` takes it."""
        return f"{self.amount}{self.unit}"


def read_limits(text: str) -> tuple[ExampleLimit, ...]:
    """The limits of a published text, none for an empty one.

    Raises :class:`ValueError` for one that cannot be read.
    """
    return tuple(
        _one(condition, part) for condition, part in enumerate(text.split("/"), 1) if text.strip()
    )


def example_limits(standard: str) -> Mapping[str, tuple[ExampleLimit, ...]]:
    """The example limits of a shipped standard, by the class's key; classes without any are
    left out. Raises :class:`hotline.registry.taxonomy.UnknownStandard`."""
    return {
        category.key: read_limits(category.example_limit)
        for category in load(standard)
        if category.example_limit
    }


def _one(condition: int, raw: str) -> ExampleLimit:
    read = _ONE.fullmatch(raw.strip())
    if read is None:
        raise ValueError(f"{raw!r} is no time limit such as 2紧急工作时, 4小时 or 5天")
    return ExampleLimit(condition, int(read[1]), UNITS[read[2]], raw, read[3])
