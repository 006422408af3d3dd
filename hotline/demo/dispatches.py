"""How the synthetic cases' dispatches ended, so that the demo's dispatch desk has a past to learn
from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.registry.lifecycle import State
from hotline.storage.tables import Base
from hotline.storage.tables_attachments import DispatchRow

_DISPATCHES = Base.metadata.tables[DispatchRow.__tablename__]
_AT_UNIT = frozenset({State.TO_HANDLE, State.HANDLING, State.SUSPENDED})
# A case that was sent back stood at the first unit for some hours.
_SENT_BACK_BEFORE_S = 6 * 3600.0


async def dispatch_batch(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the dispatches of cases that were just written, in the same transaction."""
    found = list(dispatches(rows))
    if found:
        await session.execute(insert(_DISPATCHES), found)


def dispatches(rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """The dispatches of these cases. One that was sent back had gone to the unit which usually
    has its class."""
    given = [row for row in rows if row["unit_id"]]
    counts: dict[str, Counter[str]] = {}
    for row in given:
        counts.setdefault(row["category_code"] or "", Counter())[row["unit_id"]] += 1
    for row in given:
        usual = counts[row["category_code"] or ""].most_common(1)[0][0]
        if row["returns"] and usual != row["unit_id"]:
            yield _returned(row, usual)
        yield _last(row)


def _last(row: Mapping[str, Any]) -> dict[str, Any]:
    done = row["handled_at"] is not None
    outcome = "handled" if done else "open" if row["state"] in _AT_UNIT else "withdrawn"
    return _dispatch(row, row["unit_id"], row["dispatched_at"], outcome) | {
        "ended_at": row["handled_at"] if done else None
    }


def _returned(row: Mapping[str, Any], unit_id: str) -> dict[str, Any]:
    at = row["dispatched_at"] - _SENT_BACK_BEFORE_S
    return _dispatch(row, unit_id, at, "returned") | {
        "ended_at": row["dispatched_at"],
        "corrected_to": row["unit_id"],
    }


def _dispatch(row: Mapping[str, Any], unit_id: str, at: float, outcome: str) -> dict[str, Any]:
    return {
        "case_number": row["case_number"],
        "category": row["category_code"] or "",
        "street": row["street"] or "",
        "district": row["district"] or "",
        "unit_id": unit_id,
        "dispatched_by": "dispatcher1",
        "dispatched_at": at,
        "outcome": outcome,
        "ended_at": None,
        "why": "",
        "corrected_to": "",
    }
