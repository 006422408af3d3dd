"""Who may do what. Every route names its roles here, or the application does not start."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.routing import APIRoute

from hotline.web.errors import Forbidden, NotLoggedIn

COOKIE = "hotline_session"
CSRF_HEADER = "x-csrf-token"
CSRF_FIELD = "_csrf"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Role(StrEnum):
    """What somebody is here for."""

    AGENT = "agent"
    CALLBACK = "callback"
    DISPATCHER = "dispatcher"
    CHECKER = "checker"
    UNIT = "unit"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is looking."""

    user_id: str
    name: str
    role: Role
    extension: str | None
    language: str | None
    csrf_token: str
    session_id: str
    # The handling unit that they work for, when the role is ``unit``.
    unit_id: str = ""


class Allow:
    """A dependency that lets some roles pass.

    It also refuses unsafe requests that did not come from our own pages: another origin, or a
    session without its CSRF token in the header ``X-CSRF-Token`` or the field ``_csrf``.

    Raises :class:`NotLoggedIn` and :class:`Forbidden`.
    """

    def __init__(self, *roles: Role) -> None:
        self.roles = frozenset(roles)

    async def __call__(self, request: Request) -> Viewer:
        """Who is looking."""
        viewer = await _viewer(request)
        await _refuse_forgery(request, viewer)
        if viewer is None:
            raise NotLoggedIn
        if viewer.role not in self.roles:
            raise Forbidden("not_your_role")
        return viewer


class AllowAnyone:
    """A dependency for pages that need no login; gives the viewer when there is one."""

    async def __call__(self, request: Request) -> Viewer | None:
        """Who is looking; None without a login."""
        viewer = await _viewer(request)
        await _refuse_forgery(request, viewer)
        return viewer


class ByKey:
    """The root of guards that let other systems in by their keys, and nobody by a login."""


Anyone = Annotated[Viewer | None, Depends(AllowAnyone())]
Staff = Annotated[Viewer, Depends(Allow(*Role))]
AgentOnly = Annotated[Viewer, Depends(Allow(Role.AGENT))]
CallbackStaff = Annotated[Viewer, Depends(Allow(Role.CALLBACK, Role.SUPERVISOR))]
SupervisorOnly = Annotated[Viewer, Depends(Allow(Role.SUPERVISOR))]
CalendarStaff = Annotated[Viewer, Depends(Allow(Role.SUPERVISOR, Role.ADMIN))]
RoutingStaff = Annotated[Viewer, Depends(Allow(Role.SUPERVISOR, Role.ADMIN))]
TaxonomyStaff = Annotated[Viewer, Depends(Allow(Role.SUPERVISOR, Role.ADMIN))]
PromptStaff = Annotated[Viewer, Depends(Allow(Role.SUPERVISOR, Role.ADMIN))]
AdminOnly = Annotated[Viewer, Depends(Allow(Role.ADMIN))]
CASE_ROLES = (Role.AGENT, Role.CALLBACK, Role.DISPATCHER, Role.CHECKER, Role.SUPERVISOR)
CaseStaff = Annotated[Viewer, Depends(Allow(*CASE_ROLES))]
"""Whoever works with citizens' cases; an administrator keeps the system, not the cases."""
FloorStaff = Annotated[Viewer, Depends(Allow(Role.AGENT, Role.CALLBACK, Role.CHECKER))]
"""Whoever works at a desk: help, messages, the roster and their own day are theirs."""
VerifyStaff = Annotated[Viewer, Depends(Allow(Role.CHECKER, Role.SUPERVISOR))]
"""Whoever verifies spoken reports all day; agents do it between calls."""
Verifiers = Annotated[Viewer, Depends(Allow(Role.AGENT, Role.CHECKER, Role.SUPERVISOR))]
AppealStaff = Annotated[Viewer, Depends(Allow(Role.AGENT, Role.CALLBACK, Role.SUPERVISOR))]
"""Whoever talks with citizens, and so hears their word against a rule."""
DispatchStaff = Annotated[Viewer, Depends(Allow(Role.DISPATCHER, Role.SUPERVISOR))]
UnitOnly = Annotated[Viewer, Depends(Allow(Role.UNIT))]
"""A handling unit's people: they see what their own unit was given, and nothing else."""
CaseOrUnit = Annotated[Viewer, Depends(Allow(*CASE_ROLES, Role.UNIT))]
"""Whoever works with cases; of a unit's people the route asks whether the case is theirs."""
ExchangeStaff = Annotated[Viewer, Depends(Allow(Role.SUPERVISOR, Role.ADMIN))]
AnalysisStaff = Annotated[Viewer, Depends(Allow(Role.DISPATCHER, Role.SUPERVISOR, Role.ADMIN))]


def roles_of(route: APIRoute) -> frozenset[Role] | None:
    """The roles that a route lets pass; None for anyone, none at all for a route that is for other
    systems only. Raises LookupError when it does not say."""
    for guard in _guards(route):
        if isinstance(guard, ByKey):
            return frozenset()
        return guard.roles if isinstance(guard, Allow) else None
    raise LookupError(f"{route.path} does not say who may use it")


def _guards(route: APIRoute) -> Iterator[Allow | AllowAnyone | ByKey]:
    for dependant in route.dependant.dependencies:
        if isinstance(dependant.call, Allow | AllowAnyone | ByKey):
            yield dependant.call


async def _viewer(request: Request) -> Viewer | None:
    # Through app.state: this module is what the parts that hold the sessions are made of.
    token = request.cookies.get(COOKIE)
    viewer: Viewer | None = await request.app.state.sessions.find(token) if token else None
    request.state.viewer = viewer
    return viewer


async def _refuse_forgery(request: Request, viewer: Viewer | None) -> None:
    if request.method in _SAFE_METHODS:
        return
    if not _from_our_page(request):
        raise Forbidden("other_origin")
    if viewer is None:
        return
    given = request.headers.get(CSRF_HEADER) or await _form_token(request)
    if not secrets.compare_digest(given.encode(), viewer.csrf_token.encode()):
        raise Forbidden("csrf")


def _from_our_page(request: Request) -> bool:
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


async def _form_token(request: Request) -> str:
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind not in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        return ""
    token = (await request.form()).get(CSRF_FIELD)
    return token if isinstance(token, str) else ""
