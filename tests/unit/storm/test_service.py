"""A storm from its beginning to its end, and who is affected."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from hotline import events
from hotline.registry.model import Person
from hotline.registry.service import CaseRegistry
from hotline.storage.journal import Journal
from hotline.storm.model import Affected, Storm, StormFault, StormWords
from hotline.storm.service import NoSuchStorm, StormConflict, StormDesk
from tests.databases import MORNING, HandClock
from tests.deadline import until
from tests.unit.registry.cases import CHIEF, opened

HOUR = 3600.0
ZHAO = Person("supervisor", "supervisor")


def words(text: str = "人民路积水", en: str = "", hours: float = 6) -> StormWords:
    return StormWords(text, en, ("人民路", "解放路"), MORNING + hours * HOUR)


@asynccontextmanager
async def running(desk: StormDesk) -> AsyncIterator[None]:
    task = asyncio.create_task(desk.run())
    try:
        await asyncio.sleep(0)
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def restarted(journal: Journal, registry: CaseRegistry, clock: HandClock) -> StormDesk:
    desk = StormDesk(journal, registry, clock)
    await desk.load()
    return desk


async def kinds(journal: Journal, kind: type[events.Event]) -> list[events.Event]:
    return [record.event for record in await journal.read(kinds=(kind,))]


# --- begun and ended ------------------------------------------------------------------------


async def test_callers_are_told_from_the_beginning_to_the_end(
    desk: StormDesk, journal: Journal, clock: HandClock
) -> None:
    assert desk.facts(MORNING)["storm.active"] is False
    storm = await desk.begin(words(en="Renmin Road is flooded"), ZHAO)
    assert desk.facts(MORNING) == {
        "storm.active": True,
        "storm.text": "人民路积水",
        "storm.text_en": "Renmin Road is flooded",
        # 人民路 is in the text already.
        "storm.places": "解放路",
        "storm.places_en": "人民路, 解放路",
        "storm.case": storm.case_number,
    }
    clock.advance(HOUR)
    await desk.end(storm.storm_id, ZHAO)
    assert desk.facts(MORNING + HOUR)["storm.text"] == ""
    [ended] = await kinds(journal, events.StormEnded)
    assert ended == events.StormEnded(storm.case_number, storm.storm_id, "supervisor", 0)


async def test_a_storm_opens_a_case_of_its_own(desk: StormDesk, registry: CaseRegistry) -> None:
    storm = await desk.begin(words(), ZHAO)
    case = await registry.get(storm.case_number)
    assert (case.source, case.state, case.description) == ("storm", "to_file", "人民路积水")
    assert (case.address, case.callback_wanted) == ("人民路、解放路", False)
    history = [record.event.kind for record in await registry.history(storm.case_number)]
    assert history == ["CaseOpened", "StormBegan"]


async def test_a_storm_can_name_a_case_that_is_there(
    desk: StormDesk, registry: CaseRegistry
) -> None:
    case = await opened(registry)
    storm = await desk.begin(words(), ZHAO, f" {case.case_number} ")
    assert storm.case_number == case.case_number


async def test_a_storm_names_no_case_that_is_over_or_was_never_there(
    desk: StormDesk, registry: CaseRegistry
) -> None:
    case = await opened(registry)
    await registry.move(case.case_number, "void", CHIEF, "重复", version=case.version)
    for number, key in ((case.case_number, "case_over"), ("2026112099999", "no_such_case")):
        with pytest.raises(StormFault) as refused:
            await desk.begin(words(), ZHAO, number)
        assert refused.value.faults == {"case_number": key}
    assert desk.active(MORNING) is None


async def test_there_is_one_storm_at_a_time(desk: StormDesk) -> None:
    await desk.begin(words(), ZHAO)
    with pytest.raises(StormConflict) as refused:
        await desk.begin(words("停水"), ZHAO)
    assert refused.value.key == "storm_on"


async def test_a_storm_ends_by_itself(desk: StormDesk, journal: Journal, clock: HandClock) -> None:
    await desk.begin(words(hours=2), ZHAO)
    async with running(desk):
        clock.advance(2 * HOUR - 1)
        assert desk.active(clock.now()) is not None
        clock.advance(1)
        assert desk.active(clock.now()) is None

        async def told() -> bool:
            return bool(await kinds(journal, events.StormEnded))

        await until(told, what="the storm's end in the journal")
    [record] = await journal.read(kinds=(events.StormEnded,))
    assert (record.at, record.event.data()["by"]) == (MORNING + 2 * HOUR, "system")


async def test_a_longer_storm_goes_on_past_its_first_end(desk: StormDesk, clock: HandClock) -> None:
    storm = await desk.begin(words(hours=2), ZHAO)
    async with running(desk):
        clock.advance(HOUR)
        longer = await desk.change(storm.storm_id, words("水已退", hours=5), storm.version, ZHAO)
        clock.advance(3 * HOUR)
        await asyncio.sleep(0)
        assert desk.active(clock.now()) == longer
        assert longer.text_zh == "水已退"


async def test_an_older_page_changes_nothing(desk: StormDesk) -> None:
    storm = await desk.begin(words(), ZHAO)
    changed = await desk.change(storm.storm_id, words("甲"), storm.version, ZHAO)
    with pytest.raises(StormConflict) as refused:
        await desk.change(storm.storm_id, words("乙"), storm.version, ZHAO)
    assert refused.value.key == "storm_changed"
    assert desk.active(MORNING) == changed


async def test_a_storm_that_is_over_is_not_changed_and_another_can_begin(
    desk: StormDesk, journal: Journal, clock: HandClock
) -> None:
    storm = await desk.begin(words(hours=1), ZHAO)
    clock.advance(HOUR)
    with pytest.raises(StormConflict) as refused:
        await desk.change(storm.storm_id, words(), storm.version, ZHAO)
    assert refused.value.key == "storm_over"
    with pytest.raises(NoSuchStorm):
        await desk.end(99, ZHAO)
    # Nothing ran that would have noted the end.
    second = await desk.begin(words("停水"), ZHAO)
    assert [s.storm_id for s in await desk.storms()] == [second.storm_id, storm.storm_id]
    assert (await desk.get(storm.storm_id)).ended_by == "system"
    assert len(await kinds(journal, events.StormEnded)) == 1


async def test_a_storm_survives_a_restart(
    desk: StormDesk, journal: Journal, registry: CaseRegistry, clock: HandClock
) -> None:
    storm = await desk.begin(words(), ZHAO)
    again = await restarted(journal, registry, clock)
    assert again.active(MORNING) == storm


async def test_a_storm_whose_time_came_while_nobody_ran_is_over(
    desk: StormDesk, journal: Journal, registry: CaseRegistry, clock: HandClock
) -> None:
    storm = await desk.begin(words(hours=1), ZHAO)
    clock.advance(3 * HOUR)
    again = await restarted(journal, registry, clock)
    assert again.active(clock.now()) is None
    async with running(again):

        async def ended() -> float | None:
            return (await again.get(storm.storm_id)).ended_at

        assert await until(ended, what="its end") == MORNING + HOUR


# --- who is affected ------------------------------------------------------------------------


@pytest.fixture
async def storm(desk: StormDesk) -> Storm:
    return await desk.begin(words(), ZHAO)


async def test_a_number_counts_once_however_often_it_calls(
    desk: StormDesk, storm: Storm, journal: Journal
) -> None:
    first = await desk.register("c1", "13800138000", None, MORNING)
    again = await desk.register("c2", "+8613800138000", "人民路", MORNING + 60)
    assert first is not None
    assert again is not None
    assert (first.new, first.count, first.case_number) == (True, 1, storm.case_number)
    assert (again.new, again.count, again.affected_id) == (False, 1, first.affected_id)
    [row] = await desk.registered(storm.storm_id)
    assert row == Affected(
        first.affected_id, "c1", "13800138000", "人民路", MORNING, again=1, callback=False
    )
    told = await kinds(journal, events.CallerAffected)
    assert [(e.data()["call_id"], e.data()["new"]) for e in told] == [("c1", True), ("c2", False)]


async def test_a_withheld_number_counts_once_a_call_and_is_shown_apart(
    desk: StormDesk, storm: Storm
) -> None:
    for call_id in ("c1", "c2", "c2"):
        await desk.register(call_id, "", None, MORNING)
    await desk.register("c3", "13800138000", None, MORNING)
    picture = await desk.picture(storm.storm_id)
    assert (picture.count, picture.withheld) == (3, 2)


async def test_many_at_once_are_each_noted_once(desk: StormDesk, storm: Storm) -> None:
    calls = [(f"c{n}", f"1380013{n % 20:04}") for n in range(60)]
    found = await asyncio.gather(
        *(desk.register(call, number, None, MORNING) for call, number in calls)
    )
    assert sum(one is not None and one.new for one in found) == 20
    assert (await desk.picture(storm.storm_id)).count == 20


async def test_registrations_are_counted_by_place_and_ten_minutes(
    desk: StormDesk, storm: Storm
) -> None:
    said = [("人民路", 0), ("人民路", 599), ("解放路", 600), (None, 1800)]
    for n, (place, after) in enumerate(said):
        await desk.register(f"c{n}", f"1380013800{n}", place, MORNING + after)
    picture = await desk.picture(storm.storm_id)
    assert list(picture.places) == [("人民路", 2), ("", 1), ("解放路", 1)]
    assert list(picture.slots) == [(MORNING, 2), (MORNING + 600, 1), (MORNING + 1800, 1)]


async def test_nobody_registers_when_no_storm_is_in_force(
    desk: StormDesk, clock: HandClock, journal: Journal
) -> None:
    assert await desk.register("c1", "13800138000", None, MORNING) is None
    storm = await desk.begin(words(hours=1), ZHAO)
    assert await desk.register("c1", "13800138000", None, MORNING + HOUR) is None
    await desk.end(storm.storm_id, ZHAO)
    assert await desk.register("c1", "13800138000", None, MORNING) is None
    assert await kinds(journal, events.CallerAffected) == []


async def test_the_same_number_is_new_in_the_next_storm(desk: StormDesk, storm: Storm) -> None:
    await desk.register("c1", "13800138000", None, MORNING)
    await desk.end(storm.storm_id, ZHAO)
    await desk.begin(words("停水"), ZHAO)
    again = await desk.register("c2", "13800138000", None, MORNING)
    assert again is not None
    assert (again.new, again.count) == (True, 1)


async def test_whom_to_call_back_is_noted_and_can_be_taken_back(
    desk: StormDesk, storm: Storm, journal: Journal
) -> None:
    one = await desk.register("c1", "13800138000", None, MORNING, callback=True)
    two = await desk.register("c2", "13900139000", None, MORNING + 1)
    hidden = await desk.register("c3", "", None, MORNING + 2, callback=True)
    assert one is not None
    assert two is not None
    assert hidden is not None
    await desk.want_callback(two.affected_id, True, ZHAO)
    wanted = await desk.registered(storm.storm_id, callbacks_only=True)
    assert [row.call_id for row in wanted] == ["c2", "c1"]
    assert (await desk.picture(storm.storm_id)).callbacks == 2
    await desk.want_callback(one.affected_id, False, ZHAO)
    wanted = await desk.registered(storm.storm_id, callbacks_only=True)
    assert [row.call_id for row in wanted] == ["c2"]
    with pytest.raises(StormFault):
        await desk.want_callback(hidden.affected_id, True, ZHAO)
    with pytest.raises(NoSuchStorm):
        await desk.want_callback(99, True, ZHAO)
    assert len(await kinds(journal, events.AffectedCallbackWanted)) == 2
