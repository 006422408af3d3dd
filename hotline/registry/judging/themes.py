"""Reports on a theme (专题): some cases, some months, and what somebody wrote of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import tzinfo

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.registry.judging.counting import Scope, count
from hotline.registry.judging.model import Definitions, Line, Month, Period
from hotline.registry.judging.patterns import Patterns, patterns_of
from hotline.storage.records import storable
from hotline.storage.tables import CaseRow
from hotline.storage.tables_judging import ThemeRow

TITLE_LENGTH = 80
TEXT_LENGTH = 5_000
WORD_LENGTH = 40
MOST_MONTHS = 36


class BadTheme(ValueError):
    """What was typed makes no report: each faulty field with the key of its message."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{field}: {key}" for field, key in faults.items()))
        self.faults = dict(faults)


@dataclass(frozen=True, slots=True)
class ThemeFilter:
    """Which cases a theme is about; what is left out does not narrow it. ``category`` is part of
    a minor class's name, such as 井盖."""

    category: str = ""
    street: str = ""
    unit: str = ""
    source: str = ""

    def conditions(self) -> tuple[ColumnElement[bool], ...]:
        """The same as SQL."""
        found: list[ColumnElement[bool]] = []
        if self.category:
            found.append(CaseRow.category_name.icontains(self.category, autoescape=True))
        if self.street:
            found.append(CaseRow.street == self.street)
        if self.unit:
            found.append(CaseRow.unit.icontains(self.unit, autoescape=True))
        if self.source:
            found.append(CaseRow.source == self.source)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Theme:
    """A report on a theme as it is kept; ``theme_id`` is 0 for one that is not yet."""

    title: str
    wanted: ThemeFilter
    first: Month
    last: Month
    text: str
    made_by: str = ""
    made_at: float = 0.0
    theme_id: int = 0

    @classmethod
    def of(cls, row: ThemeRow) -> Theme:
        """The theme that the row keeps."""
        return cls(
            row.title,
            ThemeFilter(**row.wanted),
            Month.read(row.first_month),
            Month.read(row.last_month),
            row.text,
            row.made_by,
            row.made_at,
            row.theme_id,
        )

    def row(self) -> ThemeRow:
        """A new row for it."""
        return ThemeRow(
            title=self.title,
            wanted=asdict(self.wanted),
            first_month=str(self.first),
            last_month=str(self.last),
            text=self.text,
            made_by=self.made_by,
            made_at=self.made_at,
        )


@dataclass(frozen=True, slots=True)
class ThemeReport:
    """The numbers of a theme. ``before`` are those of as many months before it."""

    theme: Theme
    total: Line
    before: Line
    by: Mapping[str, tuple[Line, ...]]
    patterns: Patterns


def read_theme(typed: Mapping[str, str]) -> Theme:
    """A theme as it was typed. Raises :class:`BadTheme`."""
    texts = {name: storable(value).strip() for name, value in typed.items()}
    faults = {}
    if not texts.get("title"):
        faults["title"] = "required"
    months: dict[str, Month] = {}
    for name in ("first", "last"):
        try:
            months[name] = Month.read(texts.get(name, ""))
        except ValueError:
            faults[name] = "wrong"
    if len(months) == 2 and not months["first"] <= months["last"] < months["first"].plus(
        MOST_MONTHS
    ):
        faults["last"] = "until_before_since"
    wanted = ThemeFilter(*(texts.get(name, "")[:WORD_LENGTH] for name in _WANTED))
    if wanted == ThemeFilter():
        faults["category"] = "required"
    if faults:
        raise BadTheme(faults)
    title, text = texts["title"][:TITLE_LENGTH], texts.get("text", "")[:TEXT_LENGTH]
    return Theme(title, wanted, months["first"], months["last"], text)


_WANTED = tuple(ThemeFilter.__dataclass_fields__)


async def report_on(
    session: AsyncSession, theme: Theme, definitions: Definitions, zone: tzinfo
) -> ThemeReport:
    """Count what a theme is about."""
    months = (theme.last.year - theme.first.year) * 12 + theme.last.month - theme.first.month + 1
    only = theme.wanted.conditions()
    period = Period(theme.first.begins(zone), theme.last.plus(1).begins(zone))
    earlier = Period(theme.first.plus(-months).begins(zone), period.since)
    scope = Scope(period, definitions, only)
    (total,) = await count(session, scope)
    (before,) = await count(session, Scope(earlier, definitions, only))
    by = {name: await count(session, scope, name) for name in ("street", "unit", "class")}
    return ThemeReport(theme, total, before, by, await patterns_of(session, scope, zone))
