"""Places the callbacks' calls: staff's own phone first, then the citizen's.

The intent is in the journal before anything is dialled, under a channel id of our own choice.
When Asterisk's answer is lost, or we are restarted, nothing is dialled again: the next snapshot
tells whether the call lives.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

import structlog

from hotline import events
from hotline.callback import wire
from hotline.callback.model import CallbackRefused, Dialling, Outcome, State
from hotline.callback.service import CallbackDesk
from hotline.clock import Clock, local
from hotline.config import Config
from hotline.recording import folder
from hotline.recording.measure import fault_of_talk
from hotline.registry.model import Actor
from hotline.storage.database import DatabaseUnavailable
from hotline.storage.journal import Journal
from hotline.telephony.ami import AmiEvent, AmiLost, AmiRefused
from hotline.telephony.snapshot import PbxSnapshot

log = structlog.get_logger(__name__)

# MixMonitor closes its file from a thread of its own, shortly after the talk.
SETTLE_S = 1.0
RETRY_S = 1.0

T = TypeVar("T")


class Originates(Protocol):
    """What is asked of a :class:`hotline.telephony.pbx.Pbx`."""

    async def originate(
        self,
        channel_id: str,
        endpoint: str,
        context: str,
        extension: str,
        *,
        ring_seconds: float,
        caller_id: str = "",
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """Dial an endpoint and send it to a place in the dialplan."""


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


class CallbackDialler:
    """Dials, and follows what becomes of it.

    Give it the link's events by :meth:`on_event` and its snapshots by :meth:`on_up`, and keep
    :meth:`run` running.
    """

    def __init__(
        self,
        *,
        desk: CallbackDesk,
        pbx: Originates,
        pbx_up: Callable[[], bool],
        journal: Journal,
        clock: Clock,
        settings: DialSettings,
    ) -> None:
        self._desk = desk
        self._pbx = pbx
        self._pbx_up = pbx_up
        self._journal = journal
        self._clock = clock
        self._settings = settings
        self._inbox: asyncio.Queue[wire.Heard | PbxSnapshot] = asyncio.Queue()
        # Held while a call is placed and while a snapshot is compared: a call between its
        # intent and its dialling must not be taken for one that is gone.
        self._placing = asyncio.Lock()
        self._placed_at: dict[str, float] = {}

    # --- asked by staff -------------------------------------------------------------------

    async def call(self, task_id: int, by: Actor, extension: str | None) -> None:
        """Ring ``by`` at their ``extension``, then the citizen; returns when Asterisk has been
        asked. How it goes on is journalled.

        Raises :class:`hotline.callback.model.NoSuchTask`, :class:`CallbackRefused`,
        :class:`~hotline.storage.database.DatabaseUnavailable`.
        """
        if extension is None:
            raise CallbackRefused("callback.no_phone")
        if not self._settings.has_trunk:
            raise CallbackRefused("callback.no_trunk")
        async with self._placing:
            if not self._pbx_up():
                raise CallbackRefused("callback.pbx_down")
            dialling = await self._desk.dialled(task_id, by)
            self._placed_at[dialling.call_id] = dialling.at
            await self._originate(dialling, extension)

    async def _originate(self, dialling: Dialling, extension: str) -> None:
        recording = self._recording_of(dialling.call_id, dialling.at)
        folder.make_for(recording)
        ring_s = self._settings.ring_s
        try:
            await self._pbx.originate(
                dialling.channel_id,
                f"Local/{extension}@callback-staff/n",
                "callback",
                "s",
                ring_seconds=ring_s,
                caller_id=f'"{dialling.case_number}" <{self._settings.number}>',
                variables={
                    "HOTLINE_TASK": str(dialling.task_id),
                    "HOTLINE_CITIZEN": dialling.phone,
                    "HOTLINE_RING": str(round(ring_s)),
                    "HOTLINE_RECORDING": str(recording),
                },
            )
        except AmiLost as error:
            # It may ring or not; the next snapshot tells.
            log.warning("callback.unsure", call=dialling.call_id, why=str(error))
        except (AmiRefused, ValueError) as error:
            log.error("callback.refused", call=dialling.call_id, why=str(error))
            self._inbox.put_nowait(wire.Finished(dialling.channel_id, Outcome.FAILED, None))
            raise CallbackRefused("callback.pbx_refused") from error

    def _recording_of(self, call_id: str, at: float) -> Path:
        """Where a call placed at ``at`` is recorded, without the ending ``.wav``."""
        day = f"{local(at, self._settings.zone):%Y%m%d}"
        return self._settings.recordings / "talks" / day / call_id

    def _call_id(self, channel_id: str) -> str:
        return f"{self._settings.node}-{channel_id}"

    # --- told by Asterisk -----------------------------------------------------------------

    def on_event(self, event: AmiEvent) -> None:
        """Take an event in; those that are about no callback are left out."""
        heard = wire.read(event)
        if heard is not None:
            self._inbox.put_nowait(heard)

    def on_up(self, snapshot: PbxSnapshot) -> None:
        """Take in what lives after each connect. A callback whose channel is gone ended when
        nobody looked: its outcome is unknown."""
        self._inbox.put_nowait(snapshot)

    async def run(self) -> None:
        """Write down what was heard, in its order, until cancelled."""
        async with asyncio.TaskGroup() as checks:
            while True:
                heard = await self._inbox.get()
                await self._never_failing(self._take, heard)
                if isinstance(heard, wire.Finished) and heard.outcome is Outcome.TALKED:
                    checks.create_task(self._never_failing(self._check_recording, heard))

    async def _never_failing(self, job: Callable[[T], Awaitable[None]], about: T) -> None:
        """Do a job as soon as the database can be written. A fault in one callback must not
        end those of everybody else."""
        while True:
            try:
                await job(about)
                return
            except DatabaseUnavailable as error:
                log.error("callback.not_written_yet", why=error.why)
                await self._clock.sleep(RETRY_S)
            except Exception:
                log.exception("callback.not_taken_in", about=type(about).__name__)
                return

    async def _take(self, heard: wire.Heard | PbxSnapshot) -> None:
        match heard:
            case wire.Progressed(channel_id, stage):
                await self._desk.progressed(self._call_id(channel_id), stage)
            case wire.Finished(channel_id, outcome, talked_s):
                await self._desk.ended(self._call_id(channel_id), outcome, talked_s)
                self._placed_at.pop(self._call_id(channel_id), None)
            case wire.Gone(channel_id):
                await self._desk.gone(self._call_id(channel_id))
                self._placed_at.pop(self._call_id(channel_id), None)
            case PbxSnapshot():
                await self._compare(heard)

    async def _compare(self, snapshot: PbxSnapshot) -> None:
        living = {self._call_id(channel.uniqueid): channel for channel in snapshot.channels}
        async with self._placing:
            for call_id in await self._desk.living():
                channel = living.get(call_id)
                if channel is None:
                    if not self._is_newer(call_id, snapshot):
                        await self._desk.ended(call_id, Outcome.UNKNOWN)
                        self._placed_at.pop(call_id, None)
                elif channel.bridge_id:
                    await self._desk.progressed(call_id, State.TALKING)
                elif channel.application == "Dial":
                    await self._desk.progressed(call_id, State.CONNECTING)

    def _is_newer(self, call_id: str, snapshot: PbxSnapshot) -> bool:
        return self._placed_at.get(call_id, 0.0) >= snapshot.taken_at

    async def _check_recording(self, talk: wire.Finished) -> None:
        await self._clock.sleep(SETTLE_S)
        call_id = self._call_id(talk.channel_id)
        dialled = await self._journal.read(call_id=call_id, kinds=[events.CallbackDialled])
        if not dialled:
            return
        base = self._recording_of(call_id, dialled[0].at)
        path = base.with_name(f"{base.name}.wav")
        name = str(path.relative_to(self._settings.recordings))
        seconds, fault = await asyncio.to_thread(fault_of_talk, path, talk.talked_s or 0.0)
        if fault:
            log.error("recording.not_whole", call=call_id, why=fault)
            await self._journal.append(events.RecordingFailed(call_id, name, fault))
        else:
            await self._journal.append(events.RecordingStored(call_id, name, seconds))
