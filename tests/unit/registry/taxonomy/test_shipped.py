"""The lists as they were supplied, what is said of them, and what can be told from them."""

from __future__ import annotations

import re

import pytest

from hotline.registry import taxonomy
from hotline.registry.taxonomy.codes import BadCode, check_grid, in_english, read_component
from hotline.registry.taxonomy.convert import (
    EXACT,
    MERGED,
    NONE,
    RELATIONS,
    RENAMED,
    SPLIT,
    conversions,
    convert,
)
from hotline.registry.taxonomy.gaps import all_gaps, missing_codes
from hotline.registry.taxonomy.limits import example_limits, read_limits
from hotline.registry.taxonomy.shipped import table
from hotline.web.catalogue import LANGUAGES, load_catalogue

IDS = [standard.id for standard in taxonomy.standards()]
_2007, _2013, _2026, LOCAL = IDS
PAIRS = [(one, other) for one in IDS for other in IDS if one != other]
TABLES = [(_2007, _2013), (_2007, _2026), (_2013, _2026), (LOCAL, _2013), (LOCAL, _2026)]


@pytest.mark.parametrize(
    ("standard", "components", "events"),
    [(_2007, 85, 54), (_2013, 66, 67), (_2026, 153, 250), (LOCAL, 26, 32)],
)
def test_each_list_is_as_long_as_the_manifest_says(
    standard: str, components: int, events: int
) -> None:
    branches = [category.branch for category in taxonomy.load(standard)]
    assert (branches.count("component"), branches.count("event")) == (components, events)
    assert [one.listed for one in all_gaps(standard)] == [components, events]


@pytest.mark.parametrize("standard", IDS)
def test_codes_are_of_the_standards_length_and_begin_with_their_major(standard: str) -> None:
    about = next(one for one in taxonomy.standards() if one.id == standard)
    for category in taxonomy.load(standard):
        assert len(category.code) == about.digits
        assert category.code == category.major_code + category.minor_code
        assert (category.standard, category.version) == (standard, about.version)
        assert category.pinyin.isascii()
        assert category.initials


def test_what_is_missing_is_said_with_counts_and_codes() -> None:
    components, events = all_gaps(_2013)
    assert (components.missing, events.missing) == (55, 16)
    assert (components.elsewhere, events.elsewhere) == (8, 4)
    assert components.codes["0105"] == "电力井盖"
    assert not {c.code for c in taxonomy.load(_2013) if c.branch == "event"} & set(events.codes)
    assert [one.missing for one in all_gaps(_2007)] == [0, 0]
    assert [one.missing for one in all_gaps(_2026)] == [None, None]
    assert next(iter(missing_codes(_2026, "component").codes)) == "01016"


def test_the_events_of_2026_mirror_its_components() -> None:
    tree = taxonomy.load(_2026)
    components = {c.code: c.name for c in tree if c.branch == "component"}
    mirrors = [c for c in tree if c.branch == "event" and c.code in components]
    assert len(mirrors) == 153
    assert all(c.name.replace("异常", "") == components[c.code] for c in mirrors)


def test_a_standard_that_is_not_shipped_is_named_with_those_that_are() -> None:
    with pytest.raises(taxonomy.UnknownStandard, match=f"gbt-0.*{_2007}"):
        taxonomy.load("gbt-0")


# --- conversion ------------------------------------------------------------------------------


@pytest.mark.parametrize("pair", PAIRS)
def test_every_class_has_an_answer_in_every_other_standard(pair: tuple[str, str]) -> None:
    target = taxonomy.load(pair[1])
    answers = conversions(*pair)
    assert list(answers) == [category.key for category in taxonomy.load(pair[0])]
    for found in answers.values():
        assert found
        for one in found:
            assert one.relation in RELATIONS
            assert (one.relation == NONE) == (one.category is None)
            assert one.category is None or target.get(one.category.key) == one.category


@pytest.mark.parametrize("pair", TABLES)
def test_the_tables_name_what_they_point_at(pair: tuple[str, str]) -> None:
    source, target = map(taxonomy.load, pair)
    rows = table(f"conversions/{pair[0]}--{pair[1]}.tsv")
    assert {row["from"] for row in rows} == {category.key for category in source}
    for row in rows:
        begun, became = source.get(row["from"]), target.get(row["to"])
        assert begun is not None
        assert begun.name == row["from_name"]
        assert (became.name if became else "") == row["to_name"]
        same = became is not None and (begun.branch, begun.name) == (became.branch, became.name)
        assert (row["relation"] == EXACT) == same
        into = [one for one in rows if one["from"] == row["from"]]
        assert (row["relation"] == SPLIT) == (len(into) > 1)
        if row["likely"]:
            assert row["likely"] in missing_codes(pair[1], begun.branch).codes


