"""Open data: the cases of a month for anybody, without anything that leads to a person.

Each value is from a closed list (classes, places, units, sources, states), a day, or a number:
nothing that somebody typed can be in it. Case numbers are left out, confidential cases too, and
a combination of what, where, when and whence that fewer than :data:`FEWEST` cases share is told
more coarsely, or not at all.
"""

from __future__ import annotations

import asyncio
import csv
import gzip
import io
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import case, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.registry.forms import KINDS
from hotline.registry.judging.counting import KEYS, Scope, live
from hotline.registry.judging.model import Month
from hotline.registry.judging.names import NameBook
from hotline.registry.model import SOURCES
from hotline.storage.tables import CaseRow

FEWEST = 5
LICENCE = "CC BY 4.0"
DAY_S = 86_400.0
_HANDFUL = 2_000
# Excel takes a file for UTF-8 only when it begins with this.
BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Told:
    """A case as anybody may know it. An empty field is unknown, or told too rarely to be said.

    The first eight say what, where, when and whence; the rest what became of it.
    """

    month: str
    day: str
    kind: str
    category: str
    source: str
    district: str
    street: str
    community: str
    category_name: str
    unit: str
    state: str
    days_to_close: int | None
    handled_in_time: bool | None
    closed_in_time: bool | None
    reworked: bool


COLUMNS = tuple(Told.__dataclass_fields__)
_IDENTIFYING = ("month", "day", "kind", "category", "source", "district", "street", "community")
# What is left out first, step by step, until enough cases share what is left.
_COARSER: tuple[tuple[str, ...], ...] = (
    (),
    ("community",),
    ("community", "day"),
    ("community", "day", "street"),
    ("community", "day", "street", "source"),
    ("community", "day", "street", "source", "category", "category_name"),
    ("community", "day", "street", "source", "category", "category_name", "kind", "district"),
)


@dataclass(frozen=True, slots=True)
class OpenData:
    """A month's open data. ``suppressed`` cases shared their combination with too few others,
    ``confidential`` ones are never told; both are counted in the bulletin."""

    month: str
    rows: tuple[Told, ...]
    suppressed: int
    confidential: int
    fewest: int = FEWEST

    def packed(self) -> bytes:
        """As the database keeps it; the same data give the same bytes."""
        data = asdict(self) | {"rows": [list(asdict(row).values()) for row in self.rows]}
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        return gzip.compress(text.encode(), mtime=0)

    @classmethod
    def unpacked(cls, kept: bytes) -> OpenData:
        """What :meth:`packed` made."""
        data = json.loads(gzip.decompress(kept))
        return cls(**data | {"rows": tuple(Told(*row) for row in data["rows"])})

    def as_csv(self) -> str:
        """For a spreadsheet: a header, then one case a line."""
        out = io.StringIO()
        out.write(BOM)
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        writer.writerows([_cell(value) for value in asdict(row).values()] for row in self.rows)
        return out.getvalue()

    def as_json(self) -> str:
        """For programs: the same, with the licence and what each column means."""
        document = {
            "month": self.month,
            "licence": LICENCE,
            "dictionary": DICTIONARY,
            "fewest_cases_in_a_combination": self.fewest,
            "suppressed": self.suppressed,
            "confidential": self.confidential,
            "cases": [asdict(row) for row in self.rows],
        }
        return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


DICTIONARY = {
    "month": "登记月份 month in which the case was opened",
    "day": "登记日期；过少见的组合不公布 day of opening; empty where the combination is too rare",
    "kind": "类型：consult 咨询, help 求助, complaint 投诉, report 举报, suggestion 建议, "
    "praise 表扬",
    "category": "小类：标准:代码 minor class, as standard:code",
    "source": "来源 where the case came from",
    "district": "区 district",
    "street": "街道 street",
    "community": "社区 community",
    "category_name": "小类名称 name of the minor class",
    "unit": "处置单位 unit that answers for it",
    "state": "open 在办, closed 已结案, not_filed 不立案",
    "days_to_close": "登记到结案的天数，舍去不足一天 whole days from opening to closing",
    "handled_in_time": "是否按时处置；空为未知 handled no later than its limit; empty: unknown",
    "closed_in_time": "是否按时结案；空为未知 closed no later than its limit; empty: unknown",
    "reworked": "是否返工 whether the work failed a check",
}


