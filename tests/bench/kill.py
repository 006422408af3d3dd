"""Kill -9 under load: 60 live calls in all states, the controller killed 20 times at random.

Callers, the town's phones and agents' phones are bare SIP (:mod:`tests.callers`,
:mod:`tests.townsfolk`, :mod:`tests.agent_phones`); what became of them is judged by
:mod:`tests.kill_judging` from the phones' side, the journal and the engine. ``upgrade`` is the
same with SIGTERM, as whoever puts a new version in place ends the old one.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import statistics
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from hotline.demo.desk import Desk
from hotline.replay.service import Replay, replay
from hotline.replay.telling import as_data
from hotline.secrets import desk_phone_password
from hotline.storage.database import Database
from hotline.storage.profiles import DEMO_PROFILES, Profile
from hotline.storage.user_commands import add
from tests import kill_judging as judging
from tests import plans
from tests.agent_phones import AgentPhone, Manner, agent_phones
from tests.bench.calling import MANY_CALLS, put_in_force
from tests.callback_hands import do_callbacks
from tests.callers import exchange
from tests.deadline import until
from tests.due_callbacks import plan_callbacks
from tests.kill_states import EVERY_STATE
from tests.killing import FLOW, Ending, Killing
from tests.system import PASSWORD, HotlineSystem, Settings, merged, reachable
from tests.townsfolk import town

LIVE = 60
KILLS = 20
# Who serves both queues of callers, who only the first, and who does callbacks.
BOTH, FIRST_ONLY, CALLBACKS = 4, 10, 2
DUE_CALLBACKS = 80
BETWEEN_S = (10.5, 16.0)
WARM_UP_S = 25.0
AGING_S = 60.0
SETTLES_S = 20.0
PLACES_END_S = 60.0
MANNER = Manner(cut_off=0.12)
_PASSWORD = "kill-bench-12319"
_SETTINGS: Settings = {
    "hotline": {"spare_controller": True},
    "pbx": {"extensions": ["1001-1040"], "lease_seconds": 10},
    "callback": {"blended_skill": "callback"},
    "report": {"max_seconds": 20, "silence_seconds": 8},
}


def run() -> dict[str, object]:
    """Measure kills."""
    return asyncio.run(kill(Rounds()))


def upgrade() -> dict[str, object]:
    """Measure ends in order."""
    return asyncio.run(kill(Rounds(by=signal.SIGTERM)))


@dataclass(frozen=True, slots=True)
class Rounds:
    """How much is tried, and how the controller ends."""

    live: int = LIVE
    ends: int = KILLS
    first_only: int = FIRST_ONLY
    by: signal.Signals = signal.SIGKILL
    warm_up_s: float = WARM_UP_S


async def kill(rounds: Rounds, seed: int | None = None) -> dict[str, object]:
    """The run, and what became of it."""
    seed = random.SystemRandom().randrange(10_000) if seed is None else seed
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        system = HotlineSystem(Path(folder), merged(MANY_CALLS, _SETTINGS))
        count = BOTH + rounds.first_only + CALLBACKS
        users = [f"agent{number}" for number in range(1, count + 1)]
        for number, user in enumerate(users, 1):
            if user not in DEMO_PROFILES:
                profile = Profile(f"坐席{number}", "agent", str(1000 + number))
                await asyncio.to_thread(add, system.config, user, profile, _PASSWORD)
        await plans.put_in_force(system, _plan(users))
        await plan_callbacks(system, DUE_CALLBACKS)
        began = time.time()
        await system.start()
        try:
            report = await _under_load(system, users, random.Random(seed), rounds)
        finally:
            await system.stop()
            if kept := os.environ.get("HOTLINE_KEEP"):
                _keep(system, Path(kept))
        again = await _replayed(system, began)
        return {"seed": seed, **report, "replay": _brief(again)}


def _plan(users: list[str]) -> dict[str, object]:
    usual = {"ring_s": 6, "wrap_up_s": 4, "overflow_s": 900, "miss_pause_s": 5, "aging_s": AGING_S}

    def queue(name: str, title: str, *overflow: dict[str, object]) -> dict[str, object]:
        return {"name": name, "title": {"zh": title}, **usual, "overflow": list(overflow)}

    def agent(user: str, *queues: str, **skills: int) -> dict[str, object]:
        return {"agent_id": user, "queues": dict.fromkeys(queues, 1), "skills": skills}

    both, first_only, callbacks = users[:BOTH], users[BOTH:-CALLBACKS], users[-CALLBACKS:]
    return {
        "queues": [
            queue("hotline", "热线") | {"task_spare": 0},
            queue("busy", "忙", {"when": "wait", "value": 30, "to": "queue:second"}),
            queue("second", "二线"),
            queue("away", "无人", {"when": "nobody", "value": 1, "to": "target:12345"}),
        ],
        "skills": [{"code": "callback", "title": {"zh": "回访"}}],
        "agents": [
            *(agent(user, "busy", "second") for user in both),
            *(agent(user, "busy") for user in first_only),
            *(agent(user, "hotline", callback=1) for user in callbacks),
        ],
    }


async def _under_load(
    system: HotlineSystem, users: list[str], dice: random.Random, rounds: Rounds
) -> dict[str, object]:
    await put_in_force(system, FLOW)
    async with AsyncExitStack() as stack:
        sip_port = system.config.pbx.sip_port
        callers = await stack.enter_async_context(exchange(sip_port))
        desks = [
            await stack.enter_async_context(Desk(system.url, user, _password(user)))
            for user in users
        ]
        chief = await stack.enter_async_context(system.desk("supervisor", listening=False))
        media = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        stack.callback(media.close)
        media.bind(("127.0.0.1", 0))
        port = media.getsockname()[1]
        phones = await _phones(stack, system, desks, port, dice)
        folk = await stack.enter_async_context(town(sip_port, system.citizen_port, port, dice))
        for desk in desks:
            await until(partial(reachable, desk), what=f"{desk.user}'s phone is seen")
            await desk.become("ready")
        hands = [asyncio.create_task(do_callbacks(system, desk)) for desk in desks[-CALLBACKS:]]
        run = Killing(system, callers, phones, folk, chief, rounds.live, dice, rounds.by)
        mark = system.last_seq()
        await run.run(rounds.ends, BETWEEN_S, rounds.warm_up_s)
        for hand in hands:
            hand.cancel()
        await asyncio.gather(*hands, return_exceptions=True)
        await _places_ended(system, mark)
        wrong = await _disagreements(system, desks)
        return _judged(run, mark, wrong)


async def _phones(
    stack: AsyncExitStack, system: HotlineSystem, desks: list[Desk], port: int, dice: random.Random
) -> list[AgentPhone]:
    """The agents' phones. Those who do callbacks are not cut off: they hold no caller."""
    sip_port = system.config.pbx.sip_port
    extensions = [await desk.extension() for desk in desks]
    passwords = [(each, desk_phone_password(system.config, each)) for each in extensions]
    for_calls, for_callbacks = dict(passwords[:-CALLBACKS]), dict(passwords[-CALLBACKS:])
    calm = replace(MANNER, cut_off=0.0)
    return [
        *await stack.enter_async_context(agent_phones(sip_port, for_calls, port, dice, MANNER)),
        *await stack.enter_async_context(agent_phones(sip_port, for_callbacks, port, dice, calm)),
    ]


