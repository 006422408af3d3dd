"""Places calls for staff: their own phone first, then the citizen's; and follows what becomes of
them.

The intent is in the journal before anything is dialled, under a channel id of our own choice.
When Asterisk's answer is lost, or we are restarted, nothing is dialled again: the next snapshot
tells whether the call lives.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

import structlog

from hotline import events
from hotline.callback import wire
from hotline.callback.bringing import Bringing, Brought, Callers, Citizen
from hotline.callback.held import held_now, music_s, why_held
from hotline.callback.model import DialRefused, Outcome, State
from hotline.clock import Clock, local
from hotline.config import Config
from hotline.recording import folder
from hotline.recording.measure import fault_of_talk
from hotline.registry.model import Actor
from hotline.storage.database import DatabaseUnavailable
from hotline.storage.journal import Journal
from hotline.telephony.ami import AmiEvent, AmiLost, AmiRefused
from hotline.telephony.pbx import Places
from hotline.telephony.snapshot import PbxSnapshot

log = structlog.get_logger(__name__)

# MixMonitor closes its file from a thread of its own, shortly after the talk.
SETTLE_S = 1.0
RETRY_S = 1.0
# Calls in which somebody talked: what was said is to be in a file.
RECORDED = frozenset({Outcome.TALKED, Outcome.HANDED_OVER, Outcome.CUT_OFF})

T = TypeVar("T")


class Ledger(Protocol):
    """Where what becomes of the calls is written down. Calls that it does not know, or that are
    over, are ignored."""

    async def progressed(self, call_id: str, stage: State) -> None:
        """The call has come so far."""

    async def ended(self, call_id: str, outcome: Outcome, talked_s: float | None = None) -> None:
        """The call is over."""

    async def gone(self, call_id: str) -> None:
        """The call's channel is gone and nobody said how it ended."""

    async def living(self) -> Sequence[str]:
        """The ids of the calls that are up, as far as we know."""

    async def talker(self, call_id: str) -> str | None:
        """Who has placed a call that is up; None when it is over."""


@dataclass(frozen=True, slots=True)
class DialSettings:
    """``number`` is shown to staff and citizen; ``ring_s`` is how long each of their phones
    rings; ``has_trunk``: whether there is a way to citizens' phones."""

    node: str
    number: str
    ring_s: float
    recordings: Path
    zone: ZoneInfo
    has_trunk: bool

    @classmethod
    def of(cls, config: Config) -> DialSettings:
        """As ``hotline.toml`` says."""
        return cls(
            node=config.pbx.node,
            number=config.hotline.number,
            ring_s=config.callback.ring_seconds,
            recordings=config.recording.dir,
            zone=config.zone,
            has_trunk=bool(config.pbx.trunk) or config.pbx.mode == "external",
        )


@dataclass(frozen=True, slots=True)
class Errand:
    """A call to be placed, written down at ``at``: ``label`` is shown on staff's phone, and
    ``task`` names it in the dialplan. ``channel_id`` is the id that its channel will have."""

    call_id: str
    channel_id: str
    phone: str
    label: str
    task: str
    at: float


@dataclass(frozen=True, slots=True)
class Line:
    """What a placer stands on: the PBX, the journal, the clock, and how calls are dialled."""

    pbx: Places
    pbx_up: Callable[[], bool]
    journal: Journal
    clock: Clock
    settings: DialSettings
    # Who takes over citizens who are to be handed over; None: nobody.
    callers: Callers | None = None


