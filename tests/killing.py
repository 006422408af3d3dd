"""Sixty live calls, a controller that is killed again and again, and what became of everyone."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil

from hotline.demo.desk import Desk
from tests.agent_phones import AgentPhone, Leg
from tests.callers import Exchange, Failed
from tests.deadline import until
from tests.key_tones import Keying, Way
from tests.system import Entry, HotlineSystem

FLOW = """
flow: bench
title: {zh: 打断}
start: main
person: wait
nodes:
  main: {kind: menu, prompts: [greeting], keys: {"3": wait, "2": message}, otherwise: wait}
  wait: {kind: queue, queue: hotline, talked: bye, nobody: message, asked: message}
  message: {kind: report, reason: asked, review: false, saved: bye, empty: bye, failed: bye}
  bye: {kind: goodbye}
"""
# A phone that is told to stop ringing, and another that begins to, cross on their way.
CROSSING_S = 0.05
# How long a caller at most bears with us.
PATIENCE_S = 180.0
WAITING = frozenset({"waiting", "offered"})


@dataclass(slots=True)
class Lived:
    """What one caller went through. ``by``: caller, pbx, or failed (with ``fault``)."""

    number: str
    began: float
    ended: float = 0.0
    by: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Waiter:
    """A caller in the queue, as the controller had them when it was killed."""

    call_id: str
    calling: str
    since: float
    priority: int


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill. ``at`` is Unix seconds, as ``started`` is, at which the next controller began;
    ``stages`` counts the living calls by where they were."""

    at: float
    started: float
    waiting: tuple[Waiter, ...]
    stages: dict[str, int]


@dataclass(slots=True)
class Killing:
    """The run: callers that come and go so that ``live`` are always there, and the kills."""

    system: HotlineSystem
    callers: Exchange
    phones: list[AgentPhone]
    live: int
    dice: random.Random
    lived: list[Lived] = field(default_factory=list)
    kills: list[Kill] = field(default_factory=list)
    _on: bool = True
    _numbers: int = 0

    async def run(self, kills: int, between_s: tuple[float, float]) -> None:
        """Let callers in, kill, and let those who are there come to their end."""
        lines = [asyncio.create_task(self._line(n)) for n in range(self.live)]
        # Until all kinds of calls are there.
        await asyncio.sleep(25)
        for _ in range(kills):
            await asyncio.sleep(self.dice.uniform(*between_s))
            await self._kill()
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
        caller = Lived(f"136{self._numbers:08d}", time.time())
        self.lived.append(caller)
        # 1 would keep the place of who is in the queue already, and hang up.
        key = self.dice.choices("32", (75, 25))[0]
        keying = Keying(key, self.dice.uniform(0.5, 6.0))
        patience = self.dice.uniform(20, 60) if self.dice.random() < 0.15 else PATIENCE_S
        hotline = self.system.config.hotline.number
        try:
            ways = frozenset({Way.RFC4733})
            async with self.callers.call(caller.number, hotline, keying, ways) as line:
                done, _ = await asyncio.wait([line.ended], timeout=patience)
                caller.by = "pbx" if done else "caller"
                caller.ended = time.time()
        except Failed as failed:
            caller.by = caller.by or "failed"
            caller.fault = str(failed)
            caller.ended = caller.ended or time.time()

    async def _kill(self) -> None:
        process = self.system.controller()
        process.suspend()
        # Nothing more is written: what the database says now is what the next one finds.
        waiting = tuple(self._waiting())
        rows = self.system.rows(
            "SELECT stage, count(*) AS n FROM calls WHERE ended_at IS NULL GROUP BY stage"
        )
        at = time.time()
        process.kill()
        new = await until(lambda: self._other(process.pid), within=40, what="a new controller")
        self.kills.append(
            Kill(at, new.create_time(), waiting, {row["stage"]: row["n"] for row in rows})
        )
        await self.system.ready(within=30)

    def _other(self, pid: int) -> psutil.Process | None:
        try:
            found = self.system.controller()
        except LookupError:
            return None
        return found if found.pid != pid else None

    def _waiting(self) -> Iterator[Waiter]:
        for row in self.system.rows(
            "SELECT call_id, calling, queued_at, priority, stage FROM calls WHERE ended_at IS NULL"
        ):
            if row["stage"] in WAITING:
                yield Waiter(row["call_id"], row["calling"], row["queued_at"], row["priority"])


@dataclass(frozen=True, slots=True)
class Ring:
    """A phone rang, or talked, for a caller from then to then (Unix seconds)."""

    phone: str
    caller: str
    since: float
    until: float


def rings(phones: list[AgentPhone], *, talks: bool, now: float) -> list[Ring]:
    """The ringings of every phone, their talks included or not."""
    return [
        Ring(phone.number, leg.caller, leg.rang_at, _over(leg, talks=talks, now=now))
        for phone in phones
        for leg in phone.legs.values()
    ]


def _over(leg: Leg, *, talks: bool, now: float) -> float:
    if not talks and leg.answered_at is not None:
        return leg.answered_at
    return now if leg.ended_at is None else leg.ended_at


