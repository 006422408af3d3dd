"""What callers are told of their cases, and that they are told of nobody else's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from hotline import events
from hotline.registry.model import Case
from hotline.registry.progress import (
    MOST_TOLD,
    TRIES_A_CALL,
    TRIES_AN_HOUR,
    AskedTooOften,
    Asker,
    ProgressDesk,
)
from hotline.registry.service import CaseRegistry
from hotline.storage.journal import Journal
from hotline.throttle import FREE_FAILURES_OF_A_NAME
from tests.databases import HandClock
from tests.unit.registry.cases import CHIEF, NUMBER, arrive, opened

OTHER_NUMBER = "13900139000"
ASKS = Asker("pbx1-9", NUMBER)


@pytest.fixture
def desk(registry: CaseRegistry, journal: Journal, clock: HandClock) -> ProgressDesk:
    return ProgressDesk(registry, journal, clock)


async def case_of(
    registry: CaseRegistry, journal: Journal, call_id: str, calling: str = NUMBER, **typed: Any
) -> Case:
    await arrive(journal, call_id, calling)
    return await opened(registry, call_id, **typed)


async def asked(journal: Journal) -> Sequence[events.ProgressAsked]:
    records = await journal.read(kinds=(events.ProgressAsked,))
    return [record.event for record in records if isinstance(record.event, events.ProgressAsked)]


@pytest.mark.parametrize("calling", [NUMBER, f"+86{NUMBER}", f"0{NUMBER}", f"86{NUMBER}"])
async def test_a_caller_hears_of_their_own_open_cases_the_newest_first(
    registry: CaseRegistry, journal: Journal, clock: HandClock, desk: ProgressDesk, calling: str
) -> None:
    cases = []
    for index in range(MOST_TOLD + 1):
        cases.append(await case_of(registry, journal, f"pbx1-{index}"))
        clock.advance(60)
    await case_of(registry, journal, "pbx1-8", OTHER_NUMBER)
    told = await desk.by_calling(Asker("pbx1-9", calling))
    newest = [case.case_number for case in reversed(cases)][:MOST_TOLD]
    assert [one.case_number for one in told] == newest
    assert [(one.case_number, one.how, one.found) for one in await asked(journal)] == [
        (number, "calling", True) for number in newest
    ]


@pytest.mark.parametrize("calling", ["", OTHER_NUMBER, NUMBER[:-1], NUMBER[-4:], f"{NUMBER}0"])
async def test_no_other_number_opens_them(
    registry: CaseRegistry, journal: Journal, desk: ProgressDesk, calling: str
) -> None:
    await case_of(registry, journal, "pbx1-1")
    assert await desk.by_calling(Asker("pbx1-9", calling)) == ()


async def test_a_case_in_confidence_is_not_told_to_the_number_alone(
    registry: CaseRegistry, journal: Journal, desk: ProgressDesk
) -> None:
    case = await case_of(registry, journal, "pbx1-1", kind="report")
    nameless = await case_of(registry, journal, "pbx1-2", anonymous=True, caller_phone=NUMBER)
    secret = await case_of(registry, journal, "pbx1-3", confidential=True)
    assert await desk.by_calling(ASKS) == ()
    for one in (case, nameless, secret):
        assert await desk.by_number(ASKS, one.case_number, "8000") is not None


async def test_a_closed_case_is_told_only_by_its_number(
    registry: CaseRegistry, journal: Journal, desk: ProgressDesk
) -> None:
    case = await case_of(registry, journal, "pbx1-1")
    await registry.move(case.case_number, "close", CHIEF, "已答复", version=case.version)
    assert await desk.by_calling(ASKS) == ()
    found = await desk.by_number(ASKS, case.case_number, "8000")
    assert found is not None
    assert found.closed_at is not None


@pytest.mark.parametrize("tail", [slice(None), slice(-5, None), slice(-7, None)])
async def test_the_end_of_the_number_is_enough_while_only_one_fits(
    registry: CaseRegistry, journal: Journal, desk: ProgressDesk, tail: slice
) -> None:
    case = await case_of(registry, journal, "pbx1-1")
    found = await desk.by_number(ASKS, case.case_number[tail], "8000")
    assert found is not None
    assert found.case_number == case.case_number


async def test_an_end_that_fits_two_cases_opens_neither(
    registry: CaseRegistry, journal: Journal, clock: HandClock, desk: ProgressDesk
) -> None:
    first = await case_of(registry, journal, "pbx1-1")
    clock.advance(86_400)
    second = await case_of(registry, journal, "pbx1-2")
    assert first.case_number[-5:] == second.case_number[-5:]
    assert await desk.by_number(ASKS, first.case_number[-5:], "8000") is None
    assert await desk.by_number(ASKS, first.case_number, "8000") is not None


async def test_an_unknown_number_and_wrong_digits_are_answered_alike_and_journalled(
    registry: CaseRegistry, journal: Journal, desk: ProgressDesk
) -> None:
    case = await case_of(registry, journal, "pbx1-1", OTHER_NUMBER)
    assert await desk.by_number(ASKS, case.case_number, "8000") is None
    assert await desk.by_number(ASKS, "2026112099999", "8000") is None
    assert await desk.by_number(ASKS, "", "") is None
    assert [(one.case_number, one.asked, one.found) for one in await asked(journal)] == [
        (case.case_number, case.case_number, False),
        ("2026112099999", "2026112099999", False),
        ("", "", False),
    ]


@pytest.mark.parametrize("digits", ["%%%%", "____", "000", "00000", "80 0", "８０００"])
async def test_only_four_digits_open_a_case(
    registry: CaseRegistry, journal: Journal, desk: ProgressDesk, digits: str
) -> None:
    case = await case_of(registry, journal, "pbx1-1")
    assert await desk.by_number(ASKS, case.case_number[-5:], digits) is None
    assert await desk.by_number(ASKS, case.case_number, digits) is None


async def test_a_call_has_three_tries(
    registry: CaseRegistry, journal: Journal, desk: ProgressDesk
) -> None:
    case = await case_of(registry, journal, "pbx1-1")
    for _ in range(TRIES_A_CALL):
        await desk.by_number(Asker("pbx1-9", ""), "2026112099999", "0000")
    with pytest.raises(AskedTooOften):
        await desk.by_number(Asker("pbx1-9", ""), case.case_number, "8000")
    assert await desk.by_number(Asker("pbx1-10", ""), case.case_number, "8000") is not None


async def test_a_number_has_ten_tries_an_hour_whatever_calls_it_makes(
    registry: CaseRegistry, journal: Journal, clock: HandClock, desk: ProgressDesk
) -> None:
    await case_of(registry, journal, "pbx1-1")
    for attempt in range(TRIES_AN_HOUR):
        await desk.by_calling(Asker(f"pbx1-1{attempt}", NUMBER))
    with pytest.raises(AskedTooOften):
        await desk.by_calling(Asker("pbx1-99", f"+86{NUMBER}"))
    clock.advance(3601)
    assert len(await desk.by_calling(Asker("pbx1-99", NUMBER))) == 1


async def test_guesses_by_page_and_by_telephone_slow_each_other_down(
    registry: CaseRegistry, journal: Journal, desk: ProgressDesk
) -> None:
    case = await case_of(registry, journal, "pbx1-1")
    for guess in range(FREE_FAILURES_OF_A_NAME - 1):
        await desk.by_page(case.case_number, f"{guess:04}", "10.0.0.1")
    assert await desk.by_number(ASKS, case.case_number[-5:], "1111") is None
    with pytest.raises(AskedTooOften):
        await desk.by_number(ASKS, case.case_number, "8000")


async def test_the_page_takes_whole_numbers_only(
    registry: CaseRegistry, journal: Journal, desk: ProgressDesk
) -> None:
    case = await case_of(registry, journal, "pbx1-1")
    assert await desk.by_page(case.case_number[-9:], "8000", "10.0.0.1") is None
    assert await desk.by_page(case.case_number, "8000", "10.0.0.1") is not None
