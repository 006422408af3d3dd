"""What the journal keeps of why an agent was asked and why a caller had waited."""

from __future__ import annotations

from hotline import events
from hotline.calls import model
from hotline.calls.model import Outcome
from tests.unit.calls.test_core import NOW, A, B, core, offered, reached, run


def offer_of(out: Outcome) -> events.CallOffered:
    (offer,) = [event for event in out.events if isinstance(event, events.CallOffered)]
    return offer


def test_an_offer_made_at_once_tells_of_no_wait() -> None:
    made = core()
    run(made, model.AgentAsks("agent1", "ready"), model.AgentAsks("agent2", "ready"), reached())
    why = offer_of(run(made, model.MayWait(A, "hotline"))).why
    assert why == {"agent": {"strategy": "longest_idle", "free": 2}}


def test_an_offer_after_a_wait_tells_how_things_stood_on_arrival() -> None:
    made = core()
    offered(made)
    run(made, reached(B), model.MayWait(B, "hotline"))
    out = run(made, model.AgentAsks("agent2", "ready"), now=NOW + 9)
    why = offer_of(out).why
    assert why["agent"] == {"strategy": "longest_idle", "free": 1, "waited_s": 9.0}
    assert why["wait"]["place"] == 1
    assert why["wait"]["passed"] == [{"why": "busy", "count": 1, "agents": ["agent1"]}]


def test_a_second_offer_names_who_missed_the_first() -> None:
    made = core()
    first = offered(made)
    run(made, model.AgentAsks("agent2", "ready"))
    again = run(made, model.DialReturned(A, first.offer_id, "BUSY"), now=NOW + 4)
    why = offer_of(again).why
    assert {"why": "refused", "count": 1, "agents": ["agent1"]} in why["agent"]["passed"]