def overlapping(found: list[Ring], key: str) -> list[tuple[Ring, Ring]]:
    """Ringings of one ``phone`` or one ``caller`` (the key) that go on at the same time."""
    groups: defaultdict[str, list[Ring]] = defaultdict(list)
    for ring in found:
        groups[getattr(ring, key)].append(ring)
    return [
        (one, other)
        for group in groups.values()
        for one, other in pairwise(sorted(group, key=lambda ring: ring.since))
        if other.since < one.until - CROSSING_S
    ]


def cut_off(run: Killing) -> list[str]:
    """Callers whose talk the PBX ended while both wanted it to go on."""
    gone = {one.number: one.ended for one in run.lived if one.by == "caller"}
    return [
        leg.caller
        for phone in run.phones
        for leg in phone.legs.values()
        if leg.end == "by_pbx" and leg.answered_at is not None and leg.caller not in gone
    ]


def lost(run: Killing) -> list[str]:
    """Callers whom we hung up on before they had talked or could leave a report."""
    talked = {leg.caller for p in run.phones for leg in p.legs.values() if leg.answered_at}
    reported = _reported(run.system)
    return [
        f"{one.number}: {one.by} {one.fault}"
        for one in run.lived
        if one.by != "caller" and one.number not in talked and one.number not in reported
    ]


def _reported(system: HotlineSystem) -> set[str]:
    rows = system.rows("SELECT calling FROM calls JOIN reports USING (call_id)")
    numbers = {row["calling"] for row in rows}
    fallback = Path(system.config.recording.dir) / "reports" / "fallback"
    for sidecar in fallback.glob("*.json"):
        numbers.add(json.loads(sidecar.read_text()).get("calling", ""))
    return numbers


def places_lost(run: Killing, journal: list[Entry]) -> list[str]:
    """Callers who waited when a controller was killed and wait with less afterwards."""
    return [
        f"{was.call_id}: {was.since}/{was.priority} became {now['since']}/{now['priority']}"
        for kill, until_at in _spans(run)
        for was in kill.waiting
        if (now := _queued(journal, was.call_id, kill.at, until_at))
        and (now["since"], now["priority"]) != (was.since, was.priority)
    ]


def _spans(run: Killing) -> Iterator[tuple[Kill, float]]:
    for kill, following in pairwise([*run.kills, None]):
        if kill:
            yield kill, following.at if following else float("inf")


def _queued(
    journal: list[Entry], call_id: str, since: float, until_at: float
) -> dict[str, Any] | None:
    for entry in journal:
        queued = entry.kind == "CallQueued" and entry.data["call_id"] == call_id
        if queued and since < entry.at < until_at:
            return entry.data
    return None


def passed_over(journal: list[Entry], aging_s: float) -> list[str]:
    """Offers made while somebody who came before, with no lower priority, waited, and had not
    refused or missed that agent's ringing."""
    waiting: dict[str, tuple[float, float]] = {}
    refused: defaultdict[str, set[str]] = defaultdict(set)
    faults = []
    for entry in journal:
        data, call_id = entry.data, entry.data.get("call_id", "")
        match entry.kind:
            case "CallQueued":
                waiting[call_id] = (data["since"] - data["priority"] * aging_s, entry.at)
            case "CallOffered":
                mine = waiting.pop(call_id, None)
                before = [
                    other
                    for other, rank in waiting.items()
                    if mine and rank[0] < mine[0] and not refused[other]
                ]
                if before:
                    faults.append(f"{entry.at:.3f} {data['offer_id']} before {before[:3]}")
            case "OfferEnded" if data["outcome"] != "answered":
                refused[call_id].add(data["agent_id"])
            case "CallAnswered" | "CallEnded" | "CallAbandoned" | "ReportStarted":
                waiting.pop(call_id, None)
    return faults


def delays(run: Killing, journal: list[Entry]) -> dict[str, list[float]]:
    """Seconds from each kill until a controller decided again, and until the last of those who
    waited was in line again. ``from_cold_start``: since its process began, where none waited."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    for kill, until_at in _spans(run):
        mine = [entry for entry in journal if kill.at < entry.at < until_at]
        seen = next((e.at for e in mine if e.kind == "PbxConnected"), None)
        if seen is None:
            continue
        if kill.started > kill.at:
            found["from_cold_start"].append(seen - kill.started)
        found["from_kill"].append(seen - kill.at)
        back = [e.at for e in mine if e.kind == "CallQueued" and e.data["since"] < kill.at]
        if back:
            found["from_kill_to_all_back"].append(max(back) - kill.at)
    return dict(found)


async def disagreements(system: HotlineSystem, desks: list[Desk]) -> list[str]:
    """Where the journal's tables and what the controller believes are not the same."""
    stored = {
        r["agent_id"]: r["state"] for r in system.rows("SELECT agent_id, state FROM presence")
    }
    faults = []
    for desk in desks:
        state = (await desk.agent())["state"]
        if stored.get(desk.user, "offline") != state:
            faults.append(f"{desk.user}: {stored.get(desk.user)} stored, {state} believed")
    for row in system.rows("SELECT call_id, stage FROM calls WHERE ended_at IS NULL"):
        faults.append(f"{row['call_id']} is still {row['stage']}")
    return faults
