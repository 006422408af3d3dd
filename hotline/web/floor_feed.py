"""What happens on the floor, as one page is told of it: more messages of an event stream.

======== =====================================================================================
help     a call for help as it stands now, to the supervisors and to whose it is
message  a message among staff: ``what`` is sent (with the whole ``message``) or read to its
         addressees, sent, read or answered to the supervisors, who fetch the list again
outbound a call that the viewer placed, as it stands now
worklist promises, and calls about cases: pages that list them fetch their rows again
======== =====================================================================================
"""

from __future__ import annotations

from dataclasses import asdict

from hotline import events
from hotline.events import Event
from hotline.floor.messages import ANSWER
from hotline.floor.model import InboxMessage
from hotline.floor.room import Floor
from hotline.web.access import CASE_ROLES, Role, Viewer
from hotline.web.feed import Message
from hotline.web.ports import Record

_HELP = (events.HelpAsked, events.HelpSeen, events.HelpEnded)
_OUTBOUND = (events.OutboundDialled, events.OutboundProgressed, events.OutboundEnded)
_PROMISES = (events.PromiseMade, events.PromiseEnded)


async def told(viewer: Viewer, floor: Floor, record: Record) -> list[Message]:
    """What this record means to the viewer, in order; mostly nothing."""
    event, seq = record.event, record.seq
    if isinstance(event, _HELP):
        return await _help(viewer, floor, event, seq)
    if isinstance(event, events.StaffMessageSent):
        return _sent(viewer, event, record)
    if isinstance(event, events.StaffMessageRead):
        concerned = viewer.role is Role.SUPERVISOR or viewer.user_id == event.by
        news = {"what": "read", "message_id": event.message_id}
        return [Message("message", news, seq)] if concerned else []
    if isinstance(event, _OUTBOUND):
        return [*_own_call(viewer, event, seq), *_list(viewer, "outbound", event, seq)]
    if isinstance(event, _PROMISES):
        return _list(viewer, "promises", event, seq)
    return []


async def _help(
    viewer: Viewer,
    floor: Floor,
    event: events.HelpAsked | events.HelpSeen | events.HelpEnded,
    seq: int,
) -> list[Message]:
    if viewer.role is not Role.SUPERVISOR and viewer.user_id != event.agent_id:
        return []
    return [Message("help", {"help": asdict(await floor.help.get(event.help_id))}, seq)]


def _sent(viewer: Viewer, event: events.StaffMessageSent, record: Record) -> list[Message]:
    if viewer.role is Role.SUPERVISOR:
        answers = event.to == ANSWER
        news = {"what": "answered" if answers else "sent", "message_id": event.message_id}
        return [Message("message", news, record.seq)]
    if viewer.user_id not in event.addressees:
        return []
    message = InboxMessage(event.message_id, record.at, event.by, event.name, event.text)
    return [Message("message", {"what": "sent", "message": asdict(message)}, record.seq)]


def _own_call(
    viewer: Viewer,
    event: events.OutboundDialled | events.OutboundProgressed | events.OutboundEnded,
    seq: int,
) -> list[Message]:
    if event.agent_id != viewer.user_id:
        return []
    match event:
        case events.OutboundDialled():
            state, outcome = "dialling", None
        case events.OutboundProgressed():
            state, outcome = event.stage, None
        case events.OutboundEnded():
            state, outcome = "ended", event.outcome
    call = {"outbound_id": event.outbound_id, "state": state, "outcome": outcome}
    return [Message("outbound", call, seq)]


def _list(viewer: Viewer, name: str, event: Event, seq: int) -> list[Message]:
    if viewer.role not in CASE_ROLES:
        return []
    data = {"list": name, "what": event.kind}
    if number := getattr(event, "case_number", ""):
        data["case_number"] = number
    return [Message("worklist", data, seq)]
