"""``make demo``: synthetic citizens and, if asked for, agents on the running system."""

from __future__ import annotations

import asyncio
import signal
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

import httpx
from rich.console import Console

from hotline.config import Config
from hotline.demo.agents import SyntheticAgent
from hotline.demo.baresip import BaresipMissing, find_baresip
from hotline.demo.board import BoardWatch
from hotline.demo.citizens import Citizen, Town, answer_callbacks
from hotline.demo.control import PhoneFault
from hotline.demo.desk import DeskFault
from hotline.demo.plan import CitizenPlan, citizens, gaps
from hotline.demo.scene import Scene
from hotline.speech.synthesis import Synthesiser

MOST_AGENTS = 2
_MOST_AT_ONCE = 30


class DemoImpossible(RuntimeError):
    """The demo cannot run now; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class DemoWishes:
    """What was asked for. ``agents`` synthetic ones leave agent1 to the newcomer; ``seed`` None:
    another demo each time."""

    rate: float = 6.0
    minutes: float = 5.0
    agents: int = 0
    seed: int | None = None


def run_demo(config: Config, wishes: DemoWishes, console: Console) -> None:
    """Run until the time is over, Ctrl-C or SIGTERM. Raises :class:`DemoImpossible`."""
    try:
        asyncio.run(_run(config, wishes, console))
    except asyncio.CancelledError:
        console.print("ended")


async def _run(config: Config, wishes: DemoWishes, console: Console) -> None:
    _end_on_signals()
    await _check(config, wishes)
    seed = SystemRandom().randrange(10**6) if wishes.seed is None else wishes.seed
    console.print(
        f"{wishes.rate:g} citizens a minute for {wishes.minutes:g} minutes, seed {seed}; "
        "Ctrl-C ends it"
    )
    scene = Scene(console)
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="hotline-demo-"))
        watch = await stack.enter_async_context(BoardWatch(_url(config)))
        town = _town(config, Path(folder), scene, watch)
        scene.open()
        stack.callback(scene.close)
        try:
            async with asyncio.timeout(wishes.minutes * 60):
                await _play(config, wishes, town, Random(seed))  # noqa: S311 - a play, no secret
        except TimeoutError:
            return


def _end_on_signals() -> None:
    playing = asyncio.current_task()
    if playing is not None:
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, playing.cancel)


async def _check(config: Config, wishes: DemoWishes) -> None:
    if not config.hotline.demo:
        raise DemoImpossible("hotline.demo is off in hotline.toml; the demo is not for live use")
    if not 0 <= wishes.agents <= MOST_AGENTS:
        raise DemoImpossible(f"there are {MOST_AGENTS} synthetic agents at most")
    if wishes.rate <= 0 or wishes.minutes <= 0:
        raise DemoImpossible("rate and minutes must be above 0")
    try:
        find_baresip()
    except BaresipMissing as error:
        raise DemoImpossible(str(error)) from error
    url = _url(config)
    try:
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"{url}/readyz", timeout=5)
    except httpx.TransportError as error:
        raise DemoImpossible(f"nothing answers at {url}; start the hotline: make run") from error
    if answer.is_error:
        raise DemoImpossible(f"the hotline at {url} is not ready: {answer.text[:300]}")


def _url(config: Config) -> str:
    return f"http://{config.web.host}:{config.web.port}"


def _town(config: Config, folder: Path, scene: Scene, watch: BoardWatch) -> Town:
    return Town(
        hotline_uri=f"sip:{config.hotline.number}@{config.pbx.sip_host}:{config.pbx.sip_port}",
        prompts=config.hotline.data_dir / "prompts" / "zh",
        report_key=config.queue.report_key,
        folder=folder,
        scene=scene,
        synthesiser=Synthesiser(),
        talks_with=watch.talks_with,
    )


async def _play(config: Config, wishes: DemoWishes, town: Town, random: Random) -> None:
    async with asyncio.TaskGroup() as group:
        for number in range(2, 2 + wishes.agents):
            agent = SyntheticAgent(config, town, f"agent{number}", random)
            group.create_task(_without_fault(agent.work(), town))
        if config.pbx.trunk:
            port = int(config.pbx.trunk.rpartition(":")[2])
            group.create_task(_without_fault(answer_callbacks(town, port), town))
        group.create_task(_refresh(town.scene))
        await _ring_in(group, wishes, town, random)


async def _ring_in(
    group: asyncio.TaskGroup, wishes: DemoWishes, town: Town, random: Random
) -> None:
    room = asyncio.Semaphore(_MOST_AT_ONCE)
    for serial, plan, gap in zip(
        count(), citizens(random), gaps(random, wishes.rate), strict=False
    ):
        await asyncio.sleep(gap)
        await room.acquire()
        group.create_task(_one_citizen(town, plan, serial, room))


async def _one_citizen(town: Town, plan: CitizenPlan, serial: int, room: asyncio.Semaphore) -> None:
    try:
        await _without_fault(Citizen(town, plan, serial).run(), town)
    finally:
        room.release()


async def _without_fault(work: Coroutine[Any, Any, None], town: Town) -> None:
    """One actor's trouble is shown, and ends nobody else's demo."""
    try:
        await work
    except (PhoneFault, DeskFault, TimeoutError, httpx.HTTPError, OSError) as fault:
        actor = town.scene.enter("!", type(fault).__name__)
        town.scene.note(actor, str(fault)[:120], leaves=True)


async def _refresh(scene: Scene) -> None:
    while True:
        await asyncio.sleep(1)
        scene.refresh()
