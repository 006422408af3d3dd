"""After a restart, and healing: taking as given what the journal and the PBX show.

Each function applies one input and returns why it cannot apply, empty when it did.
"""

from __future__ import annotations

from hotline.acd.agents import Agent, Roster, Wish
from hotline.acd.book import RuleBook
from hotline.acd.call import Call
from hotline.acd.model import (
    PAUSE_MISSED,
    PAUSE_UNREACHABLE,
    RestoreAgent,
    RestoreOffer,
    RestoreTalk,
)
from hotline.acd.offers import Offers
from hotline.acd.presence import NOT_SIGNED_ON
from hotline.acd.queues import Lines
from hotline.acd.tasks import Tasks

TIED = ("offered", "talking", "on_task")
"""States of an agent and stages of a call in which another has a claim on them."""


class Restore:
    """Applies the inputs that state facts instead of reporting what happened."""

    def __init__(
        self,
        rules: RuleBook,
        lines: Lines,
        roster: Roster,
        offers: Offers,
        tasks: Tasks,
    ) -> None:
        self._rules = rules
        self._tasks = tasks
        self._lines = lines
        self._roster = roster
        self._offers = offers

    def agent(self, event: RestoreAgent, now: float) -> str:
        """Bring an agent back in the state they were in."""
        if self._roster.get(event.agent_id):
            return "the agent is signed on already"
        if event.state == "offline":
            return NOT_SIGNED_ON
        queues, unknown = self._lines.known_queues(event.queues)
        agent = Agent(event.agent_id, queues, event.state, event.since)
        agent.weights, agent.skills = dict(event.weights), dict(event.skills)
        agent.reason, agent.until, agent.call_id = event.reason, event.until, event.call_id
        if event.state not in ("ready", "paused") and event.next_state in ("paused", "offline"):
            agent.wish = Wish(event.next_state, event.next_reason, event.next_until)
        if event.state in ("offered", "talking"):
            # Until what ties them to the call is restored, a wrap-up that is over stands for it.
            agent.state, agent.until = "wrap_up", now
        if event.state == "wrap_up":
            agent.wrap_limit = self._wrap_limit(event, queues)
        self._roster.enter(agent, now, event.memory)
        if event.state == "on_task":
            self._tasks.restore(event.call_id, agent, now)
        if event.state == "ready" and not self._roster.reachable(agent.agent_id):
            self._roster.release(agent, now)
        if event.state == "talking":
            return unknown or self.talk(
                RestoreTalk(event.call_id, agent.agent_id, event.since), now
            )
        return unknown

    def _wrap_limit(self, event: RestoreAgent, queues: tuple[str, ...]) -> float | None:
        call = self._lines.get(event.call_id)
        queue = call.queue if call else next(iter(queues), None)
        if queue is None:
            return None
        rules = self._rules.of(queue)
        return event.since + rules.wrap_up_s + rules.wrap_up_extra_s

    def offer(self, event: RestoreOffer, now: float) -> str:
        """Tie the two again; the ringing gets its whole time once more."""
        agent = self._roster.get(event.agent_id)
        if agent is None:
            return NOT_SIGNED_ON
        if event.offer_id != f"{event.call_id}/{event.offers}":
            return "the offer's id does not fit its call"
        call = self._lines.get(event.call_id)
        if self._lines.is_gone(event.call_id) or (call and event.offers <= call.offers):
            return "the offer is over"
        if agent.state in TIED or (call and call.stage in TIED):
            return "the agent or the call is taken"
        _keep_pause(agent)
        offer = self._offers.open(event.offer_id, self._lines.recall(event, now), agent, now)
        if agent.wish and agent.wish.state == "offline":
            self._offers.withdraw(offer, "refused", now)
        elif not self._roster.reachable(agent.agent_id):
            self._offers.withdraw(offer, "unreachable", now)
        return ""

    def talk(self, event: RestoreTalk, now: float) -> str:
        """Tie the two by a talk, undoing whatever else the engine believed of them."""
        agent = self._roster.get(event.agent_id)
        if agent is None:
            return NOT_SIGNED_ON
        if self._lines.is_gone(event.call_id):
            return "the caller hung up"
        call = self._lines.get(event.call_id)
        if call and call.stage == "talking" and call.agent_id == agent.agent_id:
            return self._same_talk(call, event.queue)
        if agent.state == "talking" or (call and call.stage == "talking"):
            return "the agent or the call talks already"
        queues = (event.queue, call.queue if call else "", *agent.queues)
        queue = next((it for it in queues if self._lines.has_queue(it)), event.queue)
        call = self._lines.know(event.call_id, queue, event.since)
        self._untie(call, agent, now)
        _keep_pause(agent)
        self._offers.talk(call, agent, event.since)
        return ""

    def _same_talk(self, call: Call, queue: str) -> str:
        known = self._lines.has_queue(queue) or not self._lines.has_queue(call.queue)
        if queue in ("", call.queue) or not known:
            return "the two are known to talk"
        call.queue = queue
        return ""

    def _untie(self, call: Call, agent: Agent, now: float) -> None:
        offer = self._offers.get(call.offer_id)
        if offer and offer.agent is agent:
            self._offers.close(offer, "answered")
            return
        if offer:
            self._offers.cancel(offer, now)
        if other := self._offers.get(agent.offer_id):
            self._offers.stop_ringing(other)
            self._offers.give_back(other, "unreachable", now)


def _keep_pause(agent: Agent) -> None:
    """A paused agent whom the PBX shows busy goes back to the pause they chose."""
    if agent.state == "paused" and agent.reason not in (PAUSE_MISSED, PAUSE_UNREACHABLE):
        agent.wish = Wish("paused", agent.reason, agent.until)
