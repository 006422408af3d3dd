"""After a restart: nobody is offered to an agent before all who waited are in line again.

Callers come back from the dialplan's own queue one by one, within some tenths of a second. Who is
back first would else be served first, and an agent whom that queue still rings be rung twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hotline.acd import model as acd
from hotline.calls import whys
from hotline.calls.model import Call, Outcome, Stage

if TYPE_CHECKING:
    from hotline.calls.core import CallCore

# One who does not come back must not hold up the others for longer.
PATIENCE_S = 2.5


@dataclass(slots=True)
class Returning:
    """Callers on their way back (each until when they are waited for), and who waits for them."""

    until: dict[str, float] = field(default_factory=dict)
    held: list[acd.CallWaits] = field(default_factory=list)

    def expect(self, call_id: str, now: float) -> None:
        """This caller is being fetched back."""
        self.until[call_id] = now + PATIENCE_S


def offer(core: CallCore, call: Call, now: float) -> acd.RestoreOffer:
    """The offer of a call whose phone still rings, as the engine is told of it."""
    queue = core.routing.queue(call.queue)
    return acd.RestoreOffer(
        call.offer_id,
        call.agent_id,
        call.call_id,
        queue,
        call.priority,
        call.queued_at if call.queued_at is not None else now,
        tuple(sorted(call.refused_by)),
        call.offers,
        core.routing.requires(queue),
        core.routing.prefers(queue),
        call.first.agent_id if call.first else "",
        call.entered_at,
        tuple(at for _, at in sorted(call.refused_by.items())),
        call.counted,
    )


def wait(core: CallCore, waits: acd.CallWaits, now: float, out: Outcome) -> None:
    """Let a caller wait for an agent, as soon as nobody is on the way back any more."""
    core.returning.held.append(waits)
    seen(core, waits.call_id, now, out)


def seen(core: CallCore, call_id: str, now: float, out: Outcome) -> None:
    """A caller is back, or will never be."""
    core.returning.until.pop(call_id, None)
    tick(core, now, out)


def tick(core: CallCore, now: float, out: Outcome) -> None:
    """When all are back, or were waited for long enough: decide, once for all of them."""
    if any(until > now for until in core.returning.until.values()):
        return
    core.returning.until.clear()
    held, core.returning.held = core.returning.held, []
    calls = [(waits, core.calls.get(waits.call_id)) for waits in held]
    there = [(waits, call) for waits, call in calls if call and call.stage is Stage.WAITING]
    if not there:
        return
    core.ask_together([waits for waits, _ in there], now, out)
    for _, call in there:
        whys.note_wait(core, call)


def next_deadline(core: CallCore) -> float | None:
    """When :func:`tick` is due."""
    return max(core.returning.until.values(), default=None)
