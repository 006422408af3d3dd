"""Work between calls: who is shown what, and that calls come first."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from hotline import events
from hotline.acd import model as acd
from hotline.acd.engine import Engine
from hotline.calls import model, tasks
from hotline.calls.core import CallCore, CallRules
from hotline.calls.model import Outcome, Stage
from hotline.routing.model import Agent, Queue, RoutingPlan, Skill
from hotline.routing.rules import PlanInForce, Routing
from hotline.telephony.snapshot import PbxSnapshot

A = "pbx1-1.1"
NOW = 1_800_000_000.0
AGENTS = {"agent1": "1001", "agent2": "1002"}
SEVEN, EIGHT = "callback:7", "callback:8"
CASE = "verification:2026112000001"


def due(
    *told_of: tuple[str, float], kind: str = "callback", skill: str = "callback"
) -> model.TasksDue:
    return model.TasksDue(kind, tuple(model.DueTask(*one) for one in told_of), skill)


DUE = due((SEVEN, NOW - 60), (EIGHT, NOW - 30))


def core(skilled: tuple[str, ...] = ("agent1",), spare: int = 1) -> CallCore:
    rules = CallRules("pbx1", "hotline", 20.0, "2", ZoneInfo("Asia/Shanghai"))
    made = CallCore(rules, Engine({"hotline": acd.QueueRules()}))
    plan = RoutingPlan(
        queues=(Queue(name="hotline", title={"zh": "热线"}, task_spare=spare),),
        skills=(Skill(code="callback", title={"zh": "回访"}),),
        agents=tuple(
            Agent(agent_id=name, queues={"hotline": 1}, skills={"callback": 1}) for name in skilled
        ),
    )
    made.handle(PlanInForce(Routing(plan, "hotline")), NOW)
    made.handle(model.PbxSeen(PbxSnapshot((), frozenset(AGENTS.values()), NOW)), NOW)
    for agent_id, extension in AGENTS.items():
        made.handle(model.AgentKnown(agent_id, agent_id, extension), NOW)
        made.handle(model.EndpointSeen(extension, True), NOW)
        made.handle(model.AgentAsks(agent_id, "ready"), NOW)
    return made


def rings_in(made: CallCore, call_id: str = A, now: float = NOW + 1) -> Outcome:
    reached = model.CallReached(call_id, f"PJSIP/citizens-{call_id}", "12319", "13800138000", "")
    made.handle(reached, now)
    return made.handle(model.MayWait(call_id, "hotline"), now)


def told(out: Outcome) -> list[events.TaskOffered | events.TaskWithdrawn]:
    kinds = (events.TaskOffered, events.TaskWithdrawn)
    return [event for event in out.events if isinstance(event, kinds)]


def state(made: CallCore, agent_id: str) -> str:
    return next(row.state for row in made.engine.agents() if row.agent_id == agent_id)


def test_the_oldest_callback_is_shown_to_an_idle_agent_with_the_skill() -> None:
    made = core()
    assert told(made.handle(DUE, NOW)) == [events.TaskOffered("agent1", SEVEN)]
    assert (tasks.task_of(made, "agent1"), tasks.task_of(made, "agent2")) == (SEVEN, None)
    # Whoever is shown one is still there for calls.
    assert state(made, "agent1") == "ready"


def test_nobody_is_shown_a_callback_without_the_skill_or_without_a_spare_agent() -> None:
    assert told(core(skilled=()).handle(DUE, NOW)) == []
    assert told(core(spare=2).handle(DUE, NOW)) == []


def test_told_again_of_the_same_callbacks_nothing_happens() -> None:
    made = core()
    made.handle(DUE, NOW)
    assert made.handle(DUE, NOW + 15).events == []


def test_a_callback_that_somebody_else_took_is_taken_back() -> None:
    made = core()
    made.handle(DUE, NOW)
    out = made.handle(due((EIGHT, NOW - 30)), NOW + 5)
    assert told(out) == [
        events.TaskWithdrawn("agent1", SEVEN, "gone"),
        events.TaskOffered("agent1", EIGHT),
    ]


def test_a_call_comes_before_a_callback_that_is_only_shown() -> None:
    made = core(skilled=("agent1", "agent2"), spare=0)
    made.handle(DUE, NOW)
    out = rings_in(made)
    taken = made.calls[A].agent_id
    assert made.calls[A].stage is Stage.OFFERED
    assert [(e.agent_id, e.why) for e in told(out) if isinstance(e, events.TaskWithdrawn)] == [
        (taken, "call")
    ]


def test_a_callback_that_was_begun_is_not_disturbed_by_calls() -> None:
    made = core()
    made.handle(DUE, NOW)
    out = made.handle(model.AgentTakesTask("agent1", SEVEN), NOW + 1)
    became = next(e for e in out.events if isinstance(e, events.AgentStateChanged))
    assert (became.agent_id, became.state, became.call_id) == ("agent1", "on_task", "callback:7")
    rings_in(made, A, NOW + 2)
    rings_in(made, "pbx1-1.2", NOW + 3)
    assert made.calls[A].agent_id == "agent2"
    assert made.calls["pbx1-1.2"].stage is Stage.WAITING
    made.handle(model.TaskOver(SEVEN), NOW + 10)
    assert made.calls["pbx1-1.2"].agent_id == "agent1"


def test_a_callback_that_is_shown_to_nobody_or_to_another_cannot_be_begun() -> None:
    made = core()
    made.handle(DUE, NOW)
    for given_ in (model.AgentTakesTask("agent2", SEVEN), model.AgentTakesTask("agent1", EIGHT)):
        assert made.handle(given_, NOW + 1).events == []
    assert tasks.begun(made) == ()


def test_an_agent_who_worked_on_a_callback_at_a_restart_still_does() -> None:
    made = core()
    row = acd.RestoreAgent(
        "agent1", ("hotline",), "on_task", NOW - 30, call_id="callback:7", skills={"callback": 1}
    )
    again = CallCore(made.rules, Engine({"hotline": acd.QueueRules()}))
    again.load([], [row], NOW)
    # It is not free, so it is not among those that are due.
    assert told(again.handle(due((EIGHT, NOW)), NOW)) == []
    assert tasks.begun(again) == (SEVEN,)
    again.handle(model.TaskOver(SEVEN), NOW + 5)
    assert state(again, "agent1") == "ready"


def test_a_verification_is_shown_to_who_has_its_own_skill() -> None:
    made = core()
    verifications = due((CASE, NOW - 90), kind="verification", skill="verify")
    assert told(made.handle(verifications, NOW)) == []
    verifications = due((CASE, NOW - 90), kind="verification")
    made.handle(due(kind="verification"), NOW)
    assert told(made.handle(verifications, NOW)) == [events.TaskOffered("agent1", CASE)]


def test_one_kind_of_work_says_nothing_of_the_other() -> None:
    made = core()
    made.handle(due((CASE, NOW - 90), kind="verification"), NOW)
    made.handle(DUE, NOW + 1)
    made.handle(due(), NOW + 2)
    assert tasks.task_of(made, "agent1") == CASE
    assert [task.task_id for task in made.due.values()] == [CASE]


def test_a_verification_gives_way_to_a_call_and_comes_back_when_it_is_over() -> None:
    made = core(spare=0)
    made.handle(model.AgentAsks("agent2", "paused", "rest"), NOW)
    made.handle(due((CASE, NOW - 90), kind="verification"), NOW)
    out = rings_in(made)
    assert told(out) == [events.TaskWithdrawn("agent1", CASE, "call")]
    out = made.handle(model.CallerGone(A, ""), NOW + 5)
    assert told(out) == [events.TaskOffered("agent1", CASE)]


def test_who_verified_a_report_at_a_restart_still_does_and_is_free_when_it_is_done() -> None:
    row = acd.RestoreAgent(
        "agent1", ("hotline",), "on_task", NOW - 30, call_id=CASE, skills={"callback": 1}
    )
    again = CallCore(core().rules, Engine({"hotline": acd.QueueRules()}))
    again.load([], [row], NOW)
    again.handle(due((CASE, NOW - 90), kind="verification"), NOW)
    assert tasks.begun(again, "verification") == (CASE,)
    assert tasks.begun(again, "callback") == ()
    again.handle(model.TaskOver(CASE), NOW + 5)
    assert state(again, "agent1") == "ready"


TASKS = {
    "callback": [f"callback:{n}" for n in range(1, 6)],
    "verification": [f"verification:{n}" for n in range(1, 6)],
}
ANY_TASK = st.sampled_from([task_id for tasks_ in TASKS.values() for task_id in tasks_])
DUES = st.sampled_from(sorted(TASKS)).flatmap(
    lambda kind: st.lists(st.sampled_from(TASKS[kind]), unique=True, max_size=5).map(
        lambda ids: due(*((task_id, NOW - int(task_id[-1])) for task_id in ids), kind=kind)
    )
)
INPUTS: st.SearchStrategy[model.Input] = st.one_of(
    DUES,
    st.builds(model.AgentTakesTask, st.sampled_from(sorted(AGENTS)), ANY_TASK),
    st.builds(model.TaskOver, ANY_TASK),
    st.builds(
        model.AgentAsks, st.sampled_from(sorted(AGENTS)), st.sampled_from(["ready", "paused"])
    ),
    st.builds(model.MayWait, st.just(A), st.just("hotline")),
    st.builds(model.CallerGone, st.just(A), st.just("")),
    st.just(model.CallReached(A, "PJSIP/citizens-1", "12319", "13800138000", "")),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(INPUTS, st.floats(0, 30)), max_size=30))
def test_whatever_happens_screens_are_told_of_every_task_that_is_shown(
    story: list[tuple[model.Input, float]],
) -> None:
    made, now = core(skilled=tuple(AGENTS)), NOW
    shown: dict[str, str] = {}
    begun: dict[str, str] = {}
    for given_, pause in story:
        now += pause
        for event in made.handle(given_, now).events:
            if isinstance(event, events.TaskOffered):
                assert event.agent_id not in shown
                shown[event.agent_id] = event.task_id
            elif isinstance(event, events.TaskWithdrawn):
                assert shown.pop(event.agent_id) == event.task_id
            elif isinstance(event, events.AgentStateChanged) and event.state == "on_task":
                # Told again when they ask for something to follow.
                begun[event.agent_id] = shown.pop(event.agent_id, begun.get(event.agent_id, ""))
                assert event.call_id == begun[event.agent_id]
        offered = {r.agent_id for r in made.engine.tasks() if r.stage == "offered"}
        assert offered == set(shown)
        # A caller who waits finds no agent who is merely shown something.
        assert not (made.engine.waiting() and shown and made.calls[A].stage is Stage.WAITING)
