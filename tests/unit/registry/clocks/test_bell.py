"""Warnings, misses and escalations: each told once, at its time, and late after downtime."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from hotline import events
from hotline.config import Config
from hotline.registry import taxonomy
from hotline.registry.clocks.bell import BATCH
from hotline.registry.clocks.service import CaseClocks
from hotline.storage.journal import Journal
from tests.databases import HandClock
from tests.unit.registry.clocks.lives import HOUR, Lives


@asynccontextmanager
async def ringing(clocks: CaseClocks) -> AsyncIterator[None]:
    task = asyncio.create_task(clocks.bell.run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def settled(lives: Lives, number: str, count: int) -> list[str]:
    """What was told, once that is ``count`` things."""
    kinds = frozenset({events.ClockWarned, events.ClockBreached, events.ClockEscalated})
    async with asyncio.timeout(10):
        async for _ in lives.journal.follow(0, kinds):
            if len(told := await lives.told(number)) >= count:
                return told
    raise AssertionError("a journal has no end")


async def test_each_level_hears_of_it_once_and_in_its_time(
    lives: Lives, clocks: CaseClocks, clock: HandClock
) -> None:
    async with ringing(clocks):
        number = await lives.open("to_dispatch", urgency="urgent")
        # Two working hours to dispatch: the warning comes an hour before.
        clock.advance(HOUR - 1)
        assert await clocks.bell.tell_due() == 0
        clock.advance(1)
        assert await settled(lives, number, 1) == ["ClockWarned dispatch"]
        clock.advance(HOUR)
        assert (await settled(lives, number, 3))[1:] == [
            "ClockBreached dispatch",
            "ClockEscalated dispatch unit",
        ]
        # Four working hours after 10:00: two until noon, two from 14:00.
        clock.advance(6 * HOUR)
        assert (await settled(lives, number, 4))[3:] == ["ClockEscalated dispatch dispatcher"]
        clock.advance(72 * HOUR)
        assert (await settled(lives, number, 5))[4:] == ["ClockEscalated dispatch supervisor"]
    rows = await lives.rows(number)
    assert rows["dispatch"].next_at is None
    assert [entry["what"] for entry in rows["dispatch"].trace] == [
        "started",
        "warn",
        "breach",
        "unit",
        "dispatcher",
        "supervisor",
    ]


async def test_what_was_missed_is_told_once_and_marked_late(
    lives: Lives, clocks: CaseClocks, clock: HandClock, journal: Journal
) -> None:
    numbers = [await lives.open("to_dispatch") for _ in range(BATCH + 5)]
    clock.advance(30 * 24 * HOUR)
    again = CaseClocks.of(Config(), journal, clock, taxonomy.load)
    await again.open()
    assert await again.bell.tell_due() >= len(numbers)
    assert await again.bell.tell_due() == 0
    missed = [
        record.event
        for record in await journal.read(limit=10_000, kinds=[events.ClockBreached])
        if isinstance(record.event, events.ClockBreached)
    ]
    assert len([event for event in missed if event.clock == "dispatch"]) == len(numbers)
    assert all(event.late for event in missed)


async def test_a_clock_that_stands_still_or_has_ended_says_nothing(
    lives: Lives, clocks: CaseClocks, clock: HandClock
) -> None:
    paused, done = await lives.dispatched(), await lives.dispatched()
    await lives.step(paused, "suspend", "suspended")
    await lives.step(done, "void", "void")
    clock.advance(90 * 24 * HOUR)
    assert await clocks.bell.tell_due() == 0
    assert await lives.told(paused) == await lives.told(done) == []


async def test_an_extension_is_warned_of_anew(
    lives: Lives, clocks: CaseClocks, clock: HandClock
) -> None:
    number = await lives.dispatched(urgency="critical")
    clock.advance(5 * HOUR)
    await clocks.bell.tell_due()
    before = await lives.told(number)
    assert "ClockBreached handle" in before
    await lives.step(number, "grant_extension", until=clock.now() + 10 * HOUR)
    clock.advance(10 * HOUR)
    await clocks.bell.tell_due()
    told = (await lives.told(number))[len(before) :]
    assert [line for line in told if line.endswith("handle") or " handle " in line] == [
        "ClockWarned handle",
        "ClockBreached handle",
        "ClockEscalated handle unit",
    ]


@pytest.mark.parametrize("hours", [[], [0.0]])
async def test_a_city_may_want_fewer_levels(
    journal: Journal, clock: HandClock, hours: list[float]
) -> None:
    config = Config.model_validate({"clocks": {"escalate_hours": hours, "warn_hours": 0}})
    clocks = CaseClocks.of(config, journal, clock, taxonomy.load)
    await clocks.open()
    lives = Lives(journal, clocks)
    number = await lives.open("to_file")
    clock.advance(24 * HOUR)
    await clocks.bell.tell_due()
    told = await lives.told(number)
    assert told == ["ClockWarned file", "ClockBreached file"] + ["ClockEscalated file unit"] * len(
        hours
    )
