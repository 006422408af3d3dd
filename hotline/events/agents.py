"""Agents, their states, and their work between calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hotline.events.base import Event

# --- an agent ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AgentStateChanged(Event):
    """``state``: ready, offered, talking, wrap_up, paused or offline.

    ``reason`` says why an agent is paused (a code: rest, meal, training, missed, unreachable);
    ``until`` is when the state ends by itself, None when only the agent ends it; ``by`` is
    agent, engine or the user id of a supervisor. The ``next_`` fields are what a busy agent
    asked to become after the wrap-up, empty for nothing asked. ``memory`` is what the strategies
    know of them (:class:`hotline.acd.memory.AgentMemory`); empty in records of versions that did
    not say.
    """

    agent_id: str
    state: str
    since: float
    reason: str = ""
    until: float | None = None
    by: str = "engine"
    call_id: str = ""
    next_state: str = ""
    next_reason: str = ""
    next_until: float | None = None
    memory: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PhoneReachable(Event):
    """An agent's phone registered with the PBX or went away."""

    agent_id: str
    extension: str
    reachable: bool


# --- agents' states ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PauseEnded(Event):
    """An agent's pause for ``reason`` is over: it went from ``since`` to ``until``."""

    agent_id: str
    reason: str
    since: float
    until: float


@dataclass(frozen=True, slots=True)
class StateForced(Event):
    """A supervisor, ``by`` (then called ``name``), changed an agent's state because of ``why``.

    ``want``: ready, paused (for ``reason``), offline or end_wrap_up; ``was`` is the state before.
    A busy agent's wish for afterwards is changed; what follows has the same ``by``.
    """

    agent_id: str
    want: str
    why: str
    by: str
    name: str = ""
    reason: str = ""
    was: str = ""


@dataclass(frozen=True, slots=True)
class PauseReasonChanged(Event):
    """A reason for pausing, as it is from now on. ``minutes`` and ``times`` are what a day allows
    (None: not limited); ``offered``: agents can choose it; ``before``: what was changed."""

    code: str
    zh: str
    en: str
    minutes: float | None
    times: int | None
    offered: bool
    by: str
    before: dict[str, Any] = field(default_factory=dict)


# --- work between calls -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TaskOffered(Event):
    """An agent whom no caller needs is shown a task: ``callback:`` and its number, or
    ``verification:`` and its case's."""

    agent_id: str
    task_id: str


@dataclass(frozen=True, slots=True)
class TaskWithdrawn(Event):
    """An agent is shown a task no more: a ``call`` came, they ``left`` their place, or it is
    ``gone`` (``why``). It was not begun."""

    agent_id: str
    task_id: str
    why: str