def _password(user: str) -> str:
    return PASSWORD if user in DEMO_PROFILES else _PASSWORD


async def _places_ended(system: HotlineSystem, mark: int) -> None:
    """Let the last kept places be served; those that rest are not waited for."""
    deadline = time.monotonic() + PLACES_END_S
    while judging.kept_places_lost(system.journal(after=mark), time.time()):
        if time.monotonic() > deadline:
            break
        await asyncio.sleep(1)


async def _disagreements(system: HotlineSystem, desks: list[Desk]) -> list[str]:
    """What is still not the same once all calls are over and all wrap-ups ended."""
    deadline = time.monotonic() + SETTLES_S
    while wrong := await judging.disagreements(system, desks) + judging.tasks_left(system):
        if time.monotonic() > deadline:
            break
        await asyncio.sleep(0.5)
    return wrong


def _judged(run: Killing, mark: int, wrong: list[str]) -> dict[str, object]:
    now = time.time()
    journal = run.system.journal(after=mark)
    took = judging.delays(run, journal)
    rung = judging.rings_for_callers(run, journal, now)
    found = {
        "lost": judging.lost(run, journal),
        "cut_off": judging.cut_off(run, journal),
        "phones_rung_for_two": judging.overlapping(rung, "phone"),
        "callers_ringing_two": judging.overlapping(rung, "caller"),
        "citizens_rung_twice": judging.overlapping(_but_services(run, now), "caller"),
        "places_lost": judging.places_lost(run, journal) + judging.shown_otherwise(run),
        "kept_places_lost": judging.kept_places_lost(journal, now),
        "fell_through": judging.fell_through(journal),
        "passed_over": judging.passed_over(journal, AGING_S),
        "rated_twice": judging.rated_twice(journal),
        "disagreements": wrong,
        "decisions_that_failed": [
            line[:200] for line in run.system.log_text().splitlines() if "decision_failed" in line
        ],
    }
    states = _states(run.kills)
    kinds = Counter(entry.kind for entry in journal)
    return {
        "ended_by_signal": run.by.name,
        "ends": len(run.kills),
        "calls": len(run.lived),
        "talks": sum(leg.answered_at is not None for p in run.phones for leg in p.legs.values()),
        "calls_ended_by": dict(Counter(one.by for one in run.lived)),
        "happened": {kind: kinds[kind] for kind in _TELLING},
        "states_at_the_ends": dict(sorted(states.items())),
        "states_never_met": sorted(EVERY_STATE - set(states)),
        "live_at_an_end_p50": statistics.median(_live(one) for one in run.kills),
        **{name: len(faults) for name, faults in found.items()},
        "seconds": {name: _spread(values) for name, values in took.items()},
        "examples": {name: faults[:5] for name, faults in found.items() if faults},
    }


