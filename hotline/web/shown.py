"""Views as the browser is given them: a citizen's number leaves the server masked."""

from __future__ import annotations

from dataclasses import asdict

from hotline.cti.pauses import PauseReason
from hotline.cti.views import Board, Pop
from hotline.events import PauseReasonChanged
from hotline.masking import mask_number
from hotline.routing.model import RoutingPlan


def shown_pop(pop: Pop) -> dict[str, object]:
    """A screen-pop; the full number is only ever given by a logged reveal."""
    return asdict(pop) | {"calling": mask_number(pop.calling), "withheld": not pop.calling}


def shown_board(board: Board, plan: RoutingPlan) -> dict[str, object]:
    """The supervisor's picture, with each agent's team and the titles of ``plan``'s teams and
    queues."""
    data = asdict(board)
    for call in (*data["waiting"], *data["parked"]):
        call["calling"] = mask_number(call["calling"])
    for agent in data["agents"]:
        listed = plan.by_agent.get(agent["agent_id"])
        agent["team"] = listed.team if listed else ""
    data["teams"] = [{"code": team.code, "title": team.title} for team in plan.teams]
    data["queues"] = [{"code": queue.name, "title": queue.title} for queue in plan.queues]
    return data


def shown_queue(board: Board) -> dict[str, object]:
    """What everybody sees of the queue; unknown (None) while the PBX is unseen."""
    return {
        "pbx_up": board.pbx_up,
        "journal_ok": board.journal_ok,
        "waiting": len(board.waiting) if board.pbx_up else None,
        "longest_since": min((call.since for call in board.waiting), default=None),
        "parked": [asdict(one) | {"calling": mask_number(one.calling)} for one in board.parked],
        "ready": sum(agent.state == "ready" for agent in board.agents) if board.pbx_up else None,
    }


def shown_reason(reason: PauseReason | PauseReasonChanged) -> dict[str, object]:
    """A reason for pausing, as open pages take it over."""
    names = ("code", "zh", "en", "minutes", "times", "offered")
    return {name: getattr(reason, name) for name in names}
