"""The watchdog of one-way audio. Pure: packet counters in, what began and ended out.

The agent's leg tells of both directions: what the PBX receives there comes from the agent, and
what it sends there came from the citizen, because the bridge of two makes no audio of its own.
While the citizen hears music, or a third is in the talk, only the first can be told.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

# Telephones that save silence send nothing while nobody speaks; people pause shorter than this.
PATIENCE_S = 6.0


class Silent(StrEnum):
    """From whom nothing arrives."""

    AGENT = "agent"
    CITIZEN = "citizen"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Talk:
    """A talk to be watched, by the agent's leg."""

    call_id: str
    agent_id: str
    channel: str


@dataclass(frozen=True, slots=True)
class Watched:
    """A talk with what can be judged of it now. ``both``: what the citizen says should reach the
    agent by itself; else (music for the citizen, somebody else in the talk) what the PBX sends
    tells nothing of the citizen."""

    talk: Talk
    both: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """``silent`` None: audio goes both ways again. ``since``: when the last packet was seen."""

    talk: Talk
    silent: Silent | None
    since: float


@dataclass(slots=True)
class _Way:
    """One direction: how many packets by now, and when there was last a new one."""

    packets: int
    moved_at: float

    def see(self, packets: int, now: float) -> None:
        # Fewer than before: the leg's media were set up anew.
        if packets != self.packets:
            self.packets, self.moved_at = packets, now


@dataclass(slots=True)
class _Leg:
    from_agent: _Way
    to_agent: _Way
    told: Silent | None = None


class Watchdog:
    """Watches the talks' legs. ``patience_s``: how long nothing may arrive from somebody."""

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._legs: dict[Talk, _Leg] = {}

    def see(
        self, talk: Talk, received: int, sent: int, now: float, both: bool = True
    ) -> Finding | None:
        """Take in how many packets the agent's leg has received and sent; what that says anew.
        Unless ``both``, what was sent says nothing."""
        leg = self._legs.get(talk)
        if leg is None:
            self._legs[talk] = _Leg(_Way(received, now), _Way(sent, now))
            return None
        leg.from_agent.see(received, now)
        leg.to_agent.see(sent, now)
        if not both:
            leg.to_agent.moved_at = now
        silent = self._silent(leg, now)
        if silent is leg.told:
            return None
        since = min(leg.from_agent.moved_at, leg.to_agent.moved_at)
        leg.told = silent
        return Finding(talk, silent, since)

    def keep(self, talks: Collection[Talk]) -> list[Finding]:
        """Forget every talk but these; those of which something was told are over."""
        gone = [talk for talk in self._legs if talk not in talks]
        forgotten = [(talk, self._legs.pop(talk)) for talk in gone]
        return [
            Finding(talk, None, min(leg.from_agent.moved_at, leg.to_agent.moved_at))
            for talk, leg in forgotten
            if leg.told is not None
        ]

    def _silent(self, leg: _Leg, now: float) -> Silent | None:
        agent = now - leg.from_agent.moved_at >= self._patience_s
        citizen = now - leg.to_agent.moved_at >= self._patience_s
        if agent and citizen:
            return Silent.BOTH
        return Silent.AGENT if agent else Silent.CITIZEN if citizen else None
