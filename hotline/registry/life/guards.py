"""What forbids a step although the state and the role allow it. Pure."""

from __future__ import annotations

from hotline.registry.life.machine import Machine, Step
from hotline.registry.life.model import Action, Facts, PartState, RequestKind, RequestState, State
from hotline.registry.model import Actor

NOT_IN_THIS_STATE = "case.not_in_this_state"
NOT_YOUR_ROLE = "case.not_your_role"
NOT_YOUR_UNIT = "case.not_your_unit"
BOUND = "case.bound_by_ruling"
EXPERT_FIRST = "case.expert_first"
NO_EXPERT = "case.no_expert_check"
OWN_WORK = "case.own_work"
OWN_REQUEST = "case.own_request"
PARTS_OPEN = "case.parts_open"
EXTENDED = "case.extended_already"
ASKED = "case.asked_already"
NOT_ASKED = "case.nothing_asked"
NO_GROUND = "case.no_ground_for_appeal"
NOT_MERGED = "case.not_merged"

KEYS = (
    NOT_IN_THIS_STATE,
    NOT_YOUR_ROLE,
    NOT_YOUR_UNIT,
    BOUND,
    EXPERT_FIRST,
    NO_EXPERT,
    OWN_WORK,
    OWN_REQUEST,
    PARTS_OPEN,
    EXTENDED,
    ASKED,
    NOT_ASKED,
    NO_GROUND,
    NOT_MERGED,
)
"""Every key that a refusal may have."""

_DECIDES = {
    Action.GRANT_EXTENSION: RequestKind.EXTENSION,
    Action.DENY_EXTENSION: RequestKind.EXTENSION,
    Action.UPHOLD_APPEAL: RequestKind.APPEAL,
    Action.REJECT_APPEAL: RequestKind.APPEAL,
}


def guard(machine: Machine, facts: Facts, step: Step, by: Actor, now: float) -> str:
    """The key of what stands against this step; empty when nothing does."""
    return (
        _of_unit(facts, step, by)
        or _of_ruling(facts, step, by)
        or _of_experts(facts, step, by)
        or _of_parts(facts, step)
        or _of_requests(machine, facts, step, by, now)
        or (NOT_MERGED if step.action == Action.SPLIT and not facts.merged_into else "")
    )


def _of_unit(facts: Facts, step: Step, by: Actor) -> str:
    """A unit's people act on what was given to their unit, and on nothing else."""
    if by.role != "unit":
        return ""
    if step.action == Action.PART_DONE:
        part = facts.part(by.unit_id)
        return "" if part is not None and part.state == PartState.OPEN else NOT_YOUR_UNIT
    return "" if by.unit_id and by.unit_id == facts.unit_id else NOT_YOUR_UNIT


def _of_ruling(facts: Facts, step: Step, by: Actor) -> str:
    """A ruling binds everybody but those who may rule."""
    if not facts.bound_unit or by.role == "supervisor":
        return ""
    turned_away = step.action == Action.SEND_BACK and facts.state != State.TO_DISPATCH
    bound_here = facts.state == State.TO_DISPATCH or facts.unit_key == facts.bound_unit
    disputed = step.action == Action.DISPUTE
    return BOUND if bound_here and (turned_away or disputed) else ""


def _of_experts(facts: Facts, step: Step, by: Actor) -> str:
    match step.action:
        case Action.EXPERT_PASS | Action.EXPERT_FAIL:
            if facts.expert != "due":
                return NO_EXPERT
            return OWN_WORK if by.user_id == facts.handled_by else ""
        case Action.CHECK_PASS | Action.CHECK_FAIL if facts.expert == "due":
            # Somebody must be able to go on when a unit has nobody left who may check.
            return "" if by.role == "supervisor" else EXPERT_FIRST
        case _:
            return ""


def _of_parts(facts: Facts, step: Step) -> str:
    waiting = any(part.state == PartState.OPEN for part in facts.parts)
    return PARTS_OPEN if step.action == Action.FEEDBACK and waiting else ""


def _of_requests(machine: Machine, facts: Facts, step: Step, by: Actor, now: float) -> str:
    match step.action:
        case Action.REQUEST_EXTENSION:
            if facts.extensions >= machine.extensions:
                return EXTENDED
            return ASKED if facts.open_request(RequestKind.EXTENSION) else ""
        case Action.APPEAL:
            return ASKED if facts.open_request(RequestKind.APPEAL) else ""
    kind = _DECIDES.get(Action(step.action))
    if kind is None:
        return ""
    asked = facts.open_request(kind)
    if asked is None:
        return NOT_ASKED
    return OWN_REQUEST if asked.asked_by == by.user_id else ""


def ground_for_appeal(facts: Facts, against: str, now: float) -> str:
    """The key of what speaks against an appeal; empty when there is ground for one.

    A judgement that was upheld or rejected once is not appealed against again: each failed check
    can be once, and being late once.
    """
    appeals = [r for r in facts.requests if r.kind == RequestKind.APPEAL and r.against == against]
    if against == "check":
        upheld = sum(r.state == RequestState.GRANTED for r in appeals)
        return "" if facts.reworks + upheld > len(appeals) else NO_GROUND
    late = facts.handle_due_at is not None and (facts.handled_at or now) > facts.handle_due_at
    return "" if late and not appeals else NO_GROUND
