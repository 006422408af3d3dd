"""The life of a case: its states, the steps between them, and who may take which.

Pure data and functions. docs/case-life.md shows the drawing; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hotline.registry.model import NotAllowed


class State(StrEnum):
    """Where a case stands."""

    TO_VERIFY = "to_verify"
    TO_FILE = "to_file"
    TO_DISPATCH = "to_dispatch"
    TO_HANDLE = "to_handle"
    TO_CHECK = "to_check"
    TO_CLOSE = "to_close"
    CLOSED = "closed"
    NOT_FILED = "not_filed"
    VOID = "void"


class Action(StrEnum):
    """What somebody does with a case."""

    VERIFY = "verify"
    FILE = "file"
    REJECT = "reject"
    DISPATCH = "dispatch"
    FEEDBACK = "feedback"
    CHECK_PASS = "check_pass"  # noqa: S105
    CHECK_FAIL = "check_fail"
    CLOSE = "close"
    REOPEN = "reopen"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: who may take it, whether they must say why, and which fields must be filled."""

    source: State
    action: Action
    target: State
    roles: frozenset[str]
    why: bool = False
    needs: tuple[str, ...] = ()


NAMES = {
    State.TO_VERIFY: "待核实",
    State.TO_FILE: "待立案",
    State.TO_DISPATCH: "待派遣",
    State.TO_HANDLE: "待处置",
    State.TO_CHECK: "待核查",
    State.TO_CLOSE: "待结案",
    State.CLOSED: "已结案",
    State.NOT_FILED: "不立案",
    State.VOID: "作废",
}

FINAL = frozenset({State.CLOSED, State.NOT_FILED, State.VOID})

_DESK = frozenset({"agent", "supervisor"})
_COMMAND = frozenset({"supervisor"})
_CALLBACK = frozenset({"callback", "supervisor"})

STEPS = (
    Step(State.TO_VERIFY, Action.VERIFY, State.TO_FILE, _DESK, needs=("kind",)),
    Step(State.TO_VERIFY, Action.REJECT, State.NOT_FILED, _DESK, why=True),
    Step(State.TO_FILE, Action.FILE, State.TO_DISPATCH, _DESK),
    Step(State.TO_FILE, Action.REJECT, State.NOT_FILED, _DESK, why=True),
    # Answered while the citizen was on the line: the reason is the answer.
    Step(State.TO_FILE, Action.CLOSE, State.CLOSED, _DESK, why=True),
    Step(State.TO_DISPATCH, Action.DISPATCH, State.TO_HANDLE, _COMMAND, needs=("unit",)),
    # The handling units have no login yet: the desk writes down what they report.
    Step(State.TO_HANDLE, Action.FEEDBACK, State.TO_CHECK, _DESK, why=True),
    Step(State.TO_CHECK, Action.CHECK_PASS, State.TO_CLOSE, _DESK),
    Step(State.TO_CHECK, Action.CHECK_FAIL, State.TO_HANDLE, _DESK, why=True),
    Step(State.TO_CLOSE, Action.CLOSE, State.CLOSED, _DESK),
    Step(State.CLOSED, Action.REOPEN, State.TO_DISPATCH, _CALLBACK, why=True),
    Step(State.NOT_FILED, Action.REOPEN, State.TO_FILE, _COMMAND, why=True),
    *(
        Step(state, Action.VOID, State.VOID, _COMMAND, why=True)
        for state in State
        if state not in FINAL
    ),
)


def steps_from(state: str, role: str) -> tuple[Step, ...]:
    """The steps that somebody of this role may take now, in the order of the table."""
    return tuple(step for step in STEPS if step.source == state and role in step.roles)


def step_for(state: str, action: str, role: str) -> Step:
    """The step that ``action`` is in this state.

    Raises :class:`NotAllowed` when the state knows no such action or the role may not take it.
    """
    for step in STEPS:
        if step.source == state and step.action == action:
            if role not in step.roles:
                raise NotAllowed("case.not_your_role")
            return step
    raise NotAllowed("case.not_in_this_state")


def may_edit(state: str, role: str) -> bool:
    """Whether somebody of this role may change what the case says."""
    return role in _DESK and state not in FINAL


def drawing() -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2"]
    lines += [f"    {state}: {state} {name}" for state, name in NAMES.items()]
    lines += ["    [*] --> to_file: an agent's form", "    [*] --> to_verify: a spoken report"]
    lines += [f"    {step.source} --> {step.target}: {_label(step)}" for step in STEPS]
    return "\n".join([*lines, "    void --> [*]"])


def _label(step: Step) -> str:
    demands = [f"needs {field}" for field in step.needs] + ["why"] * step.why
    who = "/".join(sorted(step.roles))
    return f"{step.action} ({'; '.join([who, *demands])})"
