"""What the engine shows of itself: frozen rows, copied into what screens are given."""

from __future__ import annotations

from dataclasses import dataclass

from hotline.acd.model import NextState, State


@dataclass(frozen=True, slots=True)
class AgentRow:
    """One signed-on agent now; fields as in :class:`AgentBecame`."""

    agent_id: str
    queues: tuple[str, ...]
    state: State
    since: float
    reason: str = ""
    until: float | None = None
    call_id: str = ""
    offer_id: str = ""
    next_state: NextState = ""
    next_reason: str = ""
    next_until: float | None = None
    reachable: bool = True


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One caller without an agent, those being offered (``offered_to``) included."""

    call_id: str
    queue: str
    priority: int
    since: float
    offered_to: str = ""
    offers: int = 0
    refused_by: tuple[str, ...] = ()
