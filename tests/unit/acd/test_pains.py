"""What users of other systems suffer from does not happen here."""

from __future__ import annotations

from dataclasses import asdict

from hotline.acd.model import (
    AgentBecame,
    AgentPauses,
    AgentReachable,
    AgentReady,
    AgentSignsOff,
    AgentSignsOn,
    CallGone,
    CallStopsWaiting,
    CallWaits,
    Ignored,
    MakeOffer,
    OfferAnswered,
    OfferConcluded,
    OfferFailed,
    Overflowed,
    QueueRules,
    RestoreAgent,
    RestoreOffer,
    RestoreTalk,
    TalkEnded,
    WithdrawOffer,
)
from tests.acd.floor import Floor, Q


def test_a_caller_who_hangs_up_is_never_offered(floor: Floor) -> None:
    floor.call("c1")
    floor.tell(CallGone("c1"))
    floor.call("c1")
    assert floor.heard(Ignored)
    floor.work("zhang")
    assert not floor.offered()


def test_a_hang_up_that_overtakes_its_call_wins(floor: Floor) -> None:
    floor.work("zhang")
    floor.tell(CallGone("c1"))
    floor.call("c1")
    assert not floor.offered()


def test_a_hang_up_stops_the_ringing_and_an_answer_that_crosses_it_is_no_talk(
    floor: Floor,
) -> None:
    floor.work("zhang")
    floor.call("c1")
    floor.tell(CallGone("c1"))
    assert floor.heard(WithdrawOffer) == [WithdrawOffer("c1/1", "c1", "zhang")]
    assert floor.heard(OfferConcluded) == [OfferConcluded("c1/1", "c1", "zhang", "withdrawn")]
    floor.tell(OfferAnswered("c1/1"))
    assert floor.heard(Ignored)
    assert floor.agent("zhang").state == "ready"


def test_two_agents_never_have_one_call(floor: Floor) -> None:
    floor.work("zhang", "li")
    floor.call("c1")
    assert floor.offered() == {"c1": "zhang"}
    floor.fail("c1", "refused")
    assert floor.offered() == {"c1": "li"}
    floor.tell(OfferAnswered("c1/1"))
    assert floor.heard(Ignored)
    floor.answer("c1")
    assert [row.agent_id for row in floor.engine.agents() if row.call_id == "c1"] == ["li"]


def test_wrap_up_lasts_its_time_and_no_less(floor: Floor) -> None:
    floor.work("zhang")
    floor.call("c1")
    floor.answer("c1")
    floor.tell(TalkEnded("c1"))
    floor.tell(CallGone("c1"))
    floor.call("c2")
    floor.after(29.9)
    assert floor.agent("zhang").state == "wrap_up"
    floor.after(0.1)
    assert floor.offered() == {"c2": "zhang"}


def test_wrap_up_pause_reason_and_next_state_survive_a_restart(floor: Floor) -> None:
    floor.work("zhang", "li")
    floor.tell(AgentPauses("zhang", "meal", until=900.0))
    paused = floor.heard(AgentBecame)[-1]
    floor.call("c1")
    floor.answer("c1")
    floor.tell(AgentPauses("li", "training"))
    floor.tell(TalkEnded("c1"))
    wrapping = floor.heard(AgentBecame)[-1]
    after = Floor()
    after.now = floor.now + 5
    after.tell(*(RestoreAgent(queues=(Q,), **asdict(was)) for was in (paused, wrapping)))
    assert after.engine.agents() == floor.engine.agents()
    after.now = 100.0
    after.after(0)
    assert (after.agent("li").state, after.agent("li").reason) == ("paused", "training")


def test_one_unreachable_agent_does_not_halt_the_queue(floor: Floor) -> None:
    floor.work("zhang", "li")
    floor.tell(AgentReachable("zhang", False))
    floor.call("c1")
    assert floor.offered() == {"c1": "li"}


def test_an_agent_whose_phone_cannot_be_rung_makes_room_for_the_next(floor: Floor) -> None:
    floor.work("zhang", "li")
    floor.call("c1")
    floor.fail("c1", "unreachable")
    assert floor.offered() == {"c1": "li"}
    assert floor.agent("zhang").reason == "unreachable"
    floor.tell(AgentReachable("zhang", True))
    assert floor.agent("zhang").state == "ready"


