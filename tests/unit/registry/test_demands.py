"""What a form must say by its kind is the city's own table."""

from __future__ import annotations

import pytest

from hotline.registry.demands import read_whole_form
from hotline.registry.forms import CHOICE, REQUIRED
from hotline.registry.model import BadForm
from tests.forms import complaint

DEMANDS = {"complaint": ("address", "caller_name", "caller_phone"), "consult": ()}


def faults(form: dict[str, object], *, reachable: bool = True) -> dict[str, str]:
    try:
        read_whole_form(form, DEMANDS[str(form["kind"])], reachable=reachable)
    except BadForm as bad:
        return dict(bad.faults)
    return {}


def test_every_field_that_is_missing_is_named() -> None:
    form = complaint(address="", caller_name=" ")
    assert faults(form) == {"address": REQUIRED, "caller_name": REQUIRED}
    wrong = form | {"urgency": "now", "description": ""}
    assert faults(wrong) == faults(form) | {"urgency": CHOICE, "description": REQUIRED}


def test_another_kind_demands_something_else() -> None:
    assert faults(complaint(kind="consult", address="", caller_name="")) == {}


def test_who_stays_anonymous_is_asked_for_nothing_personal() -> None:
    assert faults(complaint(anonymous=True, caller_name="", caller_phone="", address="")) == {
        "address": REQUIRED
    }


@pytest.mark.parametrize(("reachable", "found"), [(True, {}), (False, {"caller_phone": REQUIRED})])
def test_the_number_of_the_call_is_a_number(reachable: bool, found: dict[str, str]) -> None:
    form = complaint()
    del form["caller_phone"]
    assert faults(form, reachable=reachable) == found
