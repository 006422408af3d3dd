"""The citizen of a call that staff placed becomes a caller of ours, in the middle of the talk.

From then on all that can be done with a caller can be done with them: whoever hands them over does
so as with callers who rang in. The call that was placed ends, as handed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from hotline.calls.model import CallerGone, CitizenBrought, Input
from hotline.clock import Clock
from hotline.telephony.ami import AmiRefused
from hotline.telephony.pbx import Places

# How long two legs may be on their way from one bridge into another, and music may take to end.
PATIENCE_S = 4.0
LOOK_S = 0.05


class Callers(Protocol):
    """Those who ring in (:class:`hotline.calls.service.CallService`)."""

    async def tell(self, given: Input) -> None:
        """Hand an input over and return when its events are in the journal."""

    def knows(self, call_id: str) -> bool:
        """Whether this call lives, as far as we know."""


@dataclass(frozen=True, slots=True)
class Citizen:
    """Whom a placed call is with; ``case_number`` is empty for none."""

    call_id: str
    phone: str
    case_number: str


@dataclass(frozen=True, slots=True)
class Brought:
    """The call that it became, and what it is about."""

    call_id: str
    case_number: str


class Bringing:
    """Brings citizens over."""

    def __init__(self, pbx: Places, callers: Callers, clock: Clock, node: str) -> None:
        self._pbx = pbx
        self._callers = callers
        self._clock = clock
        self._node = node

    async def bring(
        self, channel_id: str, citizen: Citizen, agent_id: str, number: str
    ) -> Brought | None:
        """The call that the placed one (its own channel is ``channel_id``) became; ``number`` is
        ours. None when nobody talks in it. Raises :class:`~hotline.telephony.ami.AmiLost`,
        :class:`~hotline.telephony.ami.AmiRefused`, TimeoutError.
        """
        legs = await self._pbx.legs(channel_id)
        if legs is None:
            return None
        theirs, staffs = legs
        await self._end_music(channel_id)
        unique_id = await self._pbx.get_variable(theirs, "UNIQUEID")
        if unique_id is None:
            return None
        brought = Brought(f"{self._node}-{unique_id}", citizen.case_number)
        await self._callers.tell(
            CitizenBrought(
                brought.call_id, theirs, agent_id, staffs, citizen.call_id, citizen.phone, number,
                citizen.case_number,
            )
        )  # fmt: skip
        try:
            moved = await self._pbx.bring(channel_id, theirs, staffs, citizen.phone)
        except AmiRefused:
            moved = False
        if not moved:
            await self._callers.tell(CallerGone(brought.call_id, "", seen=False))
            return None
        await self._joined(theirs, staffs)
        return brought

    async def _end_music(self, channel_id: str) -> None:
        """Whoever hears music is taken back first: what plays it belongs to the placed call."""
        await self._pbx.bring_back(channel_id)
        await self._until(channel_id, "SHARED(HOTLINE_MUSIC)", None)

    async def _joined(self, theirs: str, staffs: str) -> None:
        await self._until(theirs, "BRIDGEPEER", staffs)

    async def _until(self, channel: str, name: str, value: str | None) -> None:
        end = self._clock.now() + PATIENCE_S
        while await self._pbx.get_variable(channel, name) != value:
            if self._clock.now() > end:
                raise TimeoutError(f"{name} of {channel} is not {value}")
            await self._clock.sleep(LOOK_S)
