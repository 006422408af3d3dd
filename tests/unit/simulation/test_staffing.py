"""``hotline staffing``: the closed forms, held to reference values of other origin."""

from __future__ import annotations

import json
from itertools import pairwise
from math import isclose
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from hotline.acd.erlang import agents_for, blocking, erlang_c, trunks_for, with_shrinkage
from hotline.acd.erlang_a import erlang_a, impatient_agents_for
from hotline.cli import app

REFERENCE = json.loads((Path(__file__).parents[2] / "data" / "erlang.json").read_text())
COMMENT = {"note"}


def staffing(*options: object) -> dict[str, Any]:
    done = CliRunner().invoke(app, ["staffing", *map(str, options), "--json"])
    assert done.exit_code == 0, done.output
    answered: dict[str, Any] = json.loads(done.stdout)
    return answered


def assert_equal(answered: dict[str, Any], case: dict[str, Any]) -> None:
    assert set(answered) | COMMENT == set(case) | COMMENT
    for name, value in case.items():
        if name in COMMENT:
            continue
        if isinstance(value, float):
            assert isclose(answered[name], value, rel_tol=1e-9), name
        else:
            assert answered[name] == value, name


@pytest.mark.parametrize("case", REFERENCE["erlang_b"]["cases"])
def test_erlang_b_equals_the_reference(case: dict[str, Any]) -> None:
    load = ("--calls-per-hour", case["A"], "--aht", 3600)
    assert_equal(staffing("--model", "erlang-b", *load, "--agents", case["servers"]), case)


@pytest.mark.parametrize("case", REFERENCE["trunks"]["cases"])
def test_the_lines_needed_equal_the_reference(case: dict[str, Any]) -> None:
    load = ("--calls-per-hour", case["A"], "--aht", 3600)
    assert_equal(staffing("--model", "erlang-b", *load, "--target", case["target"]), case)


@pytest.mark.parametrize("case", REFERENCE["erlang_c"]["cases"])
def test_erlang_c_equals_the_reference(case: dict[str, Any]) -> None:
    load = ("--calls-per-hour", case["calls_per_hour"], "--aht", case["aht_s"])
    answered = staffing(
        "--model", "erlang-c", *load, "--agents", case["agents"], "--within", case["target_s"]
    )
    assert_equal(answered, case)


@pytest.mark.parametrize("case", REFERENCE["erlang_c_staffing"]["cases"])
def test_the_agents_needed_equal_the_reference(case: dict[str, Any]) -> None:
    load = ("--calls-per-hour", case["calls_per_hour"], "--aht", case["aht_s"])
    answered = staffing(
        "--model", "erlang-c", *load, "--target", case["target_sl"], "--within", case["T_s"]
    )
    assert_equal(answered, case)


@pytest.mark.parametrize("case", REFERENCE["erlang_a"]["cases"])
def test_erlang_a_equals_the_reference(case: dict[str, Any]) -> None:
    load = ("--calls-per-hour", case["calls_per_hour"], "--aht", case["aht_s"])
    people = ("--agents", case["agents"], "--patience", case["mean_patience_s"])
    answered = staffing("--model", "erlang-a", *load, *people, "--within", case["T_s"])
    assert_equal(answered, case)


def test_an_unstable_load_has_no_figures() -> None:
    answered = staffing(
        "--model", "erlang-c", "--calls-per-hour", 240, "--aht", 300, "--agents", 20
    )
    assert answered["stable"] is False
    assert answered["A"] == 20
    assert "unstable" in answered["note"]
    measured = set(REFERENCE["erlang_c"]["cases"][0]) - {
        *("calls_per_hour", "aht_s", "agents", "target_s", "A", "stable", "note")
    }
    assert {answered[name] for name in measured} == {None}


def test_the_table_says_that_a_load_is_unstable() -> None:
    options = "staffing --model erlang-c --calls-per-hour 500 --aht 300 --agents 20"
    done = CliRunner().invoke(app, options.split())
    assert done.stdout.startswith("unstable: the load of 41.6667 Erlang needs more than 20 agents")


def test_an_overloaded_queue_of_impatient_callers_still_has_figures() -> None:
    found = erlang_a(1e5, 300, 600, 400, 3600)
    assert isclose(found.p_abandon, 1 - 400 / found.load, rel_tol=1e-9)
    assert isclose(found.sl_answered_in_t_over_offered, 400 / found.load, rel_tol=1e-9)


def test_callers_who_hang_up_almost_at_once_are_counted_to_the_last_digit() -> None:
    # By mpmath with 60 digits, from the incomplete gamma function.
    found = erlang_a(18.915206446973396, 1605.003704986877, 0.1, 7, 0.01749834310811934)
    assert isclose(found.p_abandon_within_t, 0.053319304497831954, rel_tol=1e-12)
    assert isclose(found.sl_excl_short_abandons, 0.7054792629206869, rel_tol=1e-12)


