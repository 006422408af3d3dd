"""Whether somebody may take a step of a case's life, and what it does. Pure.

:func:`decide` answers with a :class:`~hotline.registry.life.model.Decision` or a
:class:`~hotline.registry.life.model.Refusal`; :func:`after` is the case once the step is taken.
The machine says who, from where to where and what must be given; what each action means for a
case's columns, and the rules between people (a ruling binds, nobody grants their own extension),
stand here and in :mod:`hotline.registry.life.guards`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hotline.registry.life.guards import NOT_IN_THIS_STATE, NOT_YOUR_ROLE, guard
from hotline.registry.life.inputs import Chosen, choose
from hotline.registry.life.machine import BACK, WAY_BACK, Machine, Step
from hotline.registry.life.model import (
    BEFORE_FILING,
    Action,
    Decision,
    Effects,
    Facts,
    Inputs,
    Part,
    PartState,
    Refusal,
    Request,
    RequestKind,
    RequestState,
    State,
)
from hotline.registry.model import SYSTEM, Actor


def decide(
    machine: Machine, facts: Facts, action: str, by: Actor, inputs: Inputs, *, now: float
) -> Decision | Refusal:
    """What becomes of the case when ``by`` takes this step at ``now`` (Unix seconds)."""
    step = machine.step(facts.state, action)
    if step is None:
        return Refusal(NOT_IN_THIS_STATE)
    if by.role not in step.roles:
        return Refusal(NOT_YOUR_ROLE)
    refused = guard(machine, facts, step, by, now)
    if refused:
        return Refusal(refused)
    chosen = choose(machine, facts, step, by, inputs, now=now)
    if isinstance(chosen, Refusal):
        return chosen
    target = facts.came_from if step.target == BACK else step.target
    work = _Work(machine, facts, step, target, by, chosen, now)
    effects = work.effects()
    return Decision(action, facts.state, target, chosen.why, chosen.told, effects)


def after(facts: Facts, effects: Effects) -> Facts:
    """The case once these effects were written."""
    parts = {part.unit_id: part for part in facts.parts}
    parts |= {part.unit_id: part for part in effects.parts}
    requests = {one.number: one for one in facts.requests}
    requests |= {one.number: one for one in effects.requests}
    columns = {**effects.case, **effects.life}
    return replace(facts, **columns, parts=tuple(parts.values()), requests=tuple(requests.values()))


@dataclass(slots=True)
class _Work:
    """One step while its effects are gathered."""

    machine: Machine
    facts: Facts
    step: Step
    target: str
    by: Actor
    chosen: Chosen
    now: float
    case: dict[str, Any] = field(default_factory=dict)
    life: dict[str, Any] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def effects(self) -> Effects:
        """Everything that the step changes, and nothing that stays as it is."""
        if not self.step.stays:
            self._leave()
        if self.step.counts:
            self.case[self.step.counts] = getattr(self.facts, self.step.counts) + 1
        meaning = _MEANINGS.get(self.step.action)
        if meaning is not None:
            meaning(self)
        if not self.step.stays:
            self._arrive()
        return Effects(
            self._changed(self.case), self._changed(self.life), tuple(self.parts),
            tuple(self.requests),
        )  # fmt: skip

    def _changed(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if getattr(self.facts, name) != value}

    # --- whatever the action ----------------------------------------------------------------

    def _leave(self) -> None:
        if self.facts.state == State.SUSPENDED:
            self.case["suspended_at"] = None
            self.life["suspended_until"] = None
        if self.facts.state == State.TO_CHECK:
            self.life["expert"] = ""
        at_unit = (State.TO_HANDLE, State.HANDLING, State.SUSPENDED)
        if self.target not in at_unit:
            self._settle(RequestKind.EXTENSION, RequestState.LAPSED)
        if self.step.action != Action.RULE:
            self._settle(RequestKind.DISPUTE, RequestState.LAPSED)
        if self.step.action in WAY_BACK:
            self.life["came_from"] = ""
        elif self.step.action in WAY_BACK.values():
            self.life["came_from"] = self.facts.state

    def _arrive(self) -> None:
        self.case["state"] = self.target
        self.case["closed_at"] = self.now if self.target == State.CLOSED else None
        # 三专: from here on somebody answers for it, and the system is nobody.
        if self.target not in BEFORE_FILING and self.by.user_id != SYSTEM.user_id:
            self.case["owner"] = self.case.get("owner") or self.facts.owner or self.by.user_id

    def _settle(self, kind: str, state: str) -> Request | None:
        waiting = self.facts.open_request(kind)
        if waiting is None:
            return None
        settled = replace(
            waiting,
            state=state,
            decided_by=self.by.user_id,
            decided_at=self.now,
            answer=self.chosen.why,
        )
        self.requests.append(settled)
        return settled

    def _ask(self, kind: str) -> None:
        until = self.chosen.until if kind == RequestKind.EXTENSION else None
        number = len(self.facts.requests) + 1
        self.requests.append(
            Request(
                number, kind, self.by.user_id, self.now, self.chosen.why, until,
                self.chosen.against,
            )
        )  # fmt: skip

    # --- what single actions mean -------------------------------------------------------------

    def file(self) -> None:
        self.case |= {
            "filed_at": self.now,
            "condition": self.chosen.condition,
            "owner": self.chosen.owner,
        }

    def dispatch(self) -> None:
        self.case |= {
            "unit": self.chosen.unit,
            "unit_id": self.chosen.unit_id,
            "dispatched_at": self.now,
            "handled_at": None,
        }
        self.life["arrived_at"] = None
        for part in self.facts.parts:
            if part.state == PartState.OPEN and part.unit_id not in self.chosen.assist:
                self._end_part(part, PartState.WAIVED)
        self.join()

    def join(self) -> None:
        for unit_id in self.chosen.assist:
            part = self.facts.part(unit_id)
            if part is None or part.state != PartState.OPEN:
                self.parts.append(Part(unit_id))

    def part_done(self) -> None:
        self._end_part(Part(self.chosen.part), PartState.DONE)

    def part_waived(self) -> None:
        self._end_part(Part(self.chosen.part), PartState.WAIVED)

    def _end_part(self, part: Part, state: str) -> None:
        self.parts.append(Part(part.unit_id, state, self.chosen.why, self.by.user_id, self.now))

    def accept(self) -> None:
        self.life["arrived_at"] = self.now

    def feedback(self) -> None:
        self.case["handled_at"] = self.now
        self.life["handled_by"] = self.by.user_id
        facts = self.facts
        expert = self.machine.expert_first(
            facts.unit_id, facts.category_code, professional=facts.professional
        )
        self.life["expert"] = "due" if expert else ""

    def send_back(self) -> None:
        if self.target == State.TO_FILE:
            self.case["filed_at"] = None
        else:
            self.case["dispatched_at"] = None
            self.life["arrived_at"] = None

    def not_handled(self) -> None:
        self.case["handled_at"] = None

    def expert_passed(self) -> None:
        self.life["expert"] = "passed"

    def close(self) -> None:
        self.life["closing"] = self.chosen.closing

    def force_close(self) -> None:
        self.case["forced"] = True
        self.close()

    def reopen(self) -> None:
        self.case |= {"handled_at": None, "forced": False}
        self.life["closing"] = ""
        if self.target == State.TO_DISPATCH:
            self.case["dispatched_at"] = None

    def suspend(self) -> None:
        self.case["suspended_at"] = self.now
        self.life["suspended_until"] = self.chosen.until

    def dispute(self) -> None:
        self._ask(RequestKind.DISPUTE)

    def rule(self) -> None:
        self._settle(RequestKind.DISPUTE, RequestState.GRANTED)
        self.dispatch()
        self.life["bound_unit"] = self.chosen.unit_id or self.chosen.unit

    def merge(self) -> None:
        self.case["merged_into"] = self.chosen.into

    def split(self) -> None:
        self.case["merged_into"] = ""

    def ask_extension(self) -> None:
        self._ask(RequestKind.EXTENSION)

    def grant_extension(self) -> None:
        self._settle(RequestKind.EXTENSION, RequestState.GRANTED)

    def deny_extension(self) -> None:
        self._settle(RequestKind.EXTENSION, RequestState.DENIED)

    def supervise(self) -> None:
        self.case["supervision"] = self.chosen.level

    def hand_over(self) -> None:
        self.case["owner"] = self.chosen.owner

    def appeal(self) -> None:
        self._ask(RequestKind.APPEAL)

    def uphold_appeal(self) -> None:
        upheld = self._settle(RequestKind.APPEAL, RequestState.GRANTED)
        # A rework that was none is not held against the unit.
        if upheld is not None and upheld.against == "check":
            self.case["reworks"] = max(0, self.facts.reworks - 1)

    def reject_appeal(self) -> None:
        self._settle(RequestKind.APPEAL, RequestState.DENIED)


_MEANINGS: Mapping[str, Callable[[_Work], None]] = {
    Action.FILE: _Work.file,
    Action.DISPATCH: _Work.dispatch,
    Action.JOIN: _Work.join,
    Action.PART_DONE: _Work.part_done,
    Action.PART_WAIVE: _Work.part_waived,
    Action.ACCEPT: _Work.accept,
    Action.FEEDBACK: _Work.feedback,
    Action.SEND_BACK: _Work.send_back,
    Action.CHECK_FAIL: _Work.not_handled,
    Action.EXPERT_FAIL: _Work.not_handled,
    Action.EXPERT_PASS: _Work.expert_passed,
    Action.CLOSE: _Work.close,
    Action.FORCE_CLOSE: _Work.force_close,
    Action.REOPEN: _Work.reopen,
    Action.SUSPEND: _Work.suspend,
    Action.DISPUTE: _Work.dispute,
    Action.RULE: _Work.rule,
    Action.MERGE: _Work.merge,
    Action.SPLIT: _Work.split,
    Action.REQUEST_EXTENSION: _Work.ask_extension,
    Action.GRANT_EXTENSION: _Work.grant_extension,
    Action.DENY_EXTENSION: _Work.deny_extension,
    Action.SUPERVISE: _Work.supervise,
    Action.APPEAL: _Work.appeal,
    Action.UPHOLD_APPEAL: _Work.uphold_appeal,
    Action.REJECT_APPEAL: _Work.reject_appeal,
    Action.HAND_OVER: _Work.hand_over,
}
