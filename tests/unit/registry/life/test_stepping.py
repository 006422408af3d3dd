"""Steps on the database: what is written, who may, and that the journal tells the same."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from hotline import events
from hotline.registry import taxonomy
from hotline.registry.companions import Companion, Taken
from hotline.registry.forms import read_form
from hotline.registry.life.model import LIFE_COLUMNS, Action, Inputs
from hotline.registry.life.replay import NotACase, replay
from hotline.registry.life.resuming import Resumer
from hotline.registry.model import (
    BadForm,
    Case,
    CaseConflict,
    NotAllowed,
    Person,
)
from hotline.registry.service import CaseRegistry
from hotline.registry.writing import COLUMNS
from hotline.storage.journal import Journal, Transaction
from hotline.storage.records import Record
from hotline.storage.tables import CaseRow, JournalRow, UserRow
from hotline.storage.tables_life import (
    CaseLifeRow,
    CasePartRow,
    CasePersonalRow,
    CaseRequestRow,
)
from tests.databases import CITY, HandClock
from tests.unit.registry.cases import AGENT, CALL, CALLBACK, CHIEF, OTHER, TYPED, Noted, opened

DISPATCHER, CHECKER = Person("dispatcher1", "dispatcher"), Person("checker1", "checker")
LAMPS, ROADS = Person("lamps1", "unit", "lamps"), Person("roads1", "unit", "roads")


async def walk(registry: CaseRegistry, case: Case, *steps: tuple[Any, ...]) -> Case:
    """Take the steps: who, what, why, and what else is given."""
    for by, action, *rest in steps:
        why = rest[0] if rest else ""
        more = rest[1] if len(rest) > 1 else {}
        inputs = Inputs(**more)
        case = await registry.move(
            case.case_number, action, by, why, version=case.version, inputs=inputs
        )
    return case


async def at_lamps(registry: CaseRegistry) -> Case:
    case = await opened(registry)
    return await walk(
        registry, case, (AGENT, "file"), (DISPATCHER, "dispatch", "", {"unit_id": "lamps"})
    )


async def rows_of(journal: Journal, number: str) -> dict[str, Any]:
    """What the tables say of a case."""
    async with journal.database.session() as session:
        case = await session.get_one(CaseRow, number)
        life = await session.get(CaseLifeRow, number)
        parts = await session.scalars(select(CasePartRow).filter_by(case_number=number))
        requests = await session.scalars(select(CaseRequestRow).filter_by(case_number=number))
        return {
            "case": {name: getattr(case, name) for name in COLUMNS},
            "life": {name: getattr(life, name) for name in LIFE_COLUMNS} if life else None,
            "parts": {p.unit_id: (p.state, p.words, p.by, p.at) for p in parts},
            "requests": {r.number: (r.kind, r.state, r.decided_by, r.answer) for r in requests},
        }


async def assert_replayed(registry: CaseRegistry, journal: Journal, number: str) -> None:
    """The journal's records fold into what the tables say."""
    told, kept = replay(await registry.history(number)), await rows_of(journal, number)
    assert told.whole
    assert told.case == kept["case"]
    if kept["life"] is not None:
        assert told.life == kept["life"]
    parts = {one["unit_id"]: one for one in told.parts.values()}
    assert {unit: (p["state"], p["words"], p["by"], p["at"]) for unit, p in parts.items()} == kept[
        "parts"
    ]
    assert {
        n: (r["kind"], r["state"], r["decided_by"], r["answer"]) for n, r in told.requests.items()
    } == kept["requests"]


async def test_the_journal_tells_the_same_case(
    registry: CaseRegistry, journal: Journal, clock: HandClock
) -> None:
    case = await opened(registry, caller_name="王女士", caller_phone="13800138000")
    number, later = case.case_number, clock.now() + 9e5
    case = await registry.edit(number, {"address": "人民路", "caller_name": "王芳"}, 1, OTHER)
    clock.advance(7.5)
    units = {"unit_id": "lamps", "assist": ("roads", "parks")}
    case = await walk(
        registry,
        case,
        (AGENT, "file"),
        (DISPATCHER, "dispatch", "请抓紧", units),
        (ROADS, "part_done", "已补"),
        (DISPATCHER, "part_waive", "无树木", {"part": "parks"}),
        (LAMPS, "accept"),
        (LAMPS, "request_extension", "缺件", {"until": later}),
        (CHIEF, "grant_extension"),
        (AGENT, "urge", "", {"level": 2}),
        (DISPATCHER, "suspend", "汛期", {"until": later}),
        (CHIEF, "resume"),
        (LAMPS, "feedback", "修好了"),
        (CHECKER, "check_fail", "仍不亮"),
        (LAMPS, "appeal", "当时停电", {"against": "check"}),
        (CHIEF, "uphold_appeal", "属实"),
        (CHIEF, "force_close", "年底清理"),
        (CALLBACK, "reopen", "没有解决"),
    )
    assert (case.returns, case.reworks, case.extensions, case.urgings) == (0, 0, 1, 1)
    assert not case.forced
    await assert_replayed(registry, journal, number)


@settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
async def test_whatever_steps_are_taken_the_journal_tells_the_same_case(
    data: st.DataObject, journal: Journal, clock: HandClock
) -> None:
    registry = CaseRegistry(journal, CITY, taxonomy.load(), Noted())
    case = await registry.open(read_form(TYPED), "inspector", AGENT)
    people = (AGENT, CHIEF, DISPATCHER, CHECKER, CALLBACK, LAMPS, ROADS)
    for _ in range(12):
        by = data.draw(st.sampled_from(people))
        mine = registry.machine.steps_from(case.state, by.role)
        if not mine:
            continue
        clock.advance(1.25)
        inputs = Inputs(
            why="原因",
            closing="solved",
            unit_id=data.draw(st.sampled_from(["lamps", "roads"])),
            assist=("parks",),
            part="parks",
            until=clock.now() + 9e5,
            level=data.draw(st.sampled_from([0, 1, 2])),
            against="check",
        )
        action = data.draw(st.sampled_from(mine)).action
        try:
            case = await registry.move(
                case.case_number, action, by, version=case.version, inputs=inputs
            )
        except (NotAllowed, BadForm):
            continue
    await assert_replayed(registry, journal, case.case_number)


async def test_a_ruling_binds_the_unit(registry: CaseRegistry) -> None:
    case = await walk(
        registry,
        await at_lamps(registry),
        (LAMPS, "dispute", "不归我们"),
        (CHIEF, "rule", "权属明确", {"unit_id": "lamps"}),
    )
    assert (case.state, case.unit_id) == ("to_handle", "lamps")
    for action in ("send_back", "dispute"):
        with pytest.raises(NotAllowed, match="bound_by_ruling"):
            await walk(registry, case, (LAMPS, action, "还是不归我们"))
    assert await registry.get(case.case_number) == case


async def test_a_unit_acts_on_its_own_cases_only(registry: CaseRegistry) -> None:
    case = await at_lamps(registry)
    for action in ("accept", "feedback", "send_back", "dispute"):
        with pytest.raises(NotAllowed, match="not_your_unit"):
            await walk(registry, case, (ROADS, action, "x"))
    assert (await walk(registry, case, (LAMPS, "accept"))).state == "handling"


async def test_a_limit_is_extended_once(registry: CaseRegistry, clock: HandClock) -> None:
    until = {"until": clock.now() + 9e5}
    case = await walk(
        registry,
        await at_lamps(registry),
        (LAMPS, "request_extension", "缺件", until),
        (CHIEF, "grant_extension"),
    )
    assert case.extensions == 1
    with pytest.raises(NotAllowed, match="extended_already"):
        await walk(registry, case, (LAMPS, "request_extension", "还缺", until))


async def test_a_case_is_handed_over_to_somebody_who_is_there(
    registry: CaseRegistry, journal: Journal
) -> None:
    case = await at_lamps(registry)
    assert case.owner == "agent1"
    with pytest.raises(BadForm) as refused:
        await walk(registry, case, (CHIEF, "hand_over", "休假", {"owner": "nobody"}))
    assert refused.value.faults == {"owner": "form.choice"}
    async with journal.database.writing() as session:
        session.add(
            UserRow(
                user_id="agent2", name="李强", role="agent", password_hash="", active=True,
                created_at=0.0,
            )
        )  # fmt: skip
    case = await walk(registry, case, (CHIEF, "hand_over", "休假", {"owner": "agent2"}))
    assert case.owner == "agent2"


async def test_of_two_who_take_a_step_at_once_one_is_told(registry: CaseRegistry) -> None:
    case = await at_lamps(registry)
    results = await asyncio.gather(
        walk(registry, case, (LAMPS, "accept")),
        walk(registry, case, (DISPATCHER, "send_back", "派错了")),
        return_exceptions=True,
    )
    assert [type(r) for r in results if isinstance(r, Exception)] == [CaseConflict]


async def test_a_citizens_name_and_number_can_be_taken_out_of_the_journal(
    registry: CaseRegistry, journal: Journal
) -> None:
    case = await opened(registry, caller_name="王女士", caller_phone="13800138000")
    await registry.edit(case.case_number, {"caller_name": "王芳"}, 1, OTHER)
    async with journal.database.session() as session:
        kept = (await session.scalars(select(JournalRow.data))).all()
    assert not any(word in str(data) for data in kept for word in ("王", "13800138000"))
    assert [r.event for r in await registry.history(case.case_number)][-1] == events.CaseEdited(
        case.case_number, "agent2", ("caller_name",), {"caller_name": "王女士"},
        {"caller_name": "王芳"}, 2,
    )  # fmt: skip
    async with journal.database.writing() as session:
        await session.execute(update(CasePersonalRow).values(value=""))
    told = replay(await registry.history(case.case_number))
    assert (told.case["caller_name"], told.case["caller_phone"]) == ("", "")


