"""What every route can ask for: the parts the web was given, and what it made of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, cast

import fastapi
from fastapi import Depends, Request

from hotline.calendar.service import CalendarService
from hotline.callback.service import CallbackDesk
from hotline.callers.service import CallerDesk
from hotline.clock import Clock
from hotline.config import Config
from hotline.cti.pauses import PauseReasons
from hotline.floor.room import Floor
from hotline.ivr.library import FlowLibrary
from hotline.ivr.shelf import PromptShelf
from hotline.ivr.studio import Studio
from hotline.knowledge.room import KnowledgeRoom
from hotline.metrics import Metrics
from hotline.registry.room import CaseRoom
from hotline.registry.service import CaseRegistry
from hotline.routing.gate import Gate
from hotline.routing.library import PlanLibrary
from hotline.storage.database import Database
from hotline.storage.passages import Passages
from hotline.storm.service import StormDesk
from hotline.throttle import Allowance, GuessThrottle
from hotline.web.assets import DIST
from hotline.web.boards import BoardFeed
from hotline.web.drafts import Drafts
from hotline.web.ports import (
    Accounts,
    Calls,
    Dials,
    HealthCheck,
    Hears,
    Journal,
    PhoneCut,
    PhoneInUse,
    PhonePassword,
    Users,
)
from hotline.web.sessions import Sessions
from hotline.web.streams import Streams


@dataclass(frozen=True, slots=True)
class WebParts:
    """The rest of the house, as the pages need it."""

    config: Config
    clock: Clock
    database: Database
    journal: Journal
    calls: Calls
    users: Users
    accounts: Accounts
    room: CaseRoom
    knowledge: KnowledgeRoom
    callbacks: CallbackDesk
    callers: CallerDesk
    dialler: Dials
    flows: FlowLibrary
    plans: PlanLibrary
    gate: Gate
    passages: Passages
    prompts: PromptShelf
    studio: Studio
    phone_password: PhonePassword
    phone_in_use: PhoneInUse
    phone_cut: PhoneCut
    health: HealthCheck
    metrics: Metrics
    calendar: CalendarService
    storm: StormDesk
    pause_reasons: PauseReasons
    floor: Floor
    hears: Hears | None = None
    dist: Path = DIST

    @property
    def cases(self) -> CaseRegistry:
        """The registry itself, which most pages ask."""
        return self.room.registry


@dataclass(frozen=True, slots=True)
class Web:
    """One running web: its parts, its sessions, its open streams."""

    parts: WebParts
    sessions: Sessions
    streams: Streams
    boards: BoardFeed
    drafts: Drafts
    throttle: GuessThrottle = field(default_factory=GuessThrottle)
    password_checks: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    # What anybody may look at without a login, by address.
    public_looks: Allowance = field(default_factory=lambda: Allowance(60, 60.0))
    # One drawing at a time: calls have the processor first.
    drawing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))


def web_of(request: Request) -> Web:
    """The running web: ``web: WebOf`` in a route."""
    return cast("Web", request.app.state.web)


WebOf = Annotated[Web, Depends(web_of)]

RowId = Annotated[int, fastapi.Path(ge=1, le=2**31 - 1)]
"""A number of ours in an address; larger ones are no number that any database keeps."""
