"""The engine's promises, against everything that may happen in any order."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.acd import promises
from tests.acd.world import DEADLINE, Ending, World

small = st.integers(0, 11)
outcomes: st.SearchStrategy[Ending] = st.sampled_from(
    ["answered", "refused", "missed", "unreachable"]
)
# Quarters of a second: sums of them are exact, so that equal instants are equal.
seconds = st.sampled_from([0.25, 1.0, 5.0, 9.75, 20.0, 30.0, 61.5, 90.0])


class Promises(RuleBasedStateMachine):
    """Anything may happen; after each step every promise is looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()

    @rule(agent=small, queues=small)
    def an_agent_signs_on(self, agent: int, queues: int) -> None:
        self.world.sign_on(agent, queues)

    @rule(agent=small, queues=small)
    def an_agent_comes_to_work(self, agent: int, queues: int) -> None:
        self.world.sign_on(agent, queues)
        self.world.agent_does(agent, 0)

    @rule(agent=small, what=small)
    def an_agent_presses_a_button(self, agent: int, what: int) -> None:
        self.world.agent_does(agent, what)

    @rule(queue=small, priority=st.integers(-4, 11), waited=seconds, which=small)
    def a_caller_waits(self, queue: int, priority: int, waited: float, which: int) -> None:
        self.world.call_waits(queue, priority, waited, which)

    @rule(which=small, queue=small)
    def a_caller_waits_again(self, which: int, queue: int) -> None:
        self.world.call_waits_again(which, queue)

    @rule(which=small)
    def a_caller_hangs_up(self, which: int) -> None:
        self.world.call_gone(which)

    @rule(which=small)
    def a_caller_is_taken_elsewhere(self, which: int) -> None:
        self.world.call_stops_waiting(which)

    @rule()
    def a_hang_up_overtakes_its_call(self) -> None:
        self.world.call_gone_early()

    @rule(which=small, outcome=outcomes)
    def an_offer_ends(self, which: int, outcome: Ending) -> None:
        self.world.open_offer_ends(which, outcome)

    @rule(which=small, outcome=outcomes)
    def an_offer_is_said_to_end_late(self, which: int, outcome: Ending) -> None:
        self.world.any_offer_ends(which, outcome)

    @rule(which=small)
    def a_talk_ends(self, which: int) -> None:
        self.world.talk_ended(which)

    @rule(queue=small)
    def a_task_waits(self, queue: int) -> None:
        self.world.task_waits(queue)

    @rule(which=small, what=small)
    def a_task_goes_on(self, which: int, what: int) -> None:
        self.world.task_step(which, what)

    @rule(which=small, what=small)
    def an_engaged_agent_presses_a_button(self, which: int, what: int) -> None:
        self.world.engaged_agent_does(which, what)

    @rule(which=small)
    def other_rules_come_into_force(self, which: int) -> None:
        self.world.use_rules(which)

    @rule(time=seconds)
    def time_passes(self, time: float) -> None:
        self.world.pass_time(time)

    @rule(time=seconds)
    def the_process_stands_still(self, time: float) -> None:
        self.world.oversleep(time)

    @rule()
    def the_last_input_comes_twice(self) -> None:
        self.world.say_twice()

    @rule(call=small, agent=small, queue=small)
    def the_pbx_shows_a_talk(self, call: int, agent: int, queue: int) -> None:
        self.world.pbx_shows_talk(call, agent, queue)

    @rule(ringing_survives=st.booleans())
    def the_process_dies_and_another_takes_over(self, ringing_survives: bool) -> None:
        self.world.restart(ringing_survives)

    @invariant()
    def no_waiting_call_beside_an_agent_who_may_take_it(self) -> None:
        self.holds(promises.P1)

    @invariant()
    def a_call_has_one_owner_and_an_agent_one_call(self) -> None:
        self.holds(promises.P2_OWNER)

    @invariant()
    def an_offer_ends_exactly_once(self) -> None:
        self.holds(promises.P2_ONCE)

    @invariant()
    def a_refuser_is_not_asked_while_another_can_take_the_call(self) -> None:
        self.holds(promises.P3_MEMORY)

    @invariant()
    def a_miss_leads_to_a_pause_that_ends_by_itself(self) -> None:
        self.holds(promises.P3_MISS)

    @invariant()
    def calls_go_by_priority_then_waiting_time(self) -> None:
        self.holds(promises.P4_ORDER)

    @invariant()
    def nobody_is_overtaken_beyond_the_bound(self) -> None:
        self.holds(promises.P4_BOUND)

    @invariant()
    def the_agent_whom_the_strategy_puts_first_is_asked(self) -> None:
        self.holds(promises.P4_AGENT)

    @invariant()
    def only_an_agent_who_matches_is_asked(self) -> None:
        self.holds(promises.P1_ONLY)

    @invariant()
    def tasks_go_to_agents_whom_no_caller_needs(self) -> None:
        self.holds(promises.P_TASK)

    @invariant()
    def wrap_up_pauses_and_next_states_are_kept(self) -> None:
        self.holds(promises.P5)

    @invariant()
    def a_caller_who_hung_up_is_never_offered(self) -> None:
        self.holds(promises.P6)

    @invariant()
    def an_agent_who_cannot_be_rung_or_leaves_is_not_asked(self) -> None:
        self.holds(promises.P_PHONE)

    @invariant()
    def a_caller_is_sent_elsewhere_when_a_rule_says_so(self) -> None:
        self.holds(promises.P_OVERFLOW)

    @invariant()
    def an_input_that_cannot_apply_is_reported_and_changes_nothing(self) -> None:
        self.holds(promises.P_IGNORED)

    @invariant()
    def the_next_deadline_is_exact(self) -> None:
        self.holds(DEADLINE)

    def holds(self, promise: str) -> None:
        broken = self.world.oracle.broken.get(promise)
        assert not broken, f"{promise}: {broken}"


# make soak plays a million.
Promises.TestCase.settings = settings(
    max_examples=200,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestPromises: Any = Promises.TestCase
