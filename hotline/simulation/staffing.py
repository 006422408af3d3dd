"""What ``hotline staffing`` answers: the closed forms under their published names.

The names are those that workforce planners' tools exchange (``A``, ``T_s``, ``target_sl``); they
are part of the command's contract and do not change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from hotline.acd.erlang import (
    BadLoad,
    agents_for,
    blocking,
    erlang_c,
    must_be_agents,
    must_be_an_occupancy,
    must_not_be_negative,
    offered_load,
    trunks_for,
    with_shrinkage,
)
from hotline.acd.erlang_a import erlang_a, impatient_agents_for

Model: TypeAlias = Literal["erlang-b", "erlang-c", "erlang-a"]
Answer: TypeAlias = dict[str, float | int | bool | str | None]

OPTIONS = {
    "calls_per_hour": "--calls-per-hour",
    "aht_s": "--aht",
    "agents": "--agents",
    "within_s": "--within",
    "patience_s": "--patience",
    "target": "--target",
    "most_occupied": "--max-occupancy",
    "shrinkage": "--shrinkage",
}
"""Which option each figure of a :class:`BadLoad` was given by."""


class BadQuestion(ValueError):
    """An option is missing, contradicts another, or makes no sense; the message says which."""


@dataclass(frozen=True, slots=True)
class Question:
    """The options of ``hotline staffing``; seconds, shares from 0 to 1."""

    model: Model
    calls_per_hour: float
    aht_s: float
    agents: int | None = None
    target: float | None = None
    within_s: float = 15.0
    patience_s: float | None = None
    most_occupied: float = 1.0
    shrinkage: float = 0.30


def answer(question: Question) -> Answer:
    """The answer under its published names. Raises :class:`BadQuestion`."""
    _check(question)
    try:
        _check_figures(question)
        if question.agents is None:
            return _needed(question)
        return _met(question, question.agents)
    except BadLoad as error:
        option = OPTIONS.get(error.figure, error.figure)
        raise BadQuestion(f"{option} {error.why}") from error


def _check(question: Question) -> None:
    if (question.agents is None) == (question.target is None):
        raise BadQuestion(
            "give either --agents, to see what callers meet with so many, or --target, such as "
            "--target 0.95, to see how many it takes"
        )
    if question.model == "erlang-a" and question.patience_s is None:
        raise BadQuestion(
            "--patience is missing: erlang-a needs the mean seconds after which waiting callers "
            "hang up, such as --patience 180"
        )
    if question.model != "erlang-a" and question.patience_s is not None:
        raise BadQuestion(
            f"--patience does nothing in {question.model}; leave it out, or take --model erlang-a"
        )
    if question.model == "erlang-b" and (question.target or 0.0) >= 0.5:
        raise BadQuestion(
            "--target is the share of callers who may find all lines busy with erlang-b, such as "
            f"--target 0.01, not {question.target:g}"
        )


def _check_figures(question: Question) -> None:
    """Also of those that this model or question has no use for: they were mistyped."""
    must_not_be_negative("within_s", question.within_s)
    must_be_an_occupancy(question.most_occupied)
    with_shrinkage(1, question.shrinkage)
    if question.agents is not None:
        must_be_agents(question.agents)


def _met(question: Question, agents: int) -> Answer:
    if question.model == "erlang-b":
        load = offered_load(question.calls_per_hour, question.aht_s)
        return {"A": load, "servers": agents, "blocking": blocking(load, agents)}
    if question.model == "erlang-c":
        return _erlang_c(question, agents)
    return _erlang_a(question, agents)


def _erlang_c(question: Question, agents: int) -> Answer:
    found = erlang_c(question.calls_per_hour, question.aht_s, agents, question.within_s)
    note = ""
    if not found.stable:
        note = (
            f"unstable: the load of {found.load:g} Erlang needs more than {agents} agents; the "
            "queue would grow without end"
        )
    return {
        "calls_per_hour": question.calls_per_hour,
        "aht_s": question.aht_s,
        "agents": agents,
        "target_s": question.within_s,
        "A": found.load,
        "stable": found.stable,
        "occupancy": found.occupancy,
        "p_wait": found.p_wait,
        "service_level": found.service_level,
        "asa_s": found.asa_s,
        "mean_wait_of_waiters_s": found.mean_wait_of_waiters_s,
        "mean_queue_len": found.mean_queue_len,
        "p_immediate": found.p_immediate,
        "p90_wait_s": found.p90_wait_s,
        "p95_wait_s": found.p95_wait_s,
        "note": note,
    }


def _erlang_a(question: Question, agents: int) -> Answer:
    patience = question.patience_s or 0.0
    found = erlang_a(question.calls_per_hour, question.aht_s, patience, agents, question.within_s)
    return {
        "calls_per_hour": question.calls_per_hour,
        "aht_s": question.aht_s,
        "mean_patience_s": patience,
        "agents": agents,
        "T_s": question.within_s,
        "A": found.load,
        "p_wait": found.p_wait,
        "p_abandon": found.p_abandon,
        "mean_wait_all_s": found.mean_wait_all_s,
        "asa_served_s": found.asa_served_s,
        "occupancy": found.occupancy,
        "mean_queue_len": found.mean_queue_len,
        "sl_answered_in_T_over_offered": found.sl_answered_in_t_over_offered,
        "p_abandon_within_T": found.p_abandon_within_t,
        "sl_excl_short_abandons": found.sl_excl_short_abandons,
        "sl_answered_in_T_over_answered": found.sl_answered_in_t_over_answered,
        "note": "",
    }


def _needed(question: Question) -> Answer:
    target = question.target or 0.0
    if question.model == "erlang-b":
        load = offered_load(question.calls_per_hour, question.aht_s)
        lines, blocked = trunks_for(load, target)
        return {"A": load, "target": target, "trunks": lines, "blocking": blocked}
    asked = {
        "calls_per_hour": question.calls_per_hour,
        "aht_s": question.aht_s,
        "T_s": question.within_s,
        "target_sl": target,
        "max_occupancy": question.most_occupied,
    }
    if question.model == "erlang-c":
        return asked | _needed_c(question, target)
    return asked | _needed_a(question, target)


def _needed_c(question: Question, target: float) -> Answer:
    rate, aht_s, within_s = question.calls_per_hour, question.aht_s, question.within_s
    agents = agents_for(rate, aht_s, within_s, target, question.most_occupied)
    found = erlang_c(rate, aht_s, agents, within_s)
    return {
        "agents_required": agents,
        "service_level": found.service_level,
        "occupancy": found.occupancy,
        **_rostered(question, agents),
    }


def _needed_a(question: Question, target: float) -> Answer:
    rate, aht_s, within_s = question.calls_per_hour, question.aht_s, question.within_s
    patience = question.patience_s or 0.0
    agents = impatient_agents_for(
        rate, aht_s, patience, within_s, target, most_occupied=question.most_occupied
    )
    found = erlang_a(rate, aht_s, patience, agents, within_s)
    return {
        "mean_patience_s": patience,
        "agents_required": agents,
        "sl_answered_in_T_over_offered": found.sl_answered_in_t_over_offered,
        "p_abandon": found.p_abandon,
        "occupancy": found.occupancy,
        **_rostered(question, agents),
    }


def _rostered(question: Question, agents: int) -> Answer:
    name = f"with_shrinkage_{question.shrinkage:.2f}"
    return {name: with_shrinkage(agents, question.shrinkage)}
