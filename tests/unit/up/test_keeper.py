"""A kept program comes back, until it is ended for good."""

from __future__ import annotations

import asyncio
import signal

import pytest

from hotline.up.children import Ending
from hotline.up.keeper import Keeper


class StrawProgram:
    """Ends when told, or when it is sent a signal."""

    # Of no session: sweeping after its end finds nothing.
    pid = 2**22 + 1

    def __init__(self, stubborn: bool = False) -> None:
        self.over = asyncio.Event()
        self.ending = Ending(1)
        self.heard: list[signal.Signals] = []
        self._stubborn = stubborn

    async def ended(self) -> Ending:
        await self.over.wait()
        return self.ending

    def send(self, number: signal.Signals) -> None:
        self.heard.append(number)
        if number == signal.SIGKILL or not self._stubborn:
            self.over.set()


class Stage:
    """Starts straw programs, and notes what was told."""

    def __init__(self) -> None:
        self.started: asyncio.Queue[StrawProgram] = asyncio.Queue()
        self.told: list[str] = []
        self.stubborn = False
        self.failures = 0
        self.keeper = Keeper("Asterisk", self.start, self.told.append, stop_s=0.05)

    async def start(self) -> StrawProgram:
        if self.failures:
            self.failures -= 1
            raise FileNotFoundError("no such program")
        program = StrawProgram(self.stubborn)
        self.started.put_nowait(program)
        return program

    async def next(self) -> StrawProgram:
        async with asyncio.timeout(5):
            return await self.started.get()


@pytest.fixture
async def stage() -> Stage:
    return Stage()


async def test_one_that_ends_is_started_again(stage: Stage) -> None:
    await stage.keeper.begin()
    stage.keeper.now_ready()
    first = await stage.next()
    first.over.set()
    second = await stage.next()
    assert "Asterisk ended (exit code 1)" in stage.told[0]
    await stage.keeper.stop()
    assert second.heard == [signal.SIGTERM]


async def test_one_that_cannot_be_started_is_tried_again(stage: Stage) -> None:
    await stage.keeper.begin()
    stage.keeper.now_ready()
    stage.failures = 1
    (await stage.next()).over.set()
    await stage.next()
    assert "no such program" in stage.told[1]
    await stage.keeper.stop()


async def test_an_end_before_it_was_ready_is_told_and_not_mended(stage: Stage) -> None:
    await stage.keeper.begin()
    (await stage.next()).over.set()
    assert await asyncio.wait_for(stage.keeper.ended_early, 5) == Ending(1)
    assert stage.started.empty()
    await stage.keeper.stop()


async def test_one_that_was_killed_before_it_was_ready_comes_back(stage: Stage) -> None:
    await stage.keeper.begin()
    program = await stage.next()
    program.ending = Ending(-signal.SIGKILL)
    program.over.set()
    await stage.next()
    assert not stage.keeper.ended_early.done()
    await stage.keeper.stop()


async def test_one_that_does_not_listen_is_killed(stage: Stage) -> None:
    stage.stubborn = True
    await stage.keeper.begin()
    stage.keeper.now_ready()
    program = await stage.next()
    await stage.keeper.stop()
    assert program.heard == [signal.SIGTERM, signal.SIGKILL]


async def test_one_that_runs_already_is_taken_over(stage: Stage) -> None:
    running = StrawProgram()
    await stage.keeper.begin(running)
    stage.keeper.now_ready()
    assert stage.started.empty()
    running.over.set()
    await stage.next()
    await stage.keeper.stop()


async def test_what_ran_before_can_be_spared(stage: Stage) -> None:
    running = StrawProgram()
    await stage.keeper.begin(running)
    stage.keeper.spare_adopted()
    await stage.keeper.stop()
    assert running.heard == []


async def test_what_was_started_here_is_not_spared(stage: Stage) -> None:
    await stage.keeper.begin()
    stage.keeper.spare_adopted()
    await stage.keeper.stop()
    assert (await stage.next()).heard == [signal.SIGTERM]


async def test_nothing_is_started_after_the_stop(stage: Stage) -> None:
    await stage.keeper.begin()
    stage.keeper.now_ready()
    (await stage.next()).over.set()
    await asyncio.sleep(0)
    await stage.keeper.stop()
    await asyncio.sleep(0.5)
    assert stage.started.empty()
