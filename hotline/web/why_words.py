"""Why this agent and why this wait, in one sentence. Pure; the scripts show what this writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hotline.web.formats import duration

Words = Callable[..., str]


def why_words(why: Mapping[str, Any], names: Mapping[str, str], t: Words) -> str:
    """Why a call waits, or is offered to whom it is; empty when neither is known."""
    if "agent" not in why and (wait := why.get("wait")):
        return waiting_words(wait, names, t)
    return offer_words(why, names, t)


def offer_words(why: Mapping[str, Any], names: Mapping[str, str], t: Words) -> str:
    """Why an offer was made (:mod:`hotline.calls.whys`); empty when that is not known."""
    choice = why.get("agent")
    if not choice:
        return ""
    parts = [_chosen(choice, why.get("first", ""), t)]
    if ring := choice.get("ring", 0):
        parts.append(t("why.ring", n=ring + 1))
    if passed := _names_passed(choice.get("passed", ()), names, t):
        parts.append(t("why.not_asked", who=passed))
    parts.append(_waited(choice.get("waited_s", 0.0), why.get("wait") or {}, names, t))
    return t("why.and").join(parts)


def waiting_words(reasons: Mapping[str, Any], names: Mapping[str, str], t: Words) -> str:
    """Why a call waits now (:class:`hotline.acd.model.WaitReasons` as JSON values)."""
    return t("why.and").join([t("why.place", n=reasons["place"]), *_held(reasons, names, t)])


def _chosen(choice: Mapping[str, Any], first: str, t: Words) -> str:
    if choice.get("first"):
        reason, _, number = first.partition(":")
        return t(f"why.first_{reason}", n=number) if reason else t("why.first")
    if choice["free"] <= 1:
        return t("why.only")
    return t("why.chosen", n=choice["free"], by=t(f"why.strategy.{choice['strategy']}"))


def _waited(waited_s: float, wait: Mapping[str, Any], names: Mapping[str, str], t: Words) -> str:
    if waited_s < 1:
        return t("why.no_wait")
    waited = t("why.waited", waited=duration(waited_s))
    if not wait:
        return waited
    ahead = wait["place"] - 1
    line = t("why.ahead", n=ahead) if ahead else t("why.head")
    return t("why.because", what=waited, why=t("why.comma").join([line, *_held(wait, names, t)]))


def _held(reasons: Mapping[str, Any], names: Mapping[str, str], t: Words) -> list[str]:
    """What kept the agents of the queue from being asked."""
    parts = []
    if first := reasons.get("reserved_for"):
        parts.append(t("why.reserved_for", who=names.get(first, first)))
    passed: Sequence[Mapping[str, Any]] = reasons.get("passed", ())
    if not passed:
        parts.append(t("why.nobody"))
    parts += [t(f"why.count.{one['why']}", n=one["count"]) for one in passed]
    return parts


def _names_passed(passed: Sequence[Mapping[str, Any]], names: Mapping[str, str], t: Words) -> str:
    return t("why.comma").join(
        t("why.passed", who=_who(one, names, t), why=t(f"why.passed.{one['why']}"))
        for one in passed
    )


def _who(one: Mapping[str, Any], names: Mapping[str, str], t: Words) -> str:
    known = t("why.comma").join(names.get(agent, agent) for agent in one.get("agents", ()))
    rest = one["count"] - len(one.get("agents", ()))
    if not known:
        return t("why.agents", n=rest)
    return t("why.and_more", who=known, n=rest) if rest > 0 else known