@pytest.mark.parametrize(
    ("standard", "key", "to", "relation", "names"),
    [
        (_2013, "component/0101", _2026, RENAMED, ["供水井盖"]),
        (_2026, "component/01001", _2013, RENAMED, ["上水井盖"]),
        (_2007, "component/0118", _2013, EXACT, ["路灯"]),
        (_2007, "component/0117", _2013, SPLIT, ["电力立杆", "通信立杆"]),
        (_2013, "component/0131", _2007, MERGED, ["立杆"]),
        (_2026, "event/01037", _2013, RENAMED, ["路灯"]),
        (LOCAL, "event/0198", _2007, MERGED, ["私搭乱建"]),
        (_2013, "event/0128", _2026, MERGED, ["噪声扰民"]),
    ],
)
def test_what_became_of_well_known_classes(
    standard: str, key: str, to: str, relation: str, names: list[str]
) -> None:
    found = convert(standard, key, to)
    assert [one.category.name for one in found if one.category] == names
    assert {one.relation for one in found} == {relation}


def test_a_class_that_a_partial_list_leaves_out_is_told_its_likely_code() -> None:
    for standard, key in ((_2007, "component/0105"), (_2026, "component/01005")):
        (only,) = convert(standard, key, _2013)
        assert (only.relation, only.likely_code) == (NONE, "0105")


def test_a_class_is_itself_in_its_own_standard_and_an_unknown_one_is_an_error() -> None:
    (only,) = convert(_2013, "component/0137", _2013)
    assert only.category == taxonomy.load(_2013).get("component/0137")
    with pytest.raises(KeyError):
        convert(_2013, "component/9999", _2026)


# --- time limits -----------------------------------------------------------------------------


def test_one_citys_limits_are_read_in_the_order_of_the_conditions() -> None:
    limits = example_limits(_2013)["component/0101"]
    assert [one.limit for one in limits] == ["2紧急工作时", "4工作时", "2工作日", "5工作日"]
    assert [one.condition for one in limits] == [1, 2, 3, 4]
    assert "/".join(one.raw for one in limits) == "2紧急工作时/4小时/2天/5天"


@pytest.mark.parametrize("standard", IDS)
def test_every_published_limit_can_be_read_and_its_words_are_kept(standard: str) -> None:
    read = example_limits(standard)
    for category in taxonomy.load(standard):
        raw = "/".join(one.raw for one in read.get(category.key, ()))
        assert raw == category.example_limit


def test_what_a_limit_is_for_and_what_cannot_be_read_is_said() -> None:
    stop, rest = read_limits("1紧急工作时制止/3天")
    assert (stop.note, stop.limit, rest.note) == ("制止", "1紧急工作时", "")
    assert read_limits("2紧急工作日")[0].limit == "2自然日"
    with pytest.raises(ValueError, match="尽快"):
        read_limits("尽快")


# --- codes of components ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("standard", "code", "name"),
    [
        (_2013, "1101010137000001", "路灯"),
        (_2007, "1101010118000001", "路灯"),
        (_2026, "11010101037000001", "路灯"),
        # The list of 2013 leaves this class out; the standard has it.
        (_2013, "1101010105000001", ""),
    ],
)
def test_a_components_code_is_taken_apart(standard: str, code: str, name: str) -> None:
    read = read_component(code, taxonomy.load(standard))
    assert (read.district, read.serial, read.name) == ("110101", "000001", name)


@pytest.mark.parametrize(
    ("standard", "code", "fault"),
    [
        (_2013, "110101013700000A", "digits"),
        (_2013, "１１０１０１０１３７００００００１", "digits"),
        (_2013, "11010101037000001", "length_16"),
        (_2026, "1101010137000001", "length_17"),
        (_2013, "0001010137000001", "district"),
        (_2013, "1100000137000001", "district"),
        (_2007, "1101010139000001", "class"),
        (_2013, "1101010937000001", "class"),
        (_2013, "1101010137000000", "serial"),
    ],
)
def test_what_is_wrong_with_a_code_is_named(standard: str, code: str, fault: str) -> None:
    with pytest.raises(BadCode) as bad:
        read_component(code, taxonomy.load(standard))
    assert bad.value.key == f"form.component_{fault}"


def test_a_code_of_another_class_than_the_chosen_one_is_refused() -> None:
    tree = taxonomy.load(_2013)
    read_component("1101010137000001", tree, "component/0137")
    read_component("1101010137000001", tree, "event/0113")
    with pytest.raises(BadCode) as bad:
        read_component("1101010137000001", tree, "component/0138")
    assert bad.value.key == "form.component_other_class"


def test_a_grid_has_fifteen_digits_and_a_district() -> None:
    check_grid("110101001001001")
    for wrong in ("11010100100100", "1101010010010011", "11010100100100x", "991001001001001"):
        with pytest.raises(BadCode):
            check_grid(wrong)


def test_every_fault_has_its_words_on_the_screens_and_at_the_terminal() -> None:
    from hotline.registry.taxonomy.codes import FAULTS

    catalogue = load_catalogue()
    for fault in FAULTS:
        assert in_english(fault)
        for language in LANGUAGES:
            field = re.sub(r"^form\.", "error.field.", fault)
            assert field in catalogue.texts[language]