def test_shares_stay_shares_however_many_wait() -> None:
    assert erlang_a(240, 300, 1e7, 18, 15).p_wait == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--model erlang-c --calls-per-hour 60 --aht 300", "either --agents"),
        ("--model erlang-c --calls-per-hour 60 --aht 300 --agents 9 --target 0.9", "either"),
        ("--model erlang-a --calls-per-hour 60 --aht 300 --agents 9", "--patience is missing"),
        ("--model erlang-c --calls-per-hour 60 --aht 300 --agents 9 --patience 9", "--patience"),
        ("--model erlang-c --calls-per-hour 0 --aht 300 --agents 9", "--calls-per-hour must be"),
        ("--model erlang-c --calls-per-hour nan --aht 300 --agents 9", "--calls-per-hour must be"),
        ("--model erlang-c --calls-per-hour 60 --aht -1 --agents 9", "--aht must be"),
        ("--model erlang-c --calls-per-hour 60 --aht 300 --agents 0", "--agents must be"),
        ("--model erlang-b --calls-per-hour 60 --aht 300 --agents 0", "--agents must be"),
        ("--model erlang-b --calls-per-hour 60 --aht 300 --agents 9999999999", "--agents must be"),
        ("--model erlang-c --calls-per-hour 60 --aht 300 --agents 9 --shrinkage 3", "--shrinkage"),
        ("--model erlang-a --calls-per-hour 1e-99 --aht 9 --agents 9 --patience 9", "below 1e-12"),
        ("--model erlang-c --calls-per-hour 60 --aht 300 --target 95", "such as 0.95"),
        ("--model erlang-c --calls-per-hour 9 --aht 9 --target 0.9 --max-occupancy 1e-9", "--max"),
        ("--model erlang-b --calls-per-hour 60 --aht 300 --target 0.95", "such as --target 0.01"),
        ("--model erlang-c --calls-per-hour 60 --aht 300 --agents 9 --within -1", "--within must"),
        ("--model erlang-c --calls-per-hour 1e12 --aht 300 --target 0.9", "beyond 1e+06"),
        ("--model erlang-a --calls-per-hour 9 --aht 9 --agents 9 --patience 1e12", "--patience is"),
        ("--model erlang-c --calls-per-hour 9 --aht 9 --target 0.9 --shrinkage 1", "--shrinkage"),
        ("--model erlang-c --calls-per-hour 9 --aht 9 --target 0.9 --max-occupancy 2", "--max-occ"),
    ],
)
def test_a_bad_question_is_told_with_the_option_and_what_to_give(options: str, said: str) -> None:
    done = CliRunner().invoke(app, ["staffing", *options.split()])
    assert done.exit_code == 2
    assert said in done.stderr
    assert not done.stdout


loads = st.floats(0.1, 300)


@given(loads, st.integers(1, 400))
def test_more_lines_never_block_more(load: float, lines: int) -> None:
    assert blocking(load, lines + 1) <= blocking(load, lines) <= 1


@given(loads, st.floats(0.001, 0.4))
def test_the_lines_found_are_the_fewest(load: float, target: float) -> None:
    lines, blocked = trunks_for(load, target)
    assert blocked <= target < blocking(load, lines - 1)


@given(st.floats(1, 3000), st.floats(10, 900), st.floats(0, 60), st.floats(0.1, 0.99))
def test_the_agents_found_are_the_fewest(
    calls: float, aht_s: float, within_s: float, target: float
) -> None:
    agents = agents_for(calls, aht_s, within_s, target)
    found = erlang_c(calls, aht_s, agents, within_s)
    assert found.service_level is not None
    assert found.service_level >= target
    fewer = erlang_c(calls, aht_s, agents - 1, within_s) if agents > 1 else None
    assert fewer is None or fewer.service_level is None or fewer.service_level < target


@given(st.floats(1, 1500), st.floats(10, 600), st.floats(10, 900), st.integers(1, 150))
def test_erlang_a_balances(calls: float, aht_s: float, patience: float, agents: int) -> None:
    found = erlang_a(calls, aht_s, patience, agents, 15)
    served = found.occupancy * agents / found.load
    assert isclose(served + found.p_abandon, 1, rel_tol=1e-9)
    in_time = (found.sl_answered_in_t_over_offered, found.p_abandon_within_t)
    assert all(0 <= share <= 1 + 1e-9 for share in (*in_time, sum(in_time), found.p_wait))


@given(st.floats(1, 200), st.integers(1, 40))
def test_erlang_a_with_endless_patience_is_erlang_c(calls: float, agents: int) -> None:
    patient = erlang_c(calls, 180, agents, 15)
    if not patient.stable or (patient.occupancy or 0) > 0.9:
        return
    found = erlang_a(calls, 180, 1e7, agents, 15)
    assert patient.service_level is not None
    assert isclose(found.sl_answered_in_t_over_offered, patient.service_level, rel_tol=1e-3)


def test_fewer_agents_do_when_callers_give_up() -> None:
    needed = [impatient_agents_for(420, 300, patience, 15, 0.9) for patience in (30, 180, 5000)]
    assert all(fewer <= more for fewer, more in pairwise([*needed, agents_for(420, 300, 15, 0.9)]))
    assert needed[0] < needed[-1]


def test_shrinkage_never_hires_for_a_rounding_error() -> None:
    assert with_shrinkage(7, 0.3) == 10
    assert with_shrinkage(28, 0.3) == 40
    assert with_shrinkage(29, 0.3) == 42
