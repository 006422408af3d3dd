"""Why an agent was asked and why the caller had waited, as the journal keeps it.

``agent`` is the engine's choice, ``wait`` what it said when the call had to wait, ``first`` why the
agent is the call's first one (:class:`hotline.callers.familiar.Familiar`); each only as far as it
is known, without what stands at its default.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hotline.acd import model as acd
from hotline.calls.model import Stage
from hotline.replay.codec import plain

if TYPE_CHECKING:
    from hotline.calls.core import CallCore
    from hotline.calls.model import Call


def note_wait(core: CallCore, call: Call) -> None:
    """Remember why the call could not be offered at once; a call that comes back keeps what
    was first."""
    if call.waits is None and call.stage is Stage.WAITING:
        reasons = core.engine.explain(call.call_id)
        call.waits = reasons if isinstance(reasons, acd.WaitReasons) else None


def now(core: CallCore, call_id: str) -> dict[str, Any]:
    """Why a call waits now (``wait`` alone), or is offered to whom it is; empty for another."""
    call, reasons = core.calls.get(call_id), core.engine.explain(call_id)
    if call is None or reasons is None:
        return {}
    if isinstance(reasons, acd.WaitReasons):
        return {"wait": plain(reasons)}
    return of_offer(call, reasons)


def of_offer(call: Call, choice: acd.Choice | None) -> dict[str, Any]:
    """Why this offer is made, as JSON values."""
    parts = {"agent": choice, "wait": call.waits}
    told = {name: plain(part) for name, part in parts.items() if part is not None}
    if choice and choice.first and call.first:
        told["first"] = call.first.why
    return told
