"""Why this agent, and why this call waits: who was free, and who was excluded by what."""

from __future__ import annotations

from collections.abc import Iterable

from hotline.acd.agents import Agent, Roster
from hotline.acd.book import RuleBook
from hotline.acd.call import Call
from hotline.acd.matching import Matching
from hotline.acd.model import Choice, PassedOver, PassedWhy, WaitReasons
from hotline.acd.queues import Lines

NAMES = 5
"""So many agents are named for a reason; all are counted."""


class Reasons:
    """Explains decisions by the same rules that make them; changes nothing."""

    def __init__(self, rules: RuleBook, lines: Lines, roster: Roster, matching: Matching) -> None:
        self._rules = rules
        self._lines = lines
        self._roster = roster
        self._matching = matching

    def of_choice(self, call: Call, agent: Agent, now: float) -> Choice:
        """Why the agent is about to be offered the call."""
        ready = self._roster.ready(call.queue)
        admits = call.admits
        limited = admits.requires or admits.prefers or admits.only or admits.weight > 1
        passed = self._passed(call, ready, now) if limited or call.ask_again else ()
        return Choice(
            strategy=self._rules.of(call.queue).strategy,
            free=len(ready) - sum(reason.count for reason in passed),
            ring=call.ring,
            first=agent.agent_id == call.first_agent,
            waited_s=now - call.since,
            passed=passed,
        )

    def of_waiting(self, call: Call, now: float) -> WaitReasons:
        """Why the call waits."""
        members = sorted(self._roster.members(call.queue))
        return WaitReasons(
            call_id=call.call_id,
            queue=call.queue,
            place=self._lines.waiting(call.queue).index(call.call_id) + 1,
            waited_s=now - call.since,
            ring=call.ring,
            reserved_for=call.first_agent if call.reserved else "",
            passed=self._passed(call, members, now),
        )

    def _passed(self, call: Call, agents: Iterable[str], now: float) -> tuple[PassedOver, ...]:
        found: dict[PassedWhy, list[str]] = {}
        for agent_id in agents:
            agent = self._roster.get(agent_id)
            if agent and (why := self._why_not(call, agent, now)):
                found.setdefault(why, []).append(agent_id)
        return tuple(
            PassedOver(why, len(names), tuple(names[:NAMES]))
            for why, names in sorted(found.items())
        )

    def _why_not(self, call: Call, agent: Agent, now: float) -> PassedWhy | None:
        tests: tuple[tuple[PassedWhy, bool], ...] = (
            ("skill", not agent.meets(call.requires)),
            ("unreachable", not self._roster.reachable(agent.agent_id)),
            ("leaving", agent.wish is not None),
            ("busy", agent.busy),
            ("paused", agent.state == "paused"),
            ("reserved" if call.reserved else "ring", not call.admits.agent(agent, call.queue)),
        )
        found = next((why for why, excluded in tests if excluded), None)
        if found is None and not self._matching.may_be_asked(call, agent.agent_id, now):
            return "refused"
        return found
