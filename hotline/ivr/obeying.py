"""What the calls layer decided for a caller who waits, carried out on the caller's line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import structlog

from hotline.calls import model
from hotline.handover import model as handover
from hotline.handover.targets import NoSuchTarget, NoWay
from hotline.ivr import reporting
from hotline.ivr.facts import Caller
from hotline.ivr.line import Line
from hotline.ivr.pieces import Piece, Prompt
from hotline.ivr.surroundings import Surroundings
from hotline.ivr.waiting import Waiting
from hotline.ivr.walk import Walk
from hotline.waiting.model import ConfirmNumber, PlaceIsKept, PlaceIsKnown

log = structlog.get_logger(__name__)

# What is said before "please speak after the tone", by the reason for the report.
REPORT_REASONS = {"out_of_hours": ("out-of-hours",), "nobody_ready": ("all-busy",)}
# What callers are told whom their queue cannot serve.
FULL = (Prompt("queue-full"),)
BUSY = (Prompt("queue-busy"),)


class Leads(Protocol):
    """What is asked of the guide."""

    def await_verb(self) -> None:
        """Wait for what the calls layer decides next."""

    async def go_on(self, line: Line, exit_name: str, pieces: Sequence[Piece] = ()) -> None:
        """Go on in the walk by the exit of what it waits for."""

    async def hand_over(self, line: Line, verb: str, **variables: object) -> None:
        """Leave the caller to the dialplan, which is to do something."""


class Obeying:
    """Carries verbs out for one caller."""

    def __init__(
        self, caller: Caller, walk: Walk, around: Surroundings, waiting: Waiting, ways: Leads
    ) -> None:
        self._caller = caller
        self._call_id = caller.call_id
        self._walk = walk
        self._around = around
        self._waiting = waiting
        self._ways = ways

    async def obey(self, line: Line, verb: model.Verb) -> None:
        """What was decided for a caller who waits."""
        match verb:
            case model.DialAgent():
                await self._ways.hand_over(
                    line,
                    "dial",
                    HOTLINE_DIAL="&".join(verb.interfaces),
                    HOTLINE_RING=round(verb.ring_s),
                    HOTLINE_REF=verb.offer_id,
                    HOTLINE_RECORDING=self._around.settings.recordings / verb.recording,
                )
            case model.TakeReport():
                await self._take_report(line, verb)
            case model.GoOn(exit=exit_name):
                self._waiting.end()
                await line.music(False)
                told = FULL if exit_name == "full" else ()
                await self._ways.go_on(line, exit_name, told)
            case model.SendOn():
                await self._send_on(line, verb)
            case model.Moved():
                self._waiting.tell(line, (*FULL, Prompt("queue-moved")))
                self._ways.await_verb()
            case handover.Transfer():
                await self._transfer(line, verb)
            case handover.JoinThird():
                await self._ways.hand_over(
                    line, "join", HOTLINE_REF=verb.handover_id, HOTLINE_THIRD=verb.third
                )
            case handover.QueueAgain(failed=failed):
                await self._queue_again(line, "handover-failed" if failed else "please-wait")
            case ConfirmNumber(number=number):
                await self._waiting.confirm(line, number)
                self._ways.await_verb()
            case PlaceIsKnown():
                self._waiting.tell(line, (Prompt("place-known"),))
                self._ways.await_verb()
            case PlaceIsKept():
                await self._waiting.goodbye(line)
                await self._ways.hand_over(line, "done")

    async def _send_on(self, line: Line, verb: model.SendOn) -> None:
        """The queue cannot serve the caller, and another service may."""
        self._waiting.end()
        wanted = wanted_of(self._around, self._call_id, verb.target)
        told = FULL if verb.full else BUSY if wanted else ()
        await line.music(False)
        clips = await self._around.voice.clips(told, self._walk.language)
        await line.play(clips, interruptible=False)
        if wanted is None:
            await self._ways.go_on(line, "nobody")
            return
        await self._around.calls.tell(replace(wanted, overflow=True))
        self._ways.await_verb()

    async def _transfer(self, line: Line, verb: handover.Transfer) -> None:
        around = self._around
        pieces = around.connecting.waiting(verb, self._walk.language)
        variables = await around.connecting.variables(verb, self._caller.calling)
        clips = await around.voice.clips(pieces, self._walk.language)
        await line.play(clips, interruptible=False)
        recording = around.settings.recordings / verb.recording
        await self._ways.hand_over(line, "transfer", HOTLINE_RECORDING=recording, **variables)

    async def _queue_again(self, line: Line, prompt: str) -> None:
        """The agent left, and nobody else is there."""
        self._waiting.end()
        await line.music(False)
        clips = await self._around.voice.clips([Prompt(prompt)], self._walk.language)
        await line.play(clips, interruptible=False)
        await line.music(True)
        # In the queue and with the priority that the calls layer knows.
        await self._around.calls.tell(model.MayWait(self._call_id, ""))
        self._waiting.begin(line)
        self._ways.await_verb()

    async def _take_report(self, line: Line, verb: model.TakeReport) -> None:
        settings = self._around.settings
        reasons = [Prompt(name) for name in REPORT_REASONS.get(verb.reason, ())]
        pieces = (*reasons, *(reporting.GO_ON if verb.add else reporting.PLEASE))
        clips = await self._around.voice.clips(pieces, self._walk.language)
        louder = await self._around.voice.clips((Prompt("report-louder"),), self._walk.language)
        await self._ways.hand_over(
            line,
            "report",
            HOTLINE_PLACE=self._walk.place,
            HOTLINE_REF=verb.report_id,
            HOTLINE_REPORT=settings.recordings / verb.path,
            HOTLINE_REPORT_ADD="a" if verb.add else "",
            HOTLINE_REPORT_PROMPT="&".join(clip.path for clip in clips),
            HOTLINE_REPORT_LOUDER="&".join(clip.path for clip in louder),
            HOTLINE_REPORT_MAX=settings.report_max_s,
            HOTLINE_REPORT_SILENCE=settings.report_silence_s,
        )


def wanted_of(
    around: Surroundings, call_id: str, target: str, hint: str = ""
) -> handover.WantsTransfer | None:
    """What the calls layer is asked for to connect a caller with a target; None, and logged, when
    there is no such service or way to it."""
    try:
        return around.connecting.wanted(call_id, target, hint)
    except (NoSuchTarget, NoWay) as fault:
        log.error("ivr.no_way_to_target", target=target, why=type(fault).__name__)
        return None
