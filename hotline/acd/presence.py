"""What agents ask for: sign on and off, ready, pause, the end of a wrap-up.

Each function applies one input and returns why it cannot apply, empty when it did.
"""

from __future__ import annotations

from hotline.acd.agents import Agent, Roster, Wish
from hotline.acd.model import (
    PAUSE_SIGNED_ON,
    PAUSE_UNREACHABLE,
    AgentPauses,
    AgentReachable,
    AgentReady,
    AgentSignsOff,
    AgentSignsOn,
    ExtendWrapUp,
    WrapUpEnds,
)
from hotline.acd.offers import Offers
from hotline.acd.queues import Lines

NOT_SIGNED_ON = "the agent is not signed on"


class Presence:
    """Applies the agents' inputs to the roster, and to an offer that rings meanwhile."""

    def __init__(self, lines: Lines, roster: Roster, offers: Offers) -> None:
        self._lines = lines
        self._roster = roster
        self._offers = offers

    def sign_on(self, event: AgentSignsOn, now: float) -> str:
        """A new agent starts paused; one who is signed on stays as they are."""
        queues, unknown = self._lines.known_queues(event.queues)
        agent = self._roster.get(event.agent_id)
        if agent is None:
            agent = Agent(event.agent_id, queues, "paused", now, reason=PAUSE_SIGNED_ON)
            agent.weights, agent.skills = dict(event.weights), dict(event.skills)
            self._roster.enter(agent, now)
            return unknown
        news = (agent.queues, agent.weights, agent.skills) != (queues, event.weights, event.skills)
        if agent.wish and agent.wish.state == "offline":
            self._roster.ask(agent, None)
        elif not news:
            return unknown or "the agent is signed on already"
        if news:
            self._roster.serve(agent, queues, event.weights, event.skills)
        return unknown

    def sign_off(self, event: AgentSignsOff, now: float) -> str:
        """At once when free; a ringing offer is withdrawn as refused."""
        agent = self._roster.get(event.agent_id)
        if agent is None:
            return NOT_SIGNED_ON
        if not agent.busy:
            self._roster.become(agent, "offline", now)
            return ""
        why = self._ask(agent, Wish("offline"))
        if offer := self._offers.get(agent.offer_id):
            self._offers.withdraw(offer, "refused", now)
        return why

    def ready(self, event: AgentReady, now: float) -> str:
        """Ends a pause; when busy, takes back what else was to follow."""
        agent = self._roster.get(event.agent_id)
        if agent is None:
            return NOT_SIGNED_ON
        if agent.busy:
            return self._ask(agent, None)
        if agent.state == "ready":
            return "the agent is ready already"
        if agent.reason == PAUSE_UNREACHABLE and not self._roster.reachable(agent.agent_id):
            return "no phone of the agent can be rung"
        self._roster.release(agent, now)
        return ""

    def pause(self, event: AgentPauses, now: float) -> str:
        """At once when free, replacing another pause; afterwards when busy."""
        agent = self._roster.get(event.agent_id)
        if agent is None:
            return NOT_SIGNED_ON
        if agent.busy:
            return self._ask(agent, Wish("paused", event.reason, event.until))
        if (agent.state, agent.reason, agent.until) == ("paused", event.reason, event.until):
            return "the agent is paused so already"
        self._roster.become(agent, "paused", now, reason=event.reason, until=event.until)
        return ""

    def reachable(self, event: AgentReachable, now: float) -> str:
        """A phone that went away pauses a free agent and ends a ringing; its return ends the
        pause that its absence made, one after a failed ringing included."""
        news = self._roster.report(event.agent_id, reachable=event.reachable)
        agent = self._roster.get(event.agent_id)
        unreachable = agent and (agent.state, agent.reason) == ("paused", PAUSE_UNREACHABLE)
        if agent and unreachable and event.reachable:
            self._roster.release(agent, now)
            return ""
        if not news:
            return "known before"
        if agent and not event.reachable:
            self._lost(agent, unreachable=bool(unreachable), now=now)
        return ""

    def end_wrap_up(self, event: WrapUpEnds, now: float) -> str:
        """The agent is done before the time."""
        agent = self._roster.get(event.agent_id)
        if agent is None:
            return NOT_SIGNED_ON
        if agent.state != "wrap_up":
            return "the agent is in no wrap-up"
        self._roster.release(agent, now)
        return ""

    def extend_wrap_up(self, event: ExtendWrapUp, now: float) -> str:
        """More time for the wrap-up, as far as the queue's rules go."""
        agent = self._roster.get(event.agent_id)
        if agent is None:
            return NOT_SIGNED_ON
        if agent.state != "wrap_up" or agent.until is None:
            return "the agent is in no wrap-up"
        limit = agent.until if agent.wrap_limit is None else agent.wrap_limit
        until = min(agent.until + event.by_s, limit)
        if not until > agent.until:
            return "the wrap-up cannot be extended any more"
        self._roster.extend(agent, until)
        return ""

    def _ask(self, agent: Agent, wish: Wish | None) -> str:
        if agent.wish == wish:
            return "that follows already"
        self._roster.ask(agent, wish)
        return ""

    def _lost(self, agent: Agent, *, unreachable: bool, now: float) -> None:
        if agent.state == "ready" or unreachable:
            self._roster.pause_unreachable(agent, now, None)
        elif offer := self._offers.get(agent.offer_id):
            self._offers.withdraw(offer, "unreachable", now)
