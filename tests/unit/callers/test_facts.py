"""What flows know of a caller."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotline.callers.facts import CallerFacts
from hotline.callers.model import DAY_S, Effect
from hotline.callers.priority import priority_of
from hotline.callers.service import CallerDesk
from hotline.registry import taxonomy
from hotline.registry.service import CaseRegistry
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from hotline.storage.tables import CallbackTaskRow
from tests.databases import CITY, HandClock
from tests.unit.callers.made import NUMBER, call, in_force
from tests.unit.registry.cases import Noted, opened


@pytest.fixture
def facts(desk: CallerDesk, journal: Journal) -> CallerFacts:
    return CallerFacts(desk, journal)


async def test_a_first_call_is_known_for_nothing(
    journal: Journal, clock: HandClock, facts: CallerFacts
) -> None:
    await call(journal, clock, "pbx1-1")
    assert await facts(NUMBER, clock.now()) == {
        "caller.rule": "none",
        "caller.open_cases": 0,
        "caller.calls_24h": 1,
        "caller.missed": "no",
    }


async def test_of_a_withheld_number_nothing_is_claimed(
    clock: HandClock, facts: CallerFacts
) -> None:
    assert await facts("", clock.now()) == {"caller.rule": "none"}


async def test_calls_of_a_day_an_open_case_and_a_missed_callback_are_told(
    journal: Journal, clock: HandClock, facts: CallerFacts
) -> None:
    registry = CaseRegistry(journal, CITY, taxonomy.load(), Noted())
    await call(journal, clock, "pbx1-1")
    clock.advance(DAY_S)
    await call(journal, clock, "pbx1-2", f"+86{NUMBER}")
    case = await opened(registry, "pbx1-2")
    async with journal.database.writing() as session:
        session.add(
            CallbackTaskRow(
                case_number=case.case_number,
                phone=NUMBER,
                state="open",
                due_at=clock.now(),
                created_at=clock.now(),
                unreached=1,
            )
        )
    await call(journal, clock, "pbx1-3", f"0{NUMBER}")
    told = await facts(NUMBER, clock.now())
    assert told == {
        "caller.rule": "none",
        "caller.open_cases": 1,
        "caller.calls_24h": 2,
        "caller.missed": "yes",
    }
    assert priority_of(told).reasons == ("open_case:1", "missed", "repeated:2")


async def test_a_rule_in_force_is_told(
    journal: Journal, clock: HandClock, desk: CallerDesk, facts: CallerFacts
) -> None:
    await in_force(journal, clock, desk, Effect.ANNOUNCE)
    assert (await facts(NUMBER, clock.now()))["caller.rule"] == "announce"
    assert facts.rule(NUMBER, clock.now()) == "announce"
    assert facts.rule("", clock.now()) == "none"


async def test_without_the_database_the_caller_is_not_held_up_and_the_rule_is_known(
    journal: Journal, clock: HandClock, desk: CallerDesk, tmp_path: Path
) -> None:
    await in_force(journal, clock, desk, Effect.LOWER)
    nowhere = Database(f"sqlite+aiosqlite:///{tmp_path}/missing/hotline.db")
    facts = CallerFacts(desk, Journal(nowhere, clock))
    assert await facts(NUMBER, clock.now()) == {"caller.rule": "lower"}
