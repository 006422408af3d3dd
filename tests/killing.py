"""Sixty live calls in every state, and a controller that ends again and again.

What became of everyone is judged by :mod:`tests.kill_judging`.
"""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import psutil

from hotline.demo.desk import Desk
from tests.agent_phones import AgentPhone
from tests.callers import Exchange, Failed
from tests.deadline import until
from tests.key_tones import Keying, Way, frames
from tests.kill_states import where
from tests.system import HotlineSystem
from tests.townsfolk import Town

FLOW = """
flow: bench
title: {zh: 打断}
start: main
person: wait
nodes:
  main:
    kind: menu
    prompts: [greeting]
    keys: {"3": wait, "2": message, "4": elsewhere}
    otherwise: wait
  wait: {kind: queue, queue: busy, talked: rate, nobody: message, asked: message}
  elsewhere:
    {kind: queue, queue: away, talked: rate, nobody: message, asked: message, overflow: bye}
  message: {kind: report, reason: asked, review: false, saved: bye, empty: bye, failed: bye}
  rate: {kind: survey, next: bye}
  bye: {kind: goodbye}
"""
WAYS = frozenset({Way.RFC4733})
# What callers want, and how many of a hundred.
WISHES = {"talk": 46, "rate": 16, "message": 15, "keep": 13, "elsewhere": 10}
# How long a caller at most bears with us.
PATIENCE_S = 180.0
WAITING = frozenset({"waiting", "offered"})


@dataclass(slots=True)
class Lived:
    """What one caller went through. ``by``: caller, pbx, or failed (with ``fault``)."""

    number: str
    wish: str
    began: float
    ended: float = 0.0
    by: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Waiter:
    """A caller in a queue, or a kept place, as the controller had them when it ended."""

    call_id: str
    calling: str
    queue: str
    since: float
    priority: int


@dataclass(frozen=True, slots=True)
class Ending:
    """One end of a controller. ``at`` is Unix seconds, as ``started`` is, at which the next one
    began; ``states`` counts the living calls, agents, kept places and tasks by where they were.
    ``shown`` is the since and the priority with which the next one has those who still wait."""

    at: float
    started: float
    waiting: tuple[Waiter, ...]
    states: dict[str, int]
    shown: dict[str, tuple[float, int]]


@dataclass(slots=True)
class Killing:
    """The run: callers that come and go so that ``live`` are always there, and the ends.

    ``by`` is how the controller ends: SIGKILL, or SIGTERM as for an upgrade. ``chief`` is a
    supervisor's desk.
    """

    system: HotlineSystem
    callers: Exchange
    phones: list[AgentPhone]
    town: Town
    chief: Desk
    live: int
    dice: random.Random
    by: signal.Signals = signal.SIGKILL
    lived: list[Lived] = field(default_factory=list)
    kills: list[Ending] = field(default_factory=list)
    _on: bool = True
    _numbers: int = 0

    async def run(self, kills: int, between_s: tuple[float, float], warm_up_s: float = 25) -> None:
        """Let callers in, end the controller, and let all who are there come to their end."""
        lines = [asyncio.create_task(self._line(n)) for n in range(self.live)]
        # Until all kinds of calls are there.
        await asyncio.sleep(warm_up_s)
        for _ in range(kills):
            await asyncio.sleep(self.dice.uniform(*between_s))
            await self._end()
        await asyncio.sleep(10)
        self._on = False
        await asyncio.gather(*lines)

    async def _line(self, number: int) -> None:
        await asyncio.sleep(number * 0.15)
        while self._on:
            await self._call()
            await asyncio.sleep(self.dice.uniform(0.1, 1.0))

    async def _call(self) -> None:
        self._numbers += 1
        wish = self.dice.choices(list(WISHES), list(WISHES.values()))[0]
        caller = Lived(f"136{self._numbers:08d}", wish, time.time())
        self.lived.append(caller)
        first, *more = _presses(wish, self.dice.uniform(0.5, 6.0))
        patience = self.dice.uniform(20, 60) if self.dice.random() < 0.15 else PATIENCE_S
        hotline = self.system.config.hotline.number
        try:
            async with self.callers.call(caller.number, hotline, first, WAYS) as line:
                for keying in more:
                    line.track |= frames(keying, WAYS)
                done, _ = await asyncio.wait([line.ended], timeout=patience)
                caller.by = "pbx" if done else "caller"
                caller.ended = time.time()
        except Failed as failed:
            caller.by = caller.by or "failed"
            caller.fault = str(failed)
            caller.ended = caller.ended or time.time()

    async def _end(self) -> None:
        process = self.system.controller()
        if self.by is signal.SIGKILL:
            # Nothing more is written: what the database says now is what the next one finds.
            process.suspend()
        waiting = tuple(self._waiting())
        states = where(self.system)
        at = time.time()
        process.send_signal(self.by)
        new = await until(lambda: self._other(process.pid), within=40, what="a new controller")
        await self.system.ready(within=30)
        shown = await self._shown({one.call_id for one in waiting})
        self.kills.append(Ending(at, new.create_time(), waiting, states, shown))

    def _other(self, pid: int) -> psutil.Process | None:
        try:
            found = self.system.controller()
        except LookupError:
            return None
        return found if found.pid != pid else None

    async def _shown(self, waited: set[str]) -> dict[str, tuple[float, int]]:
        """How the supervisor's board has those who waited, as far as they still do."""
        rows = (await self.chief.get("/api/board"))["waiting"]
        return {r["call_id"]: (r["since"], r["priority"]) for r in rows if r["call_id"] in waited}

    def _waiting(self) -> Iterator[Waiter]:
        for row in self.system.rows(
            "SELECT call_id, calling, queue, queued_at, priority, stage FROM calls"
            " WHERE ended_at IS NULL AND queued_at IS NOT NULL"
        ):
            if row["stage"] in WAITING:
                yield Waiter(
                    row["call_id"],
                    row["calling"],
                    row["queue"],
                    row["queued_at"],
                    row["priority"],
                )


def _presses(wish: str, first_s: float) -> list[Keying]:
    """What a caller presses from the answer on."""
    match wish:
        case "message":
            return [Keying("2", first_s)]
        case "elsewhere":
            return [Keying("4", first_s)]
        case "keep":
            # Once to be asked, once to say yes; again for whoever was asked when it died.
            later = [first_s + s for s in (4, 8, 16, 20, 28, 32, 40, 44)]
            return [Keying("3", first_s), *(Keying("1", at_s) for at_s in later)]
        case "rate":
            return [Keying("3", first_s), *(Keying("5", float(s)) for s in range(14, 170, 4))]
    return [Keying("3", first_s)]
