"""Estimates and kept places, as the tables have them after their events."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from hotline import events
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from hotline.storage.projections import rebuild
from hotline.waiting.hours import Hour
from hotline.waiting.told import PlaceCounts, hours_of, places_of, score_of
from tests.databases import HandClock, clock, database, database_url, journal

__all__ = ["clock", "database", "database_url", "journal"]

ORIGIN, KEPT = "pbx1-1.1", "pbx1-kp-1.1"


async def test_an_estimate_is_scored_when_its_caller_is_answered(
    journal: Journal, database: Database, clock: HandClock
) -> None:
    began = clock.now()
    await journal.append(
        events.CallArrived(ORIGIN, "pbx1", "c", "12319", "13800138000", ""),
        events.CallQueued(ORIGIN, "hotline", 0, began),
        events.CallerTold(ORIGIN, "hotline", 2, 100.0, 120.0),
        events.CallerTold("pbx1-9.9", "hotline", 30, None, None),
    )
    assert (await score_of(database, began - 1, began + 1)).mean_error is None
    await journal.append(events.CallAnswered(ORIGIN, "agent1", 130.0), at=began + 130)
    found = await score_of(database, began - 1, began + 1)
    assert (found.told, found.compared, found.longer) == (1, 1, 1)
    assert found.mean_error == 30.0
    assert found.bias == -30.0


async def test_what_was_told_is_held_against_the_wait_by_hours_of_the_citys_day(
    journal: Journal, database: Database, clock: HandClock
) -> None:
    began = clock.now()
    zone = ZoneInfo("Asia/Shanghai")
    hour = datetime.fromtimestamp(began, zone).hour
    for number, waited in enumerate((60.0, 140.0)):
        call = f"pbx1-{number}.2"
        await journal.append(
            events.CallArrived(call, "pbx1", "c", "12319", "13800138000", ""),
            events.CallerTold(call, "hotline", 2, 90.0, 120.0),
        )
        await journal.append(events.CallAnswered(call, "agent1", waited), at=began + waited)
    await journal.append(
        events.CallArrived("pbx1-9.2", "pbx1", "c", "12319", "13800138000", ""),
        events.CallerTold("pbx1-9.2", "hotline", 2, 500.0, 540.0),
    )
    hours = await hours_of(database, began - 1, began + 1, zone)
    assert hours[hour] == Hour(hour, 3, 2, 90.0, 100.0)
    assert [one.told for one in hours if one.hour != hour] == [0] * 23


async def test_kept_places_are_counted_by_how_they_ended_and_survive_a_rebuild(
    journal: Journal, database: Database, clock: HandClock
) -> None:
    now = clock.now()
    await journal.append(
        events.PlaceKept(KEPT, ORIGIN, "13800138000", "hotline", 0, now),
        events.PlaceKept("pbx1-kp-1.2", "pbx1-1.2", "13900139000", "hotline", 0, now),
        events.PlaceCalled(KEPT, "agent1", f"{KEPT}/1", "kp-1.1-1"),
        events.PlaceDialled(KEPT, "agent1", f"{KEPT}/1"),
        events.PlaceTried(KEPT, "agent1", "no_answer", 2),
        events.PlaceEnded(KEPT, "unreached"),
    )
    expected = PlaceCounts(2, 1, {"unreached": 1})
    assert await places_of(database, now - 1, now + 1) == expected
    await rebuild(database)
    assert await places_of(database, now - 1, now + 1) == expected
