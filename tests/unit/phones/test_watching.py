"""The journal's word on lines, from Asterisk's statistics."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

from hotline import events
from hotline.phones.limits import Light, Line
from hotline.phones.watchdog import Talk, Watched
from hotline.phones.watching import EVERY_S, LineWatch, line_of
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from hotline.telephony.pbx import Pbx
from hotline.telephony.rtp import RtpStatistics
from tests.databases import MORNING, HandClock, sqlite_copy
from tests.deadline import until


def test_a_line_is_as_lossy_as_its_worse_direction() -> None:
    seen = RtpStatistics(950, 1000, 50, 20, 0.002, 0.03)
    assert line_of(seen) == Line(0.05, 2.0, 30.0)
    assert line_of(seen).light is Light.POOR


def test_packets_that_came_twice_are_no_loss() -> None:
    assert line_of(RtpStatistics(1001, 1000, -1, 0, 0.0, 0.01)).loss == 0.0


def test_a_leg_on_which_nothing_came_has_no_jitter() -> None:
    line = line_of(RtpStatistics(0, 0, 0, None, 0.0, None))
    assert line == Line(None, None, None)
    assert line.light is None


TALK = Talk("pbx-1", "agent1", "PJSIP/1001-web-00000001")


class Legs:
    """A PBX in which one leg has these statistics."""

    def __init__(self) -> None:
        self.received = self.sent = self.lost = 0
        self.there = [Watched(TALK)]

    async def get_variable(self, channel: str, name: str) -> str | None:
        return (
            f"ssrc=1;themssrc=2;lp={self.lost};rxjitter=0.002;rxcount={self.received};"
            f"txjitter=0.001;txcount={self.sent};rlp=0;rtt=0.02"
        )


async def told(tmp_path: Path, looks: Callable[[Legs], Iterator[None]]) -> list[events.Event]:
    """What the watch journals while ``looks`` changes the leg, one look after each step."""
    clock, legs = HandClock(), Legs()
    database = Database(sqlite_copy(tmp_path / "hotline.db"))
    journal = Journal(database, clock)
    await journal.open()
    watch = LineWatch(lambda: legs.there, cast("Pbx", legs), lambda: True, journal, clock)
    running = asyncio.create_task(watch.run())
    for _ in looks(legs):
        # A look has ended when the next one is waited for.
        await until(clock.hands.getDelayedCalls, what="the watch rests")
        clock.advance(EVERY_S)
    await until(clock.hands.getDelayedCalls, what="the watch rests")
    running.cancel()
    found = [record.event for record in await journal.read()]
    await database.close()
    return found


async def test_an_agent_who_is_not_received_is_journalled_once_and_so_is_the_end(
    tmp_path: Path,
) -> None:
    def looks(legs: Legs) -> Iterator[None]:
        for _ in range(5):
            legs.sent += 100
            yield
        legs.received += 100
        yield

    assert await told(tmp_path, looks) == [
        events.OneWayAudio("pbx-1", "agent1", "agent", MORNING),
        events.AudioRestored("pbx-1", "agent1"),
    ]


async def test_a_bad_line_is_journalled_when_the_talk_is_over(tmp_path: Path) -> None:
    def looks(legs: Legs) -> Iterator[None]:
        for _ in range(3):
            legs.received, legs.sent = legs.received + 92, legs.sent + 100
            legs.lost += 8
            yield
        legs.there = []
        yield

    measured = events.LineMeasured("pbx-1", "agent1", "poor", 0.08, 2.0, 20.0)
    assert await told(tmp_path, looks) == [measured]


async def test_a_good_line_and_a_short_talk_leave_no_word(tmp_path: Path) -> None:
    def short(legs: Legs) -> Iterator[None]:
        legs.received = legs.sent = legs.lost = 50
        yield
        legs.there = []
        yield

    assert await told(tmp_path, short) == []
