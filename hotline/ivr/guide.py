"""One caller's guide: a walk, carried out on the caller's line.

Each session of the dialplan's ``AGI()`` is a visit. The guide outlives it: the dialplan dials
and records between visits, and comes back with what became of it.

Keys reach the guide from AMI, not from AGI: Asterisk drops what is pressed between two AGI
commands, and AMI tells of every key (ADR 18).
"""

from __future__ import annotations

import asyncio
import math
import weakref
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol

import structlog

from hotline.callers.familiar import Familiar
from hotline.callers.priority import Priority, priority_of
from hotline.calls import model
from hotline.calls.service import CallService
from hotline.clock import Clock, Timer
from hotline.handover import model as handover
from hotline.handover.connecting import Connecting
from hotline.handover.targets import NoSuchTarget, NoWay
from hotline.ivr import acts, reporting, signals
from hotline.ivr.facts import Caller
from hotline.ivr.line import Clip, Line
from hotline.ivr.model import Goodbye
from hotline.ivr.pieces import Piece, Prompt
from hotline.ivr.report_desk import ReportDesk
from hotline.ivr.reviewing import Reviewing, Ways
from hotline.ivr.waiting import Waiting, Waits
from hotline.ivr.walk import Walk
from hotline.speech.listening import Heard, Listener, Unavailable
from hotline.storage.database import DatabaseUnavailable
from hotline.telephony.pbx import Pbx
from hotline.telephony.session import AgiSession, CallerHungUp
from hotline.waiting.model import ConfirmNumber, PlaceIsKept, PlaceIsKnown

log = structlog.get_logger(__name__)

# What is said before "please speak after the tone", by the reason for the report.
REPORT_REASONS = {"out_of_hours": ("out-of-hours",), "nobody_ready": ("all-busy",)}
# What callers are told whom their queue cannot serve.
FULL = (Prompt("queue-full"),)
BUSY = (Prompt("queue-busy"),)
KEYS = frozenset("0123456789*#")
# How much later than AGI's word of a key AMI's may come.
KEY_LAG_S = 0.5
# Whoever settles a matter within the controller has this long.
SETTLE_S = 12.0
RANK_S = 0.5
# How soon a prompt that takes longer than foreseen is looked at again.
LOOKS_AGAIN_S = 1.0


class Voice(Protocol):
    """Turns what is to be said into files."""

    async def clips(self, pieces: Sequence[Piece], language: str) -> Sequence[Clip]:
        """The files, in their order. What cannot be said is left out, and logged."""


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

# The exit when whoever should settle a matter fails or is late.
UNSETTLED = {acts.LookUp: "none", acts.AskSystem: "fallback", acts.RegisterAffected: "none"}


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


@dataclass(frozen=True, slots=True)
class _Gone:
    """A visit's channel left it."""

    line: Line


@dataclass(frozen=True, slots=True)
class _Woken:
    """Something may be due."""


@dataclass(frozen=True, slots=True)
class _Failed:
    """What was done beside the walk failed as it should not have: the visit ends with it, so that
    the dialplan's own path leads the caller on instead of silence."""

    why: BaseException


Happening = signals.Input | model.Verb | _Gone | _Woken | _Failed


