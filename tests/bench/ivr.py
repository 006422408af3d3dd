"""The same steps as a flow and as a pure dialplan, on the same Asterisk in the same run.

A caller rings in, hears a prompt, presses a key while it plays, hears a prompt of 0.8 s, and is
hung up on. The rate of each of the two is raised until a call fails or a key is lost. What the
dialplan understood is told by how it hangs up, what the hotline understood by its journal.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from dataclasses import dataclass

from hotline.speech.audio import write_wav
from tests.audio import tone
from tests.bench.calling import (
    NORMAL,
    Call,
    Spent,
    at_rate,
    hotline_with,
    ring_in,
    run_asterisk,
    voice_awake,
)
from tests.callers import Exchange
from tests.key_tones import Keying, Way
from tests.system import HotlineSystem

RATES = (20, 60, 100, 140, 200, 240, 280, *range(300, 521, 20))
SECONDS = 6.0
# No higher rate is begun after this time.
BOUND_S = 480.0
# A rate is held against chance: of this many tries one has to be clean.
TRIES = 2
ASKS_S, THANKS_S = 1.2, 0.8
KEY_AFTER_S = 0.5
DIALPLAN_NUMBER = "10000"
_SEED = 12319

_FLOW = """
flow: bench
title: {zh: 测}
languages: [zh]
start: ask
person: wait
nodes:
  ask:
    kind: menu
    prompts: [greeting]
    keys: {"1": thanks, "2": thanks, "3": thanks, "4": thanks, "5": thanks, "6": thanks,
           "7": thanks, "8": thanks, "9": thanks}
    tries: 1
    first_key_s: 5
  thanks: {kind: goodbye, prompts: [goodbye]}
  wait: {kind: queue, queue: hotline, talked: thanks, nobody: thanks, asked: thanks}
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of calls at one rate."""

    kind: str
    rate: float
    calls: int
    failed: int
    keys_lost: int
    cpu: dict[str, float]
    late_ms: float

    @property
    def clean(self) -> bool:
        """Whether no call failed and no key was lost."""
        return not self.failed and not self.keys_lost

    def shown(self) -> dict[str, object]:
        """As JSON."""
        return {
            "kind": self.kind,
            "calls_a_second": self.rate,
            "calls": self.calls,
            "failed": self.failed,
            "keys_lost": self.keys_lost,
            **self.cpu,
            "callers_late_ms": round(self.late_ms, 1),
        }


def run() -> dict[str, object]:
    """Rates in calls a second, processor time in milliseconds a call."""
    steps = asyncio.run(_measure())
    highest = {
        kind: max((s.rate for s in steps if s.kind == kind and s.clean), default=0.0)
        for kind in ("dialplan", "flow")
    }
    at_its_best = [s.cpu for s in steps if s.kind == "flow" and s.rate == highest["flow"]]
    return {
        "highest_clean_rate": highest,
        # False: the ladder or the time ended first, and the rate could be higher.
        "limit_found": {
            kind: any(s.rate > highest[kind] for s in steps if s.kind == kind) for kind in highest
        },
        "flow_over_dialplan": round(highest["flow"] / (highest["dialplan"] or 1), 2),
        "flow_at_its_highest": at_its_best,
        "steps": [step.shown() for step in steps],
    }


async def _measure() -> list[Step]:
    async with hotline_with(_FLOW) as (system, callers):
        await _prepare(system)
        bench = _Bench(system, callers)
        # What is made once (connections, caches) is made before anything counts.
        for kind in ("dialplan", "flow"):
            await bench.step(kind, 10, 20)
        await voice_awake(system.controller())
        began = time.monotonic()
        standing = ["dialplan", "flow"]
        steps: list[Step] = []
        for rate in RATES:
            for kind in tuple(standing):
                if not await _clean_once(bench, kind, rate, steps):
                    standing.remove(kind)
            # Whoever comes second finds the machine warmer.
            standing.reverse()
            if not standing or time.monotonic() - began > BOUND_S:
                break
        return steps


async def _clean_once(bench: _Bench, kind: str, rate: float, steps: list[Step]) -> bool:
    for _ in range(TRIES):
        step = await bench.step(kind, rate, round(rate * SECONDS))
        steps.append(step)
        print(step.shown(), file=sys.stderr, flush=True)
        if step.clean:
            return True
        # What a step too many has left behind is no fault of the next one.
        await asyncio.sleep(5)
    return False


async def _prepare(system: HotlineSystem) -> None:
    prompts = system.config.hotline.data_dir / "prompts" / "zh"
    write_wav(prompts / "greeting.wav", tone(440, ASKS_S))
    write_wav(prompts / "goodbye.wav", tone(440, THANKS_S))
    asks, thanks = prompts / "greeting", prompts / "goodbye"
    lines = (
        "Answer()",
        f"Read(KEY,{asks},1,,1,5)",
        # The last digit of who calls is the key they are to press.
        # Without quotes and spaces, which the command line would take for its own.
        "GotoIf($[x${KEY}=x${CALLERID(num):-1}]?5:4)",
        "Hangup(31)",
        f"Playback({thanks})",
        f"Hangup({NORMAL})",
    )
    await run_asterisk(
        system,
        "module load app_read.so",
        *(
            f"dialplan add extension {DIALPLAN_NUMBER},{number},{line} into citizens"
            for number, line in enumerate(lines, 1)
        ),
    )


class _Bench:
    def __init__(self, system: HotlineSystem, callers: Exchange) -> None:
        self._system = system
        self._callers = callers
        self._chance = random.Random(_SEED)
        self._numbers = 0

    async def step(self, kind: str, rate: float, count: int) -> Step:
        """``count`` calls of a kind at a rate."""
        called = DIALPLAN_NUMBER if kind == "dialplan" else self._system.config.hotline.number
        processes = {
            "controller": self._system.controller(),
            "asterisk": self._system.asterisk(),
        }
        mark, spent = self._system.last_seq(), Spent(processes.items())
        self._callers.late_s = 0.0
        calls = await at_rate(rate, count, lambda _: self._call(called))
        # The last calls' ends are yet to be journalled.
        await asyncio.sleep(1)
        cpu = spent.a_call(count)
        lost = self._lost(kind, calls, mark)
        failed = sum(bool(call.fault) for call in calls)
        return Step(kind, rate, count, failed, lost, cpu, 1000 * self._callers.late_s)

    async def _call(self, called: str) -> Call:
        self._numbers += 1
        # The last digit of the number is the key.
        number = f"139{self._numbers:07d}{self._chance.randrange(1, 10)}"
        keying = Keying(number[-1], KEY_AFTER_S)
        return await ring_in(self._callers, number, called, keying, frozenset({Way.RFC4733}))

    def _lost(self, kind: str, calls: list[Call], mark: int) -> int:
        whole = [call for call in calls if not call.fault]
        if kind == "dialplan":
            return sum(call.cause != NORMAL for call in whole)
        numbers = {
            entry.data["call_id"]: entry.data["calling"]
            for entry in self._system.journal("CallArrived", after=mark)
        }
        taken = {
            numbers.get(entry.data["call_id"]): entry.data["by"]
            for entry in self._system.journal("FlowStep", after=mark)
        }
        return sum(taken.get(call.number) != f"key:{call.keys}" for call in whole)
