"""A house for the web to stand in: real database, journal and sessions; calls and users faked,
held to :mod:`hotline.web.ports` by their types."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI

from hotline.calendar.service import CalendarService
from hotline.callback.bringing import Brought
from hotline.callback.model import CallbackRefused, CallbackRules
from hotline.callback.planning import CallbackPlanner
from hotline.callback.service import CallbackDesk
from hotline.callers.service import CallerDesk
from hotline.clock import Clock
from hotline.config import Config
from hotline.cti.desk import NotNow, Viewer
from hotline.cti.pauses import PauseReasons
from hotline.cti.views import AgentView, AskedView, Board, Pop, WayView
from hotline.floor.room import Floor, PlacesCalls
from hotline.handover.model import Mode
from hotline.ivr.configured import configured_ground
from hotline.ivr.library import FlowLibrary, shipped_flows
from hotline.ivr.shelf import PromptShelf
from hotline.ivr.studio import Studio
from hotline.knowledge.room import KnowledgeRoom
from hotline.metrics import Metrics
from hotline.outbound.model import OutboundRefused, Wanted
from hotline.outbound.service import OutboundDesk
from hotline.registry.model import Actor
from hotline.registry.room import CaseRoom
from hotline.routing.configured import configured_library
from hotline.routing.gate import Gate
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from hotline.storage.passages import Passages
from hotline.storage.tables import UserRow
from hotline.storage.users import Users as StoredUsers
from hotline.storm.service import StormDesk
from hotline.web.access import COOKIE, Role
from hotline.web.app import create_app, web_in
from hotline.web.front_end import STATIC
from hotline.web.ports import Account, Calls, Component, Dials, Users
from hotline.web.web import Web, WebParts
from tests.databases import MORNING
from tests.unit.web.once import share
from tests.unit.web.phones import FakePhones

PASSWORD = "correct horse"
# For tests of pages that ask the database in their own words.
ON_BOTH = pytest.mark.parametrize("house_url", ["sqlite", "postgresql"], indirect=True)
_QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
PEOPLE = {
    "agent1": ("张敏", Role.AGENT, "1001"),
    "agent2": ("李强", Role.AGENT, "1002"),
    "callback1": ("陈静", Role.CALLBACK, "2001"),
    "dispatcher1": ("周立", Role.DISPATCHER, None),
    "checker1": ("吴洁", Role.CHECKER, None),
    "unit1": ("郑工", Role.UNIT, None),
    "supervisor": ("赵主任", Role.SUPERVISOR, None),
    "admin": ("管理员", Role.ADMIN, None),
}


@dataclass
class FakeCalls:
    """Agents and calls that tests arrange; keeps what was asked of it."""

    agents: dict[str, AgentView] = field(default_factory=dict)
    pops: dict[tuple[str, str], Pop] = field(default_factory=dict)
    picture: Board = field(
        default_factory=lambda: Board(at=MORNING, seq=0, pbx_up=True, journal_ok=True)
    )
    asked: list[tuple[str, ...]] = field(default_factory=list)
    pages: list[tuple[str, str]] = field(default_factory=list)
    refusal: str = ""
    reasons: dict[str, dict[str, Any]] = field(default_factory=dict)
    within: tuple[WayView, ...] = ()
    asked_for: dict[str, tuple[tuple[AskedView, Pop], ...]] = field(default_factory=dict)

    def agent(self, agent_id: str) -> AgentView:
        return self.agents[agent_id]

    def why(self, call_id: str) -> dict[str, Any]:
        return self.reasons.get(call_id, {})

    def board(self) -> Board:
        return replace(self.picture, agents=tuple(self.agents.values()))

    async def pop(self, call_id: str, agent_id: str) -> Pop | None:
        return self.pops.get((call_id, agent_id))

    async def _take(self, *words: str) -> None:
        if self.refusal:
            raise NotNow(self.refusal)
        self.asked.append(words)

    async def sign_on(self, agent_id: str) -> None:
        await self._take("sign_on", agent_id)

    async def sign_off(self, agent_id: str) -> None:
        await self._take("sign_off", agent_id)

    async def ready(self, agent_id: str) -> None:
        await self._take("ready", agent_id)

    async def pause(self, agent_id: str, reason: str) -> None:
        await self._take("pause", agent_id, reason)

    async def end_wrap_up(self, agent_id: str) -> None:
        await self._take("end_wrap_up", agent_id)

    async def extend_wrap_up(self, agent_id: str) -> None:
        await self._take("extend_wrap_up", agent_id)

    async def force(self, agent_id: str, want: str, reason: str, why: str, by: Viewer) -> None:
        self.agent(agent_id)
        await self._take("force", agent_id, want, reason, why, by.user_id, by.name)

    def page_opened(self, agent_id: str) -> None:
        self.pages.append(("opened", agent_id))

    def page_closed(self, agent_id: str) -> None:
        self.pages.append(("closed", agent_id))

    async def refuse(self, agent_id: str, offer_id: str) -> None:
        await self._take("refuse", agent_id, offer_id)

    async def hang_up(self, agent_id: str) -> None:
        await self._take("hang_up", agent_id)

    async def bring_talk(self, agent_id: str) -> None:
        await self._take("bring_talk", agent_id)

    async def take_task(self, agent_id: str, task_id: str) -> None:
        await self._take("take_task", agent_id, task_id)

    async def end_task(self, agent_id: str) -> None:
        await self._take("end_task", agent_id)

    def task_in_hand(self, agent_id: str) -> str | None:
        view = self.agents.get(agent_id)
        return view.task.task_id if view and view.task and view.state == "on_task" else None

    async def ways(self, agent_id: str) -> tuple[WayView, ...]:
        return self.within

    async def hold(self, agent_id: str, call_id: str) -> None:
        await self._take("hold", agent_id, call_id)

    async def take_back(self, agent_id: str, call_id: str) -> None:
        await self._take("take_back", agent_id, call_id)

    async def hand_over(
        self, agent_id: str, call_id: str, target: str, mode: Mode, note: str
    ) -> None:
        await self._take("hand_over", agent_id, call_id, target, mode, note)

    async def asked_at(self, extension: str) -> tuple[tuple[AskedView, Pop], ...]:
        return self.asked_for.get(extension, ())

    async def park(self, agent_id: str, call_id: str, note: str) -> None:
        await self._take("park", agent_id, call_id, note)

    async def take_parked(self, agent_id: str, place: int) -> None:
        await self._take("take_parked", agent_id, str(place))

    async def drop_third(self, agent_id: str, call_id: str) -> None:
        await self._take("drop_third", agent_id, call_id)


@dataclass
class FakeUsers:
    """Everybody's password is :data:`PASSWORD`."""

    languages: dict[str, str] = field(default_factory=dict)

    async def authenticate(self, user_id: str, password: str) -> Account | None:
        if password != PASSWORD or user_id not in PEOPLE:
            return None
        name, role, extension = PEOPLE[user_id]
        return Account(user_id, name, role, extension, self.languages.get(user_id))

    async def set_language(self, user_id: str, language: str) -> None:
        self.languages[user_id] = language


