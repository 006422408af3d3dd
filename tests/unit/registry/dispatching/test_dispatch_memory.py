"""What became of dispatches is written down with each step, and suggestions learn from it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from hotline.registry.companions import Taken
from hotline.registry.dispatching.memory import DispatchMemory
from hotline.registry.dispatching.rules_file import WantedRule
from hotline.registry.dispatching.service import DispatchDesk, NoSuchRule
from hotline.registry.model import Case, Person
from hotline.registry.places.sample import sample_city
from hotline.registry.places.units import UnitBook
from hotline.registry.taxonomy import load
from hotline.storage.journal import Journal
from hotline.storage.tables import CaseRow
from hotline.storage.tables_attachments import DispatchRow
from tests.databases import HandClock, clock, database, database_url, journal

__all__ = ["clock", "database", "database_url", "journal"]

CHIEF = Person("supervisor", "supervisor")
LAMP = "component/0137"


@pytest.fixture
async def desk(journal: Journal, clock: HandClock) -> DispatchDesk:
    units = UnitBook(journal)
    await units.open()
    for unit_id, name in (("lamps", "市照明处"), ("drains", "市排水处")):
        await units.save({"unit_id": unit_id, "name": name, "kind": "department"}, CHIEF)
    return DispatchDesk(journal, units, clock)


class Life:
    """Steps of cases as companions hear of them."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._memory = DispatchMemory()
        self._count = 0

    async def begin(self) -> Case:
        self._count += 1
        async with self._journal.transaction() as tx:
            row = CaseRow(
                case_number=f"20261120{self._count:05}",
                state="to_dispatch",
                source="hotline",
                kind="report",
                category_code=LAMP,
                street="330102001",
                district="330102",
                opened_by="agent1",
                opened_at=tx.now,
                changed_by="agent1",
                changed_at=tx.now,
            )
            tx.session.add(row)
            await tx.session.flush()
            return Case.of(row)

    async def step(
        self, case: Case, action: str, source: str, unit: str = "", why: str = ""
    ) -> None:
        async with self._journal.transaction() as tx:
            row = await tx.session.get_one(CaseRow, case.case_number)
            row.unit_id = unit or row.unit_id
            taken = Taken(action, source, "", "dispatcher1", "dispatcher", why)
            await self._memory.moved(tx, row, taken)

    async def sent_back_and_done_by(self, wrong: str, right: str) -> None:
        case = await self.begin()
        await self.step(case, "dispatch", "to_dispatch", wrong)
        await self.step(case, "send_back", "to_handle", why="不归我们管")
        await self.step(case, "dispatch", "to_dispatch", right)
        await self.step(case, "feedback", "handling")

    async def outcomes(self) -> list[tuple[str, str, str]]:
        query = select(DispatchRow).order_by(DispatchRow.dispatch_id)
        async with self._journal.database.session() as session:
            rows = await session.scalars(query)
            return [(row.unit_id, row.outcome, row.corrected_to) for row in rows]


@pytest.fixture
def life(journal: Journal) -> Life:
    return Life(journal)


async def test_a_case_sent_back_counts_against_the_first_and_for_the_second_unit(
    life: Life,
) -> None:
    await life.sent_back_and_done_by("lamps", "drains")
    assert await life.outcomes() == [("lamps", "returned", "drains"), ("drains", "handled", "")]


async def test_a_ruling_for_another_unit_is_a_wrong_dispatch(life: Life) -> None:
    case = await life.begin()
    await life.step(case, "dispatch", "to_dispatch", "lamps")
    await life.step(case, "dispute", "to_handle")
    await life.step(case, "rule", "to_rule", "drains", why="属排水设施")
    assert await life.outcomes() == [("lamps", "redirected", "drains"), ("drains", "open", "")]


async def test_a_ruling_for_the_same_unit_changes_nothing(life: Life) -> None:
    case = await life.begin()
    await life.step(case, "dispatch", "to_dispatch", "lamps")
    await life.step(case, "rule", "to_rule", "lamps")
    assert await life.outcomes() == [("lamps", "open", "")]


async def test_a_void_case_says_nothing_of_its_unit(life: Life) -> None:
    case = await life.begin()
    await life.step(case, "dispatch", "to_dispatch", "lamps")
    await life.step(case, "void", "to_handle")
    assert await life.outcomes() == [("lamps", "withdrawn", "")]


async def test_the_desk_learns_from_wrong_dispatches_and_leaves_the_rule_alone(
    desk: DispatchDesk, life: Life, clock: HandClock
) -> None:
    await desk.add([WantedRule(LAMP, "", "lamps", "路灯")], CHIEF)
    case = await life.begin()
    first = await desk.suggestion(case)
    assert [one.unit_id for one in first.candidates] == ["lamps"]
    for _ in range(6):
        await life.sent_back_and_done_by("lamps", "drains")
    learned = await desk.suggestion(case)
    assert learned.history.scope == "street"
    assert learned.candidates[0].unit_id == "drains"
    (doubt,) = learned.contradictions
    assert (doubt.record.returned, doubt.better) == (6, "drains")
    assert len(await desk.rules()) == 1
    clock.advance(91 * 86_400)
    assert [one.unit_id for one in (await desk.suggestion(case)).candidates] == ["lamps"]


async def test_a_rule_taken_back_counts_no_more_and_the_same_rule_twice_is_one(
    desk: DispatchDesk, life: Life
) -> None:
    wanted = WantedRule("component/", "330102", "lamps", "")
    assert await desk.add([wanted], CHIEF) == 1
    assert await desk.add([wanted], CHIEF) == 0
    (rule,) = await desk.rules()
    await desk.close(rule.rule_id, CHIEF)
    assert (await desk.suggestion(await life.begin())).candidates == ()
    with pytest.raises(NoSuchRule):
        await desk.close(rule.rule_id, CHIEF)


async def test_the_demo_begins_with_rules_that_name_the_sample_citys_units_and_classes(
    desk: DispatchDesk,
) -> None:
    demo = replace(desk, sample=True)
    await demo.open()
    rules = await demo.rules()
    city = sample_city()
    assert {rule.unit_id for rule in rules} <= {unit.unit_id for unit in city.units}
    assert {rule.place for rule in rules} - {""} <= {place.place_id for place in city.places}
    assert all(any(c.key.startswith(rule.category) for c in load()) for rule in rules)
    await demo.close(rules[0].rule_id, CHIEF)
    await demo.open()
    assert len(await demo.rules()) == len(rules) - 1
