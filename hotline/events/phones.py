"""Agents' telephones: the self-test before a shift, and how lines were in talks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hotline.events.base import Event


@dataclass(frozen=True, slots=True)
class PhoneMoved(Event):
    """Somebody's web phone is at another of their logins; ``left``: at none, since they logged out
    where it was."""

    agent_id: str
    extension: str
    left: bool = False


@dataclass(frozen=True, slots=True)
class PhoneChecked(Event):
    """Somebody tested their web phone. ``verdict``: good, usable or unfit, because of ``faults``
    (:mod:`hotline.phones.checking`); ``measures`` are what it was judged by."""

    agent_id: str
    extension: str
    verdict: str
    faults: tuple[str, ...]
    measures: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OneWayAudio(Event):
    """In a talk nothing has arrived since ``since`` from the ``silent`` side: agent, citizen or
    both."""

    call_id: str
    agent_id: str
    silent: str
    since: float


@dataclass(frozen=True, slots=True)
class AudioRestored(Event):
    """Audio goes both ways again, or the talk is over (``ended``)."""

    call_id: str
    agent_id: str
    ended: bool = False


@dataclass(frozen=True, slots=True)
class LineMeasured(Event):
    """The agent's line in a talk was not good (``light`` fair or poor), by the PBX's statistics:
    ``loss`` as a share, times in milliseconds, None for unknown."""

    call_id: str
    agent_id: str
    light: str
    loss: float | None
    jitter_ms: float | None
    round_trip_ms: float | None