@dataclass
class FakeTelephone:
    """A PBX that rings phones for recordings: keeps what was asked of it."""

    asked: list[tuple[str, str]] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)

    async def originate(
        self,
        channel_id: str,
        endpoint: str,
        context: str,
        extension: str,
        *,
        ring_seconds: float,
        caller_id: str = "",
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self.asked.append((channel_id, endpoint))
        self.variables = dict(variables or {})

    async def redirect(self, channel: str, context: str, extension: str = "s") -> bool:
        self.asked.append((channel, extension))
        return True


@dataclass
class FakeDialler:
    """Claims callbacks as the real one does, and dials nobody."""

    desk: CallbackDesk
    asked: list[tuple[int, str, str | None]] = field(default_factory=list)
    refusal: str = ""
    hung_up: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)

    async def call(self, task_id: int, by: Actor, extension: str | None) -> None:
        if self.refusal:
            raise CallbackRefused(self.refusal)
        await self.desk.dialled(task_id, by)
        self.asked.append((task_id, by.user_id, extension))

    async def hang_up(self, task_id: int, by: Actor) -> None:
        self.hung_up.append(await self.desk.call_of(task_id, by))

    async def hold(self, task_id: int, by: Actor) -> None:
        self.held.append(await self.desk.call_of(task_id, by))

    async def take_back(self, task_id: int, by: Actor) -> None:
        self.held.remove(await self.desk.call_of(task_id, by))

    async def bring(self, task_id: int, by: Actor) -> Brought:
        citizen = await self.desk.citizen(task_id, by)
        return Brought(f"{citizen.call_id}-brought", citizen.case_number)


