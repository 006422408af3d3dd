"""Small routing plans for tests."""

from __future__ import annotations

from typing import Any

from hotline.routing.check import Ground
from hotline.routing.model import RoutingPlan

GROUND = Ground(
    home="hotline",
    agents={"agent1", "agent2", "agent3"},
    gone={"admin", "left1"},
    targets={"110", "12345"},
    flows={"hotline": {"default": ["wait"]}},
)


def data(**changes: Any) -> dict[str, Any]:
    """A sound plan of two queues and three agents as JSON values, with parts replaced."""
    plan: dict[str, Any] = {
        "queues": [queue("hotline"), queue("water", prefers=[{"skill": "water", "level": 2}])],
        "skills": [{"code": "water", "title": {"zh": "供水", "en": "Water"}}],
        "teams": [{"code": "day", "title": {"zh": "白班"}}],
        "agents": [
            {"agent_id": "agent1", "team": "day", "queues": {"hotline": 1}},
            {"agent_id": "agent2", "queues": {"hotline": 2, "water": 5}, "skills": {"water": 3}},
            {"agent_id": "agent3", "queues": {"water": 1}},
        ],
        "roster": {"agent1": {"week": ["08:00-12:00 14:00-18:00"] * 5 + ["", ""]}},
    }
    return {**plan, **changes}


def queue(name: str, **changes: Any) -> dict[str, Any]:
    """A queue as JSON values."""
    return {"name": name, "title": {"zh": name}, **changes}


def plan(**changes: Any) -> RoutingPlan:
    """:func:`data` as a plan."""
    return RoutingPlan.model_validate(data(**changes))
