"""Callers of the past: read from the journal's projection, played again."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotline import events
from hotline.config import Config
from hotline.simulation.acting import scenario_of
from hotline.simulation.durations import Empirical, Exponential, Forever, Observed
from hotline.simulation.file import PeriodPart
from hotline.simulation.model import Instants, Rate, Rates, ScenarioFault
from hotline.simulation.reading import read
from hotline.simulation.recorded import Recorded, RecordedCall, read_period
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from tests.databases import CITY, HandClock

DAY = PeriodPart.model_validate({"day": "2026-11-20"})
EIGHT = 8 * 3600.0


async def rings(
    journal: Journal, clock: HandClock, name: str, *, waits: float, talks: float | None
) -> None:
    await journal.append(events.CallArrived(name, "pbx1", f"PJSIP/{name}", "12319", "13800138000"))
    await journal.append(events.CallQueued(name, "hotline", 0, clock.now()))
    clock.advance(waits)
    if talks is None:
        await journal.append(events.CallAbandoned(name, "hotline", waits))
        return
    await journal.append(events.CallAnswered(name, "agent1", waits))
    clock.advance(talks)
    await journal.append(events.TalkEnded(name, "agent1", talks, "agent"))


async def test_a_days_callers_are_read_with_their_waits_and_talks(
    database: Database, journal: Journal, clock: HandClock
) -> None:
    await rings(journal, clock, "a", waits=10, talks=100)
    await rings(journal, clock, "b", waits=40, talks=None)
    recorded = await read_period(database, DAY, "hotline", CITY)
    assert recorded.within(0, 86_400).calls == (
        RecordedCall(EIGHT, 10, abandoned=False, talk_s=100),
        RecordedCall(EIGHT + 110, 40, abandoned=True, talk_s=None),
    )
    assert recorded.within(EIGHT + 1, 86_400).calls[0].abandoned


async def test_days_on_which_the_hotline_was_not_there_do_not_thin_the_rates(
    database: Database, journal: Journal, clock: HandClock
) -> None:
    await rings(journal, clock, "a", waits=10, talks=100)
    clock.advance(2 * 86_400)
    await rings(journal, clock, "b", waits=10, talks=100)
    november = PeriodPart.model_validate({"from": "2026-11-01", "until": "2026-11-30"})
    recorded = await read_period(database, november, "hotline", CITY)
    assert (len(recorded.calls), recorded.days) == (2, 3)


async def test_a_period_without_callers_is_told(database: Database) -> None:
    with pytest.raises(ScenarioFault, match="nobody waited in the queue 'hotline'"):
        await read_period(database, DAY, "hotline", CITY)


@pytest.mark.parametrize(
    ("period", "said"),
    [
        ({"from": "2026-11-20", "until": "2026-11-19"}, "must end after it begins"),
        ({"from": "2026-11-20", "until": "2026-11-20", "weekdays": [1]}, "none of its weekdays"),
    ],
)
async def test_a_period_that_is_none_is_told(
    database: Database, period: dict[str, object], said: str
) -> None:
    with pytest.raises(ScenarioFault, match=said):
        await read_period(database, PeriodPart.model_validate(period), "hotline", CITY)


CALLS = (
    RecordedCall(EIGHT, 10, abandoned=False, talk_s=100),
    RecordedCall(EIGHT + 60, 50, abandoned=True, talk_s=None),
    RecordedCall(EIGHT + 3700, 30, abandoned=False, talk_s=200),
)


def test_one_day_is_played_caller_by_caller() -> None:
    day = Recorded(CALLS, 1, single=True)
    assert day.arrivals(0, 86_400, 1800) == Instants((EIGHT, EIGHT + 60, EIGHT + 3700))
    assert day.talk() == Observed((100, 0, 200), (False, True, False), Empirical((100, 200)))
    assert day.patience() == Observed((10, 50, 30), (True, False, True), Exponential(90))


def test_several_days_are_played_at_their_mean_rates() -> None:
    days = Recorded(CALLS, 2, single=False)
    assert days.arrivals(EIGHT, EIGHT + 7200, 3600) == Rates(
        (Rate(EIGHT, EIGHT + 3600, 1.0), Rate(EIGHT + 3600, EIGHT + 7200, 0.5))
    )
    assert days.talk() == Empirical((100, 200))
    assert days.patience() == Exponential(90)


def test_the_patience_of_those_answered_counts_too() -> None:
    nobody_left = Recorded((CALLS[0], CALLS[2]), 1, single=False)
    assert nobody_left.patience() == Forever()


def test_talks_of_nobody_cannot_be_drawn() -> None:
    with pytest.raises(ScenarioFault, match="nobody was answered"):
        Recorded((CALLS[1],), 1, single=True).talk()


def test_asking_a_database_that_is_not_there_leaves_none_behind(tmp_path: Path) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(
        "queues: {hotline: {}}\n"
        'calls: [{queue: hotline, journal: {day: "2026-11-20"}, talk: {journal: true}}]\n'
        'agents: [{name: a, by_interval: [{from: "00:00", agents: 1}], queues: {hotline: 1}}]\n',
        encoding="utf-8",
    )

    def config() -> Config:
        return Config.model_validate({"database": {"url": f"sqlite+aiosqlite:///{tmp_path}/x.db"}})

    with pytest.raises(ScenarioFault, match="there is no database at"):
        scenario_of(read(path), config)
    assert not (tmp_path / "x.db").exists()
