"""Cases to be judged, written straight into the table, and a slow, obviously right count."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, insert

from hotline.registry.judging import definitions
from hotline.registry.judging.model import Period
from hotline.storage.database import Database
from hotline.storage.tables import CaseRow
from tests.databases import MORNING

DEFINITIONS = definitions.load()
HOUR, DAY = 3_600.0, 86_400.0
# 2026-11-01 to 2026-12-01 in the city.
SINCE = MORNING - 19 * DAY - 8 * HOUR
UNTIL = SINCE + 30 * DAY
PERIOD = Period(SINCE, UNTIL)


def case_values(n: int, **more: Any) -> dict[str, Any]:
    """A filed case of the month that nobody has sent anywhere yet."""
    at = SINCE + HOUR * (n % 700)
    values = {
        "case_number": f"20261101{n:06}",
        "state": "to_dispatch",
        "source": "hotline",
        "kind": "report",
        "standard": "gbt-30428.2-2013",
        "category_code": "component/0101",
        "category_name": "上水井盖",
        "unit": "城管一中队",
        "unit_id": "u1",
        "street": "s1",
        "district": "d1",
        "opened_by": "agent1",
        "opened_at": at,
        "changed_by": "agent1",
        "changed_at": at,
        "filed_at": at,
        "version": 1,
        "urgency": "normal",
        "address": "",
        "description": "",
        "happened": "",
        "caller_name": "",
        "caller_phone": "",
        "anonymous": False,
        "callback_wanted": True,
    }
    return values | more


def ended_values(n: int, late: bool = False, **more: Any) -> dict[str, Any]:
    """A case that went all the way: opened, due and closed in the month."""
    at = SINCE + HOUR * (n % 400)
    steps = {
        "state": "closed",
        "opened_at": at,
        "filed_at": at + HOUR,
        "dispatched_at": at + 2 * HOUR,
        "handled_at": at + 10 * HOUR,
        "closed_at": at + 12 * HOUR,
        "handle_due_at": at + (9 if late else 20) * HOUR,
        "close_due_at": at + (11 if late else 30) * HOUR,
    }
    return case_values(n, **(steps | more))


_ALL = {column.name: column.default for column in CaseRow.__table__.columns}


async def put(database: Database, cases: Iterable[dict[str, Any]]) -> None:
    """Make these the only cases."""
    rows = list(cases)
    names = {name for row in rows for name in row}
    full = [{name: row.get(name, _default(name)) for name in names} for row in rows]
    async with database.writing() as session:
        await session.execute(delete(CaseRow))
        if full:
            await session.execute(insert(CaseRow), full)


def _default(name: str) -> Any:
    default = _ALL[name]
    if default is not None:
        return default.arg
    return None


def slow_counts(cases: list[dict[str, Any]], period: Period = PERIOD) -> dict[str, int]:
    """The counts, one case and one rule after the other."""
    counts = dict.fromkeys([count.id for count in DEFINITIONS.counts if count.id != "repeat"], 0)
    for case in cases:
        for name in _counted(Told(case, period)):
            counts[name] += 1
    return counts


class Told:
    """One case, asked about a period."""

    def __init__(self, case: dict[str, Any], period: Period) -> None:
        self.case = case
        self.period = period

    def __getattr__(self, name: str) -> Any:
        return self.case.get(name, _default(name))

    def during(self, name: str) -> bool:
        at = getattr(self, name)
        return at is not None and self.period.since <= at < self.period.until

    def before_end(self, name: str) -> bool:
        at = getattr(self, name)
        return at is not None and at < self.period.until


def _counted(case: Told) -> Iterable[str]:
    if case.state == "void" or case.merged_into:
        return
    yield from _reported(case)
    yield from _sent(case)
    yield from _due(case)
    if case.during("closed_at"):
        yield "ended"
        if case.forced:
            yield "forced"
    if case.state not in {"closed", "not_filed", "void"} and case.before_end("filed_at"):
        yield "open"
        if case.before_end("suspended_at"):
            yield "suspended"


def _reported(case: Told) -> Iterable[str]:
    if not case.during("opened_at"):
        return
    yield "report"
    if case.state != "to_verify":
        yield "accept"
    if case.before_end("filed_at"):
        yield "filed"
    if case.source in DEFINITIONS.public_sources:
        yield "public"


def _sent(case: Told) -> Iterable[str]:
    if not case.during("dispatched_at"):
        return
    yield "dispatched"
    if not case.returns:
        yield "accurate_dispatch"
    if case.handle_due_at is None and case.suspended_at is None:
        yield "no_limit"


def _due(case: Told) -> Iterable[str]:
    if case.before_end("dispatched_at") and case.during("handle_due_at"):
        yield "should_dispose"
        if case.before_end("handled_at"):
            yield "disposed"
            if case.handled_at <= case.handle_due_at:
                yield "intime_disposed"
        if case.reworks > 0:
            yield "rework"
        if case.extensions > 0:
            yield "extended"
    if case.during("close_due_at"):
        yield "should_close"
        if case.before_end("closed_at"):
            yield "closed"
            if case.closed_at <= case.close_due_at:
                yield "intime_closed"
