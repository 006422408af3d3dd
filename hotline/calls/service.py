"""The edge around the calls' core: one loop that takes inputs in, writes the events to the
journal, and only then carries the commands out.

Callers come first: while the journal cannot be written (a full disk), events are held in
memory and written later, the state is shown on the screens and in ``/readyz``, and the
commands go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import structlog
from sqlalchemy import Connection

from hotline import events
from hotline.calls import model, taking
from hotline.calls.core import CallCore
from hotline.calls.model import Outcome, Verb
from hotline.calls.taking import Fate
from hotline.clock import Clock, Timer
from hotline.handover.model import (
    CallThird,
    GoesOn,
    HoldCaller,
    KeepConsultation,
    LetGo,
    PartThird,
    TakeBack,
    ThirdGone,
    Transfer,
    consultation_path,
    third_of,
)
from hotline.handover.targets import NoSuchTarget, NoWay
from hotline.recording import folder
from hotline.recording.measure import Unreadable, fault_of_talk, measure
from hotline.replay.storing import EngineLog
from hotline.replay.tape import Entry
from hotline.storage.journal import Journal, JournalUnavailable, uninterrupted
from hotline.telephony.ami import AmiLost, AmiRefused
from hotline.telephony.pbx import Pbx
from hotline.waiting.model import PlaceHeard, RingForPlace

log = structlog.get_logger(__name__)

# MixMonitor closes its file from a thread of its own, shortly after the talk.
SETTLE_S = 1.0
RETRY_JOURNAL_S = 1.0
# What leads to nobody's being rung or freed for a call waits this many paces, on a busy day.
CALM_PACES = 3
CALM = (model.CallReached, model.StepEntered, model.KeySeen, model.CallerGone)
# Q.850: no route to destination.
NO_ROUTE = "3"


class CallsThirds(Protocol):
    """Rings those whom callers are handed over to (:class:`hotline.handover.placing.Thirds`)."""

    async def call(self, command: CallThird) -> None:
        """Ring the target of a handover."""


class RingsForPlaces(Protocol):
    """Rings agents for kept places (:class:`hotline.waiting.ringing.PlaceRinger`)."""

    async def ring(self, command: RingForPlace) -> None:
        """Ring the agent's phone, and the citizen's when it is answered."""


@dataclass(frozen=True, slots=True)
class _Posted:
    given: model.Input
    done: asyncio.Future[None] | None


@dataclass(frozen=True, slots=True)
class _Batch:
    """What is written together: events of ``at``, and what the engine was given for them."""

    at: float
    events: Sequence[events.Event]
    given: list[Entry]


class CallService:
    """Runs the core. ``post`` from callbacks; ``tell`` to wait until it is journalled.

    What follows another decision within ``pace_s`` seconds waits for the rest of them, and
    while only callers come, press keys and go, three times as long; what comes alone is decided
    at once.
    """

    def __init__(
        self,
        *,
        core: CallCore,
        journal: Journal,
        pbx: Pbx,
        thirds: CallsThirds,
        clock: Clock,
        recordings: Path,
        min_report_s: float,
        pace_s: float = 0.0,
        engine_log: EngineLog | None = None,
        places: RingsForPlaces | None = None,
    ) -> None:
        self.core = core
        self.journal_ok = True
        self._journal = journal
        self._pbx = pbx
        self._thirds = thirds
        self._places = places
        self._clock = clock
        self._recordings = recordings
        self._min_report_s = min_report_s
        self._pace_s = pace_s
        self._engine_log = engine_log
        self._decided_at = float("-inf")
        self._urgent = asyncio.Event()
        self._inbox: asyncio.Queue[_Posted] = asyncio.Queue()
        self._unwritten: list[_Batch] = []
        self._writing = asyncio.Lock()
        self._verbs: dict[str, asyncio.Future[Verb]] = {}
        self._measuring: dict[str, asyncio.Future[Fate]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: Timer | None = None
        self._armed_for: float | None = None
        self._retry: Timer | None = None
        self._loop_task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to take inputs in."""
        self._loop_task = asyncio.create_task(self._run(), name="calls")

    async def stop(self) -> None:
        """Take nothing in any more. What was not decided is left to the next controller, which
        finds it in the PBX; events that still wait for the journal get a last chance."""
        for timer in (self._timer, self._retry):
            if timer:
                timer.cancel()
        if self._loop_task:
            self._loop_task.cancel()
            await asyncio.gather(self._loop_task, return_exceptions=True)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._write([])
        if self._retry:
            self._retry.cancel()

    def post(self, given: model.Input) -> None:
        """Hand an input over; it is decided in its turn."""
        self._take_in(_Posted(given, None))

    async def tell(self, given: model.Input) -> None:
        """Hand an input over and return when its events are in the journal."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._take_in(_Posted(given, done))
        await done

    def _take_in(self, posted: _Posted) -> None:
        self._inbox.put_nowait(posted)
        if not isinstance(posted.given, CALM):
            self._urgent.set()

    def knows(self, call_id: str) -> bool:
        """Whether this call lives, as far as we know."""
        return call_id in self.core.calls

    def awaits_third(self, call_id: str) -> bool:
        """Whether the agent has left a caller to a service that is still rung, or in a parking
        place: they wait in no queue."""
        call = self.core.calls.get(call_id)
        return call is not None and call.stage in (model.Stage.HANDED_OVER, model.Stage.PARKED)

    def done_with(self, call_id: str) -> bool:
        """Whether the call is over and none of its reports is still to be measured here."""
        measuring = (report_id.rpartition("/")[0] for report_id in self._measuring)
        return not self.knows(call_id) and call_id not in measuring

    async def next_verb(self, call_id: str) -> Verb:
        """What the dialplan shall do next with this caller, as soon as that is decided."""
        future = self._verb_of(call_id)
        try:
            return await asyncio.shield(future)
        finally:
            if future.done() or not self.knows(call_id):
                self._verbs.pop(call_id, None)

    async def report_take(self, call_id: str, report_id: str, ended_by: str) -> Fate | None:
        """What a report holds that the caller may still speak again or add to. None when it is
        no report of a living call that we know of."""
        call = self.core.calls.get(call_id)
        if call is None or call.report_id != report_id:
            return None
        path = f"{call.report_path}.wav"
        return await taking.look(self._recordings, path, ended_by, self._min_report_s)

    async def report_kept(self, call_id: str, report_id: str, ended_by: str) -> Fate | None:
        """A report is as the caller wants it: what was kept of it; None when it is no report of
        a living call that we know of."""
        await self.tell(model.ReportReturned(call_id, report_id, ended_by))
        kept = self._measuring.get(report_id)
        return None if kept is None else await asyncio.shield(kept)

    # --- the loop -----------------------------------------------------------------------

    async def _run(self) -> None:
        while True:
            posted = [await self._inbox.get()]
            await self._keep_pace()
            while not self._inbox.empty():
                posted.append(self._inbox.get_nowait())
            self._urgent.clear()
            now = self._clock.now()
            outcome = self._decide(posted, now)
            await self._write(outcome.events, now)
            for command in outcome.commands:
                self._try(command)
            for one in posted:
                if isinstance(one.given, model.CallerGone):
                    self._verbs.pop(one.given.call_id, None)
                if one.done and not one.done.done():
                    one.done.set_result(None)
            self._arm()

    async def _keep_pace(self) -> None:
        """On a busy day, let what happens at about the same time share a write to the disk."""
        calm = self._left_of(CALM_PACES * self._pace_s)
        if calm and not self._urgent.is_set():
            timer = self._clock.call_later(calm, self._urgent.set)
            try:
                await self._urgent.wait()
            finally:
                timer.cancel()
        if wait := self._left_of(self._pace_s):
            await self._clock.sleep(wait)
        self._decided_at = self._clock.now()

    def _left_of(self, pace_s: float) -> float:
        """How many of ``pace_s`` seconds are left since the last decision; 0 when the clock was
        set back."""
        left = self._decided_at + pace_s - self._clock.now()
        return left if 0.0 < left <= pace_s else 0.0

    def _decide(self, posted: list[_Posted], now: float) -> Outcome:
        outcome = Outcome()
        for one in posted:
            try:
                outcome.merge(self.core.handle(one.given, now))
            except Exception:
                # A fault in one decision must not end those of every other call.
                log.exception("calls.decision_failed", given=type(one.given).__name__)
        for reason in outcome.ignored:
            log.debug("calls.ignored", reason=reason)
        for command in outcome.commands:
            if isinstance(command, model.MeasureReport):
                # Before anything is awaited: nobody else may take this report for forgotten.
                kept = asyncio.get_running_loop().create_future()
                self._measuring[command.report_id] = kept
        return outcome

    async def _write(self, new: Sequence[events.Event], at: float | None = None) -> None:
        """Write events of ``at`` (None: now) in their order; while that fails they wait here.

        What the engine was given goes with the next events: alone it led to nothing that lasts.
        """
        if new:
            given = self.core.tape.take()
            self._unwritten.append(_Batch(self._clock.now() if at is None else at, new, given))
        # A stop may come between: what was written is not to be written once more.
        await uninterrupted(self._write_what_waits())

    async def _write_what_waits(self) -> None:
        async with self._writing:
            while self._unwritten:
                batch = self._unwritten[0]
                try:
                    await self._journal.append(
                        *batch.events, at=batch.at, also=self._keeping(batch.given)
                    )
                except JournalUnavailable as error:
                    self._journal_is_down(error)
                    return
                except Exception:
                    self._set_faulty_apart(batch)
                else:
                    del self._unwritten[0]
        if not self.journal_ok:
            log.info("calls.journal_written_again")
        self.journal_ok = True

    def _keeping(self, given: list[Entry]) -> Callable[[Connection], None] | None:
        if self._engine_log is None or not given:
            return None
        return partial(self._engine_log.write, entries=given)

    def _set_faulty_apart(self, batch: _Batch) -> None:
        """An event that the journal will never take must not hold back all that follow."""
        whole = len(batch.events) + bool(batch.given)
        if whole > 1:
            alone = [_Batch(batch.at, (), batch.given)] if batch.given else []
            self._unwritten[:1] = [*alone, *(_Batch(batch.at, (e,), []) for e in batch.events)]
            return
        del self._unwritten[0]
        kind = batch.events[0].kind if batch.events else "engine inputs"
        log.exception("calls.event_lost", kind=kind, at=batch.at)

    def _journal_is_down(self, error: JournalUnavailable) -> None:
        if self.journal_ok:
            log.error("calls.journal_unavailable", why=str(error))
        self.journal_ok = False
        if self._retry:
            self._retry.cancel()
        self._retry = self._clock.call_later(RETRY_JOURNAL_S, lambda: self.post(model.TimePassed()))

    def _arm(self) -> None:
        due = self.core.next_deadline()
        if due == self._armed_for:
            return
        if self._timer:
            self._timer.cancel()
        self._armed_for = due
        if due is not None:
            delay = max(0.0, due - self._clock.now())
            self._timer = self._clock.call_later(delay, self._deadline_passes)

    def _deadline_passes(self) -> None:
        self._armed_for = None
        self.post(model.TimePassed())

    # --- commands -----------------------------------------------------------------------

    def _try(self, command: model.Command) -> None:
        try:
            self._carry_out(command)
        except Exception:
            # As with decisions: the others' calls go on.
            log.exception("calls.command_failed", command=type(command).__name__)

    def _carry_out(self, command: model.Command) -> None:
        match command:
            case model.Tell():
                self._give_verb(command.call_id, command.verb)
            case model.HangUp():
                ended = (command.channel, command.cause)
                self._spawn(lambda: self._ask_pbx(self._pbx.hang_up(*ended)))
            case model.FetchBack():
                self._spawn(lambda: self._ask_pbx(self._pbx.fetch_back(command.channel)))
            case model.KeepFallback():
                self._spawn(lambda: self._keep_fallback(command.interfaces))
            case model.CheckRecording():
                self._spawn(lambda: self._check_recording(command))
            case model.MeasureReport():
                self._spawn(lambda: self._measure_report(command))
            case CallThird():
                self._spawn(lambda: self._call_third(command))
            case PartThird() | HoldCaller() | TakeBack() | GoesOn() | LetGo():
                self._spawn(lambda: self._ask_pbx(self._in_talk(command)))
            case KeepConsultation():
                self._spawn(lambda: self._keep_consultation(command))
            case RingForPlace():
                self._spawn(lambda: self._ring_for_place(command))

    def _in_talk(
        self, command: PartThird | HoldCaller | TakeBack | GoesOn | LetGo
    ) -> Awaitable[object]:
        match command:
            case PartThird():
                return self._pbx.part_third(command.channel)
            case HoldCaller(channel, we_rang):
                return self._pbx.set_aside(channel) if we_rang else self._pbx.hold(channel)
            case TakeBack(channel, we_rang):
                return self._pbx.bring_back(channel) if we_rang else self._pbx.take_back(channel)
            case GoesOn():
                return self._pbx.goes_on(command.channel)
            case LetGo(channel, agent_channel):
                return self._pbx.let_go(channel, agent_channel)

    def _spawn(self, job: Callable[[], Awaitable[None]]) -> None:
        async def run() -> None:
            await job()

        task = asyncio.create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("calls.command_failed", exc_info=error)

    async def _ask_pbx(self, action: Awaitable[object]) -> None:
        try:
            await action
        except (AmiLost, AmiRefused) as error:
            # The next snapshot tells what became of it.
            log.warning("calls.pbx_did_not_answer", why=str(error))

    def _give_verb(self, call_id: str, verb: Verb) -> None:
        future = self._verb_of(call_id)
        if future.done():
            del self._verbs[call_id]
            future = self._verb_of(call_id)
        future.set_result(verb)
        match verb:
            case (
                model.DialAgent(recording=path)
                | model.TakeReport(path=path)
                | Transfer(recording=path)
            ):
                folder.make_for(self._recordings / path)

    def _verb_of(self, call_id: str) -> asyncio.Future[Verb]:
        if call_id not in self._verbs:
            self._verbs[call_id] = asyncio.get_running_loop().create_future()
        return self._verbs[call_id]

    async def _keep_fallback(self, interfaces: tuple[str, ...]) -> None:
        await self._ask_pbx(self._pbx.set_fallback_members({i: i for i in interfaces}))

    async def _call_third(self, command: CallThird) -> None:
        try:
            await self._thirds.call(command)
        except AmiLost as error:
            # The next snapshot tells whether it rings.
            log.warning("calls.pbx_did_not_answer", why=str(error))
        except (AmiRefused, NoSuchTarget, NoWay) as error:
            log.error("handover.not_rung", target=command.target, why=str(error))
            self.post(ThirdGone(third_of(command.handover_id), NO_ROUTE))

    async def _ring_for_place(self, command: RingForPlace) -> None:
        try:
            if self._places is None or not self.journal_ok:
                raise AmiRefused("nobody is rung whose ringing is not journalled")
            await self._places.ring(command)
        except AmiLost as error:
            # The next snapshot tells whether it rings.
            log.warning("calls.pbx_did_not_answer", why=str(error))
        except (AmiRefused, ValueError) as error:
            log.error("places.not_rung", call=command.call_id, why=str(error))
            self.post(PlaceHeard(command.channel_id, "gone", cause=NO_ROUTE))

    async def _check_recording(self, command: model.CheckRecording) -> None:
        await self._clock.sleep(SETTLE_S)
        path = self._recordings / command.path
        seconds, fault = await asyncio.to_thread(fault_of_talk, path, command.talked_s)
        if fault:
            log.error("recording.not_whole", call=command.call_id, why=fault)
            await self._write([events.RecordingFailed(command.call_id, command.path, fault)])
        else:
            stored = events.RecordingStored(command.call_id, command.path, seconds)
            await self._write([stored])

    async def _keep_consultation(self, command: KeepConsultation) -> None:
        await self._clock.sleep(SETTLE_S)
        path = consultation_path(command.third)
        if not (self._recordings / path).exists():
            # They never spoke.
            return
        try:
            found = await asyncio.to_thread(measure, self._recordings / path)
        except Unreadable as error:
            log.error("consultation.not_recorded", call=command.call_id, why=str(error))
            return
        kept = events.ConsultationRecorded(
            command.call_id, command.handover_id, path, found.seconds
        )
        await self._write([kept])

    async def _measure_report(self, command: model.MeasureReport) -> None:
        kept = self._measuring[command.report_id]
        try:
            fate, told = await taking.conclude(self._recordings, command, self._min_report_s)
            await self._write(told)
            if fate.outcome == "unsaved":
                log.error("reports.unsaved", call=command.call_id, report=command.report_id)
            kept.set_result(fate)
        finally:
            del self._measuring[command.report_id]
            kept.cancel()
