"""Kill -9 under load: 60 live calls in all states, the controller killed 20 times at random.

Callers and agents' phones are bare SIP (:mod:`tests.callers`, :mod:`tests.agent_phones`); what
became of them is judged by :mod:`tests.killing` from the phones' side and from the journal.
"""

from __future__ import annotations

import asyncio
import os
import random
import socket
import statistics
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from hotline.demo.desk import Desk
from hotline.replay.service import Replay, replay
from hotline.replay.telling import as_data
from hotline.storage.database import Database
from hotline.storage.profiles import DEMO_PROFILES, Profile
from hotline.storage.user_commands import add
from tests import killing
from tests.agent_phones import agent_phones
from tests.bench.calling import MANY_CALLS, put_in_force
from tests.callers import exchange
from tests.deadline import until
from tests.killing import Killing
from tests.system import PASSWORD, HotlineSystem, Settings, merged, reachable

LIVE = 60
KILLS = 20
AGENTS = 14
BETWEEN_S = (10.5, 16.0)
AGING_S = 60.0
SETTLES_S = 20.0
_PASSWORD = "kill-bench-12319"
_SETTINGS: Settings = {
    "hotline": {"spare_controller": True},
    "pbx": {"extensions": ["1001-1040"], "lease_seconds": 10},
    "queue": {
        "ring_seconds": 6,
        "wrap_up_seconds": 4,
        "overflow_seconds": 900,
        "miss_pause_seconds": 5,
    },
    "report": {"max_seconds": 20, "silence_seconds": 8},
}


def run() -> dict[str, object]:
    """Measure."""
    return asyncio.run(kill())


async def kill(
    live: int = LIVE, kills: int = KILLS, agents: int = AGENTS, seed: int | None = None
) -> dict[str, object]:
    """The run, and what became of it."""
    seed = random.SystemRandom().randrange(10_000) if seed is None else seed
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        system = HotlineSystem(Path(folder), merged(MANY_CALLS, _SETTINGS))
        users = [f"agent{number}" for number in range(1, agents + 1)]
        for number, user in enumerate(users, 1):
            if user not in DEMO_PROFILES:
                profile = Profile(f"坐席{number}", "agent", str(1000 + number))
                await asyncio.to_thread(add, system.config, user, profile, _PASSWORD)
        began = time.time()
        await system.start()
        try:
            report = await _under_load(system, users, random.Random(seed), live, kills)
        finally:
            await system.stop()
            if kept := os.environ.get("HOTLINE_KEEP"):
                _keep(system, Path(kept))
        again = await _replayed(system, began)
        return {"seed": seed, **report, "replay": _brief(again)}


async def _under_load(
    system: HotlineSystem, users: list[str], dice: random.Random, live: int, kills: int
) -> dict[str, object]:
    await put_in_force(system, killing.FLOW)
    async with AsyncExitStack() as stack:
        callers = await stack.enter_async_context(exchange(system.config.pbx.sip_port))
        desks = [
            await stack.enter_async_context(Desk(system.url, user, _password(user)))
            for user in users
        ]
        passwords = dict([await desk.phone() for desk in desks])
        media = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        stack.callback(media.close)
        media.bind(("127.0.0.1", 0))
        port = media.getsockname()[1]
        phones = await stack.enter_async_context(
            agent_phones(system.config.pbx.sip_port, passwords, port, dice)
        )
        for desk in desks:
            await until(partial(reachable, desk), what=f"{desk.user}'s phone is seen")
            await desk.become("ready")
        run = Killing(system, callers, phones, live, dice)
        mark = system.last_seq()
        await run.run(kills, BETWEEN_S)
        wrong = await _disagreements(system, desks)
        return _judged(run, system, mark, wrong)


def _password(user: str) -> str:
    return PASSWORD if user in DEMO_PROFILES else _PASSWORD


async def _disagreements(system: HotlineSystem, desks: list[Desk]) -> list[str]:
    """What is still not the same once all calls are over and all wrap-ups ended."""
    deadline = time.monotonic() + SETTLES_S
    while wrong := await killing.disagreements(system, desks):
        if time.monotonic() > deadline:
            break
        await asyncio.sleep(0.5)
    return wrong


def _judged(run: Killing, system: HotlineSystem, mark: int, wrong: list[str]) -> dict[str, object]:
    now = time.time()
    journal = system.journal(after=mark)
    took = killing.delays(run, journal)
    ringing = killing.rings(run.phones, talks=False, now=now)
    busy = killing.rings(run.phones, talks=True, now=now)
    found = {
        "lost": killing.lost(run),
        "cut_off": killing.cut_off(run),
        "phones_rung_for_two": [str(pair) for pair in killing.overlapping(busy, "phone")],
        "callers_ringing_two": [str(pair) for pair in killing.overlapping(ringing, "caller")],
        "places_lost": killing.places_lost(run, journal),
        "passed_over": killing.passed_over(journal, AGING_S),
        "disagreements": wrong,
        "decisions_that_failed": [
            line[:200] for line in system.log_text().splitlines() if "decision_failed" in line
        ],
    }
    stages: Counter[str] = Counter()
    for one in run.kills:
        stages.update(one.stages)
    return {
        "kills": len(run.kills),
        "calls": len(run.lived),
        "talks": sum(leg.answered_at is not None for p in run.phones for leg in p.legs.values()),
        "ended_by": dict(Counter(one.by for one in run.lived)),
        "stages_at_the_kills": dict(stages),
        "live_at_a_kill_p50": statistics.median(sum(k.stages.values()) for k in run.kills),
        **{name: len(faults) for name, faults in found.items()},
        "seconds": {name: _spread(values) for name, values in took.items()},
        "examples": {name: faults[:5] for name, faults in found.items() if faults},
    }


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
