"""Agents' states: who is away, what supervisors change, and longer wrap-ups."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from hotline import events
from hotline.acd.engine import Engine
from hotline.acd.model import QueueRules
from hotline.calls import model
from hotline.calls.core import CallCore, CallRules
from hotline.calls.model import Outcome
from hotline.telephony.snapshot import PbxSnapshot

CALL = "pbx1-1.1"
NOW = 1_800_000_000.0
AWAY_S = 120.0
EXTRA_S = 60.0


def core(away_s: float = AWAY_S) -> CallCore:
    rules = CallRules("pbx1", "hotline", 20.0, "2", ZoneInfo("Asia/Shanghai"), away_s)
    made = CallCore(rules, Engine({"hotline": QueueRules(wrap_up_extra_s=EXTRA_S)}))
    run(made, model.PbxSeen(PbxSnapshot((), frozenset({"1001"}), NOW)))
    run(made, model.AgentKnown("agent1", "张敏", "1001"), model.EndpointSeen("1001", True))
    return made


def run(made: CallCore, *given: model.Input, now: float = NOW) -> Outcome:
    out = Outcome()
    for one in given:
        out.merge(made.handle(one, now))
    return out


def on_duty(made: CallCore, state: str = "ready", reason: str = "") -> None:
    run(made, model.PageOpened("agent1"), model.AgentAsks("agent1", state, reason))


def talking(made: CallCore) -> None:
    on_duty(made)
    reached = model.CallReached(CALL, "PJSIP/citizens-1", "12319", "13800138000", "")
    run(made, reached, model.MayWait(CALL, "hotline"), model.DialAnswered(CALL, "PJSIP/1001-1"))


def in_wrap_up(made: CallCore) -> None:
    talking(made)
    run(made, model.DialReturned(CALL, f"{CALL}/1", "ANSWER"))


def state(made: CallCore) -> tuple[str, str]:
    (row,) = made.engine.agents()
    return row.state, row.reason


def forced(want: str, reason: str = "") -> model.SupervisorSets:
    return model.SupervisorSets("agent1", want, "人手不够", "supervisor", "赵主任", reason)


def changes(out: Outcome) -> list[events.AgentStateChanged]:
    return [e for e in out.events if isinstance(e, events.AgentStateChanged)]


# --- away -----------------------------------------------------------------------------------


def test_a_ready_agent_whose_page_is_gone_becomes_away_and_is_rung_no_more() -> None:
    made = core()
    on_duty(made)
    run(made, model.PageClosed("agent1"), now=NOW + 10)
    assert made.next_deadline() == NOW + 10 + AWAY_S
    run(made, model.TimePassed(), now=NOW + 9 + AWAY_S)
    assert state(made) == ("ready", "")
    run(made, model.TimePassed(), now=NOW + 10 + AWAY_S)
    assert state(made) == ("paused", "away")
    assert made.next_deadline() is None


def test_a_page_that_reloads_in_time_changes_nothing() -> None:
    made = core()
    on_duty(made)
    run(made, model.PageClosed("agent1"), model.PageOpened("agent1"), now=NOW + 10)
    run(made, model.TimePassed(), now=NOW + 1000)
    assert state(made) == ("ready", "")


def test_another_page_of_theirs_is_enough() -> None:
    made = core()
    on_duty(made)
    run(made, model.PageOpened("agent1"), model.PageClosed("agent1"), now=NOW + 10)
    assert made.next_deadline() is None


def test_who_is_away_comes_back_by_their_own_act_alone() -> None:
    made = core()
    on_duty(made)
    run(made, model.PageClosed("agent1"), model.EndpointSeen("1001", False))
    run(made, model.TimePassed(), now=NOW + AWAY_S)
    back = (model.PageOpened("agent1"), model.EndpointSeen("1001", True))
    run(made, *back, now=NOW + 500)
    assert state(made) == ("paused", "away")
    run(made, model.AgentAsks("agent1", "ready"), now=NOW + 510)
    assert state(made) == ("ready", "")


def test_a_meal_without_a_page_stays_a_meal() -> None:
    made = core()
    on_duty(made, "paused", "meal")
    run(made, model.PageClosed("agent1"))
    run(made, model.TimePassed(), now=NOW + 1000)
    assert state(made) == ("paused", "meal")


def test_who_talks_is_not_away_and_has_the_whole_time_afterwards() -> None:
    made = core()
    in_wrap_up(made)
    run(made, model.PageClosed("agent1"))
    run(made, model.AgentEndsWrapUp("agent1"), now=NOW + 20)
    assert made.next_deadline() == NOW + 20 + AWAY_S


def test_an_agent_whom_a_program_signed_on_is_not_judged() -> None:
    made = core()
    run(made, model.AgentAsks("agent1", "ready"))
    run(made, model.TimePassed(), now=NOW + 1000)
    assert state(made) == ("ready", "")


def test_nobody_is_away_when_the_rule_is_off() -> None:
    made = core(away_s=0)
    on_duty(made)
    run(made, model.PageClosed("agent1"))
    assert made.next_deadline() is None


# --- changed by a supervisor ------------------------------------------------------------------


def test_a_forced_pause_says_who_and_why_before_it_happens() -> None:
    made = core()
    on_duty(made)
    out = run(made, forced("paused", "meeting"))
    first, second = out.events
    assert first == events.StateForced(
        "agent1", "paused", "人手不够", "supervisor", "赵主任", "meeting", "ready"
    )
    assert isinstance(second, events.AgentStateChanged)
    assert (second.state, second.reason, second.by) == ("paused", "meeting", "supervisor")


def test_forcing_a_busy_agent_changes_what_follows() -> None:
    made = core()
    talking(made)
    out = run(made, forced("offline"))
    (changed,) = changes(out)
    assert (changed.state, changed.next_state, changed.by) == ("talking", "offline", "supervisor")


def test_a_forced_end_of_the_wrap_up_lets_the_next_caller_in() -> None:
    made = core()
    in_wrap_up(made)
    out = run(made, forced("end_wrap_up"))
    assert [(c.state, c.by) for c in changes(out)] == [("ready", "supervisor")]


def test_a_forced_change_is_told_until_the_agent_does_something() -> None:
    made = core()
    on_duty(made)
    run(made, forced("paused", "meeting"))
    assert made.forced["agent1"][1].why == "人手不够"
    run(made, model.AgentAsks("agent1", "ready"))
    assert made.forced == {}


def test_forcing_what_is_so_already_is_journalled_by_nobody() -> None:
    made = core()
    on_duty(made)
    assert run(made, forced("ready")).events == []
    assert made.forced == {}


def test_somebody_who_is_not_signed_on_cannot_be_forced() -> None:
    made = core()
    out = run(made, forced("ready"))
    assert out.events == []
    assert out.ignored


# --- wrap-up ----------------------------------------------------------------------------------


def test_a_wrap_up_can_be_extended_up_to_its_limit() -> None:
    made = core()
    in_wrap_up(made)
    before = made.engine.agents()[0].until
    assert before is not None
    more = model.AgentExtendsWrapUp("agent1", 40.0)
    run(made, more)
    assert made.engine.agents()[0].until == before + 40
    run(made, more)
    assert made.engine.agents()[0].until == before + EXTRA_S
    assert run(made, more).events == []


# --- pauses -----------------------------------------------------------------------------------


def test_a_pause_that_ends_is_journalled_with_its_length() -> None:
    made = core()
    on_duty(made, "paused", "rest")
    out = run(made, model.AgentAsks("agent1", "ready"), now=NOW + 300)
    assert out.events[0] == events.PauseEnded("agent1", "rest", NOW, NOW + 300)
