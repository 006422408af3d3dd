"""One caller's guide: a walk, carried out on the caller's line.

Each session of the dialplan's ``AGI()`` is a visit. The guide outlives it: the dialplan dials
and records between visits, and comes back with what became of it.
"""

from __future__ import annotations

import asyncio
import math
import weakref
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import structlog

from hotline.callers.priority import Priority, priority_of
from hotline.calls import model
from hotline.clock import Timer
from hotline.handover import model as handover
from hotline.ivr import acts, reporting, signals
from hotline.ivr.facts import Caller
from hotline.ivr.happenings import Failed, Gone, Happening, Happenings, Woken
from hotline.ivr.line import Clip, Line
from hotline.ivr.model import Goodbye
from hotline.ivr.obeying import Obeying, wanted_of
from hotline.ivr.pieces import Piece
from hotline.ivr.reviewing import Reviewing
from hotline.ivr.surroundings import Settlement, Surroundings, Visit
from hotline.ivr.waiting import Waiting
from hotline.ivr.walk import Walk
from hotline.speech.listening import Heard, Unavailable
from hotline.storage.database import DatabaseUnavailable
from hotline.telephony.session import AgiSession

log = structlog.get_logger(__name__)

# Whoever settles a matter within the controller has this long.
SETTLE_S = 12.0
RANK_S = 0.5
# How soon a prompt that takes longer than foreseen is looked at again.
LOOKS_AGAIN_S = 1.0
# The exit when whoever should settle a matter fails or is late.
UNSETTLED = {acts.LookUp: "none", acts.AskSystem: "fallback", acts.RegisterAffected: "none"}


class Guide:
    """Leads one caller. ``serve`` is called for each visit, ``key`` for each key."""

    def __init__(self, caller: Caller, walk: Walk, around: Surroundings) -> None:
        self.caller = caller
        self.call_id = caller.call_id
        self.walk = walk
        self._around = around
        self._happenings = Happenings()
        self._number = 0
        self._line: Line | None = None
        self._alarm: Timer | None = None
        self._alarm_at = math.inf
        self._left = False
        self._hearing: asyncio.Task[None] | None = None
        # Not held by what it holds: a call's objects are many, and go with it.
        ways: Guide = weakref.proxy(self)
        self._review = Reviewing(caller, around, ways)
        self._waiting = Waiting(caller, around, ways)
        self._obeying = Obeying(caller, walk, around, self._waiting, ways)

    def key(self, key: str) -> None:
        """The caller pressed a key."""
        self._happenings.key(key)

    async def serve(self, session: AgiSession, visit: Visit) -> None:
        """Lead the caller until the dialplan has something to do, or the caller is gone.

        Raises :class:`~hotline.telephony.session.CallerHungUp`.
        """
        around = self._around
        line = Line(session, around.pbx, around.clock, around.settings.lease_s)
        self._line, self._left = line, False
        self._waiting.interrupted()
        session.when_gone(lambda: self._happenings.put(Gone(line)))
        try:
            await self._open(line, visit)
            while not self._left:
                await self._take(line, await self._next(line))
        finally:
            self._disarm()
            self._happenings.end()

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
        # Keys pressed while a report was spoken were meant for it.
        self._happenings.drop_keys()
        await self._review.begin(line, visit, take)

    def _note(self, matter: acts.Matter) -> None:
        if isinstance(matter, acts.LeaveReport):
            self._review.expect(review=matter.review)

    async def close_report(self, line: Line, ending: reporting.Ending | None) -> None:
        """Go on in the walk after a report; None: leave the caller to the dialplan."""
        if ending is None:
            self._left = True
            return
        await self.go_on(line, ending.exit, ending.pieces)

    async def go_on(self, line: Line, exit_name: str, pieces: Sequence[Piece] = ()) -> None:
        """Go on in the walk by the exit of what it waits for."""
        await self._handle(line, signals.Settled(self._number, exit_name, pieces=tuple(pieces)))

    @property
    def language(self) -> str:
        """The walk's, now."""
        return self.walk.language

    # --- what happens -------------------------------------------------------------------

    def _now(self) -> float:
        return self._around.clock.now()

    async def _next(self, line: Line) -> Happening:
        if self._happenings.empty:
            self._arm(line)
        return await self._happenings.next()

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
        self._happenings.put(Woken())

    @property
    def _due(self) -> float | None:
        """When the walk, or the review that it waits for, has something to do."""
        return (self._review if self._review.open else self.walk).next_deadline()

    async def _take(self, line: Line, happened: Happening) -> None:
        match happened:
            case Gone(line=left):
                # That of an earlier visit means nothing to this one.
                self._left = left is line
            case Woken():
                await self._woken(line)
            case Failed(why=why):
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
                await self._obeying.obey(line, happened)

    async def _woken(self, line: Line) -> None:
        now = self._now()
        if not line.playing and now >= line.renew_at:
            await line.renew()
        await self._waiting.woken(line)
        if self._due is not None and now >= self._due:
            await self._handle(line, signals.TimePassed())

    def spawn(self, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        """Do something beside what else happens, until the visit ends."""
        return self._happenings.spawn(work)

    async def say(
        self, line: Line, number: int, clips: Sequence[Clip], *, interruptible: bool
    ) -> None:
        """Say ``clips``, to the first key when ``interruptible``, and answer with ``Played``."""
        await self._happenings.say(line, number, clips, interruptible=interruptible)

    def await_verb(self) -> None:
        """Wait for what the calls layer decides."""
        self.spawn(self._pass_verb)

    async def _pass_verb(self) -> None:
        self._happenings.put(await self._around.calls.next_verb(self.call_id))

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
                await self.hand_over(line, "done")
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
                    self._happenings.put(signals.Heard(told.word, told.confidence))

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

    async def hand_over(self, line: Line, verb: str, **variables: object) -> None:
        """Leave the caller to the dialplan, which is to do ``verb``."""
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
                await self._connect(line, settle.matter)
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

    async def _connect(self, line: Line, matter: acts.Connect) -> None:
        wanted = wanted_of(self._around, self.call_id, matter.target, matter.hint)
        if wanted is None:
            await self.go_on(line, "failed")
            return
        await line.remember(HOTLINE_PLACE=self.walk.place)
        await self._around.calls.tell(wanted)
        self.await_verb()

    async def _settle_here(self, settle: signals.Settle) -> None:
        try:
            async with asyncio.timeout(SETTLE_S):
                done = await self._around.settle(self.caller, settle.matter)
        except Exception:
            # Whatever fails beside the call, the caller goes on.
            log.exception("ivr.not_settled", matter=type(settle.matter).__name__)
            done = Settlement(UNSETTLED.get(type(settle.matter), "failed"))
        self._happenings.put(signals.Settled(settle.number, done.exit, done.values, done.pieces))
