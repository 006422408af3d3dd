"""What a caller just spoke as a report: said to them again, spoken again, added to, or kept.

:class:`~hotline.ivr.reporting.Review` decides; this carries it out on the caller's line.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Protocol

from hotline.calls import model
from hotline.calls.taking import Fate
from hotline.ivr import reporting, signals
from hotline.ivr.facts import Caller
from hotline.ivr.line import Clip, Line
from hotline.ivr.surroundings import Surroundings, Visit


class Ways(Protocol):
    """What is asked of the guide."""

    @property
    def language(self) -> str:
        """The walk's, now."""

    def spawn(self, work: Callable[[], Awaitable[None]]) -> object:
        """Do something beside what else happens."""

    async def say(
        self, line: Line, number: int, clips: Sequence[Clip], *, interruptible: bool
    ) -> None:
        """Say ``clips``, to the first key when ``interruptible``, and answer with
        :class:`~hotline.ivr.signals.Played` of this number."""

    def await_verb(self) -> None:
        """Wait for what the calls layer decides."""

    async def close_report(self, line: Line, ending: reporting.Ending | None) -> None:
        """Go on in the walk; None: leave the caller to the dialplan."""


class Reviewing:
    """One caller's reports. ``begin`` after each recording, ``handle`` while :attr:`open`."""

    def __init__(self, caller: Caller, around: Surroundings, ways: Ways) -> None:
        self._caller = caller
        self._around = around
        self._ways = ways
        # The review of what was just recorded, how often was spoken, and whether it is wanted.
        self._review: reporting.Review | None = None
        self._takes = 0
        self._wanted = False

    def expect(self, *, review: bool) -> None:
        """A report is to be spoken; ``review``: the caller hears it again."""
        self._takes, self._wanted = 0, review

    @property
    def open(self) -> bool:
        """Whether what happens is the review's to answer."""
        return self._review is not None

    def next_deadline(self) -> float | None:
        """When :class:`~hotline.ivr.signals.TimePassed` is due."""
        return self._review.next_deadline() if self._review else None

    async def begin(self, line: Line, visit: Visit, take: Fate) -> None:
        """Something was recorded."""
        self._takes += 1
        self._review = reporting.Review(take, self._takes, wanted=self._wanted)
        self._visit, self._take = visit, take
        await self._follow(line, self._review.begin())

    async def handle(self, line: Line, given: signals.Input, now: float) -> None:
        """Let the review answer what happened."""
        if self._review is not None:
            await self._follow(line, self._review.handle(given, now))

    async def _follow(self, line: Line, effects: Sequence[reporting.Effect]) -> None:
        for effect in effects:
            match effect:
                case reporting.Say():
                    self._ways.spawn(partial(self._say, line, effect, self._take))
                case reporting.Record(add=add):
                    self._review = None
                    again = model.SpeaksAgain(self._caller.call_id, self._visit.ref, add)
                    await self._around.calls.tell(again)
                    self._ways.await_verb()
                case reporting.Close(person=person):
                    self._review = None
                    await line.hush()
                    await self._close(line, person=person)

    async def _say(self, line: Line, say: reporting.Say, take: Fate) -> None:
        voice, language = self._around.voice, self._ways.language
        clips = [*await voice.clips(say.pieces, language)]
        if say.recording:
            clips.append(self._around.reports.recording(take))
        clips += await voice.clips(say.behind, language)
        await self._ways.say(line, say.number, clips, interruptible=True)

    async def _close(self, line: Line, *, person: bool) -> None:
        visit = self._visit
        ending = await self._around.reports.conclude(
            self._caller, visit.ref, visit.outcome, person=person
        )
        await self._ways.close_report(line, ending)
