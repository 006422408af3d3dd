"""AMI events, read as what becomes of a call that staff place.

The call is one channel whose id we chose (``cb-<task>-<attempt>`` for a callback): once staff have
answered it dials the citizen. Both legs tell, by that id, when the citizen hears music.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from hotline.callback.model import Outcome, State
from hotline.telephony.ami import AmiEvent

CHANNEL_ID = re.compile(r"cb-\d+-\d+")

# Asterisk's DIALSTATUS of the citizen's leg. Without one staff hung up before it was dialled.
_OUTCOMES = {
    "ANSWER": Outcome.TALKED,
    "BUSY": Outcome.BUSY,
    "NOANSWER": Outcome.NO_ANSWER,
    "CANCEL": Outcome.CANCELLED,
    "": Outcome.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Progressed:
    """The citizen is dialled, their phone rings, or they talk."""

    channel_id: str
    stage: State


@dataclass(frozen=True, slots=True)
class Finished:
    """The dialplan said how it went; ``talked_s`` is None when nobody talked."""

    channel_id: str
    outcome: Outcome
    talked_s: float | None


@dataclass(frozen=True, slots=True)
class Gone:
    """The channel is gone. Without a :class:`Finished` before it staff never answered."""

    channel_id: str


@dataclass(frozen=True, slots=True)
class Music:
    """The citizen hears music from now on, or will as soon as they answer. ``why``: agent or
    cut_off, as in :class:`hotline.events.TalkHeld`; empty: they hear it no more."""

    channel_id: str
    why: str


Heard = Progressed | Finished | Gone | Music


def read(event: AmiEvent, channels: re.Pattern[str] = CHANNEL_ID) -> Heard | None:
    """What ``event`` means to a call whose channel's id is one of ``channels``; None for
    nothing."""
    channel_id = event.get("Call") or event.get("Uniqueid")
    reader = _READERS.get(event.name)
    if reader is None or not channels.fullmatch(channel_id):
        return None
    return reader(channel_id, event)


def _dial_begin(channel_id: str, _event: AmiEvent) -> Heard:
    return Progressed(channel_id, State.CONNECTING)


def _dial_state(channel_id: str, event: AmiEvent) -> Heard | None:
    # PROGRESS: the network plays what it has to say, mostly a ringing tone.
    rings = event.get("DialStatus") in {"RINGING", "PROGRESS"}
    return Progressed(channel_id, State.RINGING) if rings else None


def _dial_end(channel_id: str, event: AmiEvent) -> Heard | None:
    answered = event.get("DialStatus") == "ANSWER"
    return Progressed(channel_id, State.TALKING) if answered else None


def _user_event(channel_id: str, event: AmiEvent) -> Heard | None:
    if event.get("UserEvent") == "HotlineAside":
        return Music(channel_id, event.get("Why"))
    if event.get("UserEvent") != "HotlineCallback":
        return None
    outcome = _OUTCOMES.get(event.get("Outcome"), Outcome.FAILED)
    seconds = event.get("Seconds")
    talked_s = float(seconds) if outcome is Outcome.TALKED and seconds.isdecimal() else None
    if outcome is Outcome.TALKED and event.get("Lost"):
        outcome = Outcome.CUT_OFF
    elif outcome is Outcome.TALKED and event.get("Brought"):
        outcome = Outcome.HANDED_OVER
    return Finished(channel_id, outcome, talked_s)


def _hangup(channel_id: str, _event: AmiEvent) -> Heard:
    return Gone(channel_id)


_READERS: dict[str, Callable[[str, AmiEvent], Heard | None]] = {
    "DialBegin": _dial_begin,
    "DialState": _dial_state,
    "DialEnd": _dial_end,
    "UserEvent": _user_event,
    "Hangup": _hangup,
}

# The names of the events that are read; the PBX sends no others.
READS = frozenset(_READERS)
