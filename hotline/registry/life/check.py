"""Whether a life can be lived: what is wrong with a machine, in lines for a person. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from hotline.registry.life.machine import BACK, WAY_BACK, BadMachine, Machine, load
from hotline.registry.life.model import FINAL, Action, State

REASONED = frozenset(
    {
        Action.REJECT,
        Action.SEND_BACK,
        Action.EXPERT_FAIL,
        Action.CHECK_FAIL,
        Action.FORCE_CLOSE,
        Action.REOPEN,
        Action.SUSPEND,
        Action.DISPUTE,
        Action.RULE,
        Action.SPLIT,
        Action.VOID,
        Action.PART_WAIVE,
        Action.REQUEST_EXTENSION,
        Action.DENY_EXTENSION,
        Action.SUPERVISE,
        Action.APPEAL,
        Action.UPHOLD_APPEAL,
        Action.REJECT_APPEAL,
        Action.HAND_OVER,
    }
)
"""What goes back, ends early, or weighs on somebody is never done without a reason."""

ALWAYS_NEEDED: Mapping[str, str] = {
    Action.FILE: "condition",
    Action.DISPATCH: "unit",
    Action.RULE: "unit",
    Action.CLOSE: "closing",
    Action.SUSPEND: "until",
    Action.REQUEST_EXTENSION: "until",
    Action.SUPERVISE: "level",
    Action.JOIN: "assist",
    Action.PART_DONE: "part",
    Action.PART_WAIVE: "part",
    Action.APPEAL: "against",
    Action.MERGE: "into",
    Action.HAND_OVER: "owner",
}
STAYING = frozenset(
    {
        Action.EXPERT_PASS,
        Action.JOIN,
        Action.PART_DONE,
        Action.PART_WAIVE,
        Action.REQUEST_EXTENSION,
        Action.GRANT_EXTENSION,
        Action.DENY_EXTENSION,
        Action.URGE,
        Action.SUPERVISE,
        Action.APPEAL,
        Action.UPHOLD_APPEAL,
        Action.REJECT_APPEAL,
        Action.HAND_OVER,
    }
)
"""What never changes a case's state."""

# Where the rest of the program takes a step by itself, or leaves a case and counts on finding it.
_LEANED_ON = (
    (State.CLOSED, Action.REOPEN, "callback", State.TO_DISPATCH),
    (State.TO_VERIFY, Action.VERIFY, "agent", None),
    (State.TO_FILE, Action.FILE, "agent", None),
    (State.TO_DISPATCH, Action.DISPATCH, "dispatcher", None),
    (State.TO_CLOSE, Action.CLOSE, "supervisor", State.CLOSED),
)


def checked(path: Path | None = None) -> Machine:
    """The machine of a file, or the one that is shipped.

    Raises :class:`BadMachine` with everything that is wrong with it, and OSError.
    """
    return _shipped() if path is None else _checked(path)


@cache
def _shipped() -> Machine:
    return _checked(None)


def _checked(path: Path | None) -> Machine:
    machine = load(path)
    found = list(faults(machine))
    if found:
        raise BadMachine(found)
    return machine


def faults(machine: Machine) -> Iterator[str]:
    """Everything that is wrong with it."""
    yield from _states(machine)
    yield from _ways(machine)
    yield from _steps(machine)
    yield from _leaned_on(machine)


def _states(machine: Machine) -> Iterator[str]:
    for missing in sorted(set(State) - set(machine.states)):
        yield f"the state {missing} is missing: the program relies on it"
    for name in sorted(machine.final ^ FINAL):
        more = "cannot be final" if name in machine.final else "must be final"
        yield f"the state {name} {more}"
    for start in (State.TO_FILE, State.TO_VERIFY):
        if start not in machine.starts:
            yield f"cases begin at {start}, too: it must stand under starts"
    for name, state in machine.states.items():
        leaving = [step for step in machine.steps if step.source == name and not step.stays]
        idle = set(state.owners) - {role for step in leaving for role in step.roles}
        if name not in machine.final and idle:
            who = ", ".join(sorted(idle))
            yield f"it is the turn of {who} in {name}, who cannot take it on from there"


def _ways(machine: Machine) -> Iterator[str]:
    after: dict[str, set[str]] = {name: set() for name in machine.states}
    for step in machine.steps:
        after[step.source] |= machine.targets(step) - {step.source}
    reached = _closure(after, set(machine.starts))
    for name in machine.states:
        if name not in reached:
            yield f"no case ever comes to {name}"
        elif name not in machine.final and not _closure(after, {name}) & machine.final:
            yield f"{name} is a dead end: no way leads from it to an end"


def _closure(after: Mapping[str, set[str]], found: set[str]) -> set[str]:
    while new := {target for name in found for target in after[name]} - found:
        found = found | new
    return found


def _steps(machine: Machine) -> Iterator[str]:
    twice = Counter((step.source, step.action) for step in machine.steps)
    for (source, action), times in twice.items():
        if times > 1:
            yield f"{source} knows {action} {times} times"
    for step in machine.steps:
        where = f"{step.action} in {step.source}"
        if not step.roles:
            yield f"{where}: nobody may do it"
        if step.action in REASONED and not step.why:
            yield f"{where}: it must ask for the reason (why: true)"
        needed = ALWAYS_NEEDED.get(step.action)
        if needed and needed not in step.needs and needed not in step.gives:
            yield f"{where}: it must need {needed}"
        if step.stays != (step.action in STAYING):
            yield f"{where}: it must {'not lead elsewhere' if not step.stays else 'lead elsewhere'}"
        yield from _way_back(machine, step.source, step.action, step.target, where)


def _way_back(machine: Machine, source: str, action: str, target: str, where: str) -> Iterator[str]:
    if (target == BACK) != (action in WAY_BACK):
        yield f"{where}: {'only' if target == BACK else ''} {', '.join(WAY_BACK)} lead back".strip()
    holds_one = any(s.target == BACK for s in machine.steps if s.source == source)
    if action in WAY_BACK.values() and holds_one:
        yield f"{where}: the case would forget where it came from before"


def _leaned_on(machine: Machine) -> Iterator[str]:
    for state, action, role, target in _LEANED_ON:
        step = machine.step(state, action)
        if step is None or role not in step.roles:
            yield f"a {role} must be able to {action} in {state}: the program relies on it"
        elif target is not None and step.target != target:
            yield f"{action} in {state} must lead to {target}: the program relies on it"
    # A case that stands at a unit is dispatched to one: rules and rates are read from there.
    for step in machine.steps:
        leads_to_unit = machine.targets(step) & {State.TO_HANDLE}
        if leads_to_unit and step.source in (State.TO_VERIFY, State.TO_FILE):
            yield f"{step.action} in {step.source} passes the dispatching by"