def test_records_of_an_older_version_are_told_as_far_as_they_go() -> None:
    records = [
        Record(1, 5.0, events.CaseOpened("1", "c", "hotline", "to_file", "agent1")),
        Record(2, 6.0, events.CaseMoved("1", "file", "to_file", "to_dispatch", "agent1")),
        Record(3, 7.0, events.CaseEdited("1", "agent1", ("unit",), {"unit": ""})),
    ]
    told = replay(records)
    assert not told.whole
    assert (told.case["state"], told.case["source"], told.case["opened_at"]) == (
        "to_dispatch", "hotline", 5.0,
    )  # fmt: skip
    with pytest.raises(NotACase):
        replay(records[1:])


async def test_cases_that_no_call_brought_are_opened_alike(registry: CaseRegistry) -> None:
    case = await registry.open(read_form(TYPED), "inspector", LAMPS)
    assert (case.source, case.state, case.opened_by, case.call_id) == (
        "inspector", "to_file", "lamps1", None,
    )  # fmt: skip
    with pytest.raises(BadForm):
        await registry.open(read_form(TYPED), "rumour", AGENT)
    with pytest.raises(NotAllowed):
        await registry.open(read_form(TYPED), "inspector", Person("admin", "admin"))


async def test_a_suspended_case_goes_on_by_itself_when_its_day_has_come(
    registry: CaseRegistry, journal: Journal, clock: HandClock
) -> None:
    until = {"until": clock.now() + 3600}
    case = await walk(registry, await at_lamps(registry), (CHIEF, "suspend", "汛期", until))
    resumer = Resumer(registry, journal, clock)
    assert await resumer.resume_due() == 0
    clock.advance(3600)
    assert await resumer.resume_due() == 1
    case = await registry.get(case.case_number)
    assert (case.state, case.suspended_at, case.changed_by) == ("to_handle", None, "system")
    assert await resumer.resume_due() == 0


async def test_what_a_browser_may_send_never_reaches_the_database_as_it_is(
    registry: CaseRegistry, clock: HandClock
) -> None:
    case = await at_lamps(registry)
    for more in ({"owner": "a\x00"}, {"owner": "\ud800"}):
        with pytest.raises(BadForm):
            await walk(registry, case, (CHIEF, "hand_over", "x", more))
    with pytest.raises(BadForm) as refused:
        await walk(registry, case, (CHIEF, "suspend", "x", {"until": 2.5e11}))
    assert refused.value.faults == {"until": "form.too_far"}


class Listening(Companion):
    """A companion that knows the district of every address, and notes what it hears."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    async def derived(
        self, tx: Transaction, values: Any, changed: frozenset[str]
    ) -> dict[str, Any]:
        return {"district": f"区:{values['address']}"} if "address" in changed else {}

    async def opened(self, tx: Transaction, row: CaseRow) -> None:
        self.heard.append(("opened", row.district))

    async def changed(self, tx: Transaction, row: CaseRow, before: Any) -> None:
        self.heard.append(("changed", row.district, dict(before)))

    async def moved(self, tx: Transaction, row: CaseRow, step: Taken) -> None:
        self.heard.append(("moved", step.action, step.target, dict(step.inputs)))


async def test_companions_hear_of_everything_and_what_they_derive_is_told_along(
    journal: Journal,
) -> None:
    listening = Listening()
    registry = CaseRegistry(journal, CITY, taxonomy.load(), Noted(), (listening,))
    case = await opened(registry)
    case = await registry.edit(case.case_number, {"address": "人民路"}, 1, AGENT)
    await walk(registry, case, (AGENT, "file"))
    assert listening.heard == [
        ("opened", "区:中山路"),
        ("changed", "区:人民路", {"address": "中山路", "district": "区:中山路"}),
        ("moved", Action.FILE, "to_dispatch", {"condition": "general", "owner": "agent1"}),
    ]
    await assert_replayed(registry, journal, case.case_number)


async def test_a_unit_is_changed_by_dispatching_once_it_was_dispatched(
    registry: CaseRegistry,
) -> None:
    case = await at_lamps(registry)
    with pytest.raises(BadForm) as refused:
        await registry.edit(case.case_number, {"unit": "市政"}, case.version, CHIEF)
    assert refused.value.faults == {"unit": "form.by_dispatch"}
    assert asdict(await registry.get(case.case_number))["unit"] == "lamps"
    assert case.call_id == CALL
