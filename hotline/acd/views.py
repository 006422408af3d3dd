"""What the engine shows of itself: frozen rows, copied into what screens are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from hotline.acd.model import Need, NextState, State


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
    weights: Mapping[str, int] = field(default_factory=dict)
    skills: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One caller without an agent, those being offered (``offered_to``) included.

    ``ring`` is the index of the ring that is asked now, ``reserved_for`` the first agent to whom
    the call is kept.
    """

    call_id: str
    queue: str
    priority: int
    since: float
    offered_to: str = ""
    offers: int = 0
    refused_by: tuple[str, ...] = ()
    requires: tuple[Need, ...] = ()
    prefers: tuple[Need, ...] = ()
    first_agent: str = ""
    entered: float | None = None
    ring: int = 0
    reserved_for: str = ""


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task that waits, is offered to an agent (``agent_id``), or is being worked on."""

    task_id: str
    queue: str
    since: float
    stage: Literal["waiting", "offered", "started"] = "waiting"
    agent_id: str = ""


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """Callers answered within the queue's target, of those counted over its window.

    A caller counts when answered, or when the target passes unanswered; who hangs up before
    does not count. ``share`` is None while nobody counted.
    """

    within: int
    counted: int
    breached: bool

    @property
    def share(self) -> float | None:
        """Between 0 and 1."""
        return self.within / self.counted if self.counted else None
