"""What the tests of handovers begin with: a core that knows some agents, and inputs for it."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from hotline.acd.engine import Engine
from hotline.acd.model import QueueRules
from hotline.calls import model
from hotline.calls.core import CallCore, CallRules
from hotline.calls.model import Outcome
from hotline.routing.model import Queue, RoutingPlan
from hotline.routing.rules import Routing
from hotline.telephony.snapshot import PbxSnapshot

NOW = 1_800_000_000.0
ZHANG = {"agent1": ("张敏", "1001")}


def core(
    agents: Mapping[str, tuple[str, str]] = ZHANG, queues: tuple[str, ...] = ("hotline",)
) -> CallCore:
    """One that knows these agents (name and extension), whose phones are reachable."""
    rules = CallRules("pbx1", "hotline", 20.0, "2", ZoneInfo("Asia/Shanghai"))
    made = CallCore(rules, Engine({name: QueueRules() for name in queues}))
    plan = RoutingPlan(queues=tuple(Queue(name=name, title={"zh": name}) for name in queues))
    made.routing = Routing(plan, "hotline")
    phones = frozenset(extension for _, extension in agents.values())
    made.handle(model.PbxSeen(PbxSnapshot((), phones, NOW)), NOW)
    for agent_id, (name, extension) in agents.items():
        made.handle(model.AgentKnown(agent_id, name, extension), NOW)
    return made


def run(made: CallCore, *given: model.Input, now: float = NOW) -> Outcome:
    """All that comes of these inputs."""
    out = Outcome()
    for one in given:
        out.merge(made.handle(one, now))
    return out
