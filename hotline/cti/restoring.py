"""What the journal tells a controller that starts of the agents' day: their pauses, and what
supervisors changed. Their states themselves come back from the table of presence."""

from __future__ import annotations

from collections.abc import Iterable

from hotline import events
from hotline.calls.core import CallCore
from hotline.clock import midnight
from hotline.storage.journal import Journal
from hotline.storage.records import Record

_KINDS = (events.PauseEnded, events.StateForced, events.ControllerStarted)
_BATCH = 5000


async def remember_states(core: CallCore, journal: Journal, now: float) -> float | None:
    """Let ``core`` know the day so far, and that nobody was there since the journal's last
    record; when that was, None for an empty journal.

    Before the agents' states are restored. Raises
    :class:`hotline.storage.journal.JournalUnavailable`.
    """
    since, after = midnight(now, core.rules.zone), 0
    while batch := await journal.read(after, _BATCH, kinds=_KINDS, since=since):
        take(core, batch)
        after = batch[-1].seq
    last = await journal.read(max(0, journal.last_seq - 1), 1)
    if not last:
        return None
    core.pauses.absent(last[0].at, now)
    return last[0].at


def take(core: CallCore, records: Iterable[Record]) -> None:
    """Let ``core`` know these records of today."""
    for record in records:
        match record.event:
            case events.PauseEnded():
                core.pauses.remember(record.event)
            case events.StateForced(agent_id=agent_id):
                core.forced[agent_id] = (record.at, record.event)
            case events.ControllerStarted(last_at=last_at) if last_at is not None:
                core.pauses.absent(last_at, record.at)
            case _:
                pass
