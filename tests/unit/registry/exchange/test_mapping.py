"""Field mappings: what they make of what, and what is wrong with them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from hotline.registry.exchange import mapping
from hotline.registry.exchange.mapping import INWARD, BadMapping
from hotline.registry.exchange.peers import read_for, shipped
from tests.databases import CITY, MORNING


def made(text: str, given_: dict[str, Any], *, inward: bool = True) -> mapping.Applied:
    return mapping.apply(mapping.read(text), given_, zone=CITY, now=MORNING, inward=inward)


def test_values_are_renamed_translated_joined_and_typed() -> None:
    text = """
    fields:
      kind: {from: 类型, values: {1: consult, 是: help}, otherwise: report}
      description: {from: [标题, 正文.内容]}
      asked_at: {from: 时间, date: ["%Y%m%d", epoch]}
      urgency: {const: urgent}
      anonymous: {from: 匿名}
      address: {from: 地址, default: 不详}
    """
    told = {"类型": 1, "标题": " 路灯 ", "正文": {"内容": "不亮"}, "时间": "20261120", "匿名": "是"}
    assert made(text, told) == mapping.Applied(
        {
            "kind": "consult",
            "description": "路灯\n不亮",
            "asked_at": MORNING - 8 * 3600,
            "urgency": "urgent",
            "anonymous": True,
            "address": "不详",
        },
        (),
    )


def test_what_goes_out_lies_where_the_peer_wants_it() -> None:
    text = """
    fields:
      order.id: {from: case_number}
      order.state: {from: state, values: {closed: "90"}, otherwise: "10"}
      order.at: {from: at, date: "%Y/%m/%d %H:%M"}
      order.unit: {from: unit}
    """
    told = {"case_number": "1", "state": "to_file", "at": MORNING, "unit": ""}
    assert made(text, told, inward=False).values == {
        "order": {"id": "1", "state": "10", "at": "2026/11/20 08:00", "unit": ""}
    }


@pytest.mark.parametrize(
    ("text", "where", "key"),
    [
        ("", "", "wrong"),
        ("a: [", "1", "not_yaml"),
        ("fields: {x: {from: a, const: 1}}", "fields.x", "bad_rule"),
        ("fields: {x: {}}", "fields.x", "bad_rule"),
        ("fields: {x: {from: a, dates: y}}", "fields.x.dates", "unknown_key"),
        ("fields: {x: {from: a, date: never}}", "fields.x", "bad_rule"),
        ("fields: {x: {from: a}}", "fields.x", "unknown_field"),
        ("fields: &a {kind: {from: *a}}", "", "not_yaml"),
    ],
)
def test_a_faulty_mapping_is_told_by_place(text: str, where: str, key: str) -> None:
    with pytest.raises(BadMapping) as bad:
        mapping.read(text, targets=INWARD.keys())
    assert (bad.value.faults[0].where, bad.value.faults[0].key) == (where, key)


def test_the_shipped_mappings_can_be_used() -> None:
    assert read_for("in", shipped("in")).fields.keys() <= INWARD.keys()
    assert read_for("sheet", shipped("sheet")).fields.keys() <= INWARD.keys()
    assert "case_number" in read_for("out", shipped("out")).fields


_JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
    max_leaves=5,
)


@settings(max_examples=30, deadline=None)
@given(some.fixed_dictionaries(dict.fromkeys(INWARD, _JSON)))
def test_whatever_a_peer_sends_is_a_value_or_a_fault(told: dict[str, Any]) -> None:
    wanted = read_for("in", shipped("in"))
    applied = mapping.apply(wanted, told, zone=CITY, now=MORNING, inward=True)
    for fault in applied.faults:
        assert fault.target not in applied.values
