"""A caller's stay in the queue: what they are told between the music, and the talk with those who
want to be rung back.

:mod:`hotline.waiting` decides when and what; this carries it out on the caller's line. An offer
ends whatever is being said: the guide hands the line over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from hotline.ivr import signals
from hotline.ivr.facts import Caller
from hotline.ivr.line import Line
from hotline.ivr.pieces import Piece, Prompt
from hotline.ivr.reviewing import Ways
from hotline.ivr.surroundings import Surroundings
from hotline.waiting.confirming import Confirmed, Confirming, Effect, Say, Stayed
from hotline.waiting.model import CallerTold, KeepsPlace, StaysInLine
from hotline.waiting.telling import Telling, Words

STAY = "0"


class Waiting:
    """One caller in the queue. ``begin`` when they enter it, ``end`` when they leave it."""

    def __init__(self, caller: Caller, around: Surroundings, ways: Ways) -> None:
        self._call_id = caller.call_id
        self._around = around
        self._ways = ways
        self._telling: Telling | None = None
        self._confirming: Confirming | None = None
        # What is said, is said one after the other.
        self._turn = asyncio.Lock()

    @property
    def confirming(self) -> bool:
        """Whether keys are the answer to what the caller was asked."""
        return self._confirming is not None

    def begin(self, line: Line) -> None:
        """The caller has entered the queue, or is back in it after an offer, and hears music."""
        self._confirming = None
        if self._telling:
            return
        now = self._around.clock.now()
        self._telling = Telling(now)
        waits = self._around.waits
        words = self._telling.enter(waits.outlook(self._call_id), waits.choices(self._call_id), now)
        self._announce(line, words)

    def interrupted(self) -> None:
        """The dialplan had the caller meanwhile: whatever was asked is not answered any more."""
        self._confirming = None

    def end(self) -> None:
        """The caller leaves the queue."""
        self._telling = self._confirming = None

    def next_deadline(self) -> float | None:
        """When :meth:`woken` is due."""
        if self._confirming:
            return self._confirming.next_deadline()
        return self._telling.next_look() if self._telling else None

    async def woken(self, line: Line) -> None:
        """Something may be due."""
        now = self._around.clock.now()
        if self._confirming:
            await self.handle(line, signals.TimePassed())
        elif self._telling and now >= self._telling.next_look():
            waits = self._around.waits
            words = self._telling.look(
                waits.outlook(self._call_id), waits.choices(self._call_id), now
            )
            self._announce(line, words)

    async def key(self, line: Line, key: str) -> None:
        """A key while nothing was asked."""
        if key == STAY and self._telling:
            self._telling.stay()
            await line.hush()

    async def confirm(self, line: Line, number: str) -> None:
        """Ask the caller whether ``number`` is the one to ring back."""
        await line.hush()
        self._confirming = Confirming(number)
        await self._follow(line, self._confirming.begin())

    async def handle(self, line: Line, given: signals.Input) -> None:
        """Let the caller's answer count."""
        if self._confirming:
            now = self._around.clock.now()
            await self._follow(line, self._confirming.handle(given, now))

    async def _follow(self, line: Line, effects: Sequence[Effect]) -> None:
        for effect in effects:
            match effect:
                case Say():
                    self._ways.spawn(partial(self._ask, line, effect))
                case Confirmed(number=number):
                    self._confirming = None
                    await line.hush()
                    await self._around.calls.tell(KeepsPlace(self._call_id, number))
                    await self._rest(line)
                case Stayed():
                    self._confirming = None
                    await line.hush()
                    await self._around.calls.tell(StaysInLine(self._call_id))
                    await self._rest(line)

    async def _ask(self, line: Line, say: Say) -> None:
        async with self._turn:
            await line.music(False)
            clips = await self._around.voice.clips(say.pieces, self._ways.language)
            await self._ways.say(line, say.number, clips, interruptible=True)

    async def _rest(self, line: Line) -> None:
        """Music again, for whom no prompt plays any more."""
        async with self._turn:
            if self._telling and not self._confirming:
                await line.music(True)

    def _announce(self, line: Line, words: Words | None) -> None:
        if words is None or not words.pieces:
            return
        if words.told is not None:
            told = CallerTold(self._call_id, words.told.ahead, words.told.seconds, words.said_s)
            self._around.calls.post(told)
        self.tell(line, words.pieces)

    def tell(self, line: Line, pieces: Sequence[Piece]) -> None:
        """Say something between the music."""
        self._ways.spawn(partial(self._say, line, pieces))

    async def _say(self, line: Line, pieces: Sequence[Piece]) -> None:
        async with self._turn:
            if self._telling is None or self._confirming:
                return
            await line.music(False)
            clips = await self._around.voice.clips(pieces, self._ways.language)
            await line.play(clips, interruptible=True)
            if self._telling and not self._confirming:
                await line.music(True)

    async def goodbye(self, line: Line) -> None:
        """The place is kept: say so."""
        self.end()
        await line.hush()
        async with self._turn:
            await line.music(False)
            pieces = (Prompt("place-kept"),)
            clips = await self._around.voice.clips(pieces, self._ways.language)
            await line.play(clips, interruptible=False)
