"""One call from ring to rest, without a wire."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from hotline import events
from hotline.acd.engine import Engine
from hotline.acd.model import QueueRules, RestoreAgent
from hotline.calls import holding, model
from hotline.calls.core import CallCore, CallRules
from hotline.calls.model import Outcome, Stage
from hotline.handover.model import QueueAgain
from hotline.telephony.snapshot import ChannelInfo, PbxSnapshot

A, B = "pbx1-1.1", "pbx1-1.2"
NOW = 1_800_000_000.0


def core() -> CallCore:
    rules = CallRules("pbx1", "hotline", 20.0, "2", ZoneInfo("Asia/Shanghai"))
    made = CallCore(rules, Engine({"hotline": QueueRules()}))
    made.handle(model.PbxSeen(PbxSnapshot((), frozenset({"1001", "1002"}), NOW)), NOW)
    for agent_id, extension in (("agent1", "1001"), ("agent2", "1002")):
        made.handle(model.AgentKnown(agent_id, agent_id, extension), NOW)
        made.handle(model.EndpointSeen(extension, True), NOW)
    return made


def run(made: CallCore, *given_: model.Input, now: float = NOW) -> Outcome:
    out = Outcome()
    for one in given_:
        out.merge(made.handle(one, now))
    return out


def reached(call_id: str = A) -> model.CallReached:
    return model.CallReached(call_id, f"PJSIP/citizens-{call_id}", "12319", "13800138000", "")


def kinds(out: Outcome) -> list[str]:
    return [event.kind for event in out.events]


def dialled(out: Outcome) -> model.DialAgent:
    verbs = [c.verb for c in out.commands if isinstance(c, model.Tell)]
    (verb,) = [v for v in verbs if isinstance(v, model.DialAgent)]
    return verb


def offered(made: CallCore, call_id: str = A) -> model.DialAgent:
    run(made, model.AgentAsks("agent1", "ready"), reached(call_id))
    return dialled(run(made, model.MayWait(call_id, "hotline")))


def test_a_waiting_caller_is_offered_to_the_ready_agent_at_once() -> None:
    made = core()
    run(made, model.AgentAsks("agent1", "ready"), reached())
    out = run(made, model.MayWait(A, "hotline"))
    assert kinds(out)[0] == "CallQueued"
    assert set(kinds(out)[1:]) == {"CallOffered", "AgentStateChanged"}
    assert dialled(out).interfaces == ("PJSIP/1001",)


def test_a_whole_talk_is_journalled_with_its_times() -> None:
    made = core()
    offer = offered(made)
    answered = run(made, model.DialAnswered(A, "PJSIP/1001-00000001"), now=NOW + 4)
    over = run(made, model.DialReturned(A, offer.offer_id, "ANSWER"), now=NOW + 64)
    answer = next(e for e in answered.events if isinstance(e, events.CallAnswered))
    end = next(e for e in over.events if isinstance(e, events.TalkEnded))
    assert (answer.agent_id, answer.waited_s) == ("agent1", 4.0)
    assert (end.talked_s, end.by) == (60.0, "agent")
    assert made.calls[A].stage is Stage.RATING
    run(made, model.StepEntered(A, "goodbye", closing=True))
    gone = run(made, model.CallerGone(A, "Normal Clearing"), now=NOW + 70)
    assert [c.talked_s for c in gone.commands if isinstance(c, model.CheckRecording)] == [60.0]
    assert next(e for e in gone.events if isinstance(e, events.CallEnded)).by == "system"


def test_an_answer_that_only_the_dialplan_tells_is_a_talk_too() -> None:
    made = core()
    offer = offered(made)
    out = run(made, model.DialReturned(A, offer.offer_id, "ANSWER"), now=NOW + 9)
    assert {"CallAnswered", "TalkEnded"} <= set(kinds(out))


def test_a_caller_who_hangs_up_while_the_phone_rings_has_abandoned() -> None:
    made = core()
    offered(made)
    out = run(made, model.CallerGone(A, "Normal Clearing"), now=NOW + 7)
    gone = next(e for e in out.events if isinstance(e, events.CallAbandoned))
    assert gone.waited_s == 7.0
    assert kinds(out)[-1] == "CallEnded"
    late = run(made, model.DialAnswered(A, "PJSIP/1001-00000001"), now=NOW + 7)
    assert late.events == []


def test_a_refused_call_goes_to_the_next_agent_when_the_caller_is_free() -> None:
    made = core()
    first = offered(made)
    run(made, model.AgentAsks("agent2", "ready"), model.PhoneRings(A, "PJSIP/1001-00000001"))
    refused = run(made, model.AgentRefuses("agent1", first.offer_id))
    assert refused.commands == [model.HangUp("PJSIP/1001-00000001")]
    assert refused.events == []
    back = run(made, model.DialReturned(A, first.offer_id, "CHANUNAVAIL"))
    outcome = next(e for e in back.events if isinstance(e, events.OfferEnded))
    assert outcome.outcome == "refused"
    assert dialled(back).interfaces == ("PJSIP/1002",)


def test_a_phone_that_begins_to_ring_after_the_refusal_is_hung_up() -> None:
    made = core()
    offer = offered(made)
    run(made, model.AgentRefuses("agent1", offer.offer_id))
    out = run(made, model.PhoneRings(A, "PJSIP/1001-00000001"))
    assert out.commands == [model.HangUp("PJSIP/1001-00000001")]


def test_an_answer_on_another_agents_phone_is_that_agents_talk() -> None:
    made = core()
    first = offered(made)
    run(made, model.AgentAsks("agent2", "ready"))
    run(made, model.DialReturned(A, first.offer_id, "NOANSWER"))
    late = run(made, model.DialAnswered(A, "PJSIP/1001-00000001"))
    answer = next(e for e in late.events if isinstance(e, events.CallAnswered))
    assert answer.agent_id == "agent1"
    states = {row.agent_id: row.state for row in made.engine.agents()}
    assert (states["agent1"], states["agent2"]) == ("talking", "ready")


def test_an_agent_who_leaves_after_wrap_up_leaves_the_fallback_too() -> None:
    made = core()
    offer = offered(made)
    run(made, model.DialAnswered(A, "PJSIP/1001-00000001"), model.AgentAsks("agent1", "offline"))
    run(made, model.DialReturned(A, offer.offer_id, "ANSWER"))
    left = run(made, model.AgentEndsWrapUp("agent1"))
    assert left.commands[-1] == model.KeepFallback(())


def test_an_agent_whose_phone_was_gone_at_the_start_is_not_offered_calls() -> None:
    rules = CallRules("pbx1", "hotline", 20.0, "2", ZoneInfo("Asia/Shanghai"))
    made = CallCore(rules, Engine({"hotline": QueueRules()}))
    run(made, model.AgentKnown("agent1", "agent1", "1001"))
    made.load([], [RestoreAgent("agent1", ("hotline",), "ready", NOW)], NOW)
    run(made, model.PbxSeen(PbxSnapshot((), frozenset(), NOW)))
    out = run(made, reached(), model.MayWait(A, "hotline"))
    assert "CallOffered" not in kinds(out)


def held(made: CallCore) -> Outcome:
    offer = offered(made)
    run(made, model.DialAnswered(A, "PJSIP/1001-00000001"))
    run(made, model.EndpointSeen("1001", False))
    return run(made, model.DialReturned(A, offer.offer_id, "ANSWER", "41"), now=NOW + 30)


def test_a_caller_is_held_while_the_agents_page_reloads_and_gets_the_same_agent_back() -> None:
    made = core()
    assert kinds(held(made)) == ["TalkHeld"]
    again = dialled(run(made, model.EndpointSeen("1001", True), now=NOW + 32))
    assert again.interfaces == ("PJSIP/1001",)
    back = run(made, model.DialAnswered(A, "PJSIP/1001-00000002"), now=NOW + 33)
    assert kinds(back) == ["TalkResumed"]
    over = run(made, model.DialReturned(A, again.offer_id, "ANSWER", "16"), now=NOW + 60)
    ended = next(e for e in over.events if isinstance(e, events.TalkEnded))
    assert (ended.agent_id, ended.talked_s) == ("agent1", 60.0)
    gone = run(made, model.CallerGone(A, ""), now=NOW + 61)
    checks = [c.talked_s for c in gone.commands if isinstance(c, model.CheckRecording)]
    assert checks == [57.0]


def test_a_caller_whose_agent_does_not_come_back_waits_again_before_all_others() -> None:
    made = core()
    held(made)
    assert made.next_deadline() == NOW + 50
    out = run(made, model.TimePassed(), now=NOW + 50)
    assert "TalkEnded" in kinds(out)
    assert model.Tell(A, QueueAgain(failed=False)) in out.commands
    assert made.next_deadline() != NOW + 50
    run(made, model.AgentAsks("agent2", "paused", "rest"), now=NOW + 51)
    run(made, reached(B), model.MayWait(B, "hotline"), now=NOW + 51)
    queued = run(made, model.MayWait(A, "hotline"), now=NOW + 52).events[0]
    assert isinstance(queued, events.CallQueued)
    assert (queued.since, queued.reasons) == (NOW, ("cut_off",))
    again = run(made, model.AgentAsks("agent2", "ready"), now=NOW + 53)
    offers = [e for e in again.events if isinstance(e, events.CallOffered)]
    assert [(e.call_id, e.agent_id) for e in offers] == [(A, "agent2")]


def test_a_talk_is_moved_as_if_it_were_cut_off() -> None:
    made = core()
    offer = offered(made)
    run(made, model.DialAnswered(A, "PJSIP/1001-web-00000001"))
    out = run(made, model.AgentMoves("agent1"), now=NOW + 20)
    assert out.commands == [model.HangUp("PJSIP/1001-web-00000001", holding.MOVED)]
    out = run(made, model.DialReturned(A, offer.offer_id, "ANSWER", holding.MOVED), now=NOW + 20)
    assert "TalkHeld" in kinds(out)
    assert run(made, model.AgentMoves("agent1"), now=NOW + 20).commands == []


def test_a_talk_on_a_desk_phone_stays_there() -> None:
    made = core()
    offered(made)
    run(made, model.DialAnswered(A, "PJSIP/1001-00000001"))
    assert run(made, model.AgentMoves("agent1"), now=NOW + 20).commands == []


def test_a_held_caller_who_hangs_up_has_talked_not_abandoned() -> None:
    made = core()
    held(made)
    out = run(made, model.CallerGone(A, ""), now=NOW + 35)
    assert "TalkEnded" in kinds(out)
    assert "CallAbandoned" not in kinds(out)


def test_nobody_ready_in_time_leads_to_a_report() -> None:
    made = core()
    run(made, reached(), model.MayWait(A, "hotline"))
    out = run(made, model.TimePassed(), now=NOW + 91)
    assert model.Tell(A, model.GoOn("nobody")) in out.commands
    out = run(made, model.WantsReport(A, "nobody_ready"), now=NOW + 92)
    started = next(e for e in out.events if isinstance(e, events.ReportStarted))
    assert started.reason == "nobody_ready"
    assert started.path.endswith(".wav")


def test_the_report_key_leads_to_a_report_while_waiting_but_not_while_talking() -> None:
    made = core()
    run(made, reached(), model.MayWait(A, "hotline"))
    assert model.Tell(A, model.GoOn("asked")) in run(made, model.KeySeen(A, "2")).commands
    assert not made.engine.waiting()
    made = core()
    offered(made)
    run(made, model.DialAnswered(A, "PJSIP/1001-00000001"))
    assert kinds(run(made, model.KeySeen(A, "2"))) == []


def test_a_report_is_measured_when_the_caller_hangs_up_and_only_once() -> None:
    made = core()
    out = run(made, reached(), model.WantsReport(A, "out_of_hours"))
    report = next(e for e in out.events if isinstance(e, events.ReportStarted))
    returned = run(made, model.ReportReturned(A, report.report_id, "key"))
    assert [c.ended_by for c in returned.commands if isinstance(c, model.MeasureReport)] == ["key"]
    assert run(made, model.CallerGone(A, "")).commands == []


def test_a_caller_in_the_dialplans_queue_is_fetched_back_with_the_old_place() -> None:
    made = core()
    run(made, reached(), model.MayWait(A, "hotline"))
    out = run(made, model.InFallback(A), now=NOW + 30)
    assert model.FetchBack(A, made.calls[A].channel) in out.commands
    queued = run(made, model.MayWait(A, "hotline"), now=NOW + 31).events[0]
    assert isinstance(queued, events.CallQueued)
    assert queued.since == NOW
    assert [row.call_id for row in made.engine.waiting()] == [A]


def test_a_caller_who_cannot_be_held_is_left_to_the_dialplan() -> None:
    made = core()
    run(made, reached())
    tries = [run(made, model.InFallback(A), now=NOW + 2 * n) for n in range(5)]
    fetched = [command for out in tries for command in out.commands]
    assert len(fetched) == 2


def channel(uniqueid: str, name: str, **changes: object) -> ChannelInfo:
    fields: dict[str, object] = {
        "channel": name,
        "uniqueid": uniqueid,
        "linkedid": uniqueid,
        "context": "hotline",
        "extension": "s",
        "application": "Dial",
        "data": "",
        "state": "Up",
        "caller_number": "13800138000",
        "caller_name": "",
        "bridge_id": "",
        "seconds": 50.0,
        "variables": {"HOTLINE_CALLED": "12319"},
    }
    return ChannelInfo(**{**fields, **changes})  # type: ignore[arg-type]


def test_a_talk_found_after_a_restart_is_believed() -> None:
    made = core()
    citizen = channel("1.1", "PJSIP/citizens-1", bridge_id="b")
    agent = channel("1.2", "PJSIP/1001-00000001", bridge_id="b", context="from-agents")
    snapshot = PbxSnapshot((citizen, agent), frozenset({"1001"}), NOW)
    out = run(made, model.PbxSeen(snapshot))
    assert {"CallArrived", "CallAnswered", "CallAdopted"} <= set(kinds(out))
    assert {row.agent_id: row.state for row in made.engine.agents()} == {"agent1": "talking"}


def test_a_citizen_who_is_being_called_back_is_not_taken_for_a_caller() -> None:
    made = core()
    called_back = channel(
        "1.3", "PJSIP/trunk-1", bridge_id="b", context="citizens", application="AppDial"
    )
    out = run(made, model.PbxSeen(PbxSnapshot((called_back,), frozenset(), NOW)))
    assert "CallArrived" not in kinds(out)
    assert not any(isinstance(command, model.FetchBack) for command in out.commands)


def test_a_call_that_ended_unseen_says_so() -> None:
    made = core()
    run(made, reached(), model.MayWait(A, "hotline"), model.PbxUnseen("lost"))
    out = run(made, model.PbxSeen(PbxSnapshot((), frozenset(), NOW + 60)), now=NOW + 60)
    ended = next(e for e in out.events if isinstance(e, events.CallEnded))
    blind = next(e for e in out.events if isinstance(e, events.BlindInterval))
    assert ended.by == "unknown"
    assert (blind.since, blind.until) == (NOW, NOW + 60)
    assert "CallAbandoned" not in kinds(out)


CALLS = st.sampled_from([A, B])
AGENTS = st.sampled_from(["agent1", "agent2"])
OFFERS = st.builds(lambda call, n: f"{call}/{n}", CALLS, st.integers(1, 4))
INPUTS: st.SearchStrategy[model.Input] = st.one_of(
    st.builds(reached, CALLS),
    st.builds(model.MayWait, CALLS, st.just("hotline")),
    st.builds(model.WantsReport, CALLS, st.sampled_from(["asked", "again"])),
    st.builds(model.KeySeen, CALLS, st.sampled_from("12#")),
    st.builds(model.PhoneRings, CALLS, st.just("PJSIP/1001-00000001")),
    st.builds(model.DialAnswered, CALLS, st.just("PJSIP/1001-00000001")),
    st.builds(
        model.DialReturned,
        CALLS,
        OFFERS,
        st.sampled_from(["ANSWER", "BUSY", "NOANSWER", "X"]),
        st.sampled_from(["16", "41"]),
    ),
    st.builds(model.InFallback, CALLS),
    st.builds(model.QueueReturned, CALLS),
    st.builds(model.CallerGone, CALLS, st.just("")),
    st.builds(
        model.AgentAsks, AGENTS, st.sampled_from(["ready", "paused", "offline", "signed_on"])
    ),
    st.builds(model.AgentRefuses, AGENTS, OFFERS),
    st.builds(model.AgentEndsWrapUp, AGENTS),
    st.builds(model.AgentHangsUp, AGENTS),
    st.builds(model.EndpointSeen, st.sampled_from(["1001", "1002-web"]), st.booleans()),
    st.just(model.TimePassed()),
    st.just(model.PbxUnseen("x")),
    st.just(model.PbxSeen(PbxSnapshot((), frozenset({"1001"}), NOW))),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(INPUTS, st.floats(0, 40)), max_size=40))
def test_whatever_the_wire_says_each_call_has_one_owner_and_one_end(
    story: list[tuple[model.Input, float]],
) -> None:
    made, now = core(), NOW
    ended: dict[str, int] = {}
    arrived: dict[str, int] = {}
    for given_, pause in story:
        now += pause
        for event in made.handle(given_, now).events:
            if isinstance(event, events.CallArrived):
                arrived[event.call_id] = arrived.get(event.call_id, 0) + 1
            if isinstance(event, events.CallEnded):
                ended[event.call_id] = ended.get(event.call_id, 0) + 1
        owners = [c.agent_id for c in made.calls.values() if c.stage is Stage.TALKING]
        offered_to = [c.agent_id for c in made.calls.values() if c.stage is Stage.OFFERED]
        assert len(set(offered_to)) == len(offered_to)
        assert all(c.agent_id for c in made.calls.values() if c.stage is Stage.OFFERED)
        assert not set(offered_to) & set(owners)
    for call_id, count in arrived.items():
        assert count - ended.get(call_id, 0) == (call_id in made.calls)


def test_a_held_caller_whose_controller_died_while_the_agent_was_rung_is_held_on() -> None:
    made = core()
    offer = offered(made)
    run(made, model.DialAnswered(A, "PJSIP/1001-00000001"))
    # As restored: the talk is known, that it was held is not.
    run(made, model.DialReturned(A, offer.offer_id, "NOANSWER"), now=NOW + 60)
    again = run(made, model.TimePassed(), now=NOW + 62)
    assert dialled(again).offer_id == offer.offer_id
    run(made, model.DialReturned(A, offer.offer_id, "NOANSWER"), now=NOW + 72)
    over = run(made, model.TimePassed(), now=NOW + 81)
    assert "TalkEnded" in kinds(over)
    assert model.Tell(A, QueueAgain(failed=False)) in over.commands


def test_a_talk_whose_end_nobody_saw_is_not_called_longer_than_its_recording() -> None:
    made = core()
    offered(made)
    run(made, model.DialAnswered(A, "PJSIP/1001-00000001"), now=NOW + 4)
    gone = run(made, model.CallerGone(A, "", seen=False), now=NOW + 64)
    checks = [c for c in gone.commands if isinstance(c, model.CheckRecording)]
    assert [check.talked_s for check in checks] == [0.0]
