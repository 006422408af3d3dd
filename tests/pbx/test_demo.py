"""``make demo``: a newcomer sees pops, queues, reports and cases within a minute."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from hotline.demo.phone import CLOSED, ESTABLISHED
from tests.deadline import until
from tests.shared import GONE_WITHIN_S, living_calls
from tests.system import PROJECT, Entry, HotlineSystem, Settings


@pytest.fixture(scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HotlineSystem]:
    """With its prompts spoken, as a newcomer's are, and the demo's speech model."""
    # The demo's agents need six seconds at most.
    settings: Settings = {"speech": {"model": "demo"}, "queue": {"wrap_up_seconds": 8}}
    it = HotlineSystem(tmp_path_factory.mktemp("demo"), settings, spoken=True, bare=True)
    await it.start()
    yield it
    await it.stop()


async def start_demo(folder: Path, *wishes: str) -> asyncio.subprocess.Process:
    """``hotline demo`` as a user would start it."""
    config = str(folder / "hotline.toml")
    return await asyncio.create_subprocess_exec(
        *("setpriv", "--pdeathsig", "TERM", sys.executable, "-m", "hotline.cli"),
        *("demo", "--config", config, *wishes),
        cwd=PROJECT,
        env={**os.environ, "COLUMNS": "200"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


async def output(process: asyncio.subprocess.Process, within: float) -> str:
    said, _ = await asyncio.wait_for(process.communicate(), within)
    return said.decode()


# The first citizen has a short report to leave, and the second one somebody to talk with.
SEED = "12234"


# The slowest part is somebody's report: heard, spoken, recorded, written down.
@pytest.mark.timeout(900)
async def test_within_a_minute_there_are_pops_queues_reports_cases_and_answered_callbacks(
    system: HotlineSystem,
) -> None:
    before = max((entry.seq for entry in system.journal()), default=0)
    demo = await start_demo(system.folder, "--rate", "20", "--agents", "2", "--seed", SEED)

    async def seen(kind: str, **data: object) -> Entry:
        return await system.journalled(kind, after=before, within=200, **data)

    for kind in ("CallQueued", "CallOffered", "CallAnswered"):
        await seen(kind)
    phones = psutil.Process(demo.pid).children(recursive=True)
    assert phones
    await a_citizen_who_is_called_back_answers(system)
    await seen("CaseOpened", source="hotline")
    await seen("CaseOpened", source="voice_report")
    assert (await seen("ReportTranscribed")).data["text"]
    demo.send_signal(signal.SIGINT)
    said = await output(demo, within=60)
    assert demo.returncode == 0, said
    assert "Traceback" not in said
    assert "agent2" in said
    assert not [phone for phone in phones if phone.is_running()]
    await until(lambda: not living_calls(system), GONE_WITHIN_S, what="every call has ended")
    # Who was in a talk is signed off after wrap-up.
    await until(lambda: nobody_signed_on(system), within=60)


def nobody_signed_on(system: HotlineSystem) -> bool:
    return not system.rows("SELECT 1 FROM presence WHERE state != 'offline'")


async def a_citizen_who_is_called_back_answers(system: HotlineSystem) -> None:
    async with system.citizen("13800009999") as staff:
        ring = f"sip:13912345678@127.0.0.1:{system.citizen_port}"

        async def answered() -> bool:
            await staff.dial(ring)
            return (await staff.event(ESTABLISHED, CLOSED, within=60)).kind == ESTABLISHED

        await until(answered, within=90, every=0.5, what="the demo's citizens answer")


async def test_without_a_running_hotline_the_demo_says_so(tmp_path: Path) -> None:
    HotlineSystem(tmp_path, bare=True)
    demo = await start_demo(tmp_path)
    said = await output(demo, within=60)
    assert demo.returncode != 0
    assert "make run" in said
    assert len(said.splitlines()) == 1


async def test_outside_demo_mode_the_demo_refuses(tmp_path: Path) -> None:
    HotlineSystem(tmp_path, {"hotline": {"demo": False}}, bare=True)
    demo = await start_demo(tmp_path)
    said = await output(demo, within=60)
    assert demo.returncode != 0
    assert "hotline.demo" in said
    assert len(said.splitlines()) == 1
