"""What a handling unit's pages are told of as it happens: that their list has changed.

Which case it was is not told: the list, fetched again, shows what is the unit's.
"""

from __future__ import annotations

from hotline import events
from hotline.registry.dispatching.work import UnitWork
from hotline.web.access import Role, Viewer
from hotline.web.feed import Message
from hotline.web.ports import Record


async def told(viewer: Viewer, work: UnitWork, record: Record) -> list[Message]:
    """``worklist`` to the people of a unit when a case moved that they answer for or help with."""
    event = record.event
    if viewer.role is not Role.UNIT or not isinstance(event, events.CaseMoved):
        return []
    if not await work.concerns(viewer.unit_id, event.case_number):
        return []
    return [Message("worklist", {"list": "unit"}, record.seq)]
