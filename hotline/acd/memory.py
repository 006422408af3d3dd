"""What the engine remembers of the time before, in a form that outlives it."""

from __future__ import annotations

from typing import NamedTuple


class AgentMemory(NamedTuple):
    """What the strategies know of an agent beside the state, as of the state's beginning.

    ``idled`` are the seconds spent ready since the last talk or missed offer, ``busied`` those
    spent busy since ``signed_on``. ``turn`` grows with each offer of the hotline: who has the
    lowest was asked the longest ago.
    """

    signed_on: float
    idled: float
    busied: float
    turn: int


class Counted(NamedTuple):
    """Callers of a queue who were counted in one slice of the service level's window: from
    ``start`` on ``number`` of them, ``within`` of those in time."""

    start: float
    within: int
    number: int
