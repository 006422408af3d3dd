"""``python -m hotline.routing.gate_worker``: compares two plans in a process of its own.

Reads one JSON object from standard input and writes one a line to standard output: ``{"done": n,
"of": m}`` while it works, then ``{"result": …}``, or ``{"lacking": why, …}`` when the period says
too little.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hotline.routing.past import Past, read_past
from hotline.routing.reading import read_plan
from hotline.routing.rehearsal import compare
from hotline.routing.rules import Routing
from hotline.storage.database import Database

FEWEST_CALLS = 100
"""Fewer answered calls than these say nothing of a plan."""


def main() -> None:
    """Answer on standard output."""
    asked = json.loads(sys.stdin.readline())
    past = asyncio.run(_read(asked))
    answer = lacking(past, asked) or {"result": _compared(past, asked)}
    _say(answer)


async def _read(asked: dict[str, Any]) -> Past:
    database = Database(asked["database_url"])
    try:
        return await read_past(database, asked["since"], asked["until"])
    finally:
        await database.close()


def lacking(past: Past, asked: dict[str, Any]) -> dict[str, Any] | None:
    """What is missing for a comparison; None when there is enough."""
    answered = sum(call.talk_s is not None for call in past.calls)
    if answered < FEWEST_CALLS:
        return {"lacking": "calls", "have": answered, "need": FEWEST_CALLS}
    for side in ("today", "draft"):
        if not past.spans and not asked[side].get("roster"):
            return {"lacking": "presence", "have": 0, "need": 1}
    return None


def _compared(past: Past, asked: dict[str, Any]) -> dict[str, Any]:
    zone = ZoneInfo(asked["zone"])
    sides = {side: Routing(read_plan(asked[side]), asked["home"]) for side in ("today", "draft")}
    days = days_of(asked["since"], asked["until"], zone)
    count = len(days) * len(sides)

    def progress(done: int) -> None:
        _say({"done": done, "of": count})

    return {
        "since": asked["since"],
        "until": asked["until"],
        "days": len(days),
        "calls": len(past.calls),
        "wrap_ups": len(past.wrap_ups),
        "sides": compare(past, sides, days, zone, progress),
    }


def days_of(since: float, until: float, zone: ZoneInfo) -> Sequence[date]:
    """The city's days from one instant until another."""
    first = datetime.fromtimestamp(since, zone).date()
    last = datetime.fromtimestamp(until - 1, zone).date()
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _say(what: dict[str, Any]) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main()