class Guide:
    """Leads one caller. ``serve`` is called for each visit, ``key`` for each key."""

    def __init__(self, caller: Caller, walk: Walk, around: Surroundings) -> None:
        self.caller = caller
        self.call_id = caller.call_id
        self.walk = walk
        self._around = around
        self._inbox: asyncio.Queue[Happening] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._number = 0
        self._line: Line | None = None
        self._alarm: Timer | None = None
        self._alarm_at = math.inf
        self._left = False
        self._hearing: asyncio.Task[None] | None = None
        # Not held by what it holds: a call's objects are many, and go with it.
        ways: Ways = weakref.proxy(self)
        self._review = Reviewing(caller, around, ways)
        self._waiting = Waiting(caller, around, ways)
        # How many keys came; and one that AGI told of, while AMI's word of it is still to come.
        self._keys = 0
        self._key_came = asyncio.Event()
        self._early = ""

    def key(self, key: str) -> None:
        """The caller pressed a key."""
        self._keys += 1
        self._key_came.set()
        early, self._early = self._early, ""
        if key != early:
            self._inbox.put_nowait(signals.KeyPressed(key))

    async def serve(self, session: AgiSession, visit: Visit) -> None:
        """Lead the caller until the dialplan has something to do, or the caller is gone.

        Raises :class:`~hotline.telephony.session.CallerHungUp`.
        """
        around = self._around
        line = Line(session, around.pbx, around.clock, around.settings.lease_s)
        self._line, self._left = line, False
        self._waiting.interrupted()
        session.when_gone(lambda: self._inbox.put_nowait(_Gone(line)))
        try:
            await self._open(line, visit)
            while not self._left:
                await self._take(line, await self._next(line))
        finally:
            self._disarm()
            for task in self._tasks:
                task.cancel()
            self._tasks.clear()

    # --- a visit's beginning ------------------------------------------------------------

    async def _open(self, line: Line, visit: Visit) -> None:
        match visit.stage:
            case "dial":
                await self._after_dial(line, visit)
            case "report":
                await self._after_report(line, visit)
            case "transfer" | "join":
                await self._after_handover(line, visit)
            case "queue" if visit.outcome == "ANSWER":
                self._resume(visit)
                await self._around.calls.tell(model.QueueReturned(self.call_id))
                self.await_verb()
            case "queue" | "adopt":
                settle = self._resume(visit, anew=True)
                await self._settle(line, settle)
            case _:
                await self._handle(line, signals.Begun())

    def _resume(self, visit: Visit, *, anew: bool = False) -> signals.Settle:
        """Where the walk stands: as the dialplan remembers it when this guide is new."""
        if anew or self._number == 0:
            settle = self.walk.resume(visit.place, self._now(), self._around.settings.queue)
            self._number = settle.number
            self._note(settle.matter)
            return settle
        return signals.Settle(self._number, acts.ToQueue(self._around.settings.queue, "usual", ""))

    async def _after_dial(self, line: Line, visit: Visit) -> None:
        self._resume(visit)
        await line.music(True)
        returned = model.DialReturned(self.call_id, visit.ref, visit.outcome, visit.cause)
        await self._around.calls.tell(returned)
        if self._around.calls.awaits_third(self.call_id):
            # Without us the dialplan is to look for a person, not to say goodbye.
            await line.remember(HOTLINE_TALKED=0)
        else:
            self._waiting.begin(line)
        self.await_verb()

    async def _after_handover(self, line: Line, visit: Visit) -> None:
        self._resume(visit)
        await line.music(True)
        returned = handover.TransferReturned if visit.stage == "transfer" else handover.JoinReturned
        await self._around.calls.tell(returned(self.call_id, visit.ref, visit.outcome))
        self.await_verb()

    async def _after_report(self, line: Line, visit: Visit) -> None:
        self._resume(visit)
        take = await self._around.reports.take(self.caller, visit.ref, visit.outcome)
        if take is None:
            # The dialplan's own path knows that something was recorded, and says so.
            self._left = True
            return
        self._drop_keys()
        await self._review.begin(line, visit, take)

    def _note(self, matter: acts.Matter) -> None:
        if isinstance(matter, acts.LeaveReport):
            self._review.expect(review=matter.review)

    def _drop_keys(self) -> None:
        """Keys pressed while a report was spoken were meant for it."""
        kept = [one for one in self._unread() if not isinstance(one, signals.KeyPressed)]
        for one in kept:
            self._inbox.put_nowait(one)

    def _unread(self) -> Iterator[Happening]:
        while not self._inbox.empty():
            yield self._inbox.get_nowait()

    async def close_report(self, line: Line, ending: reporting.Ending | None) -> None:
        """Go on in the walk after a report; None: leave the caller to the dialplan."""
        if ending is None:
            self._left = True
            return
        settled = signals.Settled(self._number, ending.exit, pieces=ending.pieces)
        await self._handle(line, settled)

    @property
    def language(self) -> str:
        """The walk's, now."""
        return self.walk.language

    # --- what happens -------------------------------------------------------------------

    def _now(self) -> float:
        return self._around.clock.now()

    async def _next(self, line: Line) -> Happening:
        if self._inbox.empty():
            self._arm(line)
        return await self._inbox.get()

    def _arm(self, line: Line) -> None:
        """Be woken when something may be due. A timer that goes off earlier is left alone: most
        of what a caller does moves the next moment only further away."""
        due = [at for at in (self._due, self._waiting.next_deadline()) if at is not None]
        due.append(line.renew_at)
        if line.playing:
            # Not every prompt's end is told of, and after it the lease is to be renewed.
            due[-1] = max(line.renew_at, self._now() + LOOKS_AGAIN_S)
        if min(due) >= self._alarm_at:
            return
        self._disarm()
        self._alarm_at = min(due)
        delay = max(0.0, self._alarm_at - self._now())
        self._alarm = self._around.clock.call_later(delay, self._wake)

    def _disarm(self) -> None:
        if self._alarm:
            self._alarm.cancel()
        self._alarm, self._alarm_at = None, math.inf

    def _wake(self) -> None:
        self._disarm()
        self._inbox.put_nowait(_Woken())

    @property
    def _due(self) -> float | None:
        """When the walk, or the review that it waits for, has something to do."""
        return (self._review if self._review.open else self.walk).next_deadline()

    async def _take(self, line: Line, happened: Happening) -> None:
        match happened:
            case _Gone(line=left):
                # That of an earlier visit means nothing to this one.
                self._left = left is line
            case _Woken():
                await self._woken(line)
            case _Failed(why=why):
                raise why
            case (
                signals.Begun()
                | signals.KeyPressed()
                | signals.Played()
                | signals.Heard()
                | signals.Settled()
                | signals.TimePassed()
                | signals.HungUp()
            ):
                await self._handle(line, happened)
            case _:
                await self._obey(line, happened)

    async def _woken(self, line: Line) -> None:
        now = self._now()
        if not line.playing and now >= line.renew_at:
            await line.renew()
        await self._waiting.woken(line)
        if self._due is not None and now >= self._due:
            await self._handle(line, signals.TimePassed())

    def spawn(self, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        """Do something beside what else happens, until the visit ends."""
        task = asyncio.create_task(_unless_gone(work))
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (why := task.exception()):
            self._inbox.put_nowait(_Failed(why))

    def await_verb(self) -> None:
        """Wait for what the calls layer decides."""
        self.spawn(self._pass_verb)

    async def _pass_verb(self) -> None:
        self._inbox.put_nowait(await self._around.calls.next_verb(self.call_id))

    # --- the walk's effects -------------------------------------------------------------

    async def _handle(self, line: Line, given: signals.Input) -> None:
        if self._review.open:
            await self._review.handle(line, given, self._now())
            return
        if self._waiting.confirming:
            await self._waiting.handle(line, given)
            return
        if isinstance(given, signals.KeyPressed):
            await self._waiting.key(line, given.key)
        for effect in self.walk.handle(given, self._now()):
            await self._carry_out(line, effect)

    async def _carry_out(self, line: Line, effect: signals.Effect) -> None:
        match effect:
            case signals.Entered():
                self._tell_step(effect)
            case signals.Play():
                self.spawn(partial(self._play, line, effect))
            case signals.Hush():
                await line.hush()
            case signals.Settle():
                await self._settle(line, effect)
            case signals.Marked(score=score):
                await self._around.calls.tell(model.CallerRated(self.call_id, score))
            case signals.HangUp():
                await self._hand_over(line, "done")
            case signals.Listen():
                self._deafen()
                self._hearing = self.spawn(partial(self._hear, line, effect))
            case signals.Deafen():
                self._deafen()

    def _deafen(self) -> None:
        if self._hearing:
            self._hearing.cancel()
            self._hearing = None

    async def _hear(self, line: Line, listen: signals.Listen) -> None:
        """Listen until a word was heard that the walk makes something of, or nothing can be."""
        channel, words = line.session.channel, listen.words
        async with self._around.listener.listen(channel, words, listen.language) as listening:
            while not isinstance(told := await listening.word(), Unavailable):
                if isinstance(told, Heard):
                    self._inbox.put_nowait(signals.Heard(told.word, told.confidence))

    def _tell_step(self, entered: signals.Entered) -> None:
        node = self.walk.node(entered.flow, entered.node)
        step = model.StepEntered(
            self.call_id,
            entered.node,
            entered.flow,
            entered.version,
            entered.by,
            closing=isinstance(node, Goodbye),
        )
        self._around.calls.post(step)

    async def _play(self, line: Line, play: signals.Play) -> None:
        clips = await self._around.voice.clips(play.pieces, play.language)
        await self.say(line, play.number, clips, interruptible=play.interruptible)

    async def say(
        self, line: Line, number: int, clips: Sequence[Clip], *, interruptible: bool
    ) -> None:
        """Say ``clips``, to the first key when ``interruptible``, and answer with ``Played``."""
        before = self._keys
        key = await line.play(clips, interruptible=interruptible)
        if key in KEYS and self._keys == before:
            await self._key_behind(key)
        self._inbox.put_nowait(signals.Played(number))

    async def _key_behind(self, key: str) -> None:
        """AGI told of a key before AMI did: wait for AMI, and do without it when it is late."""
        self._key_came.clear()
        try:
            async with asyncio.timeout(KEY_LAG_S):
                await self._key_came.wait()
        except TimeoutError:
            self.key(key)
            self._early = key

    async def _hand_over(self, line: Line, verb: str, **variables: object) -> None:
        self._left = True
        await line.hand_over(verb, **variables)

    # --- outside matters ----------------------------------------------------------------

    async def _settle(self, line: Line, settle: signals.Settle) -> None:
        self._number = settle.number
        match settle.matter:
            case acts.ToQueue():
                await self._queue(line, settle.matter)
            case acts.LeaveReport(reason=reason):
                self._note(settle.matter)
                await self._around.calls.tell(model.WantsReport(self.call_id, reason))
                self.await_verb()
            case acts.Connect():
                await self._connect(line, settle.number, settle.matter)
            case _:
                self.spawn(lambda: self._settle_here(settle))

    async def _queue(self, line: Line, matter: acts.ToQueue) -> None:
        await line.music(True)
        await line.remember(HOTLINE_PLACE=self.walk.place)
        rank = await self._rank(matter)
        known = self._around.familiar(self.caller)
        waits = model.MayWait(self.call_id, matter.queue, rank.value, rank.reasons, known)
        await self._around.calls.tell(waits)
        if not self._around.calls.awaits_third(self.call_id):
            self._waiting.begin(line)
        self.await_verb()

    async def _rank(self, matter: acts.ToQueue) -> Priority:
        try:
            async with asyncio.timeout(RANK_S):
                return await self._around.rank(self.caller, matter, self.walk.kept)
        except (DatabaseUnavailable, TimeoutError) as error:
            # Nobody waits longer because we do not know how important they are.
            log.warning("ivr.not_ranked", call=self.call_id, why=str(error) or "not in time")
            return priority_of({}, matter.priority, matter.reason)

    async def _connect(self, line: Line, number: int, matter: acts.Connect) -> None:
        wanted = self._wanted(matter.target, matter.hint)
        if wanted is None:
            await self._handle(line, signals.Settled(number, "failed"))
            return
        await line.remember(HOTLINE_PLACE=self.walk.place)
        await self._around.calls.tell(wanted)
        self.await_verb()

    async def _send_on(self, line: Line, verb: model.SendOn) -> None:
        """The queue cannot serve the caller, and another service may."""
        self._waiting.end()
        wanted = self._wanted(verb.target, "")
        told = FULL if verb.full else BUSY if wanted else ()
        await line.music(False)
        clips = await self._around.voice.clips(told, self.walk.language)
        await line.play(clips, interruptible=False)
        if wanted is None:
            await self._handle(line, signals.Settled(self._number, "nobody"))
            return
        await self._around.calls.tell(replace(wanted, overflow=True))
        self.await_verb()

    def _wanted(self, target: str, hint: str) -> handover.WantsTransfer | None:
        """What the calls layer is asked for; None when there is no such service or way to it."""
        try:
            return self._around.connecting.wanted(self.call_id, target, hint)
        except (NoSuchTarget, NoWay) as fault:
            log.error("ivr.no_way_to_target", target=target, why=type(fault).__name__)
            return None

    async def _settle_here(self, settle: signals.Settle) -> None:
        try:
            async with asyncio.timeout(SETTLE_S):
                done = await self._around.settle(self.caller, settle.matter)
        except Exception:
            # Whatever fails beside the call, the caller goes on.
            log.exception("ivr.not_settled", matter=type(settle.matter).__name__)
            done = Settlement(UNSETTLED.get(type(settle.matter), "failed"))
        self._inbox.put_nowait(signals.Settled(settle.number, done.exit, done.values, done.pieces))

    async def _obey(self, line: Line, verb: model.Verb) -> None:
        """What was decided for a caller who waits."""
        match verb:
            case model.DialAgent():
                await self._hand_over(
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
                await self._handle(line, signals.Settled(self._number, exit_name, pieces=told))
            case model.SendOn():
                await self._send_on(line, verb)
            case model.Moved():
                self._waiting.tell(line, (*FULL, Prompt("queue-moved")))
                self.await_verb()
            case handover.Transfer():
                await self._transfer(line, verb)
            case handover.JoinThird():
                await self._hand_over(
                    line, "join", HOTLINE_REF=verb.handover_id, HOTLINE_THIRD=verb.third
                )
            case handover.QueueAgain(failed=failed):
                await self._queue_again(line, "handover-failed" if failed else "please-wait")
            case ConfirmNumber(number=number):
                await self._waiting.confirm(line, number)
                self.await_verb()
            case PlaceIsKnown():
                self._waiting.tell(line, (Prompt("place-known"),))
                self.await_verb()
            case PlaceIsKept():
                await self._waiting.goodbye(line)
                await self._hand_over(line, "done")

    async def _transfer(self, line: Line, verb: handover.Transfer) -> None:
        around = self._around
        pieces = around.connecting.waiting(verb, self.walk.language)
        variables = await around.connecting.variables(verb, self.caller.calling)
        clips = await around.voice.clips(pieces, self.walk.language)
        await line.play(clips, interruptible=False)
        recording = around.settings.recordings / verb.recording
        await self._hand_over(line, "transfer", HOTLINE_RECORDING=recording, **variables)

    async def _queue_again(self, line: Line, prompt: str) -> None:
        """The agent left, and nobody else is there."""
        self._waiting.end()
        await line.music(False)
        clips = await self._around.voice.clips([Prompt(prompt)], self.walk.language)
        await line.play(clips, interruptible=False)
        await line.music(True)
        # In the queue and with the priority that the calls layer knows.
        await self._around.calls.tell(model.MayWait(self.call_id, ""))
        self._waiting.begin(line)
        self.await_verb()

    async def _take_report(self, line: Line, verb: model.TakeReport) -> None:
        settings = self._around.settings
        reasons = [Prompt(name) for name in REPORT_REASONS.get(verb.reason, ())]
        pieces = (*reasons, *(reporting.GO_ON if verb.add else reporting.PLEASE))
        clips = await self._around.voice.clips(pieces, self.walk.language)
        louder = await self._around.voice.clips((Prompt("report-louder"),), self.walk.language)
        await self._hand_over(
            line,
            "report",
            HOTLINE_PLACE=self.walk.place,
            HOTLINE_REF=verb.report_id,
            HOTLINE_REPORT=settings.recordings / verb.path,
            HOTLINE_REPORT_ADD="a" if verb.add else "",
            HOTLINE_REPORT_PROMPT="&".join(clip.path for clip in clips),
            HOTLINE_REPORT_LOUDER="&".join(clip.path for clip in louder),
            HOTLINE_REPORT_MAX=settings.report_max_s,
            HOTLINE_REPORT_SILENCE=settings.report_silence_s,
        )


async def _unless_gone(work: Callable[[], Awaitable[None]]) -> None:
    # The line's watcher tells of a hang-up.
    with suppress(CallerHungUp):
        await work()