# What shows that a run went through all that it is for.
_TELLING = (
    *("CallAnswered", "TalkHeld", "TalkResumed", "CallRated", "ReportRecorded", "CallOverflowed"),
    *("HandoverJoined", "PlaceKept", "PlaceDialled", "PlaceEnded", "TaskOffered"),
    *("CallbackDialled", "CallbackSurveyed", "CallAdopted", "ControllerStarted"),
)


def _but_services(run: Killing, now: float) -> list[judging.Ring]:
    """The town's ringings, but for the service that many callers are sent to."""
    return [ring for ring in judging.rings([run.town], now) if len(ring.caller) > len("12345")]


def _states(ends: list[Ending]) -> Counter[str]:
    found: Counter[str] = Counter()
    for one in ends:
        found.update(one.states)
    return found


def _live(one: Ending) -> int:
    return sum(count for state, count in one.states.items() if state.startswith("call:"))


def _spread(values: list[float]) -> dict[str, float]:
    return {"p50": round(statistics.median(values), 2), "max": round(max(values), 2)}


async def _replayed(system: HotlineSystem, since: float) -> Replay:
    database = Database(system.config.database_url)
    try:
        return await replay(database, since, time.time())
    finally:
        await database.close()


def _brief(done: Replay) -> dict[str, object]:
    data = as_data(done)
    names = ("identical", "decisions", "offers", "inputs", "starts", "difference", "unreadable")
    return {name: data[name] for name in names}


def _keep(system: HotlineSystem, folder: Path) -> None:
    """For whoever looks into a fault: the log and the database."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "log.txt").write_text(system.log_text(), encoding="utf-8")
    data = (system.config.hotline.data_dir / "hotline.db").read_bytes()
    (folder / "hotline.db").write_bytes(data)
