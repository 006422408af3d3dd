"""Cases joined and parted: nobody's report is lost, and every citizen is told."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from hotline.registry import taxonomy
from hotline.registry.forms import read_form
from hotline.registry.model import BadForm, Case, CaseConflict, NoSuchCase, NotAllowed
from hotline.registry.service import CaseRegistry
from hotline.registry.similar.linking import HAS_MERGED, INTO_CLOSED, INTO_MERGED
from hotline.registry.similar.model import Look, Relation
from hotline.registry.similar.service import MatterDesk
from hotline.storage.journal import Journal
from hotline.storage.tables import CaseRow
from tests.databases import MORNING, HandClock
from tests.unit.registry.cases import AGENT, CALLBACK, CHIEF, TYPED, Noted, arrive, kinds, opened


async def reported(
    registry: CaseRegistry, journal: Journal, call_id: str, number: str = "", **typed: object
) -> Case:
    await arrive(journal, call_id, number or f"1380013800{call_id[-1]}")
    said = {"category": "", "longitude": 118.5, "latitude": 31.5, **typed}
    return await opened(registry, call_id, **said)


async def close(registry: CaseRegistry, number: str) -> Case:
    case = await registry.get(number)
    return await registry.move(number, "close", CHIEF, "已答复", version=case.version)


async def test_similar_cases_come_with_evidence_the_likeliest_first(
    registry: CaseRegistry, journal: Journal, desk: MatterDesk, clock: HandClock
) -> None:
    far = await reported(registry, journal, "p-1", latitude=31.51)
    near = await reported(registry, journal, "p-2", latitude=31.50002)
    blind = await reported(
        registry, journal, "p-3", longitude=None, latitude=None, address="中山路口"
    )
    mine = await reported(registry, journal, "p-4")
    found = await desk.similar_to(mine)
    assert [one.case_number for one in found] == [near.case_number, blind.case_number]
    assert far.case_number not in {one.case_number for one in found}
    assert found[0].evidence.metres == pytest.approx(2.2, abs=0.1)
    clock.advance(90_000)
    again = await reported(registry, journal, "p-5")
    assert await desk.similar_to(again) == []


async def test_a_form_that_is_being_typed_finds_them_too(
    registry: CaseRegistry, journal: Journal, desk: MatterDesk
) -> None:
    await reported(registry, journal, "p-1", longitude=None, latitude=None)
    typed = Look(at=MORNING + 60, address="中山路", description="路灯不亮")
    (found,) = await desk.similar(typed)
    assert found.evidence.address == 100
    assert await desk.similar(Look(at=MORNING)) == []


async def test_a_merged_case_lives_on_in_the_other_which_counts_its_citizens(
    registry: CaseRegistry, journal: Journal, desk: MatterDesk
) -> None:
    main, other = [await reported(registry, journal, f"p-{n}") for n in (1, 2)]
    merged = await desk.merge(
        other.case_number, main.case_number, AGENT, "同一盏灯", version=other.version
    )
    assert (merged.state, merged.merged_into) == ("void", main.case_number)
    assert (await registry.get(main.case_number)).reports == 2
    (link,) = await desk.links(main.case_number)
    assert (link.other, link.relation, link.why) == (other.case_number, "took", "同一盏灯")
    assert link.evidence["metres"] == 0
    assert await kinds(registry, main) == ["CaseOpened", "CaseEdited", "CaseLinked"]
    assert (await kinds(registry, other))[-2:] == ["CaseMoved", "CaseLinked"]


async def test_when_the_main_case_is_closed_every_citizen_is_told(
    registry: CaseRegistry, journal: Journal, desk: MatterDesk, noted: Noted
) -> None:
    main, two, three = [await reported(registry, journal, f"p-{n}") for n in (1, 2, 3)]
    await desk.merge(three.case_number, two.case_number, AGENT, version=three.version)
    two = await registry.get(two.case_number)
    await desk.merge(two.case_number, main.case_number, AGENT, version=two.version)
    assert noted.told == []
    assert (await registry.get(main.case_number)).reports == 3
    closed = await close(registry, main.case_number)
    everybody = {one.case_number for one in (main, two, three)}
    assert {number for what, number in noted.told if what == "closed"} == everybody
    await registry.move(main.case_number, "reopen", CALLBACK, "还是不亮", version=closed.version)
    assert {number for what, number in noted.told if what == "reopened"} == everybody


async def test_a_merged_cases_number_tells_how_far_the_main_one_is(
    registry: CaseRegistry, journal: Journal, desk: MatterDesk
) -> None:
    main, other = [await reported(registry, journal, f"p-{n}") for n in (1, 2)]
    await desk.merge(other.case_number, main.case_number, AGENT, version=other.version)
    found = await registry.progress(other.case_number, "8002")
    assert found is not None
    assert (found.case_number, found.state) == (other.case_number, "to_file")
    await close(registry, main.case_number)
    found = await registry.progress(other.case_number, "8002")
    assert found is not None
    assert found.state == "closed"


async def test_a_merging_is_undone_and_the_case_goes_on_where_it_was(
    registry: CaseRegistry, journal: Journal, desk: MatterDesk, noted: Noted
) -> None:
    main, other = [await reported(registry, journal, f"p-{n}") for n in (1, 2)]
    merged = await desk.merge(other.case_number, main.case_number, AGENT, version=other.version)
    back = await desk.split(other.case_number, AGENT, "不是一盏灯", version=merged.version)
    assert (back.state, back.merged_into) == ("to_file", "")
    assert (await registry.get(main.case_number)).reports == 1
    assert await desk.links(main.case_number) == []
    await close(registry, main.case_number)
    assert noted.told == [("closed", main.case_number)]


async def test_two_people_who_merge_two_cases_into_each_other_make_no_circle(
    registry: CaseRegistry, journal: Journal, desk: MatterDesk
) -> None:
    one, two = [await reported(registry, journal, f"p-{n}") for n in (1, 2)]
    done = await asyncio.gather(
        desk.merge(one.case_number, two.case_number, AGENT, version=one.version),
        desk.merge(two.case_number, one.case_number, CHIEF, version=two.version),
        return_exceptions=True,
    )
    assert len([one for one in done if isinstance(one, Case)]) == 1
    (refused,) = [one for one in done if isinstance(one, BadForm)]
    assert refused.faults == {"into": INTO_MERGED}
    async with journal.database.session() as session:
        rows = list(await session.scalars(select(CaseRow)))
    assert sorted(row.merged_into != "" for row in rows) == [False, True]


async def test_what_would_lose_a_citizen_is_refused(
    registry: CaseRegistry, journal: Journal, desk: MatterDesk
) -> None:
    main, other, third = [await reported(registry, journal, f"p-{n}") for n in (1, 2, 3)]
    await desk.merge(other.case_number, main.case_number, AGENT, version=other.version)
    held = await registry.get(main.case_number)
    with pytest.raises(NotAllowed) as refused:
        await registry.move(main.case_number, "void", CHIEF, "弄错了", version=held.version)
    assert refused.value.key == HAS_MERGED
    await close(registry, main.case_number)
    with pytest.raises(BadForm) as bad:
        await desk.merge(third.case_number, main.case_number, AGENT, version=third.version)
    assert bad.value.faults == {"into": INTO_CLOSED}
    with pytest.raises(BadForm):
        await desk.merge(third.case_number, third.case_number, AGENT, version=third.version)
    with pytest.raises(BadForm):
        await desk.merge(third.case_number, "20200101" + "00001", AGENT, version=third.version)
    with pytest.raises(CaseConflict):
        await desk.merge(third.case_number, main.case_number, AGENT, version=99)


async def test_several_are_merged_together_or_none_is(
    registry: CaseRegistry, journal: Journal, desk: MatterDesk
) -> None:
    main, two, three = [await reported(registry, journal, f"p-{n}") for n in (1, 2, 3)]
    with pytest.raises(NoSuchCase):
        await desk.merge_all(main.case_number, [two.case_number, "nobody"], AGENT)
    assert (await registry.get(two.case_number)).merged_into == ""
    await desk.merge_all(main.case_number, [two.case_number, three.case_number], AGENT, "一处")
    assert (await registry.get(main.case_number)).reports == 3


async def test_cases_are_marked_as_duplicates_and_the_mark_is_taken_back(
    registry: CaseRegistry, journal: Journal, desk: MatterDesk
) -> None:
    one, two = [await reported(registry, journal, f"p-{n}") for n in (1, 2)]
    for _ in range(2):
        await desk.link(one.case_number, two.case_number, Relation.RELATED, AGENT, "同一路段")
    (link,) = await desk.links(two.case_number)
    assert (link.other, link.relation) == (one.case_number, "related")
    await desk.unlink(two.case_number, one.case_number, AGENT, "其实不是")
    assert await desk.links(one.case_number) == []
    assert (await kinds(registry, one))[-2:] == ["CaseLinked", "CaseUnlinked"]
    with pytest.raises(BadForm):
        await desk.link(one.case_number, one.case_number, Relation.RELATED, AGENT)
    with pytest.raises(NotAllowed):
        await desk.link(one.case_number, two.case_number, Relation.RELATED, CALLBACK)


async def test_a_report_with_two_matters_becomes_two_cases_of_one_citizen(
    registry: CaseRegistry, journal: Journal, desk: MatterDesk
) -> None:
    case = await reported(registry, journal, "p-1", caller_name="王先生")
    form = read_form({**TYPED, "description": "还有井盖坏了"})
    new = await desk.split_off(case.case_number, form, AGENT, "两件事", version=case.version)
    assert (new.caller_name, new.caller_phone) == ("王先生", case.caller_phone)
    assert new.description == "还有井盖坏了"
    (link,) = await desk.links(case.case_number)
    assert (link.other, link.relation) == (new.case_number, "gave")
    with pytest.raises(CaseConflict):
        await desk.split_off(case.case_number, form, AGENT, version=case.version + 1)


async def test_many_reports_of_one_class_at_one_place_are_told_as_one_matter(
    registry: CaseRegistry, journal: Journal, desk: MatterDesk, clock: HandClock
) -> None:
    key = next(iter(taxonomy.load())).key
    cases = [await reported(registry, journal, f"p-{n}", category=key) for n in (1, 2)]
    await reported(registry, journal, "p-7", category=key, latitude=31.6)
    assert await desk.matters() == []
    cases.append(await reported(registry, journal, "p-3", category=key))
    clock.advance(10)
    (matter,) = await desk.matters()
    assert matter.cases == tuple(one.case_number for one in cases)
    assert (matter.main, matter.reports) == (cases[0].case_number, 3)
    # Once they are one there is nothing left to suggest but the one that counts them.
    await desk.merge_all(matter.main, matter.cases[1:], AGENT)
    assert await desk.matters() == []