@dataclass
class FakePlacer:
    """Writes calls down as the real one does, and dials nobody."""

    desk: OutboundDesk
    asked: list[tuple[Wanted, str, str | None]] = field(default_factory=list)
    refusal: str = ""
    hung_up: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)

    async def call(self, wanted: Wanted, by: Actor, extension: str | None) -> None:
        if self.refusal:
            raise OutboundRefused(self.refusal)
        await self.desk.dialled(wanted, by)
        self.asked.append((wanted, by.user_id, extension))

    async def hang_up(self, by: Actor) -> None:
        await self._check_own(by)
        self.hung_up.append(by.user_id)

    async def hold(self, by: Actor) -> None:
        await self._check_own(by)
        self.held.append(by.user_id)

    async def take_back(self, by: Actor) -> None:
        await self._check_own(by)
        self.held.remove(by.user_id)

    async def bring(self, by: Actor) -> Brought:
        citizen = await self.desk.citizen(by)
        return Brought(f"{citizen.call_id}-brought", citizen.case_number)

    async def _check_own(self, by: Actor) -> None:
        if await self.desk.own(by.user_id) is None:
            raise OutboundRefused("callback.no_call")


def check_fakes(
    calls: FakeCalls, users: FakeUsers, dialler: FakeDialler, placer: FakePlacer
) -> tuple[Calls, Users, Dials, PlacesCalls]:
    """Fails to type-check when a fake and its protocol part ways."""
    return calls, users, dialler, placer


@dataclass
class House:
    """One running web and what it stands on."""

    app: FastAPI
    web: Web
    calls: FakeCalls
    users: FakeUsers
    dialler: FakeDialler
    clock: Clock
    database: Database
    journal: Journal
    components: list[Component]
    telephone: FakeTelephone
    placer: FakePlacer
    phones: FakePhones

    async def rebuilt(self, config: Config) -> House:
        """The same house under another configuration."""
        dist = self.web.parts.dist
        return await make_house(self.database, self.journal, self.clock, dist, config)

    async def close_account(self, user_id: str) -> None:
        """Close somebody's account in the table."""
        async with self.database.writing() as session:
            user = await session.get_one(UserRow, user_id)
            user.active = False

    async def set_language(self, user_id: str, language: str) -> None:
        """Somebody's language, as the real users' service would store it."""
        async with self.database.writing() as session:
            (await session.get_one(UserRow, user_id)).language = language

    @asynccontextmanager
    async def browser(self, user_id: str = "", **headers: str) -> AsyncIterator[Browser]:
        """A browser, logged in as ``user_id`` unless that is empty."""
        transport = httpx.ASGITransport(app=self.app, client=("127.0.0.1", 50000))
        async with Browser(transport=transport, base_url="http://hotline.test") as browser:
            browser.headers["accept"] = "text/html"
            browser.headers.update(headers)
            if user_id:
                new = await self.web.sessions.open(user_id)
                browser.cookies.set(COOKIE, new.token)
                browser.csrf = new.csrf_token
            yield browser


class Browser(httpx.AsyncClient):
    """A client that knows its CSRF token."""

    csrf = ""

    async def send_json(self, method: str, path: str, body: object) -> httpx.Response:
        """As our scripts do it."""
        return await self.request(
            method,
            path,
            json=body,
            headers={"x-csrf-token": self.csrf, "accept": "application/json"},
        )

    async def send_form(self, path: str, **fields: str) -> httpx.Response:
        """As a form of ours does it."""
        return await self.post(path, data={"_csrf": self.csrf} | fields)


