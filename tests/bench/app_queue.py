"""From an agent who becomes ready to their phone that rings: our routing beside ``app_queue``.

One Asterisk, one phone, one caller waiting in each line; who is first changes from round to
round. Ours: the agent says ready on the web API. ``app_queue``: the same phone is a queue's
member, taken out of its pause over AMI. Both requests go over a kept connection. The time is from
the request to the INVITE that arrives at the phone.

While no member is free, Asterisk's queue looks for one once a second (``RECHECK`` in its source;
with ``autofill = no`` every ``retry`` seconds, and that is 1 at least). So its caller has waited
for some random part of a second more.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import httpx

from hotline import secrets
from hotline.up.paths import pbx_paths
from hotline.up.program import find_asterisk
from tests.bench.calling import run_asterisk
from tests.callers import Exchange, exchange
from tests.deadline import until
from tests.key_tones import Keying
from tests.phones import DeskPhone, desk_phone
from tests.system import HotlineSystem, reachable

ROUNDS = 200
# The shipped queue differs in nothing that matters here, so it is tried less often.
SHIPPED_EVERY = 5
AGENT, EXTENSION = "agent1", "1001"
RINGS_WITHIN_S = 15.0

# As an engineer would set it who wants callers served at once; and nothing set, as it is shipped
# (retry = 5, timeout = 15).
TUNED = {
    "strategy": "leastrecent",
    "retry": "1",
    "timeout": "20",
    "ringinuse": "no",
    "memberdelay": "0",
    "wrapuptime": "0",
    "announce-frequency": "0",
}
SHIPPED: dict[str, str] = {}
SETTINGS = {"tuned": TUNED, "shipped": SHIPPED}
LOOKS_EVERY_S = 1.0
DIALLED = {"ours": "12319", "tuned": "7001", "shipped": "7002"}


@dataclass(slots=True)
class Ready:
    """The parts of the measurement; ``took`` has milliseconds by who routed."""

    system: HotlineSystem
    callers: Exchange
    phone: DeskPhone
    web: httpx.AsyncClient
    manager: Manager
    took: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in DIALLED})


def run() -> dict[str, object]:
    """Two hundred times each; the queue as shipped forty times. Times in milliseconds."""
    took, asterisk = asyncio.run(_measure())
    ours = statistics.median(took["ours"])
    return {
        "asterisk": asterisk,
        "ready_to_invite_ms": {
            "ours": _figures(took["ours"]),
            "app_queue_tuned": {**_figures(took["tuned"]), "settings": TUNED},
            "app_queue_shipped": {**_figures(took["shipped"]), "settings": SHIPPED},
        },
        "tuned_over_ours_p50": round(statistics.median(took["tuned"]) / ours, 1),
        "shipped_over_ours_p50": round(statistics.median(took["shipped"]) / ours, 1),
    }


def _figures(took: list[float]) -> dict[str, object]:
    cuts = statistics.quantiles(took, n=100, method="inclusive")
    return {
        "count": len(took),
        "p50": round(cuts[49], 1),
        "p95": round(cuts[94], 1),
        "max": round(max(took), 1),
    }


async def _measure() -> tuple[dict[str, list[float]], str]:
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        system = HotlineSystem(Path(folder))
        await system.start()
        try:
            await _add_queues(system)
            async with _everybody(system) as ready:
                for number in range(ROUNDS):
                    await _round(ready, number)
                    print(f"\rround {number + 1} of {ROUNDS}", end="", file=sys.stderr, flush=True)
            print(file=sys.stderr)
            return ready.took, find_asterisk(system.config.pbx.asterisk).version
        finally:
            await system.stop()


async def _add_queues(system: HotlineSystem) -> None:
    program = find_asterisk(system.config.pbx.asterisk)
    paths = pbx_paths(system.config, modules=program.modules, data=program.data)
    with (paths.etc / "queues.conf").open("a", encoding="utf-8") as conf:
        for name, settings in SETTINGS.items():
            lines = [f"{key} = {value}" for key, value in settings.items()]
            conf.write("\n".join((f"\n[{name}]", *lines, f"member => PJSIP/{EXTENSION}", "")))
    await run_asterisk(system, "queue reload all")
    for name in SETTINGS:
        for step in ("1,Answer", f"2,Queue,{name}"):
            line = f"{DIALLED[name]},{step}"
            await run_asterisk(system, f"dialplan add extension {line} into citizens")


@asynccontextmanager
async def _everybody(system: HotlineSystem) -> AsyncIterator[Ready]:
    sip_port = system.config.pbx.sip_port
    async with AsyncExitStack() as stack:
        desk = await stack.enter_async_context(system.desk(AGENT, listening=False))
        number = await desk.extension()
        password = secrets.desk_phone_password(system.config, number)
        phone = await stack.enter_async_context(desk_phone(sip_port, number, password))
        callers = await stack.enter_async_context(exchange(sip_port))
        manager = await stack.enter_async_context(_manager(system))
        web = await stack.enter_async_context(
            httpx.AsyncClient(
                base_url=system.url, cookies=desk.client.cookies, headers=desk.client.headers
            )
        )
        await until(lambda: reachable(desk), what="the phone is seen")
        for name in SETTINGS:
            await manager.pause(name, paused=True)
        await desk.become("paused", "rest")
        yield Ready(system, callers, phone, web, manager)


# --- one round -------------------------------------------------------------------------------


async def _round(ready: Ready, number: int) -> None:
    """Each line's turn, in random order, with a caller of its own."""
    names = ["ours", "tuned", *(["shipped"] if number % SHIPPED_EVERY == 0 else [])]
    random.shuffle(names)
    for name in names:
        own = f"138{number:05}{list(DIALLED).index(name):03}"
        mark = ready.system.last_seq()
        async with ready.callers.call(own, DIALLED[name], Keying(""), frozenset()) as caller:
            if name == "ours":
                await ready.system.journalled("CallQueued", after=mark)
            else:
                await ready.manager.joined(name)
                await asyncio.sleep(random.uniform(0, LOOKS_EVERY_S))
            became_at = await _become(ready, name, on=True)
            async with asyncio.timeout(RINGS_WITHIN_S):
                rung = await ready.phone.ringings.get()
                if rung.caller != own:
                    raise AssertionError(f"{rung.caller} rings instead of {own}")
                ready.took[name].append(1_000 * (rung.at - became_at))
                await caller.hang_up()
                await ready.phone.quiet.wait()
        await _become(ready, name, on=False)


