"""Callers whom their queue cannot serve: to another queue, another service, or a report.

The engine says when and where to (:class:`hotline.acd.model.Overflowed`). Here a caller goes to no
queue and no service twice on one way, so whatever the rules say, the way ends: in a talk, or back
at the flow, which takes a report.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from hotline import events
from hotline.acd import model as acd
from hotline.calls import keeping, model
from hotline.calls.model import Call, Outcome, Stage

if TYPE_CHECKING:
    from hotline.calls.core import CallCore

QUEUE, TARGET = "queue:", "target:"
REPORT = "report"
# Why newcomers are turned away: a full queue to them, whether a rule or the limit says so.
FULL = frozenset({"full", "length"})


def send_on(core: CallCore, given: acd.Overflowed, now: float, out: Outcome) -> None:
    """Send a caller on whom the engine lets wait no longer in this queue."""
    call = core.calls.get(given.call_id)
    if call is None or keeping.overflowed(core, call, given.why, now, out):
        return
    call.left = (*call.left, f"{QUEUE}{given.queue}")
    to = open_way(given.to, call.left, core.engine.rules)
    out.events.append(
        events.CallOverflowed(call.call_id, given.queue, to, given.why, given.waited_s)
    )
    call.left = (*call.left, to)
    full = given.why in FULL
    if to.startswith(QUEUE):
        call.entered_at = now
        if full:
            out.commands.append(model.Tell(call.call_id, model.Moved()))
        core.wait(call, to.removeprefix(QUEUE), now, out)
    elif to.startswith(TARGET):
        call.stage = Stage.ARRIVING
        verb = model.SendOn(to.removeprefix(TARGET), full)
        out.commands.append(model.Tell(call.call_id, verb))
    else:
        core.leave_queue(call, "full" if full else "nobody", now, out)


def open_way(to: str, left: Collection[str], queues: Collection[str]) -> str:
    """Where a rule's ``to`` leads a caller who has already ``left`` these ways: a report when it
    was one of them, or is no queue that there is."""
    if to in left:
        return REPORT
    if to.startswith(QUEUE):
        return to if to.removeprefix(QUEUE) in queues else REPORT
    return to if to.startswith(TARGET) and to != TARGET else REPORT


def queue_for(call: Call, asked: str) -> str:
    """Where a caller waits whom the flow wants in the queue ``asked`` (empty: as before): one who
    was sent on from there stays where they are."""
    if call.queue and (not asked or f"{QUEUE}{asked}" in call.left):
        return call.queue
    return asked


def restore(call: Call, sent: events.CallOverflowed, at: float) -> None:
    """Take back what the journal has of a caller who was sent on at ``at``."""
    call.left = (*call.left, f"{QUEUE}{sent.queue}", sent.to)
    call.entered_at = at


def forget(call: Call) -> None:
    """The caller is back at the flow; another wait is another way."""
    call.left = ()
    call.entered_at = None