def fake_dist(folder: Path) -> Path:
    """A front end as the build leaves it, without contents."""
    pages = (STATIC / "src" / "pages").glob("*.ts")
    names = ("base.js", *(f"{page.stem}.js" for page in pages), "main.css", "dark.css")
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_text("")
    manifest = {name: {"url": f"/static/{name}", "imports": []} for name in names}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def agent_view(agent_id: str, state: str = "ready", **more: object) -> AgentView:
    """An agent of :data:`PEOPLE`."""
    name, _, extension = PEOPLE[agent_id]
    view = AgentView(agent_id, name, extension or "", state, MORNING, reachable=True)
    return replace(view, **more)  # type: ignore[arg-type]


def some_pop(call_id: str = "pbx1-1.1", **more: object) -> Pop:
    """A call on offer from 13812345678."""
    pop = Pop(
        call_id=call_id,
        offer_id=f"{call_id}/1",
        phase="offered",
        called="12319",
        calling="13812345678",
        calling_name="",
        queue="hotline",
        arrived_at=MORNING - 30,
        queued_at=MORNING - 21,
        offered_at=MORNING,
        answered_at=None,
        keys="",
    )
    return replace(pop, **more)  # type: ignore[arg-type]


async def add_people(database: Database) -> None:
    """Rows for :data:`PEOPLE`; their hashes open nothing."""
    async with database.writing() as session:
        for user_id, (name, role, extension) in PEOPLE.items():
            session.add(
                UserRow(
                    user_id=user_id,
                    name=name,
                    role=role.value,
                    extension=extension,
                    password_hash="none",
                    created_at=MORNING,
                )
            )


async def make_house(
    database: Database, journal: Journal, clock: Clock, dist: Path, config: Config
) -> House:
    """The web on fresh fakes."""
    calls, users = FakeCalls(), FakeUsers()
    calls.agents = {name: agent_view(name) for name in ("agent1", "agent2")}
    rules = CallbackRules.of(config)
    room = CaseRoom.of(config, database, journal, clock, CallbackPlanner(rules))
    await room.open()
    cases = room.registry
    knowledge = KnowledgeRoom.of(config, journal, clock, room)
    await knowledge.base.open()
    callbacks = CallbackDesk(journal, cases, rules)
    callers = CallerDesk(journal, lambda now: False)
    await callers.load()
    dialler = FakeDialler(callbacks)
    placer = FakePlacer(OutboundDesk(journal, config.pbx.node, _nobody_waits))
    calendar = CalendarService.of(config, journal)
    await calendar.load()
    storm = StormDesk(journal, cases, clock)
    await storm.load()
    pause_reasons = PauseReasons(journal)
    await pause_reasons.load()
    flows = FlowLibrary(
        database,
        journal,
        shipped_flows(),
        lambda: configured_ground(config, clock, plans.current.plan.by_queue),
    )
    await flows.open()
    plans = configured_library(config, journal, flows.snapshot)
    await plans.open()
    prompts = PromptShelf.of(config, journal, clock)
    telephone, phones = FakeTelephone(), FakePhones(database)
    studio = Studio(
        prompts, telephone, lambda: True, clock, recordings=config.recording.dir, number="12319"
    )
    components = [Component("database", "up"), Component("pbx", "up")]

    async def health() -> Sequence[Component]:
        return components

    app = create_app(
        WebParts(
            config=config,
            clock=clock,
            database=database,
            journal=journal,
            calls=calls,
            users=users,
            accounts=StoredUsers(
                database, clock, extensions=config.pbx.extension_numbers(), hasher=_QUICK
            ),
            room=room,
            knowledge=knowledge,
            callbacks=callbacks,
            callers=callers,
            dialler=dialler,
            prompts=prompts,
            studio=studio,
            flows=flows,
            plans=plans,
            gate=Gate(config, plans, database, clock),
            passages=Passages(database, journal, clock),
            phone_password=phones.password,
            phone_in_use=phones.in_use,
            phone_cut=phones.cut,
            health=health,
            metrics=Metrics(),
            calendar=calendar,
            storm=storm,
            pause_reasons=pause_reasons,
            floor=Floor.of(journal, placer.desk, placer),
            dist=dist,
        )
    )
    return House(
        share(app),
        web_in(app),
        calls,
        users,
        dialler,
        clock,
        database,
        journal,
        components,
        telephone,
        placer,
        phones,
    )


async def _nobody_waits(user_id: str) -> None:
    """No caller was kept away from them."""
