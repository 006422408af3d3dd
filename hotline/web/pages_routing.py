"""Queues and skills: the routing plan as a supervisor edits it."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from hotline.routing.model import TOP_LEVEL, TOP_WEIGHT, written
from hotline.web.access import RoutingStaff
from hotline.web.names import names_of
from hotline.web.page import PageOf
from hotline.web.routing import shown_publication
from hotline.web.web import WebOf

router = APIRouter()

VIEWS = ("queues", "skills", "roster", "changes", "gate", "history")


@router.get("/routing")
async def routing_page(web: WebOf, page: PageOf, viewer: RoutingStaff) -> Response:
    """The viewer's draft, or else the plan in force."""
    library = web.parts.plans
    drafts = {draft.user_id: draft for draft in await library.drafts()}
    draft = drafts.pop(viewer.user_id, None)
    names = await names_of(web.parts.database)
    people = await web.parts.accounts.everybody()
    in_force = written(library.current.plan)
    return page.render(
        "routing/routing.html",
        views=VIEWS,
        others=[(names.get(one.user_id, one.user_id), one.saved_at) for one in drafts.values()],
        not_understood=library.version != library.current.version,
        state={
            "plan": dict(draft.plan) if draft else in_force,
            "published": in_force,
            "version": library.version,
            "based_on": draft.based_on if draft else library.version,
            "drafted_at": draft.saved_at if draft else None,
            "publication": shown_publication(library.publication, names),
            "home": web.parts.config.queue.name,
            "top_weight": TOP_WEIGHT,
            "top_level": TOP_LEVEL,
            "targets": [
                {"code": target.code, "title": getattr(target, page.language, target.code)}
                for target in web.parts.config.handover.targets
            ],
            "agents": [
                {"id": user.user_id, "name": user.name, "active": user.active}
                for user in people
                if user.role == "agent"
            ],
        },
    )
