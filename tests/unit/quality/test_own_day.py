"""An agent's own day: what counts, and what is said to be unknown."""

from __future__ import annotations

import pytest

from hotline import events
from hotline.events import Event
from hotline.quality.own_day import OwnDay, Told, day_of, own_day
from hotline.storage.journal import Journal
from tests.databases import MORNING, clock, database, database_url, journal

__all__ = ["clock", "database", "database_url", "journal"]


def told(*happened: Event) -> list[Told]:
    return [Told(event.kind, event.data()) for event in happened]


def state(name: str, since: float) -> events.AgentStateChanged:
    return events.AgentStateChanged("agent1", name, since)


def talk(call_id: str, seconds: float, score: int = 0) -> list[Event]:
    happened: list[Event] = [
        events.OfferEnded(call_id, "agent1", f"{call_id}/1", "answered"),
        events.CallAnswered(call_id, "agent1", 3.0),
        events.TalkEnded(call_id, "agent1", seconds, "citizen"),
    ]
    return [*happened, events.CallRated(call_id, "agent1", score)] if score else happened


def test_an_empty_day_has_no_figures_and_no_averages() -> None:
    assert day_of([]) == OwnDay()


def test_talks_and_ratings_come_with_what_they_are_shares_of() -> None:
    day = day_of(told(*talk("1", 60.0, 5), *talk("2", 30.0), *talk("3", 90.0, 2), *talk("4", 1, 3)))
    assert (day.answered, day.offered) == (4, 4)
    assert (day.talks, day.talk_s) == (4, 181.0)
    assert (day.satisfied, day.rated) == (2, 3)


def test_who_gave_up_while_it_rang_is_nobodys_missed_call() -> None:
    ended = [
        events.OfferEnded(call_id, "agent1", f"{call_id}/1", outcome)
        for call_id, outcome in (("1", "missed"), ("2", "refused"), ("3", "withdrawn"))
    ]
    day = day_of(told(*ended, *talk("4", 9.0)))
    assert (day.answered, day.offered) == (1, 3)


def test_a_talk_whose_end_nobody_saw_is_unknown_unless_it_goes_on() -> None:
    happened = told(*talk("1", 60.0), events.CallAnswered("2", "agent1", 1.0))
    assert day_of(happened).unknown == 1
    assert day_of(happened, current="2").unknown == 0
    assert day_of(happened).talks == 1


def test_a_talk_that_a_new_controller_found_going_on_was_no_wrap_up() -> None:
    states = (state("talking", 0.0), state("wrap_up", 0.0), state("talking", 0.0))
    day = day_of(told(*states, state("wrap_up", 50.0), state("ready", 65.0)))
    assert (day.wrap_ups, day.wrap_up_s) == (1, 15.0)


def test_a_wrap_up_that_was_extended_is_one() -> None:
    day = day_of(
        told(
            state("talking", 0.0), state("wrap_up", 10.0), state("wrap_up", 10.0),
            state("ready", 55.0), state("wrap_up", 70.0), state("paused", 85.0),
            state("wrap_up", 99.0),
        )
    )  # fmt: skip
    assert (day.wrap_ups, day.wrap_up_s) == (2, 60.0)


def test_what_nobody_could_see_is_told() -> None:
    assert day_of([], [(10.0, 40.0), (50.0, 45.0)]).blind_s == 30.0


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
async def test_the_day_is_the_agents_own_and_begins_at_midnight(journal: Journal) -> None:
    midnight = MORNING - 8 * 3600
    assert await own_day(journal.database, "agent1", midnight, MORNING) == OwnDay()
    await journal.append(*talk("old", 500.0, 5), at=midnight - 1)
    await journal.append(*talk("new", 60.0, 4), at=midnight + 1)
    await journal.append(events.TalkEnded("theirs", "agent2", 70.0, "citizen"))
    await journal.append(events.BlindInterval("pbx1", midnight - 50, midnight + 20))
    day = await own_day(journal.database, "agent1", midnight, MORNING)
    assert (day.talks, day.talk_s, day.rated, day.blind_s) == (1, 60.0, 1, 20.0)
