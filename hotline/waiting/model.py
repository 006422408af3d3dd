"""What reaches and leaves the calls layer about waits and kept places. Plain data.

A kept place is a virtual caller: a call of ours without a citizen's channel, whose ``call_id`` is
``<node>-kp-<unique id of the channel that was hung up>``. For offer ``n`` of it the agent's phone
is rung by the channel ``kp-<unique id>-<n>``, so that what the PBX tells of that channel is about
that offer, and asking twice cannot ring twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

PLACE_PREFIX = "kp-"
LOST = "LOST"
"""The status of a talk whose agent was cut off and did not come back."""
IN_PLACE_IDS = f"-{PLACE_PREFIX}"
"""What the ``call_id`` of a kept place has in it, and no other."""
_KNOWN = re.compile(r"\+?\d{5,15}")
CHANNEL_ID = re.compile(r"kp-(?P<origin>[\w.-]{1,48})-(?P<offer>\d{1,4})")

Step = Literal["waiting", "resting", "ringing", "dialling", "talking", "over"]
"""A kept place is in its queue, rests until it is tried again, has an agent's phone ringing, its
citizen dialled, or a talk."""

Ended = Literal["talked", "unreached", "rang_again", "matter_closed", "expired"]
"""How a kept place came to its end."""


@dataclass(slots=True)
class Place:
    """What a kept place has beside what every call has. ``tries`` counts how often the citizen was
    dialled in vain; ``channel_id`` is that of the offer that runs."""

    origin: str
    number: str
    kept_at: float
    step: Step = "resting"
    tries: int = 0
    again_at: float | None = None
    channel_id: str = ""
    called_at: float | None = None
    status: str = ""


def can_be_rung(number: str) -> bool:
    """Whether a caller's own number can be dialled."""
    return _KNOWN.fullmatch(number) is not None


def is_place(call_id: str) -> bool:
    """Whether a call is a kept place."""
    return IN_PLACE_IDS in call_id


def channel_of(offer_id: str) -> str:
    """The id of the channel that an offer of a kept place is made by."""
    call_id, _, number = offer_id.rpartition("/")
    return f"{PLACE_PREFIX}{call_id.partition(f'-{PLACE_PREFIX}')[2]}-{number}"


def place_of(call_id: str) -> str:
    """The call id of the place that the caller of ``call_id`` has kept."""
    node, _, unique_id = call_id.partition("-")
    return f"{node}-{PLACE_PREFIX}{unique_id}"


# --- verbs ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ConfirmNumber:
    """Read ``number`` out, and ask whether it is the one to ring back. The caller waits on."""

    number: str


@dataclass(frozen=True, slots=True)
class PlaceIsKept:
    """Tell the caller that they will be rung back, and say goodbye."""


@dataclass(frozen=True, slots=True)
class PlaceIsKnown:
    """Tell the caller, who waits on, that a callback to that number is noted already."""


PlaceVerb = ConfirmNumber | PlaceIsKept | PlaceIsKnown


# --- inputs --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallerTold:
    """The caller heard their position; ``seconds`` was foretold, ``said_s`` is what they heard
    (None: no figure)."""

    call_id: str
    ahead: int
    seconds: float | None
    said_s: float | None


@dataclass(frozen=True, slots=True)
class KeepsPlace:
    """The caller confirmed ``number`` and is rung back there when it is their turn."""

    call_id: str
    number: str


@dataclass(frozen=True, slots=True)
class StaysInLine:
    """The caller decided against it, or said nothing."""

    call_id: str


@dataclass(frozen=True, slots=True)
class PlaceHeard:
    """What the PBX tells of a kept place's channel. ``what``: picked_up (the agent's phone, on
    ``channel``), talking (the citizen answered, on ``channel``), aside (the citizen hears music;
    ``status`` says why: agent, cut_off, or empty for no more), finished (the dialplan says how it
    went, by ``status``) or gone (the channel is, with Q.850's ``cause``)."""

    channel_id: str
    what: Literal["picked_up", "talking", "aside", "finished", "gone"]
    channel: str = ""
    status: str = ""
    cause: str = ""


@dataclass(frozen=True, slots=True)
class MatterClosed:
    """The case of this call, or of this number since, is closed: nobody needs to be rung."""

    call_id: str
    number: str
    opened_at: float


WaitingInput = CallerTold | KeepsPlace | StaysInLine | PlaceHeard | MatterClosed


# --- commands ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RingForPlace:
    """Ring the agent's phones at ``extension``, and when they answer dial ``number``."""

    call_id: str
    channel_id: str
    extension: str
    number: str
    ring_s: float
    recording: str
