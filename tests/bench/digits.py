"""Eleven digits keyed in by a thousand callers, in each of the three ways a telephone tells them.

The flow plays two prompts before the one that asks; the caller begins while the first one plays
and does not stop (type-ahead). What the flow took is posted by its own webhook and held against
what was keyed in, and so is the journal.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.bench.calling import Call, at_rate, hotline_with, keys_by_number, ring_in
from tests.callers import Exchange
from tests.key_tones import Keying, Way
from tests.system import HotlineSystem, free_ports

CALLS = 1000
DIGITS = 11
RATE = 8.0
AFTER_S = 0.3
_SEED = 12319


def flow(port: int) -> str:
    """The flow that asks, and posts what it took to a port of this machine."""
    return f"""
flow: bench
title: {{zh: 测}}
languages: [zh]
start: greeting
person: wait
nodes:
  greeting: {{kind: say, prompts: [greeting], next: notice}}
  notice: {{kind: say, prompts: [recording-notice], next: ask}}
  ask: {{kind: digits, prompts: [progress-ask-number], store: digits,
         length: {{min: {DIGITS}, max: {DIGITS}}}, end_key: "", next: tell}}
  tell: {{kind: webhook, url: "http://127.0.0.1:{port}/", send: {{digits: "${{digits}}"}},
          next: thanks, fallback: thanks}}
  thanks: {{kind: goodbye, prompts: [goodbye]}}
  wait: {{kind: queue, queue: hotline, talked: thanks, nobody: thanks, asked: thanks}}
"""


def run() -> dict[str, object]:
    """For each way: calls, failed calls, wrong calls and digits right."""
    return asyncio.run(_measure(CALLS))


async def _measure(count: int) -> dict[str, object]:
    [port] = free_ports(1)
    settings = {"flows": {"webhook_hosts": [f"127.0.0.1:{port}"]}}
    async with hotline_with(flow(port), settings) as (system, callers), _taking(port) as taken:
        return {way.value: await count_right(system, callers, way, count, taken) for way in Way}


async def count_right(
    system: HotlineSystem, callers: Exchange, way: Way, count: int, taken: dict[str, str]
) -> dict[str, object]:
    """Let ``count`` callers key in digits in one way; ``taken`` is what the flow took, by the
    number that called."""
    chance = random.Random(f"{_SEED} {way}")
    mark = system.last_seq()
    taken.clear()

    async def call(number: int) -> Call:
        # Any digits, so that many follow themselves.
        digits = "".join(chance.choice("0123456789") for _ in range(DIGITS))
        keying = Keying(digits, AFTER_S)
        called = system.config.hotline.number
        return await ring_in(callers, f"137{number:08d}", called, keying, frozenset({way}))

    calls = await at_rate(RATE, count, call)
    await asyncio.sleep(1)
    keyed = keys_by_number(system, mark)
    wrong = [c for c in calls if not c.keys == keyed.get(c.number) == taken.get(c.number)]
    for one in wrong[:10]:
        print(way, one, keyed.get(one.number), taken.get(one.number), file=sys.stderr)
    return {
        "calls": count,
        "failed": sum(bool(c.fault) for c in calls),
        "wrong": len(wrong),
        "digits_sent": sum(len(c.keys) for c in calls),
        "digits_right": sum(len(c.keys) for c in calls) - _missed(calls, taken),
    }


def _missed(calls: list[Call], taken: dict[str, str]) -> int:
    """How many digits are not where they should be."""
    return sum(
        sum(a != b for a, b in zip(c.keys, taken.get(c.number, "").ljust(DIGITS), strict=False))
        for c in calls
    )


@asynccontextmanager
async def _taking(port: int) -> AsyncIterator[dict[str, str]]:
    """A system that flows post to: what each number's flow took."""
    taken: dict[str, str] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length:")[2].partition("\r\n")[0])
        posted = json.loads(await reader.readexactly(length))
        taken[posted["calling"]] = posted["digits"]
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    try:
        yield taken
    finally:
        server.close()
