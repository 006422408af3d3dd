"""A past period decided again from what the engine was given, beside what the journal says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from sqlalchemy import select

from hotline import events
from hotline.replay.codec import Unreadable
from hotline.replay.digest import engine_digest
from hotline.replay.rerun import Decision, Difference, Rerun, compare, journalled
from hotline.replay.storing import Start, entries_of, starts
from hotline.storage.database import Database
from hotline.storage.records import Record
from hotline.storage.tables import JournalRow

_DECISIONS = (events.CallOffered, events.OfferEnded, events.AgentStateChanged)


@dataclass(frozen=True, slots=True)
class Replay:
    """How a replay went.

    ``decisions`` were the same on both sides, ``difference`` is where they part. ``begins`` is
    from when on there is anything to replay (None: nothing is kept of the period);
    ``other_engines`` are the starts whose engine had other code than this version's;
    ``unreadable`` says what this version cannot read.
    """

    since: float
    until: float
    begins: float | None
    starts: int = 0
    inputs: int = 0
    decisions: int = 0
    offers: int = 0
    difference: Difference | None = None
    other_engines: tuple[Start, ...] = field(default=())
    unreadable: str = ""

    @property
    def identical(self) -> bool:
        """Whether everything that was decided in the period was decided so again."""
        return self.difference is None and not self.unreadable and self.begins is not None


async def replay(database: Database, since: float, until: float) -> Replay:
    """Run the period again. Raises :class:`hotline.storage.database.DatabaseUnavailable`."""
    used = await starts(database, since, until)
    if not used:
        return Replay(since, until, None)
    begins = max(since, used[0].at)
    mine = engine_digest()
    others = tuple(start for start in used if start.engine != mine)
    again: list[Decision] = []
    inputs, fault = 0, ""
    for start in used:
        try:
            run = Rerun.of(dict(start.rules))
            async for entry in entries_of(database, start.start_id):
                if cast("float", entry[0]) >= until:
                    break
                again += (one for one in run.give(entry) if begins <= one.at < until)
        except Unreadable as error:
            fault = str(error)
            break
        inputs += run.inputs
    before = await _decided(database, begins, until)
    same, difference = compare(before, again)
    return Replay(
        since,
        until,
        begins,
        len(used),
        inputs,
        same,
        sum(one.kind == "offer" for one in again[:same]),
        None if fault else difference,
        others,
        fault,
    )


async def _decided(database: Database, since: float, until: float) -> list[Decision]:
    query = select(JournalRow).where(
        JournalRow.at >= since,
        JournalRow.at < until,
        JournalRow.kind.in_([kind.__name__ for kind in _DECISIONS]),
    )
    async with database.session() as session:
        rows = (await session.scalars(query.order_by(JournalRow.seq))).all()
    records = map(Record.of, rows)
    return [one for record in records if (one := journalled(record.event, record.at))]
