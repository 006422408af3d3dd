"""A loaded program waits, takes over when it is told to, and is never left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from hotline.up.children import Child, Command
from hotline.up.spare import NAME, Spare
from tests.deadline import until

PROGRAM = (
    "import sys; from hotline.up.spare import may_go;"
    "print('loaded', flush=True); print('runs' if may_go() else 'ends', flush=True)"
)


@asynccontextmanager
async def a_spare(tmp_path: Path, started: list[Child]) -> AsyncIterator[Spare]:
    async def start() -> Child:
        command = Command((sys.executable, "-c", PROGRAM), log=tmp_path / "log", told=True)
        started.append(await command.start())
        return started[-1]

    spare = Spare(start, rest_s=0.0)
    try:
        yield spare
    finally:
        await spare.stop()


def said(tmp_path: Path) -> list[str]:
    log = tmp_path / "log"
    return log.read_text().split() if log.exists() else []


async def test_it_loads_and_runs_only_when_it_is_taken(tmp_path: Path) -> None:
    started: list[Child] = []
    async with a_spare(tmp_path, started) as spare:
        spare.prepare()
        await until(lambda: said(tmp_path) == ["loaded"], what="it is loaded")
        name = Path(f"/proc/{started[0].pid}/comm")
        await until(lambda: name.read_text().strip() == NAME, what="it has its name")
        child = await spare.take()
        assert child is started[0]
        assert (await child.ended()).status == 0
    assert said(tmp_path) == ["loaded", "runs"]


async def test_one_that_died_while_it_waited_is_not_given(tmp_path: Path) -> None:
    started: list[Child] = []
    async with a_spare(tmp_path, started) as spare:
        spare.prepare()
        await until(lambda: said(tmp_path) == ["loaded"], what="it is loaded")
        os.kill(started[0].pid, signal.SIGKILL)
        await started[0].ended()
        assert await spare.take() is None


async def test_without_any_there_is_none_to_take(tmp_path: Path) -> None:
    async with a_spare(tmp_path, []) as spare:
        assert await spare.take() is None


async def test_a_stop_leaves_nothing_behind(tmp_path: Path) -> None:
    started: list[Child] = []
    async with a_spare(tmp_path, started) as spare:
        spare.prepare()
        await until(lambda: said(tmp_path) == ["loaded"], what="it is loaded")
    assert (await started[0].ended()).killed


async def test_it_ends_when_whoever_keeps_it_does(tmp_path: Path) -> None:
    command = Command((sys.executable, "-c", PROGRAM), log=tmp_path / "log", told=True)
    child = await command.start()
    assert await child.tell(b"")
    assert (await asyncio.wait_for(child.ended(), 20)).status == 0
    assert said(tmp_path) == ["loaded", "ends"]