def test_a_phone_that_goes_away_while_it_rings_frees_the_caller(floor: Floor) -> None:
    floor.work("zhang", "li")
    floor.call("c1")
    floor.tell(AgentReachable("zhang", False))
    assert floor.heard(WithdrawOffer)
    floor.fail("c1", "missed")
    assert floor.offered() == {"c1": "li"}
    assert (floor.agent("zhang").reason, floor.agent("zhang").until) == ("unreachable", None)


def test_a_reloaded_page_costs_no_pause_and_loses_no_call(floor: Floor) -> None:
    floor.work("zhang")
    floor.call("c1")
    floor.tell(AgentReachable("zhang", False))
    floor.tell(AgentReachable("zhang", True))
    floor.tell(AgentSignsOn("zhang", (Q,)))
    floor.fail("c1", "unreachable")
    assert floor.offered() == {"c1": "zhang"}


def test_a_reload_during_a_talk_changes_nothing(floor: Floor) -> None:
    floor.work("zhang")
    floor.call("c1")
    floor.answer("c1")
    before = floor.engine.agents()
    floor.tell(AgentSignsOn("zhang", (Q,)))
    assert floor.heard(Ignored)
    assert floor.engine.agents() == before


def test_calls_of_several_queues_are_served_in_one_order() -> None:
    floor = Floor({"north": QueueRules(), "south": QueueRules()})
    for number, queue in enumerate(["north", "south", "south", "north"]):
        floor.call(f"c{number}", queue=queue)
        floor.now += 1
    served = []
    floor.work("zhang", queues=("north", "south"))
    for _ in range(4):
        call_id = floor.agent("zhang").call_id
        served.append(call_id)
        floor.tell(CallGone(call_id))
    assert served == ["c0", "c1", "c2", "c3"]


def test_an_agent_who_refused_is_not_rung_again_while_another_may_take_it(floor: Floor) -> None:
    floor.work("zhang", "li")
    floor.call("c0")
    floor.answer("c0")
    floor.call("c1")
    assert floor.offered() == {"c1": "li"}
    floor.fail("c1", "refused")
    floor.after(40)
    assert floor.agent("li").state == "ready"
    floor.tell(TalkEnded("c0"))
    floor.after(30)
    assert floor.offered() == {"c1": "zhang"}


def test_the_only_agent_is_asked_again_after_the_ring_time(floor: Floor) -> None:
    floor.work("zhang")
    floor.call("c1")
    floor.fail("c1", "refused")
    assert not floor.offered()
    assert floor.engine.next_deadline() == floor.now + 20
    floor.after(20)
    assert floor.offered() == {"c1": "zhang"}


def test_a_refuser_is_asked_again_when_the_others_leave(floor: Floor) -> None:
    floor.work("zhang", "li")
    floor.call("c0")
    floor.answer("c0")
    floor.call("c1")
    floor.fail("c1", "refused")
    floor.after(20)
    assert not floor.offered()
    floor.tell(AgentPauses("zhang", "meal"))
    assert floor.offered() == {"c1": "li"}


def test_missing_a_call_is_a_pause_that_ends_by_itself(floor: Floor) -> None:
    floor.work("zhang")
    floor.call("c1")
    floor.fail("c1", "missed")
    row = floor.agent("zhang")
    assert (row.state, row.reason, row.until) == ("paused", "missed", floor.now + 60)
    floor.tell(CallGone("c1"))
    floor.after(60)
    assert floor.agent("zhang").state == "ready"


def test_an_agent_who_missed_goes_to_the_end_of_the_line(floor: Floor) -> None:
    floor.work("zhang", "li")
    floor.call("c1")
    floor.fail("c1", "missed")
    floor.tell(CallGone("c1"))
    floor.after(61)
    floor.call("c2")
    assert floor.offered() == {"c2": "li"}


def test_an_outcome_that_the_wire_never_reports_counts_as_missed(floor: Floor) -> None:
    floor.work("zhang", "li")
    floor.call("c1")
    floor.after(25)
    assert floor.heard(WithdrawOffer)
    assert floor.offered() == {"c1": "li"}


