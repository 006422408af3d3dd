"""Deciding again what was decided, and holding the two against each other. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Literal, cast

from hotline import events
from hotline.acd import model as acd
from hotline.acd.engine import Engine
from hotline.replay.codec import Given, decode, decode_rules
from hotline.replay.tape import Entry

Kind = Literal["offer", "offer_ended", "state"]


@dataclass(frozen=True, slots=True)
class Decision:
    """Something that the engine decided, as far as a replay compares it.

    ``what`` is the offer's id for an ``offer``, its outcome for an ``offer_ended``, and all
    that is known of the agent's ``state`` for that.
    """

    kind: Kind
    at: float
    call_id: str
    agent_id: str
    what: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place where the two part; None: there is nothing more on that side."""

    journal: Decision | None
    replay: Decision | None


@dataclass(slots=True)
class Rerun:
    """One start of the engine, run again entry by entry. ``inputs`` counts what it was given.

    Raises :class:`hotline.replay.codec.Unreadable` for rules that this version does not know.
    """

    engine: Engine
    inputs: int = 0

    @classmethod
    def of(cls, rules: dict[str, Any]) -> Rerun:
        """An engine as it was started, with the rules that were noted."""
        return cls(Engine(decode_rules(rules)))

    def give(self, entry: Entry) -> list[Decision]:
        """Decide once more. Raises :class:`hotline.replay.codec.Unreadable`."""
        now, given = cast("float", entry[0]), cast("list[Given]", entry[1:])
        self.inputs += len(given)
        said = self.engine.adopt([decode(one) for one in given], now)
        return [decision for command in said if (decision := _decided(command, now))]


def journalled(event: events.Event, at: float) -> Decision | None:
    """What the journal says was decided; None for an event that is no decision."""
    match event:
        case events.CallOffered(by="engine"):
            return Decision("offer", at, event.call_id, event.agent_id, (event.offer_id,))
        case events.OfferEnded():
            what = (event.offer_id, event.outcome)
            return Decision("offer_ended", at, event.call_id, event.agent_id, what)
        case events.AgentStateChanged():
            return _state(event, at)
        case _:
            return None


def compare(
    journal: Iterable[Decision], replay: Iterable[Decision]
) -> tuple[int, Difference | None]:
    """How many are the same from the first on, and where they part (None: nowhere)."""
    same = 0
    for one, other in zip_longest(journal, replay):
        if one != other:
            return same, Difference(one, other)
        same += 1
    return same, None


def within(decisions: Sequence[Decision], since: float, until: float) -> list[Decision]:
    """The decisions of a period."""
    return [one for one in decisions if since <= one.at < until]


def _decided(command: acd.Command, now: float) -> Decision | None:
    match command:
        case acd.MakeOffer():
            return Decision("offer", now, command.call_id, command.agent_id, (command.offer_id,))
        case acd.OfferConcluded():
            what = (command.offer_id, command.outcome)
            return Decision("offer_ended", now, command.call_id, command.agent_id, what)
        case acd.AgentBecame():
            return _state(command, now)
        case _:
            return None


def _state(became: acd.AgentBecame | events.AgentStateChanged, at: float) -> Decision:
    following = (became.next_state, became.next_reason, became.next_until)
    what = (became.state, became.since, became.reason, became.until, *following)
    return Decision("state", at, became.call_id, became.agent_id, what)
