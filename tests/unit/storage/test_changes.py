"""Changes of rows: what many events mean costs few statements."""

from __future__ import annotations

from sqlalchemy import event

from hotline import events
from hotline.storage.changes import Change, fold
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from hotline.storage.projections import _PROJECTED
from hotline.storage.tables import CallRow


def life(call_id: str) -> list[events.Event]:
    return [
        events.CallArrived(call_id, "pbx1", "PJSIP/x", "12319", "13800138000"),
        events.CallQueued(call_id, "hotline", 0, 1.0),
        events.CallAbandoned(call_id, "hotline", 2.0),
        events.CallEnded(call_id, "citizen"),
    ]


async def test_a_hundred_calls_cost_as_many_statements_as_one(
    database: Database, journal: Journal
) -> None:
    async def statements(*happened: events.Event) -> int:
        seen: list[str] = []

        def count(connection: object, cursor: object, statement: str, *_: object) -> None:
            if "calls" in statement:
                seen.append(statement)

        engine = database.engine.sync_engine
        event.listen(engine, "before_cursor_execute", count)
        async with journal.transaction() as tx:
            for one in happened:
                tx.add(one)
        event.remove(engine, "before_cursor_execute", count)
        return len(seen)

    one = await statements(*life("first"))
    hundred = await statements(*(e for n in range(100) for e in life(f"call{n}")))
    assert (one, hundred) == (1, 1)


def test_a_change_that_looks_into_the_row_is_not_passed_by_others() -> None:
    sets = [(n, Change(CallRow, {"call_id": "a"}, {"stage": str(n)})) for n in range(4)]
    looks = (4, Change(CallRow, {"call_id": "a", "stage": "3"}, {"stage": "x"}))
    after = (5, Change(CallRow, {"call_id": "a"}, {"rating": 5}))
    assert fold([*sets, looks, after]) == [(3, sets[3][1]), looks, after]


def test_no_projected_row_has_to_wait_for_another() -> None:
    # Changes of one shape go together, so rows of two tables are not written in their order.
    assert not [row for row in _PROJECTED if row.__table__.foreign_keys]