def test_the_next_state_asked_for_in_a_talk_comes_after_the_wrap_up(floor: Floor) -> None:
    floor.work("zhang")
    floor.call("c1")
    floor.answer("c1")
    floor.tell(AgentPauses("zhang", "meal"))
    assert floor.agent("zhang").next_state == "paused"
    floor.tell(TalkEnded("c1"))
    floor.call("c2")
    floor.after(30)
    assert (floor.agent("zhang").state, floor.agent("zhang").reason) == ("paused", "meal")


def test_ready_takes_a_requested_pause_back(floor: Floor) -> None:
    floor.work("zhang")
    floor.call("c1")
    floor.answer("c1")
    floor.tell(AgentPauses("zhang", "meal"))
    floor.tell(AgentReady("zhang"))
    floor.tell(TalkEnded("c1"))
    floor.after(30)
    assert floor.agent("zhang").state == "ready"


def test_signing_off_in_a_talk_leaves_after_the_wrap_up(floor: Floor) -> None:
    floor.work("zhang")
    floor.call("c1")
    floor.answer("c1")
    floor.tell(AgentSignsOff("zhang"))
    assert floor.agent("zhang").state == "talking"
    floor.tell(TalkEnded("c1"))
    floor.after(30)
    assert floor.engine.agents() == ()


def test_signing_off_while_it_rings_is_a_refusal_once_the_ringing_stopped(floor: Floor) -> None:
    floor.work("zhang", "li")
    floor.call("c1")
    floor.tell(AgentSignsOff("zhang"))
    assert floor.heard(WithdrawOffer)
    assert not floor.heard(MakeOffer)
    floor.fail("c1", "missed")
    assert floor.heard(OfferConcluded)[0].outcome == "refused"
    assert floor.offered() == {"c1": "li"}


def test_an_answer_that_crosses_a_sign_off_is_a_talk(floor: Floor) -> None:
    floor.work("zhang")
    floor.call("c1")
    floor.tell(AgentSignsOff("zhang"))
    floor.answer("c1")
    assert (floor.agent("zhang").state, floor.agent("zhang").next_state) == ("talking", "offline")


def test_a_queue_without_wrap_up_makes_the_agent_ready_at_once() -> None:
    floor = Floor({Q: QueueRules(wrap_up_s=0)})
    floor.work("zhang")
    floor.call("c1")
    floor.answer("c1")
    floor.call("c2")
    floor.tell(TalkEnded("c1"))
    assert floor.offered() == {"c2": "zhang"}


def test_nobody_ready_in_time_ends_the_wait(floor: Floor) -> None:
    floor.call("c1")
    assert floor.engine.next_deadline() == 90
    floor.after(90)
    assert floor.said == [Overflowed("c1", Q, 90.0)]
    floor.work("zhang")
    assert not floor.offered()


def test_an_agent_who_is_free_at_the_last_instant_goes_before_the_overflow(floor: Floor) -> None:
    floor.work("zhang")
    floor.call("c0")
    floor.answer("c0")
    floor.call("c1")
    floor.after(60)
    floor.tell(TalkEnded("c0"))
    floor.after(30)
    assert floor.offered() == {"c1": "zhang"}
    assert not floor.heard(Overflowed)


def test_a_talk_that_the_engine_missed_is_healed(floor: Floor) -> None:
    floor.work("zhang", "li")
    floor.call("c1")
    floor.call("c2")
    floor.tell(RestoreTalk("c1", "li", floor.now))
    assert floor.agent("li").state == "talking"
    # Zhang rang for c1 and is asked for c2 instead, which li cannot take any more.
    assert floor.offered() == {"c2": "zhang"}


def test_a_talk_seen_while_paused_ends_in_that_pause(floor: Floor) -> None:
    floor.work("zhang")
    floor.tell(AgentPauses("zhang", "training"))
    floor.tell(RestoreTalk("c1", "zhang", floor.now, Q))
    floor.tell(TalkEnded("c1"))
    floor.after(30)
    assert (floor.agent("zhang").state, floor.agent("zhang").reason) == ("paused", "training")


