from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.registry.forms import MESSAGE_KEYS, read_form, read_unit, read_why
from hotline.registry.model import BadForm

TYPED = {"kind": "complaint", "description": "路灯不亮"}


def faults(**typed: Any) -> dict[str, str]:
    with pytest.raises(BadForm) as refused:
        read_form({**TYPED, **typed})
    return refused.value.faults


def test_kind_and_description_are_enough() -> None:
    form = read_form(TYPED)
    assert (form.kind, form.urgency, form.description) == ("complaint", "normal", "路灯不亮")
    assert form.caller_phone is None
    assert form.callback_wanted


def test_every_faulty_field_is_named_at_once() -> None:
    with pytest.raises(BadForm) as refused:
        read_form({"kind": "", "description": "  ", "urgency": "now", "caller_phone": "打不通"})
    assert refused.value.faults == {
        "kind": "form.required",
        "description": "form.required",
        "urgency": "form.choice",
        "caller_phone": "form.phone",
    }


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ({"kind": "rant"}, {"kind": "form.choice"}),
        ({"kind": None}, {"kind": "form.required"}),
        ({"description": "长" * 20_001}, {"description": "form.too_long"}),
        ({"address": "长" * 501}, {"address": "form.too_long"}),
        ({"anonymous": "perhaps"}, {"anonymous": "form.wrong"}),
        ({"colour": "red"}, {"colour": "form.unknown"}),
        ({"caller_phone": "12"}, {"caller_phone": "form.phone"}),
        ({"caller_phone": "1" * 21}, {"caller_phone": "form.phone"}),
        ({"address": 5}, {"address": "form.wrong"}),
    ],
)
def test_a_fault_is_named_with_its_message(typed: dict[str, Any], fault: dict[str, str]) -> None:
    assert faults(**typed) == fault


def test_a_phone_number_is_kept_as_it_is_dialled() -> None:
    assert read_form({**TYPED, "caller_phone": "+86 138-1234-5678"}).caller_phone == "13812345678"
    assert read_form({**TYPED, "caller_phone": ""}).caller_phone == ""


def test_an_extension_is_kept_beside_the_line_that_it_belongs_to() -> None:
    form = read_form({**TYPED, "caller_phone": "0571-8765 4321转801"})
    assert (form.caller_phone, form.description) == ("057187654321", "路灯不亮（电话转 801）")
    again = read_form({**form.model_dump(), "caller_phone": "0571-87654321-801"})
    assert again.description == form.description


def test_spaces_around_the_words_are_not_kept() -> None:
    assert read_form({**TYPED, "address": "  中山路 1 号\n"}).address == "中山路 1 号"


def test_half_a_character_does_not_lose_the_form() -> None:
    assert read_form({**TYPED, "address": "a\x00b\ud83d"}).address == "a\ufffdb\ufffd"


@given(
    typed=st.dictionaries(
        st.sampled_from(["kind", "urgency", "category", "address", "caller_phone", "unit", "x"]),
        st.one_of(st.none(), st.text(max_size=30), st.integers(), st.booleans()),
    )
)
def test_whatever_is_typed_is_read_or_refused_with_known_messages(typed: dict[str, Any]) -> None:
    refused: dict[str, str] = {}
    try:
        read_form({**TYPED, **typed})
    except BadForm as error:
        refused = error.faults
    assert set(refused) <= {*TYPED, *typed}
    assert set(refused.values()) <= set(MESSAGE_KEYS)


def test_a_reason_and_a_unit_may_be_long_but_not_endless() -> None:
    assert read_why("  已修复 ") == "已修复"
    with pytest.raises(BadForm, match=r"why: form\.too_long"):
        read_why("长" * 5_001)
    with pytest.raises(BadForm, match=r"unit: form\.too_long"):
        read_unit("长" * 201)
