"""The pages on made-up calls, to look at: ``python -m tests.unit.web.devserver talking``.

Scenes: empty, ready, offered, talking, held, wrap_up, paused, rest, away. Everybody's password
is in ``house``.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from twisted.internet.asyncioreactor import AsyncioSelectorReactor

from hotline import events
from hotline.clock import ReactorClock
from hotline.config import Config, RecordingSection
from hotline.cti.views import (
    AgentView,
    Board,
    DayCounts,
    EarlierCall,
    EarlierCase,
    ForcedView,
    IntervalCounts,
    PauseView,
    WaitingCall,
)
from hotline.storage.database import Database, migrate
from hotline.storage.journal import Journal
from hotline.web.assets import DIST
from hotline.web.server import WebServer
from tests.unit.web.house import House, add_people, agent_view, make_house, some_pop
from tests.unit.web.scenes import Wall, seed_articles, seed_cases

CALL = "pbx1-1795132800.7"


async def main(scene: str, port: int, cases: int) -> None:
    """Serve one scene until interrupted."""
    reactor = AsyncioSelectorReactor(asyncio.get_running_loop())
    reactor.startRunning(installSignalHandlers=False)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'hotline.db'}"
        await migrate(url)
        wall = Wall()
        database, clock = Database(url), ReactorClock(reactor, wall)
        journal = Journal(database, clock)
        await journal.open()
        await add_people(database)
        config = Config(recording=RecordingSection(dir=Path(folder) / "recordings"))
        house = await make_house(database, journal, clock, DIST, config)
        await set_scene(house, scene, clock.now())
        if scene != "empty":
            await seed_cases(house, wall, cases)
            await seed_articles(house)
        server = WebServer(house.app, "127.0.0.1", port)
        await server.start()
        print(f"http://127.0.0.1:{server.port}/", flush=True)
        await asyncio.Event().wait()


async def set_scene(house: House, scene: str, now: float) -> None:
    """Arrange agents, calls and the board."""
    if scene == "empty":
        house.calls.agents["agent1"] = agent_view("agent1", "offline", since=now)
        house.calls.agents["agent2"] = agent_view("agent2", "offline", since=now)
        house.calls.picture = Board(at=now, seq=0, pbx_up=True, journal_ok=True)
        return
    await _seed_day(house, now)
    house.calls.picture = _board(now)
    house.calls.agents["agent1"] = _agent(scene, now)
    house.calls.agents["agent2"] = agent_view("agent2", "talking", since=now - 75)
    if scene == "rest":
        house.calls.agents |= {view.agent_id: view for view in _others(now)}
        forced = events.StateForced(
            "agent1", "paused", "值班表调整，先去开会", "supervisor", "赵主任", "meeting", "ready"
        )
        await house.journal.append(forced, at=now - 900)
    if scene in {"offered", "talking", "held", "wrap_up"}:
        phase = {"wrap_up": "ended", "held": "talking"}.get(scene, scene)
        answered = None if scene == "offered" else now - 64
        house.calls.pops[CALL, "agent1"] = replace(
            some_pop(CALL),
            phase=phase,
            arrived_at=now - 100,
            queued_at=now - 90,
            offered_at=now - 70,
            answered_at=answered,
            keys="2",
            calls=_earlier_calls(now),
            cases=_earlier_cases(now),
        )
        await house.journal.append(events.CallOffered(CALL, "agent1", f"{CALL}/1"))


def _agent(scene: str, now: float) -> AgentView:
    more: dict[str, Any] = {"since": now - 64}
    if scene in {"offered", "talking", "held", "wrap_up"}:
        more["call_id"] = CALL
    more["pauses"] = (
        PauseView("rest", 500.0, 2, allowed_s=1800.0),
        PauseView("meal", 3500.0, 1, allowed_s=3600.0, allowed_times=2),
        PauseView("training"),
        PauseView("meeting", 900.0, 1),
        PauseView("other"),
    )
    if scene == "offered":
        more |= {"offer_id": f"{CALL}/1", "since": now - 3}
    if scene == "wrap_up":
        more |= {"since": now - 5, "until": now + 25, "extra_s": 120.0}
    if scene in {"talking", "held"}:
        more |= {"next_state": "paused", "next_reason": "meal"}
    if scene == "held":
        more |= {"held_since": now - 6}
    if scene == "away":
        more |= {"reason": "away"}
    if scene == "rest":
        running = PauseView("rest", 1790.0, 3, 70.0, now - 64, 1800.0)
        more |= {"reason": "rest", "pauses": (running, *more["pauses"][1:])}
        more["forced"] = ForcedView(now - 900, "paused", "meeting", "值班表调整", "赵主任")
    if scene == "paused":
        more |= {"reason": "missed", "until": now + 55}
    state = {"held": "talking", "rest": "paused", "away": "paused"}.get(scene, scene)
    return agent_view("agent1", state, **more)


def _others(now: float) -> list[AgentView]:
    """A floor of forty in every state."""
    rest = PauseView("rest", 0.0, 1, 0.0, now - 60, 1800.0)
    meal = PauseView("meal", 3700.0, 3, 0.0, now - 60, 3600.0, 2)
    states: tuple[tuple[str, dict[str, Any]], ...] = (
        ("ready", {}),
        ("talking", {"next_state": "paused", "next_reason": "meal"}),
        ("talking", {"held_since": now - 4}),
        ("wrap_up", {"until": now + 20}),
        ("paused", {"reason": "rest", "pauses": (rest,)}),
        ("paused", {"reason": "missed", "until": now + 41}),
        ("paused", {"reason": "away"}),
        ("paused", {"reason": "meal", "pauses": (meal,)}),
        ("offline", {"since": 0.0}),
        ("ready", {"reachable": False}),
    )  # fmt: skip
    base = agent_view("agent2")
    return [
        replace(
            base,
            agent_id=f"agent{n}",
            name=("周晓燕", "吴磊", "郑洁", "王海峰")[n % 4],
            extension=str(1000 + n),
            state=states[n % 10][0],
            **({"since": now - 60.0 * n} | states[n % 10][1]),
        )
        for n in range(3, 41)
    ]


def _board(now: float) -> Board:
    waiting = tuple(
        WaitingCall(f"pbx1-{n}.1", f"1381234{n:04}", "hotline", now - 38 + n * 9) for n in range(4)
    )
    intervals = tuple(
        IntervalCounts(now - 900 * (20 - n), 9 + n % 5, 8 + n % 4, n % 3) for n in range(20)
    )
    counts = DayCounts(
        arrived=214, queued=201, answered=188, abandoned=9, within_15_s=171, reports=6,
        talk_s=34_780.0, rated=80, rating_sum=371,
    )  # fmt: skip
    return Board(now, 0, True, True, waiting, 3, (), counts, intervals)


def _earlier_calls(now: float) -> tuple[EarlierCall, ...]:
    return (
        EarlierCall("pbx1-1.1", now - 86_400, "李强", 185.0, "answered"),
        EarlierCall("pbx1-1.2", now - 4 * 86_400, "", None, "abandoned"),
        EarlierCall("pbx1-1.3", now - 9 * 86_400, "", None, "reported"),
    )


def _earlier_cases(now: float) -> tuple[EarlierCase, ...]:
    return (
        EarlierCase(
            "2026111900017", "to_handle", now - 86_400, "上水井盖", "中山路 12 号地铁 A 口旁",
            "井盖破损，边缘翘起约三厘米，夜间有电动车差点摔倒。",
        ),
        EarlierCase(
            "2026111100203", "closed", now - 9 * 86_400, "暴露垃圾", "解放桥北侧绿地",
            "绿化带内有装修垃圾两堆。",
        ),
    )  # fmt: skip


async def _seed_day(house: House, now: float) -> None:
    for n in range(27):
        call_id, at = f"pbx1-{n}.5", now - 400 * (n + 1)
        talk = (
            events.CallArrived(call_id, "pbx1", f"PJSIP/t-{n}", "12319", f"1390000{n:04}"),
            events.CallQueued(call_id, "hotline", 0, at),
            events.CallOffered(call_id, "agent1", f"{call_id}/1"),
            events.CallAnswered(call_id, "agent1", 6.0),
        )
        await house.journal.append(*talk, at=at)
        ended = (
            events.TalkEnded(call_id, "agent1", 185.0, "citizen"),
            events.CallEnded(call_id, "citizen"),
        )
        await house.journal.append(*ended, at=at + 185)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scene", nargs="?", default="ready")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--cases", type=int, default=60)
    return parser.parse_args()


if __name__ == "__main__":
    given = _arguments()
    try:
        asyncio.run(main(given.scene, given.port, given.cases))
    except KeyboardInterrupt:
        sys.exit(0)
