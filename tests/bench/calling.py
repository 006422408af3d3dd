"""What the benches of calls share: the whole hotline, a flow in force, and many callers."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from hotline.app import WAKE_VOICE_AFTER_S
from hotline.up.paths import pbx_paths
from hotline.up.program import find_asterisk
from tests.callers import Caller, Exchange, Failed, exchange
from tests.key_tones import Keying, Way
from tests.system import HotlineSystem, Settings

# Room for two ports a call, and for calls that are not quite over.
MANY_CALLS: Settings = {"pbx": {"rtp_start": 34_000, "rtp_end": 59_999}}
# Q.850: the PBX ends a call in order.
NORMAL = 16
ENDS_WITHIN_S = 60.0
AWAKE_WITHIN_S = 60.0
# Processor time in a second in which no call is.
RESTING_S = 0.2


@dataclass(frozen=True, slots=True)
class Call:
    """How one call went: ``cause`` is why the PBX hung up (None: it did not in time, or the call
    failed), ``fault`` why it failed."""

    number: str
    keys: str
    cause: int | None
    fault: str = ""


@asynccontextmanager
async def hotline_with(
    flow: str, settings: Settings | None = None
) -> AsyncIterator[tuple[HotlineSystem, Exchange]]:
    """The hotline with ``flow`` (its YAML; called ``bench``) for every caller, and an exchange."""
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        system = HotlineSystem(Path(folder), {**MANY_CALLS, **(settings or {})})
        await system.start()
        try:
            await put_in_force(system, flow)
            async with exchange(system.config.pbx.sip_port) as callers:
                yield system, callers
        finally:
            await system.stop()


async def put_in_force(system: HotlineSystem, flow: str) -> None:
    """Publish the flow called ``bench``, and let every call begin in it."""
    async with system.desk("supervisor") as chief:
        await chief.post("/api/flows/bench/publish", text=flow, based_on=0, note="bench")
        entry = {"called": "*", "flow": "bench"}
        (await chief.client.post("/flows/entries", data=entry)).raise_for_status()


async def run_asterisk(system: HotlineSystem, *commands: str) -> None:
    """Say commands on the PBX's command line."""
    program = find_asterisk(system.config.pbx.asterisk)
    paths = pbx_paths(system.config, modules=program.modules, data=program.data)
    for command in commands:
        asked = await asyncio.create_subprocess_exec(
            *(str(program.path), "-C", str(paths.settings), "-rx", command),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await asked.communicate()
        if asked.returncode or said.startswith(b"Usage"):
            raise RuntimeError(f"{command}: {said.decode(errors='replace')}")


async def voice_awake(controller: psutil.Process) -> None:
    """Return when the voice has said its first word, which costs most of a second once, and the
    controller rests."""
    await asyncio.sleep(max(0.0, controller.create_time() + WAKE_VOICE_AFTER_S - time.time()))
    deadline = time.monotonic() + AWAKE_WITHIN_S
    spent = None
    while spent is None or spent > RESTING_S:
        before = _cpu_s(controller)
        await asyncio.sleep(1)
        spent = _cpu_s(controller) - before
        if time.monotonic() > deadline:
            raise RuntimeError("the controller does not come to rest")


async def ring_in(
    callers: Exchange, number: str, called: str, keying: Keying, ways: frozenset[Way]
) -> Call:
    """One caller, who keys in and waits to be hung up on."""
    caller: Caller
    try:
        async with callers.call(number, called, keying, ways) as caller:
            done, _ = await asyncio.wait([caller.ended], timeout=ENDS_WITHIN_S)
            cause = caller.ended.result() if done else None
    except Failed as failed:
        return Call(number, keying.keys, None, str(failed))
    return Call(number, keying.keys, cause, "" if cause is not None else "never hung up")


async def at_rate(rate: float, count: int, call: Callable[[int], Awaitable[Call]]) -> list[Call]:
    """``count`` calls, ``rate`` of them begun each second."""
    loop = asyncio.get_running_loop()
    began, tasks = loop.time(), []
    for number in range(count):
        await asyncio.sleep(began + number / rate - loop.time())
        tasks.append(asyncio.ensure_future(call(number)))
    return list(await asyncio.gather(*tasks))


def keys_by_number(system: HotlineSystem, after: int) -> dict[str, str]:
    """The keys that the hotline journalled, by the number that called."""
    numbers: dict[str, str] = {}
    keys: defaultdict[str, str] = defaultdict(str)
    for entry in system.journal("CallArrived", "KeyPressed", after=after):
        if entry.kind == "CallArrived":
            numbers[entry.data["call_id"]] = entry.data["calling"]
        else:
            keys[numbers[entry.data["call_id"]]] += entry.data["key"]
    return dict(keys)


class Spent:
    """Processor time that processes spend, in milliseconds a call."""

    def __init__(self, processes: Iterable[tuple[str, psutil.Process]]) -> None:
        self._processes = dict(processes)
        self._before = {name: _cpu_s(process) for name, process in self._processes.items()}

    def a_call(self, calls: int) -> dict[str, float]:
        """What each has spent since, by ``calls``."""
        return {
            f"{name}_ms_a_call": round(1000 * (_cpu_s(process) - self._before[name]) / calls, 2)
            for name, process in self._processes.items()
        }


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
