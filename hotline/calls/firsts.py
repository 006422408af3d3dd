"""A call's first agent: who knows the caller, and can be asked in the queue where they wait.

Of those who know them the first one counts who is on duty and serves the queue; the engine keeps
the call for that agent while they can take it soon. A call about life and safety is kept for
nobody, and neither is one that waits behind others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline.acd.model import TOP_PRIORITY
from hotline.calls.model import Call

if TYPE_CHECKING:
    from hotline.calls.core import CallCore


def choose(core: CallCore, call: Call) -> tuple[str, str]:
    """The call's first agent in its present queue and why it is they, as
    :class:`hotline.events.CallQueued` has them; the call remembers it."""
    first = None
    if 0 <= call.priority < TOP_PRIORITY:
        known = (one for one in call.familiar if _can_be_asked(core, one.agent_id, call.queue))
        first = next(known, None)
    call.first = first
    return (first.agent_id, first.why) if first else ("", "")


def _can_be_asked(core: CallCore, agent_id: str, queue: str) -> bool:
    on_duty = agent_id in core.states and agent_id in core.people.by_id
    return on_duty and queue in core.routing.served_by(agent_id).weights
