"""Suggested units: by points that anybody can add up, never against the evidence."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.registry.dispatching.engine import (
    ENOUGH,
    OUT_OF_AREA,
    RULE,
    fitting,
    nearest,
    record_points,
    suggest,
)
from hotline.registry.dispatching.model import History, Matter, Record, Rule, UnitHere
from hotline.registry.dispatching.rules_file import Known, read_rules
from hotline.registry.places.model import BadFile

LAMP = "component/0137"
LAMPS, DRAINS, DISTRICT = "u-lamps", "u-drains", "u-east"
UNITS = {
    LAMPS: UnitHere(LAMPS, "市照明处"),
    DRAINS: UnitHere(DRAINS, "市排水处"),
    DISTRICT: UnitHere(DISTRICT, "城东市政所"),
}
HERE = Matter(LAMP, {"district": "330102", "street": "330102001", "grid": "330102001001001"})
NOTHING = History("city", 90)
counts = st.integers(0, 60)


def past(*records: Record, scope: str = "street") -> History:
    return History(scope, 90, records)


def names(rules: list[Rule], history: History = NOTHING) -> list[str]:
    return [one.unit_id for one in suggest(HERE, rules, history, UNITS).candidates]


def test_a_longer_class_goes_before_a_narrower_place_and_that_before_everywhere() -> None:
    rules = [
        Rule(1, "", "", DRAINS),
        Rule(2, "component/", "330102001", DISTRICT),
        Rule(3, LAMP, "", LAMPS),
        Rule(4, LAMP, "330102", DISTRICT),
        Rule(5, LAMP, "999", DRAINS),
        Rule(6, "event/", "", DRAINS),
    ]
    assert [rule.rule_id for rule in fitting(HERE, rules)] == [4, 3, 2, 1]


def test_of_two_equal_rules_the_newer_counts() -> None:
    assert names([Rule(1, LAMP, "", LAMPS), Rule(2, LAMP, "", DRAINS)]) == [DRAINS, LAMPS]


def test_without_rules_and_without_a_past_nobody_is_suggested() -> None:
    assert suggest(HERE, [], NOTHING, UNITS).candidates == ()


def test_points_can_be_added_up() -> None:
    record = Record(LAMPS, handled=36, returned=1, open=2)
    best = suggest(HERE, [Rule(1, LAMP, "", LAMPS)], past(record), UNITS).candidates[0]
    assert (best.rule_points, best.record_points, best.area_points) == (RULE, 85, 0)
    assert best.points == 185
    assert (best.record.given, best.record.ended, best.record.wrong) == (39, 37, 1)


def test_a_closed_unit_is_passed_over_and_told() -> None:
    found = suggest(HERE, [Rule(1, LAMP, "", "u-gone"), Rule(2, "", "", LAMPS)], NOTHING, UNITS)
    assert [one.unit_id for one in found.candidates] == [LAMPS]
    assert [rule.rule_id for rule in found.closed_rules] == [1]


def test_a_unit_that_does_not_serve_the_place_stands_behind() -> None:
    units = UNITS | {LAMPS: replace(UNITS[LAMPS], serves=False)}
    rules = [Rule(1, LAMP, "", LAMPS), Rule(2, "", "", DISTRICT)]
    best = suggest(HERE, rules, NOTHING, units).candidates
    assert [(one.unit_id, one.points) for one in best] == [
        (DISTRICT, 50),
        (LAMPS, RULE - OUT_OF_AREA),
    ]


def test_one_case_sent_back_does_not_overturn_a_rule() -> None:
    history = past(Record(LAMPS, returned=1, corrected={DRAINS: 1}), Record(DRAINS, handled=1))
    found = suggest(HERE, [Rule(1, LAMP, "", LAMPS)], history, UNITS)
    assert (found.candidates[0].unit_id, found.contradictions) == (LAMPS, ())


def test_a_rule_that_keeps_being_wrong_is_called_into_question_and_the_better_unit_named() -> None:
    wrong = Record(LAMPS, handled=1, returned=4, redirected=4, corrected={DRAINS: 8})
    history = past(wrong, Record(DRAINS, handled=8))
    found = suggest(HERE, [Rule(7, LAMP, "", LAMPS)], history, UNITS)
    assert found.candidates[0].unit_id == DRAINS
    (doubt,) = found.contradictions
    assert (doubt.rule.rule_id, doubt.record, doubt.better) == (7, wrong, DRAINS)


def test_a_unit_that_only_took_over_is_a_candidate_too() -> None:
    history = past(Record(LAMPS, returned=2, corrected={DISTRICT: 2}))
    assert set(names([], history)) == {LAMPS, DISTRICT}


def test_a_street_with_too_few_cases_asks_its_district_and_then_the_city() -> None:
    few, some = Record(LAMPS, handled=ENOUGH - 1), Record(LAMPS, handled=ENOUGH)
    assert nearest((past(few), past(some, scope="district"), NOTHING)).scope == "district"
    assert (
        nearest((past(few), past(few, scope="district"), past(few, scope="city"))).scope == "city"
    )


@given(counts, counts, counts)
def test_a_case_more_done_never_lowers_and_one_more_in_vain_never_raises(
    handled: int, returned: int, redirected: int
) -> None:
    record = Record(LAMPS, handled, returned, redirected)
    points = record_points(record)
    assert -100 < points < 100
    assert record_points(replace(record, handled=handled + 1)) >= points
    assert record_points(replace(record, returned=returned + 1)) <= points
    assert record_points(replace(record, redirected=redirected + 1)) <= points


@given(st.permutations([Rule(n, LAMP[: 2 * n], "", unit) for n, unit in enumerate(UNITS, 1)]))
def test_the_order_in_which_rules_are_read_changes_nothing(rules: list[Rule]) -> None:
    assert names(rules) == names(sorted(rules, key=lambda rule: rule.rule_id))


KNOWN = Known(
    unit={unit.name: key for key, unit in UNITS.items()}.get,
    category=LAMP.startswith,
    place=lambda place: place in HERE.places.values(),
)


def test_a_file_of_rules_is_taken_as_it_is_meant() -> None:
    text = "\ufeffcategory,place,unit,note\ncomponent/01,330102,市照明处,路灯\n,,城东市政所,\n"
    assert [(one.category, one.place, one.unit_id) for one in read_rules(text, KNOWN)] == [
        ("component/01", "330102", LAMPS),
        ("", "", DISTRICT),
    ]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("component/01,,没有的单位,", (2, "unit", "unknown_unit")),
        ("component/01,,,", (2, "unit", "required")),
        ("event/99,,市照明处,", (2, "category", "unknown_category")),
        (",7,市照明处,", (2, "place", "unknown_place")),
        (f",,市照明处,{'字' * 201}", (2, "note", "too_long")),
        (",,市照明处,\n,,市照明处,", (3, "unit", "duplicate")),
        ("", (2, "", "no_rows")),
    ],
)
def test_each_faulty_row_is_named(row: str, fault: tuple[int, str, str]) -> None:
    with pytest.raises(BadFile) as bad:
        read_rules(f"category,place,unit,note\n{row}\n", KNOWN)
    assert [(one.row, one.field, one.fault) for one in bad.value.faults] == [fault]
