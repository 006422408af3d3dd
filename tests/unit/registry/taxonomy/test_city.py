"""A city's own classes: who may choose what from when, and what old cases keep."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from hotline import events
from hotline.registry import taxonomy
from hotline.registry.model import BadForm
from hotline.registry.service import CaseRegistry
from hotline.registry.taxonomy.city import (
    CityClass,
    NewClass,
    TaxonomyFault,
    fills_gap,
    next_code,
    read_words,
)
from hotline.registry.taxonomy.service import ClassChanged, NoSuchClass, TaxonomyLibrary
from hotline.storage.journal import Journal
from tests.databases import CITY, HandClock
from tests.unit.registry.cases import AGENT, Noted, arrive, opened

ON_BOTH = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
LAMP = "component/0137"
TODAY = date(2026, 11, 20)
STATION = NewClass("component", "01", "爱心驿站", synonyms=("驿站",))
WHY = {"why": "市里新增", "by": "admin"}


@pytest.fixture
def registry(journal: Journal, library: TaxonomyLibrary) -> CaseRegistry:
    return CaseRegistry(journal, CITY, library, Noted())


@ON_BOTH
async def test_an_own_class_is_in_force_at_once_and_after_a_restart(
    library: TaxonomyLibrary, journal: Journal, clock: HandClock
) -> None:
    revision = await library.add(STATION, **WHY)
    assert (revision.number, revision.entry.key) == (1, "component/0199")
    again = TaxonomyLibrary(journal, clock, CITY)
    await again.load()
    for one in (library, again):
        found = one.choose("component/0199")
        assert found is not None
        assert (found.name, found.major, found.origin) == ("爱心驿站", "公用设施", "city")
        assert [c.key for c in one.search("驿站")] == ["component/0199"]
        assert one.revision == 1


@ON_BOTH
async def test_every_change_is_journalled_with_who_and_why(
    library: TaxonomyLibrary, journal: Journal
) -> None:
    await library.change(LAMP, "", ("灯杆子",), why="群众的叫法", by="admin", based_on=0)
    (record,) = await journal.read(kinds=[events.TaxonomyRevised])
    event = record.event
    assert isinstance(event, events.TaxonomyRevised)
    assert (event.action, event.key, event.why, event.by) == (
        "change", LAMP, "群众的叫法", "admin"
    )  # fmt: skip
    assert (event.before["synonyms"], event.entry["synonyms"]) == ([], ["灯杆子"])
    assert library.revisions[0].at == record.at


async def test_a_standards_class_gets_words_and_keeps_its_name(library: TaxonomyLibrary) -> None:
    await library.change(LAMP, "灯", ("灯杆子",), based_on=0, **WHY)
    found = library.get(LAMP)
    assert found is not None
    assert (found.name, found.synonyms[0]) == ("路灯", "灯杆子")
    assert "马路灯" in found.synonyms
    assert library.hits("灯杆子")[0].category.key == LAMP


async def test_a_retired_class_is_chosen_until_its_day_and_read_for_ever(
    library: TaxonomyLibrary, clock: HandClock
) -> None:
    await library.retire(LAMP, TODAY + timedelta(days=2), based_on=0, **WHY)
    assert library.choose(LAMP) is not None
    clock.advance(2 * 86_400)
    assert library.choose(LAMP) is None
    assert LAMP not in {c.key for c in library.choosable()}
    assert LAMP not in {c.key for c in library.search("路灯")}
    kept = library.find(library.standard, LAMP)
    assert kept is not None
    assert kept.name == "路灯"
    await library.restore(LAMP, based_on=1, **WHY)
    assert library.choose(LAMP) is not None


@ON_BOTH
async def test_a_case_keeps_standard_revision_and_a_class_that_was_retired(
    library: TaxonomyLibrary, registry: CaseRegistry, journal: Journal
) -> None:
    await library.add(STATION, **WHY)
    await arrive(journal)
    case = await opened(registry, category=LAMP)
    assert (case.standard, case.taxonomy_revision) == ("gbt-30428.2-2013", 1)
    await library.retire(LAMP, TODAY, based_on=1, **WHY)
    edited = await registry.edit(case.case_number, {"address": "解放路"}, case.version, AGENT)
    assert (edited.category_code, edited.category_name) == (LAMP, "路灯")
    assert edited.taxonomy_revision == 1
    await arrive(journal, "pbx1-2")
    with pytest.raises(BadForm) as bad:
        await opened(registry, "pbx1-2", category=LAMP)
    assert bad.value.faults == {"category": "form.category"}


async def test_cases_of_a_standard_that_the_city_left_stay_as_they_are(
    registry: CaseRegistry, journal: Journal, clock: HandClock
) -> None:
    await arrive(journal)
    case = await opened(registry, category="component/0114")
    older = TaxonomyLibrary(journal, clock, CITY, "cjt-214-2007")
    later = CaseRegistry(journal, CITY, older, Noted())
    same = await later.edit(case.case_number, {"address": "解放路"}, case.version, AGENT)
    assert (same.standard, same.category_name) == ("gbt-30428.2-2013", "园林井盖")
    found = older.find(str(same.standard), str(same.category_code))
    assert found is not None
    assert found.name == "园林井盖"
    # The same code in the other standard is another class: chosen, it is the other one.
    chosen = await later.edit(case.case_number, {"category": "component/0114"}, same.version, AGENT)
    assert (chosen.standard, chosen.category_name) == ("cjt-214-2007", "无主井盖")


async def test_the_form_says_what_is_wrong_with_a_components_code(
    registry: CaseRegistry, journal: Journal
) -> None:
    await arrive(journal)
    case = await opened(registry, category=LAMP, component_code="1101010137000001")
    assert case.component_code == "1101010137000001"
    with pytest.raises(BadForm) as bad:
        await registry.edit(
            case.case_number, {"component_code": "1101010138000001"}, case.version, AGENT
        )
    assert bad.value.faults == {"component_code": "form.component_other_class"}


async def test_two_who_change_one_class_cannot_overwrite_each_other(
    library: TaxonomyLibrary,
) -> None:
    await library.change(LAMP, "", ("灯",), based_on=0, **WHY)
    with pytest.raises(ClassChanged):
        await library.retire(LAMP, TODAY, based_on=0, **WHY)
    await library.retire("component/0138", TODAY, based_on=0, **WHY)
    with pytest.raises(NoSuchClass):
        await library.restore("component/9999", based_on=9, **WHY)


@pytest.mark.parametrize(
    ("wanted", "faults"),
    [
        (replace(STATION, name=" "), {"name": "required"}),
        (replace(STATION, name="路灯"), {"name": "class_name_taken"}),
        (replace(STATION, major_code="09"), {"major": "choice"}),
        (replace(STATION, kind="thing"), {"major": "choice"}),
        (replace(STATION, code="0137"), {"code": "class_code_taken"}),
        (replace(STATION, code="0299"), {"code": "class_code"}),
        (replace(STATION, code="01999"), {"code": "class_code"}),
        (replace(STATION, synonyms=("长" * 21,)), {"synonyms": "class_words"}),
    ],
)
async def test_what_cannot_be_added_is_said_by_field(
    library: TaxonomyLibrary, wanted: NewClass, faults: dict[str, str]
) -> None:
    with pytest.raises(TaxonomyFault) as fault:
        await library.add(wanted, **WHY)
    assert fault.value.faults == faults
    assert library.revisions == ()


async def test_nothing_is_changed_without_a_reason_or_in_the_past(
    library: TaxonomyLibrary, journal: Journal
) -> None:
    with pytest.raises(TaxonomyFault):
        await library.add(STATION, why="  ", by="admin")
    with pytest.raises(TaxonomyFault):
        await library.retire(LAMP, TODAY - timedelta(days=1), based_on=0, **WHY)
    assert (library.revision, await journal.read()) == (0, [])


async def test_own_classes_are_numbered_down_and_retired_numbers_stay_taken(
    library: TaxonomyLibrary,
) -> None:
    await library.add(STATION, **WHY)
    await library.retire("component/0199", TODAY, based_on=1, **WHY)
    assert next_code(library.current, "component", "01") == "0198"
    again = await library.add(STATION, **WHY)
    assert again.entry.key == "component/0198"
    with pytest.raises(TaxonomyFault) as fault:
        await library.restore("component/0199", based_on=9, **WHY)
    assert fault.value.faults == {"name": "class_name_taken"}


async def test_a_gap_of_the_list_can_be_filled_in(library: TaxonomyLibrary) -> None:
    await library.add(NewClass("component", "01", "电力井盖", "0105"), **WHY)
    added, lamp = library.get("component/0105"), library.get(LAMP)
    assert added is not None
    assert lamp is not None
    assert (fills_gap(added), fills_gap(lamp)) == (True, False)


async def test_changes_of_one_standard_do_not_touch_another(
    library: TaxonomyLibrary, journal: Journal, clock: HandClock
) -> None:
    await library.add(STATION, **WHY)
    newer = TaxonomyLibrary(journal, clock, CITY, "gbt-47678.5-2026")
    await newer.load()
    assert len(newer.current) == len(taxonomy.load("gbt-47678.5-2026"))
    assert newer.find("gbt-30428.2-2013", "component/0199") is not None
    await newer.add(replace(STATION, name="城市驿站"), **WHY)
    assert newer.current.get("component/01999") is not None
    assert newer.revision == 2


@ON_BOTH
async def test_cases_are_counted_by_class(
    library: TaxonomyLibrary, registry: CaseRegistry, journal: Journal
) -> None:
    for call_id, key in (("pbx1-1", LAMP), ("pbx1-2", LAMP), ("pbx1-3", "event/0113")):
        await arrive(journal, call_id)
        await opened(registry, call_id, category=key)
    assert await library.usage(library.standard) == {LAMP: 2, "event/0113": 1}
    assert await library.usage("cjt-214-2007") == {}


def test_words_are_typed_apart_by_spaces_or_commas() -> None:
    assert read_words(" 马路灯、街灯，马路灯\n灯 。") == ("马路灯", "街灯", "灯")


def test_an_entry_is_the_same_after_it_was_kept() -> None:
    entry = CityClass("component/0199", "爱心驿站", "公用设施", ("驿站",), TODAY, own=True)
    assert CityClass.of(entry.data()) == entry
