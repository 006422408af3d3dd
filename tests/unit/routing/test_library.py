from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from hotline.config import Config
from hotline.events import RoutingPublished
from hotline.routing.library import (
    NoSuchVersion,
    NothingChanged,
    PlanConflict,
    PlanLibrary,
    PlanRefused,
    Unproved,
)
from hotline.routing.model import PublishedPlan
from hotline.routing.rules import plan_of
from hotline.storage.journal import Journal
from hotline.storage.routing import Draft
from tests.unit.routing.plans import GROUND, data, plan, queue

WHY = "开通供水专线"


async def opened(journal: Journal) -> PlanLibrary:
    async def ground() -> Any:
        return GROUND

    library = PlanLibrary(journal, plan_of(Config()), ground)
    await library.open()
    return library


@pytest.fixture
async def library(journal: Journal) -> PlanLibrary:
    return await opened(journal)


async def publish(
    library: PlanLibrary, based_on: int, by: str = "supervisor", **changes: Any
) -> PublishedPlan:
    return await library.publish(data(**changes), by=by, based_on=based_on, unproved=WHY)


async def test_the_configured_queue_is_in_force_until_a_plan_is_published(
    library: PlanLibrary,
) -> None:
    assert library.current.version == 0
    assert [queue.name for queue in library.current.plan.queues] == ["hotline"]


async def test_a_published_plan_is_in_force_at_once_and_told_and_journalled(
    library: PlanLibrary, journal: Journal
) -> None:
    told: list[PublishedPlan] = []

    async def tell(published: PublishedPlan) -> None:
        told.append(published)

    library.told.append(tell)
    new = await library.publish(
        data(), by="supervisor", based_on=0, note="第一版", unproved="没有上月数据"
    )
    assert library.current is new
    assert told == [PublishedPlan(1, plan())]
    [record] = await journal.read(kinds=[RoutingPublished])
    event = RoutingPublished(1, "supervisor", "第一版", None, "", "没有上月数据")
    assert record.event == event


async def test_what_was_published_is_in_force_after_a_restart(
    library: PlanLibrary, journal: Journal
) -> None:
    await publish(library, 0)
    again = await opened(journal)
    assert again.current == PublishedPlan(1, plan())
    assert again.publication
    assert again.publication.by == "supervisor"


async def test_a_plan_with_errors_is_refused_with_them(library: PlanLibrary) -> None:
    with pytest.raises(PlanRefused) as refused:
        await publish(library, 0, queues=[queue("water")])
    assert {one.code for one in refused.value.findings} >= {"home-queue-missing"}
    with pytest.raises(PlanRefused):
        await library.publish({"queues": 1}, by="x", based_on=0, unproved=WHY)
    assert library.current.version == 0


async def test_the_second_of_two_who_began_from_the_same_version_is_told(
    library: PlanLibrary,
) -> None:
    await publish(library, 0)
    with pytest.raises(PlanConflict) as conflict:
        await publish(library, 0, by="admin", skills=[])
    assert conflict.value.current.by == "supervisor"


async def test_what_another_program_published_meanwhile_is_seen(
    library: PlanLibrary, journal: Journal
) -> None:
    await publish(await opened(journal), 0)
    with pytest.raises(PlanConflict):
        await publish(library, 0)
    assert library.current.version == 1


async def test_nothing_is_published_twice(library: PlanLibrary) -> None:
    await publish(library, 0)
    with pytest.raises(NothingChanged):
        await publish(library, 1)


async def test_a_plan_that_was_never_compared_needs_a_reason(library: PlanLibrary) -> None:
    with pytest.raises(Unproved):
        await library.publish(data(), by="supervisor", based_on=0)


async def test_a_compared_plan_is_published_with_its_comparison(library: PlanLibrary) -> None:
    result: Mapping[str, Any] = {"calls": 900}
    number = await library.keep_gate(plan(), 0, "supervisor", 1.0, result)
    await library.publish(data(), by="supervisor", based_on=0)
    assert library.publication
    assert library.publication.gate_id == number
    kept = await library.gate(number)
    assert kept
    assert kept.result == result


async def test_a_comparison_with_what_is_no_more_in_force_does_not_count(
    library: PlanLibrary,
) -> None:
    await library.keep_gate(plan(teams=[], agents=[], queues=[queue("hotline")]), 0, "x", 1.0, {})
    await publish(library, 0)
    with pytest.raises(Unproved):
        await library.publish(
            data(teams=[], agents=[], queues=[queue("hotline")]), by="supervisor", based_on=1
        )


async def test_a_return_to_an_older_version_is_one_more_publication(
    library: PlanLibrary,
) -> None:
    await publish(library, 0)
    back = await library.roll_back(0, by="supervisor", note="太慢", based_on=1)
    assert (back.version, len(back.plan.queues)) == (0, 1)
    history = await library.history()
    assert [(one.version, one.rolled_back_from) for one in history] == [(0, 1), (1, None)]
    await library.roll_back(1, by="supervisor", note="还是快", based_on=0)
    assert library.current == PublishedPlan(1, plan())
    with pytest.raises(NoSuchVersion):
        await library.roll_back(7, by="supervisor", note="?", based_on=1)


async def test_a_draft_is_kept_until_it_is_published(library: PlanLibrary) -> None:
    half_done = {"queues": "not yet"}
    await library.save_draft(Draft("supervisor", half_done, 0, 1.0))
    await library.save_draft(Draft("admin", data(), 0, 2.0))
    assert [draft.user_id for draft in await library.drafts()] == ["admin", "supervisor"]
    await publish(library, 0)
    assert [draft.user_id for draft in await library.drafts()] == ["admin"]
    await library.drop_draft("admin")
    assert await library.drafts() == []


async def test_what_no_database_stores_is_replaced_in_plans_notes_and_drafts(
    library: PlanLibrary,
) -> None:
    broken = [{"code": "water", "title": {"zh": "供\x00水"}}]
    new = await library.publish(
        data(skills=broken), by="supervisor", based_on=0, note="第\x00一版", unproved="试\ud800"
    )
    assert new.plan.skills[0].title["zh"] == "供\ufffd水"
    [kept] = await library.history()
    assert (kept.note, kept.unproved) == ("第\ufffd一版", "试\ufffd")
    await library.save_draft(Draft("supervisor", {"\x00": ["\ud800"]}, 1, 0.0))
    [draft] = await library.drafts()
    assert draft.plan == {"\ufffd": ["\ufffd"]}
