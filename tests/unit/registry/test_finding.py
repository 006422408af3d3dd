from __future__ import annotations

import pytest

from hotline.registry.model import (
    CaseFilter,
)
from hotline.registry.service import CaseRegistry
from hotline.storage.journal import Journal
from tests.databases import MORNING, HandClock
from tests.unit.registry.cases import AGENT, arrive, opened


async def test_lists_are_filtered_sorted_and_paged(
    journal: Journal, registry: CaseRegistry, clock: HandClock
) -> None:
    for number, urgency in enumerate(("normal", "critical", "urgent", "normal", "urgent")):
        await opened(registry, call_id=f"c{number}", urgency=urgency, address=f"中山路{number}号")
        clock.advance(60)
    first = await registry.list(size=2)
    assert first.total == 5
    assert [case.address for case in first.cases] == ["中山路4号", "中山路3号"]
    last = await registry.list(size=2, page=3)
    assert [case.address for case in last.cases] == ["中山路0号"]
    urgent_first = await registry.list(sort="urgency")
    assert [case.urgency for case in urgent_first.cases] == [
        "critical",
        "urgent",
        "urgent",
        "normal",
        "normal",
    ]
    recent = CaseFilter(since=MORNING + 60, until=MORNING + 180, urgency="urgent")
    assert [case.address for case in (await registry.list(recent)).cases] == ["中山路2号"]
    assert await registry.counts() == {"to_file": 5}
    assert await registry.counts(recent) == {"to_file": 1}
    of_another_state = CaseFilter(states=frozenset({"closed"}))
    assert await registry.counts(of_another_state) == {"to_file": 5}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("中山", True),
        ("不亮", True),
        ("2026112000001", True),
        ("138-0013-8000", True),
        ("上水井盖", True),
        ("李", True),
        ("人民路", False),
        ("%", False),
        ("_", False),
        ("\x00\ud83d", False),
    ],
)
async def test_a_case_is_found_by_its_words(
    journal: Journal, registry: CaseRegistry, text: str, found: bool
) -> None:
    await arrive(journal)
    await opened(registry, category="component/0101", caller_name="李先生")
    assert (await registry.list(CaseFilter(text=text))).total == int(found)


async def test_states_and_kinds_narrow_a_list(registry: CaseRegistry) -> None:
    case = await opened(registry, call_id="a", kind="praise")
    await opened(registry, call_id="b")
    await registry.move(case.case_number, "file", AGENT, version=1)
    assert (await registry.list(CaseFilter(states=frozenset({"to_dispatch"})))).cases[
        0
    ].kind == "praise"
    assert (await registry.list(CaseFilter(kind="complaint"))).total == 1
    assert (await registry.list(CaseFilter(source="voice_report"))).total == 0
    assert (await registry.list(CaseFilter(opened_by="agent1"))).total == 2


async def test_an_order_that_is_none_is_refused(registry: CaseRegistry) -> None:
    with pytest.raises(KeyError):
        await registry.list(sort="description; DROP TABLE cases")
    for page, size in ((0, 10), (1, 0), (1, 100_000)):
        with pytest.raises(ValueError, match="page"):
            await registry.list(page=page, size=size)


async def test_the_citizen_sees_the_progress_with_the_last_four_digits(
    journal: Journal, registry: CaseRegistry
) -> None:
    await arrive(journal)
    case = await opened(registry)
    progress = await registry.progress(case.case_number, "8000")
    assert progress is not None
    assert progress.state == "to_file"
    for number, digits in (
        (case.case_number, "8001"),
        (case.case_number, ""),
        (case.case_number, "00138000"),
        ("2026112099999", "8000"),
    ):
        assert await registry.progress(number, digits) is None


async def test_a_case_without_a_number_shows_its_progress_to_nobody(
    registry: CaseRegistry,
) -> None:
    case = await opened(registry, caller_phone="")
    assert await registry.progress(case.case_number, "") is None
