"""Which agents know a number: from memory, from the tables, and from what happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline import events
from hotline.callers import facts
from hotline.callers.facts import CallerFacts
from hotline.callers.familiar import Familiar, Familiars, OpenCase
from hotline.callers.model import DAY_S
from hotline.callers.service import CallerDesk
from hotline.registry import taxonomy
from hotline.registry.service import CaseRegistry
from hotline.storage.journal import Journal
from tests.databases import CITY, HandClock
from tests.deadline import until
from tests.unit.callers.made import NUMBER, in_force
from tests.unit.registry.cases import AGENT, CHIEF, OTHER, Noted, opened

NOW = 1_800_000_000.0
OTHERS = "13900139000"


def case(name: str, *handlers: str, number: str = NUMBER, at: float = NOW) -> OpenCase:
    return OpenCase(name, number, handlers, at)


def test_the_case_comes_before_the_talk_and_the_newest_case_before_others() -> None:
    known = Familiars(7)
    known.talked(NUMBER, "agent3", NOW)
    known.replace_cases([case("C1", "agent1", at=NOW - 9), case("C2", "agent2", "agent1")])
    assert known.of(NUMBER, NOW) == (
        Familiar("agent2", "case:C2"),
        Familiar("agent1", "case:C2"),
        Familiar("agent3", "talk"),
    )


def test_a_case_that_is_closed_or_about_another_number_now_makes_nobody_known() -> None:
    known = Familiars(7)
    known.put_case("C1", [case("C1", "agent1")])
    known.put_case("C1", [case("C1", "agent1", number=OTHERS)])
    assert known.of(NUMBER, NOW) == ()
    assert known.of(OTHERS, NOW) == (Familiar("agent1", "case:C1"),)
    known.put_case("C1", [])
    assert known.of(OTHERS, NOW) == ()


def test_a_talk_counts_for_so_many_days_and_none_counts_when_it_is_switched_off() -> None:
    known, off = Familiars(2), Familiars(0)
    for one in (known, off):
        one.talked(NUMBER, "agent1", NOW)
    assert known.of(NUMBER, NOW + 2 * DAY_S - 1) == (Familiar("agent1", "talk"),)
    assert known.of(NUMBER, NOW + 2 * DAY_S) == ()
    off.put_case("C1", [case("C1", "agent1")])
    assert off.of(NUMBER, NOW) == ()
    assert known.of("", NOW) == ()


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.integers(0, 99))))
def test_whatever_order_talks_are_learned_in_the_last_one_counts(
    talks: list[tuple[str, str, int]],
) -> None:
    known, last = Familiars(1), dict[str, tuple[int, str]]()
    for number, agent_id, at in talks:
        known.talked(number, agent_id, float(at))
        if at > last.get(number, (-1, ""))[0]:
            last[number] = (at, agent_id)
    for number, (_, agent_id) in last.items():
        assert known.of(number, 100.0) == (Familiar(agent_id, "talk"),)


# --- kept up to date ----------------------------------------------------------------------


async def talk(
    journal: Journal, clock: HandClock, call_id: str, calling: str, agent_id: str = "agent1"
) -> None:
    """An agent answers a caller, who then hangs up."""
    await journal.append(events.CallArrived(call_id, "pbx1", "PJSIP/t", "12319", calling))
    clock.advance(5)
    await journal.append(events.CallAnswered(call_id, agent_id, 5.0, "t.wav"))
    clock.advance(60)
    await journal.append(events.CallEnded(call_id, "citizen"))


@pytest.fixture
async def known(desk: CallerDesk, journal: Journal, clock: HandClock) -> AsyncIterator[CallerFacts]:
    """Known from the start, and kept up to date."""
    made = CallerFacts(desk, journal, 7)
    await made.load(clock.now())
    running = asyncio.create_task(made.run())
    yield made
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_who_answers_is_known_from_then_on_however_the_number_is_written(
    journal: Journal, clock: HandClock, known: CallerFacts
) -> None:
    await talk(journal, clock, "pbx1-1", f"+86{NUMBER}")
    await talk(journal, clock, "pbx1-2", "")
    await until(lambda: known.familiar(f"0{NUMBER}", clock.now()) == (Familiar("agent1", "talk"),))
    await talk(journal, clock, "pbx1-3", NUMBER, "agent2")
    await until(lambda: known.familiar(NUMBER, clock.now()) == (Familiar("agent2", "talk"),))
    assert known.familiar("", clock.now()) == ()


async def test_who_handled_the_open_case_last_comes_before_who_opened_it(
    journal: Journal, clock: HandClock, known: CallerFacts
) -> None:
    registry = CaseRegistry(journal, CITY, taxonomy.load(), Noted())
    await talk(journal, clock, "pbx1-1", NUMBER)
    made = await opened(registry, "pbx1-1")
    why = f"case:{made.case_number}"

    def agents() -> list[Familiar]:
        return list(known.familiar(NUMBER, clock.now()))

    await until(lambda: agents() == [Familiar(AGENT.user_id, why)])
    made = await registry.edit(made.case_number, {"address": "解放路"}, made.version, OTHER)
    both = [Familiar(OTHER.user_id, why), Familiar(AGENT.user_id, why)]
    await until(lambda: agents() == both)
    await registry.move(made.case_number, "close", CHIEF, "已答复", version=made.version)
    await until(lambda: agents() == [Familiar("agent1", "talk")])


async def test_a_number_with_a_rule_in_force_is_kept_for_nobody(
    journal: Journal, clock: HandClock, desk: CallerDesk, known: CallerFacts
) -> None:
    await talk(journal, clock, "pbx1-90", NUMBER)
    await until(lambda: known.familiar(NUMBER, clock.now()))
    await in_force(journal, clock, desk)
    assert known.familiar(NUMBER, clock.now()) == ()


async def test_a_start_reads_many_talks_page_by_page_after_it_began(
    journal: Journal,
    clock: HandClock,
    desk: CallerDesk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(facts, "PAGE", 2)
    await talk(journal, clock, "pbx1-0", OTHERS, "agent9")
    clock.advance(7 * DAY_S)
    for number in range(1, 6):
        await talk(journal, clock, f"pbx1-{number}", NUMBER, f"agent{number}")
    made = CallerFacts(desk, journal, 7)
    await made.load(clock.now())
    # Nobody who calls meanwhile waits for it.
    assert made.familiar(NUMBER, clock.now()) == ()
    running = asyncio.create_task(made.run())
    try:
        await until(lambda: made.familiar(NUMBER, clock.now()) == (Familiar("agent5", "talk"),))
        assert made.familiar(OTHERS, clock.now()) == ()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