def test_callers_keep_their_places_over_a_restart(floor: Floor) -> None:
    for call_id in ("c1", "c2", "c3"):
        floor.call(call_id)
        floor.now += 1
    rows = floor.engine.waiting()
    after = Floor()
    after.now = floor.now
    after.tell(
        RestoreAgent("zhang", (Q,), "ready", 0.0),
        *(CallWaits(row.call_id, Q, 0, row.since) for row in reversed(rows)),
    )
    assert after.offered() == {"c1": "zhang"}
    assert [row.call_id for row in after.engine.waiting()] == ["c1", "c2", "c3"]


def test_a_refusal_is_remembered_over_a_restart(floor: Floor) -> None:
    floor.work("zhang", "li")
    floor.tell(CallWaits("c1", Q, 0, 0.0, refused_by=("zhang",), offers=1))
    assert floor.heard(MakeOffer)[0].agent_id == "li"
    assert floor.heard(MakeOffer)[0].offer_id == "c1/2"


def test_a_talk_whose_caller_left_during_the_restart_gets_a_whole_wrap_up(floor: Floor) -> None:
    floor.now = 100.0
    floor.tell(
        RestoreAgent("zhang", (Q,), "talking", 10.0, call_id="c1", next_state="offline"),
        CallGone("c1"),
    )
    row = floor.agent("zhang")
    assert (row.state, row.until, row.next_state) == ("wrap_up", 130.0, "offline")


def test_an_unknown_outcome_is_ignored_and_the_offer_goes_on(floor: Floor) -> None:
    floor.work("zhang")
    floor.call("c1")
    floor.tell(OfferFailed("c1/1", "exploded"))  # type: ignore[arg-type]
    assert floor.heard(Ignored)
    assert floor.agent("zhang").state == "offered"


def test_a_withdrawal_does_not_make_an_offer_last_longer(floor: Floor) -> None:
    floor.work("zhang")
    floor.call("c1")
    floor.after(24)
    floor.tell(AgentSignsOff("zhang"))
    assert floor.engine.next_deadline() == floor.now + 1


def test_an_agent_restored_as_ready_whose_phone_is_gone_is_not_asked(floor: Floor) -> None:
    floor.tell(
        AgentReachable("zhang", False),
        RestoreAgent("zhang", (Q,), "ready", 0.0),
        CallWaits("c1", Q, 0, 0.0),
    )
    assert not floor.offered()
    floor.tell(AgentReachable("zhang", True))
    assert floor.offered() == {"c1": "zhang"}


def test_ringing_that_survives_a_restart_goes_on(floor: Floor) -> None:
    offer = RestoreOffer("c1/2", "zhang", "c1", Q, 0, 0.0, offers=2)
    floor.tell(RestoreAgent("zhang", (Q,), "offered", 5.0, call_id="c1"), offer)
    assert not floor.offered()
    assert floor.agent("zhang").offer_id == "c1/2"
    floor.fail("c1", "refused")
    floor.tell(offer)
    assert floor.heard(Ignored)[0].why == "the offer is over"
    floor.after(20)
    assert floor.heard(MakeOffer)[0].offer_id == "c1/3"


def test_ringing_that_a_restart_ended_leaves_the_agent_ready(floor: Floor) -> None:
    floor.tell(RestoreAgent("zhang", (Q,), "offered", 5.0, call_id="c1"))
    assert floor.agent("zhang").state == "ready"


def test_a_caller_held_elsewhere_for_a_while_comes_back_with_place_and_refusals(
    floor: Floor,
) -> None:
    floor.work("zhang", "li")
    floor.call("c1")
    floor.fail("c1", "refused")
    floor.tell(CallStopsWaiting("c1"))
    assert floor.heard(OfferConcluded)[0].outcome == "withdrawn"
    assert floor.agent("li").state == "ready"
    floor.call("c1")
    assert floor.heard(MakeOffer)[0].agent_id == "li"
    assert floor.heard(MakeOffer)[0].offer_id == "c1/3"


def test_a_doubled_ready_changes_nothing_even_when_the_first_led_to_an_offer(floor: Floor) -> None:
    floor.call("c1")
    floor.work("zhang")
    before = floor.engine.agents()
    assert [type(command) for command in floor.tell(AgentReady("zhang"))] == [Ignored]
    assert floor.engine.agents() == before
