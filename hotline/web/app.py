"""The web application, made of the parts it is given."""

from __future__ import annotations

from typing import cast

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.staticfiles import StaticFiles

from hotline import __version__
from hotline.web import (
    answers,
    asked,
    attachments,
    background,
    case_bulk,
    case_lists,
    categories,
    clocks,
    crm,
    desk,
    entries,
    exchange_api,
    flows,
    form_limits,
    handover,
    health,
    help,
    kept,
    knowledge,
    login,
    media,
    messages,
    outbound,
    own_figures,
    pages_board,
    pages_bulletins,
    pages_calendar,
    pages_callbacks,
    pages_callers,
    pages_cases,
    pages_city,
    pages_dispatch,
    pages_exchange,
    pages_flows,
    pages_imports,
    pages_judging,
    pages_knowledge,
    pages_limits,
    pages_places,
    pages_privacy,
    pages_prompts,
    pages_public,
    pages_routing,
    pages_states,
    pages_status,
    pages_storm,
    pages_system,
    pages_taxonomy,
    pages_texts,
    pages_themes,
    pages_unit,
    pages_users,
    pages_waits,
    pages_work_calendar,
    parking,
    phone_here,
    phones,
    places,
    pointing,
    polling,
    promises,
    reveal,
    roster,
    routing,
    routing_files,
    search,
    similar,
    stream,
    tasks,
    verification,
)
from hotline.web.access import roles_of
from hotline.web.assets import load_assets
from hotline.web.boards import BoardFeed
from hotline.web.catalogue import load_catalogue
from hotline.web.drafts import Drafts
from hotline.web.envelope import Envelope
from hotline.web.life_words import texts_of
from hotline.web.page import Renderer, make_environment
from hotline.web.sessions import Sessions
from hotline.web.streams import Streams
from hotline.web.web import Web, WebParts

ROUTERS = (
    health.router,
    login.router,
    desk.router,
    entries.router,
    form_limits.router,
    background.router,
    crm.router,
    pages_texts.router,
    categories.router,
    tasks.router,
    verification.router,
    handover.router,
    parking.router,
    asked.router,
    help.router,
    messages.router,
    outbound.router,
    promises.router,
    roster.router,
    search.router,
    pointing.router,
    places.router,
    similar.router,
    pages_places.router,
    pages_city.router,
    case_lists.router,
    case_bulk.router,
    pages_cases.router,
    pages_board.router,
    pages_states.router,
    pages_waits.router,
    pages_status.router,
    pages_system.router,
    pages_taxonomy.router,
    pages_unit.router,
    pages_dispatch.router,
    media.router,
    attachments.router,
    pages_callbacks.router,
    pages_callers.router,
    pages_users.router,
    pages_flows.router,
    flows.router,
    pages_routing.router,
    routing.router,
    routing_files.router,
    pages_calendar.router,
    pages_limits.router,
    pages_work_calendar.router,
    clocks.router,
    pages_prompts.router,
    pages_storm.router,
    pages_judging.router,
    pages_bulletins.router,
    pages_themes.router,
    pages_public.router,
    pages_privacy.router,
    phone_here.router,
    phones.router,
    exchange_api.router,
    pages_exchange.router,
    pages_imports.router,
    kept.router,
    knowledge.router,
    pages_knowledge.router,
    own_figures.router,
    reveal.router,
    stream.router,
    polling.router,
)


def create_app(parts: WebParts) -> FastAPI:
    """The whole application as ASGI.

    Raises :class:`~hotline.web.assets.AssetsMissing` when the front end has not been built, and
    LookupError when a route does not say who may use it.
    """
    app = FastAPI(
        title="Hotline 12319",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    assets = load_assets(parts.dist)
    streams = Streams()
    boards = BoardFeed(parts.journal, parts.calls, parts.clock, lambda: parts.plans.current.plan)
    parts.plans.told.append(boards.plan_changed)
    app.state.web = Web(
        parts=parts,
        sessions=Sessions(
            parts.database,
            parts.clock,
            parts.config.web.session_hours * 3600,
            on_closed=streams.close,
        ),
        streams=streams,
        boards=boards,
        drafts=Drafts(parts.database, parts.clock),
    )
    app.state.sessions = app.state.web.sessions
    app.state.renderer = Renderer(
        config=parts.config,
        catalogue=load_catalogue().extended(texts_of(parts.cases.machine)),
        environment=make_environment(parts.config, assets),
        now=parts.clock.now,
        last_seq=lambda: parts.journal.last_seq,
        plan=lambda: parts.plans.current.plan,
    )
    app.state.routers = ROUTERS
    answers.install(app)
    app.add_middleware(Envelope, config=parts.config)
    app.mount("/static", StaticFiles(directory=assets.folder), name="static")
    for router in ROUTERS:
        check_guarded(router)
        app.include_router(router)
    parts.metrics.watch_exchange(lambda: parts.room.exchange.courier.sent)
    parts.metrics.streams.set_function(lambda: len(streams))
    return app


def web_in(app: FastAPI) -> Web:
    """The web that an application carries."""
    return cast("Web", app.state.web)


def check_guarded(router: APIRouter) -> None:
    """Raise LookupError when one of the router's routes does not say who may use it."""
    for route in router.routes:
        if not isinstance(route, APIRoute):
            raise LookupError(f"{route!r} does not say who may use it")
        roles_of(route)
