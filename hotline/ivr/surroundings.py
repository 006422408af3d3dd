"""What guides work with: the parts around them, and what the dialplan tells them of a visit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from hotline.callers.familiar import Familiar
from hotline.callers.priority import Priority
from hotline.calls.service import CallService
from hotline.clock import Clock
from hotline.handover.connecting import Connecting
from hotline.ivr import acts
from hotline.ivr.facts import Caller
from hotline.ivr.line import Clip
from hotline.ivr.pieces import Piece
from hotline.ivr.report_desk import ReportDesk
from hotline.speech.listening import Listener
from hotline.telephony.pbx import Pbx
from hotline.waiting.estimate import Outlook
from hotline.waiting.telling import Choices


class Voice(Protocol):
    """Turns what is to be said into files."""

    async def clips(self, pieces: Sequence[Piece], language: str) -> Sequence[Clip]:
        """The files, in their order. What cannot be said is left out, and logged."""


class Waits(Protocol):
    """Who knows of waits (:class:`hotline.waiting.service.Waits`)."""

    def outlook(self, call_id: str) -> Outlook | None:
        """The caller's position and wait."""

    def choices(self, call_id: str) -> Choices:
        """What this caller may do besides waiting."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a matter ended."""

    exit: str
    values: Mapping[str, str] = field(default_factory=dict)
    pieces: tuple[Piece, ...] = ()


Settler = Callable[[Caller, acts.Matter], Awaitable[Settlement]]
"""Settles a matter of a call within the controller."""

Rank = Callable[[Caller, acts.ToQueue, Mapping[str, str]], Awaitable[Priority]]
"""The priority with which a caller waits, of whom a flow keeps these values."""

Acquaintance = Callable[[Caller], tuple[Familiar, ...]]
"""The agents who know a caller; told at once, for nobody is to wait for it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What guides need of the configuration."""

    queue: str
    lease_s: float
    report_max_s: int
    report_silence_s: int
    recordings: Path


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What guides work with."""

    calls: CallService
    pbx: Pbx
    clock: Clock
    voice: Voice
    settle: Settler
    rank: Rank
    familiar: Acquaintance
    connecting: Connecting
    reports: ReportDesk
    listener: Listener
    settings: Settings
    waits: Waits


@dataclass(frozen=True, slots=True)
class Visit:
    """Why the dialplan asks: the stage it is in, and how its last verb ended."""

    stage: str
    outcome: str = ""
    ref: str = ""
    cause: str = ""
    place: str = ""
