"""A program killed while it writes: whatever it was told is stored is stored, in order."""

from __future__ import annotations

import asyncio
import sys

import pytest

from hotline.events import KeyPressed
from hotline.storage.journal import Journal

WRITER = """
import asyncio, sys, time
from twisted.internet.task import Clock
from hotline.clock import ReactorClock
from hotline.events import KeyPressed
from hotline.storage.database import Database
from hotline.storage.journal import Journal

async def write(journal, name):
    for number in range(1_000_000):
        records = await journal.append(KeyPressed(name, str(number)), KeyPressed(name, "#"))
        sys.stdout.write("".join(f"{r.seq} {name} {r.event.key}\\n" for r in records))
        sys.stdout.flush()

async def main():
    journal = Journal(Database(sys.argv[1]), ReactorClock(Clock(), time.time))
    await journal.open()
    await asyncio.gather(*(write(journal, f"call{n}") for n in range(3)))

asyncio.run(main())
"""


@pytest.mark.parametrize("lines", [1, 150])
async def test_a_killed_writer_loses_nothing_it_was_told_is_stored(
    database_url: str, journal: Journal, lines: int
) -> None:
    writer = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, database_url, stdout=asyncio.subprocess.PIPE
    )
    assert writer.stdout is not None
    async with asyncio.timeout(60):
        told = [await writer.stdout.readline() for _ in range(lines)]
        writer.kill()
        told += (await writer.stdout.read()).splitlines(keepends=True)
        await writer.wait()
    acknowledged = [line.decode().split() for line in told if line.endswith(b"\n")]
    assert len(acknowledged) >= lines

    stored = await journal.read(limit=1_000_000)
    by_seq = {record.seq: record.event for record in stored}
    for seq, call_id, key in acknowledged:
        assert by_seq[int(seq)] == KeyPressed(call_id, key)
    assert len(stored) % 2 == 0, "half an append was stored"
    for call in ("call0", "call1", "call2"):
        numbers = [
            e.key
            for e in by_seq.values()
            if isinstance(e, KeyPressed) and e.call_id == call and e.key != "#"
        ]
        assert numbers == [str(number) for number in range(len(numbers))]


async def test_a_journal_goes_on_after_its_writer_was_killed(
    database_url: str, journal: Journal
) -> None:
    writer = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, database_url, stdout=asyncio.subprocess.PIPE
    )
    assert writer.stdout is not None
    async with asyncio.timeout(60):
        await writer.stdout.readline()
        writer.kill()
        await writer.wait()
    await journal.open()
    [record] = await journal.append(KeyPressed("after", "1"))
    assert (await journal.read(after=record.seq - 1))[0] == record