class Placer:
    """Dials, and follows what becomes of it.

    ``channels`` are the ids of the channels that are its own, ``intent`` the event that tells of
    a call before it is dialled. Give it the link's events by :meth:`on_event` and its snapshots
    by :meth:`on_up`, and keep :meth:`run` running.
    """

    def __init__(
        self,
        ledger: Ledger,
        line: Line,
        *,
        channels: re.Pattern[str],
        intent: type[events.Event],
        refusal: type[DialRefused],
    ) -> None:
        self._ledger = ledger
        self._line = line
        self._channels = channels
        self._intent = intent
        self._refusal = refusal
        self._inbox: asyncio.Queue[wire.Heard | PbxSnapshot] = asyncio.Queue()
        # Held while a call is placed and while a snapshot is compared: a call between its
        # intent and its dialling must not be taken for one that is gone.
        self._placing = asyncio.Lock()
        self._placed_at: dict[str, float] = {}

    # --- asked by staff -------------------------------------------------------------------

    async def place(self, extension: str | None, intend: Callable[[], Awaitable[Errand]]) -> Errand:
        """Ring ``extension``, then the citizen; returns when Asterisk has been asked. ``intend``
        writes the intent down, once it is clear that it can be dialled.

        Raises the refusal, and what ``intend`` does.
        """
        if extension is None:
            raise self._refusal("callback.no_phone")
        if not self._line.settings.has_trunk:
            raise self._refusal("callback.no_trunk")
        async with self._placing:
            if not self._line.pbx_up():
                raise self._refusal("callback.pbx_down")
            errand = await intend()
            self._placed_at[errand.call_id] = errand.at
            await self._originate(errand, extension)
        return errand

    async def end(self, call_id: str) -> None:
        """Hang up whoever talks in a call of ours; how it ended is journalled as always. One that
        is gone already is left alone.

        Raises the refusal when Asterisk cannot be told.
        """
        await self._ask(call_id, self._line.pbx.hang_up)

    async def hold_call(self, call_id: str) -> None:
        """Let the citizen of a call that is up hear music; that they do is journalled when the PBX
        tells. Raises the refusal when Asterisk cannot be told."""
        await self._ask(call_id, self._line.pbx.set_aside)

    async def take_back_call(self, call_id: str) -> None:
        """End the music. Raises the refusal when Asterisk cannot be told."""
        await self._ask(call_id, self._line.pbx.bring_back)

    async def bring_call(self, citizen: Citizen, by: Actor) -> Brought:
        """Make the citizen of a call that is up a caller of ours. Raises the refusal when they do
        not talk, or Asterisk cannot be told."""
        line = self._line
        if not line.pbx_up() or line.callers is None:
            raise self._refusal("callback.pbx_down")
        channel_id = citizen.call_id.removeprefix(f"{line.settings.node}-")
        bringing = Bringing(line.pbx, line.callers, line.clock, line.settings.node)
        try:
            brought = await bringing.bring(channel_id, citizen, by.user_id, line.settings.number)
        except (AmiLost, AmiRefused, TimeoutError) as error:
            log.warning("callback.not_brought", call=citizen.call_id, why=str(error))
            raise self._refusal("callback.pbx_down") from error
        if brought is None:
            raise self._refusal("callback.no_call")
        return brought

    async def _ask(self, call_id: str, what: Callable[[str], Awaitable[object]]) -> None:
        """Ask Asterisk something about a call's channel."""
        if not self._line.pbx_up():
            raise self._refusal("callback.pbx_down")
        try:
            await what(call_id.removeprefix(f"{self._line.settings.node}-"))
        except (AmiLost, AmiRefused) as error:
            log.warning("callback.not_asked", call=call_id, why=str(error))
            raise self._refusal("callback.pbx_down") from error

    async def _originate(self, errand: Errand, extension: str) -> None:
        recording = self._recording_of(errand.call_id, errand.at)
        folder.make_for(recording)
        settings = self._line.settings
        try:
            await self._line.pbx.originate(
                errand.channel_id,
                f"Local/{extension}@callback-staff/n",
                "callback",
                "s",
                ring_seconds=settings.ring_s,
                caller_id=f'"{errand.label}" <{settings.number}>',
                variables={
                    "HOTLINE_TASK": errand.task,
                    "HOTLINE_CITIZEN": errand.phone,
                    "HOTLINE_RING": str(round(settings.ring_s)),
                    "HOTLINE_RECORDING": str(recording),
                },
            )
        except AmiLost as error:
            # It may ring or not; the next snapshot tells.
            log.warning("callback.unsure", call=errand.call_id, why=str(error))
        except (AmiRefused, ValueError) as error:
            log.error("callback.refused", call=errand.call_id, why=str(error))
            self._inbox.put_nowait(wire.Finished(errand.channel_id, Outcome.FAILED, None))
            raise self._refusal("callback.pbx_refused") from error

    def _recording_of(self, call_id: str, at: float) -> Path:
        """Where a call placed at ``at`` is recorded, without the ending ``.wav``."""
        settings = self._line.settings
        return settings.recordings / "talks" / f"{local(at, settings.zone):%Y%m%d}" / call_id

    def _call_id(self, channel_id: str) -> str:
        return f"{self._line.settings.node}-{channel_id}"

    # --- told by Asterisk -----------------------------------------------------------------

    def on_event(self, event: AmiEvent) -> None:
        """Take an event in; those that are about no call of ours are left out."""
        heard = wire.read(event, self._channels)
        if heard is not None:
            self._inbox.put_nowait(heard)

    def on_up(self, snapshot: PbxSnapshot) -> None:
        """Take in what lives after each connect. A call whose channel is gone ended when nobody
        looked: its outcome is unknown."""
        self._inbox.put_nowait(snapshot)

    async def run(self) -> None:
        """Write down what was heard, in its order, until cancelled."""
        async with asyncio.TaskGroup() as checks:
            while True:
                heard = await self._inbox.get()
                await self._never_failing(self._take, heard)
                if isinstance(heard, wire.Finished) and heard.outcome in RECORDED:
                    checks.create_task(self._never_failing(self._check_recording, heard))

    async def _never_failing(self, job: Callable[[T], Awaitable[None]], about: T) -> None:
        """Do a job as soon as the database can be written. A fault in one call must not end
        those of everybody else."""
        while True:
            try:
                await job(about)
                return
            except DatabaseUnavailable as error:
                log.error("callback.not_written_yet", why=error.why)
                await self._line.clock.sleep(RETRY_S)
            except Exception:
                log.exception("callback.not_taken_in", about=type(about).__name__)
                return

    async def _take(self, heard: wire.Heard | PbxSnapshot) -> None:
        match heard:
            case wire.Progressed(channel_id, stage):
                await self._ledger.progressed(self._call_id(channel_id), stage)
            case wire.Finished(channel_id, outcome, talked_s):
                await self._ledger.ended(self._call_id(channel_id), outcome, talked_s)
                self._placed_at.pop(self._call_id(channel_id), None)
            case wire.Gone(channel_id):
                await self._ledger.gone(self._call_id(channel_id))
                self._placed_at.pop(self._call_id(channel_id), None)
            case wire.Music(channel_id, why):
                await self._music(self._call_id(channel_id), why)
            case PbxSnapshot():
                await self._compare(heard)

    async def _music(self, call_id: str, why: str) -> None:
        """The citizen of a call hears music (``why``: agent or cut_off), or (empty) none."""
        who, held = await self._ledger.talker(call_id), await self._held(call_id)
        if who is None or why == held:
            return
        told = events.TalkHeld(call_id, who, why) if why else events.TalkResumed(call_id, who)
        await self._line.journal.append(told)

    async def _held(self, call_id: str) -> str:
        async with self._line.journal.database.session() as session:
            return await held_now(session, call_id)

    async def _compare(self, snapshot: PbxSnapshot) -> None:
        living = {self._call_id(channel.uniqueid): channel for channel in snapshot.channels}
        async with self._placing:
            for call_id in await self._ledger.living():
                channel = living.get(call_id)
                if channel is None:
                    if not self._is_newer(call_id, snapshot):
                        await self._ledger.ended(call_id, Outcome.UNKNOWN)
                        self._placed_at.pop(call_id, None)
                elif channel.bridge_id:
                    await self._ledger.progressed(call_id, State.TALKING)
                    await self._music(call_id, why_held(channel, snapshot))
                elif channel.application == "Dial":
                    await self._ledger.progressed(call_id, State.CONNECTING)

    def _is_newer(self, call_id: str, snapshot: PbxSnapshot) -> bool:
        return self._placed_at.get(call_id, 0.0) >= snapshot.taken_at

    async def _check_recording(self, talk: wire.Finished) -> None:
        line, over_at = self._line, self._line.clock.now()
        await line.clock.sleep(SETTLE_S)
        call_id = self._call_id(talk.channel_id)
        dialled = await line.journal.read(call_id=call_id, kinds=[self._intent])
        if not dialled:
            return
        base = self._recording_of(call_id, dialled[0].at)
        path = base.with_name(f"{base.name}.wav")
        name = str(path.relative_to(line.settings.recordings))
        said_s = (talk.talked_s or 0.0) - await music_s(line.journal, call_id, over_at)
        seconds, fault = await asyncio.to_thread(fault_of_talk, path, said_s)
        if fault:
            log.error("recording.not_whole", call=call_id, why=fault)
            await line.journal.append(events.RecordingFailed(call_id, name, fault))
        else:
            await line.journal.append(events.RecordingStored(call_id, name, seconds))
