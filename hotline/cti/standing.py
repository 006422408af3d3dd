"""How an agent stands: pauses against their allowance, what is left of a wrap-up, who changed
their state."""

from __future__ import annotations

from hotline.acd.views import AgentRow
from hotline.calls import tasks
from hotline.calls.core import CallCore
from hotline.calls.model import Call
from hotline.calls.pauses import Used
from hotline.calls.people import Person
from hotline.cti.pauses import PauseReasons
from hotline.cti.views import (
    AgentView,
    AskedView,
    ForcedView,
    PauseView,
    TaskCounts,
    TaskView,
)
from hotline.handover import colleagues
from hotline.handover.model import Handover


def view(
    core: CallCore, person: Person, row: AgentRow | None, reasons: PauseReasons, midnight: float
) -> AgentView:
    """One agent now; of pauses only the running one."""
    agent_id = person.agent_id
    reachable = core.people.can_be_rung(agent_id) if core.pbx_up else None
    told = forced(core, agent_id, midnight)
    if row is None:
        return AgentView(
            agent_id,
            person.name,
            person.extension,
            "offline",
            0.0,
            reachable=reachable,
            forced=told,
        )
    call = core.calls.get(row.call_id)
    return AgentView(
        agent_id=agent_id,
        name=person.name,
        extension=person.extension,
        state=row.state,
        since=row.since,
        reason=row.reason,
        until=row.until,
        next_state=row.next_state,
        call_id=row.call_id if row.state != "on_task" else "",
        offer_id=row.offer_id,
        reachable=reachable,
        next_reason=row.next_reason,
        held_since=call.held_since if call and row.state == "talking" else None,
        extra_s=extension_left(core, row),
        pauses=pauses(core, agent_id, reasons, midnight) if row.state == "paused" else (),
        forced=told,
        on_hold_since=call.on_hold_since if call and row.state == "talking" else None,
    )


def asked(core: CallCore, agent_id: str) -> AskedView | None:
    """The colleague's call into which this agent is asked."""
    call = colleagues.asked(core, agent_id)
    return asks(core, call, call.handover) if call and call.handover else None


def asks(core: CallCore, call: Call, now: Handover) -> AskedView:
    """Who asks somebody into this call, and how far that is."""
    by = core.people.by_id.get(call.agent_id)
    name = by.name if by else call.agent_id
    return AskedView(call.call_id, name, now.note, now.mode, now.step, now.started_at)


def pauses(
    core: CallCore, agent_id: str, reasons: PauseReasons, midnight: float, *, whole: bool = False
) -> tuple[PauseView, ...]:
    """What is used today of the running pause; ``whole``: of every reason that can be chosen,
    too."""
    used = core.pauses.today(agent_id, midnight)
    codes = [code for code, one in used.items() if one.running_since is not None]
    if whole:
        codes = list(dict.fromkeys([*(reason.code for reason in reasons.offered), *codes]))
    return tuple(_pause(code, used.get(code, Used()), reasons) for code in codes)


def _pause(code: str, used: Used, reasons: PauseReasons) -> PauseView:
    reason = reasons.get(code)
    minutes = reason.minutes if reason else None
    return PauseView(
        code,
        used.seconds,
        used.times,
        used.unknown_s,
        used.running_since,
        None if minutes is None else minutes * 60,
        reason.times if reason else None,
    )


def extension_left(core: CallCore, row: AgentRow) -> float:
    """By how many seconds the agent's wrap-up can still be extended."""
    if row.state != "wrap_up" or row.until is None:
        return 0.0
    call = core.calls.get(row.call_id)
    rules = core.engine.rules.get(call.queue if call else next(iter(row.queues), ""))
    if rules is None:
        return 0.0
    return max(0.0, row.since + rules.wrap_up_s + rules.wrap_up_extra_s - row.until)


def forced(core: CallCore, agent_id: str, midnight: float) -> ForcedView | None:
    """The last change of the agent's state by a supervisor today."""
    at, event = core.forced.get(agent_id, (0.0, None))
    if event is None or at < midnight:
        return None
    return ForcedView(at, event.want, event.reason, event.why, event.name or event.by)


def task(core: CallCore, agent_id: str) -> TaskView | None:
    """What an agent is shown between calls, or works on."""
    task_id = tasks.task_of(core, agent_id)
    if task_id is None:
        return None
    due = core.due.get(task_id)
    kind = tasks.kind_of(task_id)
    return TaskView(task_id, kind, due.who, due.seconds) if due else TaskView(task_id, kind)


def task_counts(core: CallCore) -> tuple[TaskCounts, ...]:
    """The tasks between calls by kind; kinds of which there are none are left out."""
    rows = core.engine.tasks()
    counts = []
    for kind in tasks.KINDS:
        started = [row.stage == "started" for row in rows if tasks.kind_of(row.task_id) == kind]
        if started:
            counts.append(TaskCounts(kind, started.count(False), started.count(True)))
    return tuple(counts)
