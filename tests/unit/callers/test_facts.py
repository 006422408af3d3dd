"""What flows know of a caller."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from hotline.callers.facts import CallerFacts
from hotline.callers.model import DAY_S, Effect
from hotline.callers.priority import priority_of
from hotline.callers.service import CallerDesk
from hotline.registry import taxonomy
from hotline.registry.service import CaseRegistry
from hotline.storage.journal import Journal
from hotline.storage.tables import CallbackTaskRow
from tests.databases import CITY, HandClock
from tests.deadline import until
from tests.unit.callers.made import NUMBER, call, in_force
from tests.unit.registry.cases import CHIEF, Noted, opened


@pytest.fixture
def registry(journal: Journal) -> CaseRegistry:
    return CaseRegistry(journal, CITY, taxonomy.load(), Noted())


async def facts_of(desk: CallerDesk, journal: Journal, clock: HandClock) -> CallerFacts:
    """As a start learns them from the tables."""
    made = CallerFacts(desk, journal)
    await made.load(clock.now())
    return made


@pytest.fixture
async def facts(desk: CallerDesk, journal: Journal, clock: HandClock) -> AsyncIterator[CallerFacts]:
    """Known from the start, and kept up to date."""
    made = await facts_of(desk, journal, clock)
    running = asyncio.create_task(made.run())
    yield made
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def missed_callback(journal: Journal, clock: HandClock, case_number: str) -> None:
    async with journal.database.writing() as session:
        session.add(
            CallbackTaskRow(
                case_number=case_number,
                phone=NUMBER,
                state="open",
                due_at=clock.now(),
                created_at=clock.now(),
                unreached=1,
            )
        )


async def test_a_first_call_is_known_for_nothing(
    journal: Journal, clock: HandClock, desk: CallerDesk
) -> None:
    await call(journal, clock, "pbx1-1")
    told = (await facts_of(desk, journal, clock))(NUMBER, clock.now())
    assert told == {
        "caller.rule": "none",
        "caller.open_cases": 0,
        "caller.calls_24h": 1,
        "caller.missed": "no",
    }


async def test_of_a_withheld_number_nothing_is_claimed(
    clock: HandClock, facts: CallerFacts
) -> None:
    assert facts("", clock.now()) == {"caller.rule": "none"}


async def test_a_kept_place_is_no_further_call(
    journal: Journal, clock: HandClock, desk: CallerDesk, facts: CallerFacts
) -> None:
    await call(journal, clock, "pbx1-1")
    await call(journal, clock, "pbx1-kp-1")
    await call(journal, clock, "pbx1-2")

    def calls(known: CallerFacts) -> object:
        return known(NUMBER, clock.now())["caller.calls_24h"]

    await until(lambda: calls(facts) == 2, what="both calls are known")
    assert calls(await facts_of(desk, journal, clock)) == 2


async def test_calls_of_a_day_an_open_case_and_a_missed_callback_are_told(
    journal: Journal, clock: HandClock, desk: CallerDesk, registry: CaseRegistry
) -> None:
    await call(journal, clock, "pbx1-1")
    clock.advance(DAY_S)
    await call(journal, clock, "pbx1-2", f"+86{NUMBER}")
    case = await opened(registry, "pbx1-2")
    await missed_callback(journal, clock, case.case_number)
    await call(journal, clock, "pbx1-3", f"0{NUMBER}")
    told = (await facts_of(desk, journal, clock))(f"86{NUMBER}", clock.now())
    assert told == {
        "caller.rule": "none",
        "caller.open_cases": 1,
        "caller.calls_24h": 2,
        "caller.missed": "yes",
    }
    assert priority_of(told).reasons == ("open_case:1", "missed", "repeated:2")


async def test_what_happens_later_is_known_at_once_and_forgotten_after_a_day(
    journal: Journal, clock: HandClock, facts: CallerFacts, registry: CaseRegistry
) -> None:
    def known(name: str) -> object:
        return facts(NUMBER, clock.now())[f"caller.{name}"]

    await call(journal, clock, "pbx1-1")
    case = await opened(registry, "pbx1-1")
    await until(lambda: known("open_cases") == 1 and known("calls_24h") == 1)
    await registry.move(case.case_number, "close", CHIEF, "已答复", version=case.version)
    await until(lambda: known("open_cases") == 0)
    clock.advance(DAY_S)
    assert known("calls_24h") == 0


async def test_a_case_with_another_number_counts_for_that_one(
    journal: Journal, clock: HandClock, facts: CallerFacts, registry: CaseRegistry
) -> None:
    other = "13900139000"
    await call(journal, clock, "pbx1-1")
    case = await opened(registry, "pbx1-1")
    await registry.edit(case.case_number, {"caller_phone": other}, case.version, CHIEF)
    await until(lambda: facts(other, clock.now())["caller.open_cases"] == 1)
    assert facts(NUMBER, clock.now())["caller.open_cases"] == 0


async def test_a_rule_in_force_is_told(
    journal: Journal, clock: HandClock, desk: CallerDesk, facts: CallerFacts
) -> None:
    await in_force(journal, clock, desk, Effect.ANNOUNCE)
    assert facts(NUMBER, clock.now())["caller.rule"] == "announce"
    assert facts("", clock.now())["caller.rule"] == "none"