async def _become(ready: Ready, name: str, *, on: bool) -> float:
    """Let the agent be ready (or no more) in one line; when that was asked for."""
    began = perf_counter()
    if name == "ours":
        wanted = {"state": "ready" if on else "paused", "reason": "rest"}
        (await ready.web.post("/api/agent/state", json=wanted)).raise_for_status()
    else:
        await ready.manager.pause(name, paused=not on)
    return began


class Manager:
    """A connection of AMI, logged in."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._joined: set[str] = set()

    async def act(self, action: str, **fields: str) -> None:
        """Ask for something and wait for the answer. Raises AssertionError when refused."""
        lines = (f"Action: {action}", *(f"{name}: {value}" for name, value in fields.items()))
        self._writer.write("\r\n".join((*lines, "", "")).encode())
        while (answer := await self._message()).get("Response") is None:
            pass
        assert answer["Response"] == "Success", f"{action}: {answer}"

    async def pause(self, queue: str, *, paused: bool) -> None:
        """Take the phone out of a queue's pause, or put it in."""
        word = "true" if paused else "false"
        await self.act("QueuePause", Queue=queue, Interface=f"PJSIP/{EXTENSION}", Paused=word)

    async def joined(self, queue: str) -> None:
        """Wait until a caller has come into a queue, since it was last asked."""
        async with asyncio.timeout(RINGS_WITHIN_S):
            while queue not in self._joined:
                await self._message()
        self._joined.clear()

    async def _message(self) -> dict[str, str]:
        text = (await self._reader.readuntil(b"\r\n\r\n")).decode(errors="replace")
        pairs = (line.partition(": ") for line in text.splitlines())
        message = {name: value for name, _, value in pairs}
        if message.get("Event") == "QueueCallerJoin":
            self._joined.add(message["Queue"])
        return message


@asynccontextmanager
async def _manager(system: HotlineSystem) -> AsyncIterator[Manager]:
    pbx = system.config.pbx
    reader, writer = await asyncio.open_connection("127.0.0.1", pbx.ami_port)
    try:
        manager = Manager(reader, writer)
        await reader.readline()
        secret = secrets.load_or_make(system.config).ami
        await manager.act("Login", Username=pbx.ami_user, Secret=secret)
        yield manager
    finally:
        writer.close()
