"""The demo's dispatch desk has a past to learn from."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import func, select

from hotline.demo.dispatches import dispatch_batch, dispatches
from hotline.demo.filling import fill
from hotline.storage.database import Database
from hotline.storage.tables_attachments import DispatchRow
from tests.databases import database, database_url
from tests.unit.demo.test_casebook import drawn

__all__ = ["database", "database_url"]


def test_every_case_that_a_unit_has_was_dispatched_and_those_sent_back_twice() -> None:
    rows = [case.columns for case in drawn(2_000)]
    found = list(dispatches(rows))
    outcomes = Counter(row["outcome"] for row in found)
    given = sum(bool(row["unit_id"]) for row in rows)
    assert outcomes["handled"] + outcomes["open"] + outcomes["withdrawn"] == given
    assert outcomes["returned"] > 20
    assert all(row["corrected_to"] for row in found if row["outcome"] == "returned")


async def test_they_are_written_with_their_cases(database: Database) -> None:
    await fill(database, drawn(100), also=(dispatch_batch,))
    async with database.session() as session:
        assert (await session.scalar(select(func.count()).select_from(DispatchRow)) or 0) > 80
