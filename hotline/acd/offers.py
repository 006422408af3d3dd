"""Offers and talks: what ties one call to one agent, and how each tie ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hotline.acd.agents import Agent, Roster
from hotline.acd.book import RuleBook
from hotline.acd.call import Call
from hotline.acd.levels import Levels
from hotline.acd.model import (
    PAUSE_MISSED,
    Choice,
    Command,
    Failure,
    MakeOffer,
    OfferConcluded,
    Outcome,
    WithdrawOffer,
)
from hotline.acd.ordered import Deadlines
from hotline.acd.queues import Lines


@dataclass(slots=True)
class Offer:
    """A call ringing at an agent, until the wire reports an end or ``limit`` comes.

    ``withdrawn_as`` is how it will have failed once the wire reports that the ringing which we
    asked to stop has stopped.
    """

    offer_id: str
    call: Call
    agent: Agent
    limit: float
    withdrawn_as: Failure | None = None


class Offers:
    """The open offers, and the only place that ties calls to agents and unties them."""

    def __init__(
        self,
        rules: RuleBook,
        lines: Lines,
        roster: Roster,
        levels: Levels,
        say: Callable[[Command], None],
    ) -> None:
        self._rules = rules
        self._lines = lines
        self._roster = roster
        self._levels = levels
        self._say = say
        self._open: dict[str, Offer] = {}
        self.timers = Deadlines()

    def get(self, offer_id: str) -> Offer | None:
        """The open offer, None when there is none of this id."""
        return self._open.get(offer_id)

    def make(self, call: Call, agent: Agent, why: Choice | None, now: float) -> None:
        """Offer the call to the agent, who goes to the end of the turns."""
        call.offers += 1
        offer_id = f"{call.call_id}/{call.offers}"
        until = now + self._rules.of(call.queue).ring_s
        call.why = why
        self._say(MakeOffer(offer_id, call.call_id, agent.agent_id, call.queue, until, why))
        self._roster.take_turn(agent)
        self.open(offer_id, call, agent, now)

    def open(self, offer_id: str, call: Call, agent: Agent, now: float) -> Offer:
        """Tie call and agent by an offer that rings from now on, without asking for ringing."""
        self._lines.take(call, "offered", agent.agent_id)
        call.offer_id = offer_id
        rules = self._rules.of(call.queue)
        limit = now + rules.ring_s + rules.offer_grace_s
        offer = self._open[offer_id] = Offer(offer_id, call, agent, limit)
        self.timers.set(offer_id, limit)
        self._roster.become(agent, "offered", now, call_id=call.call_id, offer_id=offer_id)
        return offer

    def withdraw(self, offer: Offer, failure: Failure, now: float) -> None:
        """Ask for the ringing to stop; the offer stays open until the wire says how it ended."""
        if offer.withdrawn_as is None:
            self.stop_ringing(offer)
            offer.withdrawn_as = failure
            grace = self._rules.of(offer.call.queue).offer_grace_s
            self.timers.set(offer.offer_id, min(offer.limit, now + grace))

    def answer(self, offer: Offer, now: float) -> None:
        """The two talk."""
        self.close(offer, "answered")
        self.talk(offer.call, offer.agent, now)

    def talk(self, call: Call, agent: Agent, since: float) -> None:
        """Tie call and agent by a talk."""
        self._lines.take(call, "talking", agent.agent_id)
        self._levels.answered(call, since)
        self._roster.become(agent, "talking", since, call_id=call.call_id)

    def fail(self, offer: Offer, failure: Failure, now: float) -> None:
        """The offer failed: the call waits again, the agent bears what the failure means."""
        failure = self.give_back(offer, failure, now)
        agent, rules = offer.agent, self._rules.of(offer.call.queue)
        if failure == "missed":
            agent.idled = 0.0
        back = offer.withdrawn_as == "unreachable" and self._roster.reachable(agent.agent_id)
        if failure == "refused" or back or agent.wish:
            self._roster.release(agent, now)
            return
        until = now + rules.miss_pause_s
        if failure == "missed":
            self._roster.become(agent, "paused", now, reason=PAUSE_MISSED, until=until)
        else:
            self._roster.pause_unreachable(agent, now, until)

    def give_back(self, offer: Offer, failure: Failure, now: float) -> Failure:
        """End the offer and let the call wait again; the agent's state is the caller's to set.

        Returns how it failed: a withdrawal's reason goes before what the wire reported.
        """
        failure = offer.withdrawn_as or failure
        self.close(offer, failure)
        call = offer.call
        if failure != "unreachable":
            again = now + self._rules.of(call.queue).ring_s
            call.ask_again[offer.agent.agent_id] = again
        self._lines.wait(call, now)
        return failure

    def cancel(self, offer: Offer, now: float) -> None:
        """The caller hung up or is elsewhere: the agent is free again."""
        self.stop_ringing(offer)
        self.close(offer, "withdrawn")
        self._roster.release(offer.agent, now)

    def expire(self, offer_id: str, now: float) -> None:
        """The wire did not report in time how the offer ended: it counts as missed."""
        offer = self._open[offer_id]
        self.stop_ringing(offer)
        self.fail(offer, "missed", now)

    def stop_ringing(self, offer: Offer) -> None:
        """Say so, unless it was said."""
        if offer.withdrawn_as is None:
            self._say(WithdrawOffer(offer.offer_id, offer.call.call_id, offer.agent.agent_id))

    def end_talk(self, call: Call, now: float) -> None:
        """Untie a talk: wrap-up, or what the agent asked for when the queue has none."""
        agent = self._roster.get(call.agent_id)
        self._lines.take(call, "left")
        if agent is None:
            return
        rules = self._rules.of(call.queue)
        if rules.wrap_up_s > 0:
            until = now + rules.wrap_up_s
            agent.wrap_limit = until + rules.wrap_up_extra_s
            self._roster.become(agent, "wrap_up", now, until=until, call_id=call.call_id)
        else:
            self._roster.release(agent, now)

    def close(self, offer: Offer, outcome: Outcome) -> None:
        """End the offer; call and agent are the caller's to place."""
        del self._open[offer.offer_id]
        self.timers.set(offer.offer_id, None)
        self._say(OfferConcluded(offer.offer_id, offer.call.call_id, offer.agent.agent_id, outcome))