async def open_data(
    session: AsyncSession, month: Month, scope: Scope, names: NameBook, zone: tzinfo
) -> OpenData:
    """The open data of the cases that were opened in the month."""
    query = select(
        CaseRow.opened_at,
        CaseRow.kind,
        KEYS["class"],
        CaseRow.source,
        CaseRow.district,
        CaseRow.street,
        CaseRow.community,
        CaseRow.unit_id,
        CaseRow.state,
        CaseRow.closed_at,
        case((CaseRow.handle_due_at.is_not(None), CaseRow.handled_at <= CaseRow.handle_due_at)),
        case((CaseRow.close_due_at.is_not(None), CaseRow.closed_at <= CaseRow.close_due_at)),
        CaseRow.reworks > 0,
        CaseRow.confidential,
    ).where(live(), scope.holds(CaseRow.opened_at))
    rows: list[Sequence[Any]] = []
    async for handful in (await session.stream(query)).partitions(_HANDFUL):
        rows += handful
    return await asyncio.to_thread(_made, rows, month, names, zone)


def _made(rows: Sequence[Sequence[Any]], month: Month, names: NameBook, zone: tzinfo) -> OpenData:
    open_rows = [_told(row, month, names, zone) for row in rows if not row[13]]
    shown = guarded(open_rows)
    hidden = len(rows) - len(open_rows)
    return OpenData(str(month), tuple(shown), len(open_rows) - len(shown), hidden)


def guarded(rows: Iterable[Told], fewest: int = FEWEST) -> list[Told]:
    """The rows, each as coarse as it takes for ``fewest`` to share what identifies them; those
    that never do are left out. In an order that tells nothing of when each was opened."""
    left, shown = list(rows), []
    for fields in _COARSER:
        blank: dict[str, Any] = dict.fromkeys(fields, "")
        coarse = [replace(row, **blank) for row in left]
        shared = Counter(identity(row) for row in coarse)
        shown += [row for row in coarse if shared[identity(row)] >= fewest]
        left = [
            row for row, said in zip(left, coarse, strict=True) if shared[identity(said)] < fewest
        ]
    return sorted(shown, key=lambda row: [_cell(value) for value in asdict(row).values()])


def identity(row: Told) -> tuple[str, ...]:
    """What of a row could lead to a person who knows of the case."""
    return tuple(getattr(row, name) for name in _IDENTIFYING)


def _told(row: Sequence[Any], month: Month, names: NameBook, zone: tzinfo) -> Told:
    opened_at, kind, key, source, district, street, community, unit, state, closed_at = row[:10]
    category = names.of("class", key or "")
    return Told(
        month=str(month),
        day=datetime.fromtimestamp(opened_at, zone).date().isoformat(),
        kind=kind if kind in KINDS else "",
        category=key if category else "",
        source=source if source in SOURCES else "other",
        district=names.of("district", district),
        street=names.of("street", street),
        community=names.of("community", community),
        category_name=category,
        unit=names.of("unit", unit),
        state=state if state in {"closed", "not_filed"} else "open",
        days_to_close=None if closed_at is None else max(0, int((closed_at - opened_at) // DAY_S)),
        handled_in_time=_yes_or_no(row[10]),
        closed_in_time=_yes_or_no(row[11]),
        reworked=bool(row[12]),
    )


def _yes_or_no(value: object) -> bool | None:
    # SQLite answers 1 and 0.
    return None if value is None else bool(value)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
