"""Who may use what: every route, every role, and nobody at all."""

from __future__ import annotations

import asyncio
import re

import httpx
import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from hotline.web.access import CASE_ROLES, COOKIE, Role, roles_of
from hotline.web.app import ROUTERS, check_guarded
from tests.unit.web.house import House

ANYONE = frozenset({None, *Role})
STAFF = frozenset(Role)
AGENT = frozenset({Role.AGENT})
ADMIN = frozenset({Role.ADMIN})
# Other systems, by their signed requests; no login opens these.
PEERS: frozenset[Role] = frozenset()
SUPERVISOR = frozenset({Role.SUPERVISOR})
CALENDAR_STAFF = frozenset({Role.SUPERVISOR, Role.ADMIN})
ROUTING_STAFF = frozenset({Role.SUPERVISOR, Role.ADMIN})
EXCHANGE_STAFF = frozenset({Role.SUPERVISOR, Role.ADMIN})
CALLBACK_STAFF = frozenset({Role.CALLBACK, Role.SUPERVISOR})
FLOOR_STAFF = frozenset({Role.AGENT, Role.CALLBACK, Role.CHECKER})
APPEAL_STAFF = frozenset({Role.AGENT, Role.CALLBACK, Role.SUPERVISOR})
CASE_STAFF = frozenset(CASE_ROLES)
ANALYSIS_STAFF = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.ADMIN})
UNIT = frozenset({Role.UNIT})
DISPATCH_STAFF = frozenset({Role.DISPATCHER, Role.SUPERVISOR})
CASE_OR_UNIT = CASE_STAFF | {Role.UNIT}

TABLE = {
    ("GET", "/media/consultations/{handover_id:path}"): CASE_STAFF,
    ("GET", "/api/asked"): SUPERVISOR,
    ("POST", "/api/calls/{call_id}/park"): AGENT,
    ("POST", "/api/parked/{place}/take"): AGENT,
    ("GET", "/api/agent/help"): FLOOR_STAFF,
    ("POST", "/api/agent/help"): FLOOR_STAFF,
    ("DELETE", "/api/agent/help"): FLOOR_STAFF,
    ("GET", "/api/help"): SUPERVISOR,
    ("POST", "/api/help/{help_id}/seen"): SUPERVISOR,
    ("POST", "/api/help/{help_id}/end"): SUPERVISOR,
    ("GET", "/api/messages"): SUPERVISOR,
    ("POST", "/api/messages"): SUPERVISOR,
    ("GET", "/api/messages/inbox"): FLOOR_STAFF,
    ("POST", "/api/messages/{message_id}/read"): FLOOR_STAFF,
    ("POST", "/api/messages/{message_id}/answer"): FLOOR_STAFF,
    ("GET", "/api/outbound"): CASE_STAFF,
    ("POST", "/api/outbound"): CASE_STAFF,
    ("POST", "/api/outbound/hang-up"): CASE_STAFF,
    ("POST", "/api/outbound/hold"): CASE_STAFF,
    ("DELETE", "/api/outbound/hold"): CASE_STAFF,
    ("POST", "/api/outbound/handover"): CASE_STAFF,
    ("POST", "/api/callbacks/{task_id}/handover"): CASE_STAFF,
    ("POST", "/api/entries"): AGENT,
    ("PUT", "/api/kept/{key}"): CASE_STAFF,
    ("GET", "/verification"): frozenset({Role.CHECKER, Role.SUPERVISOR}),
    ("PUT", "/api/verification/{number}"): frozenset({Role.AGENT, Role.CHECKER, Role.SUPERVISOR}),
    ("DELETE", "/api/kept/{key}"): CASE_STAFF,
    ("GET", "/api/promises"): CASE_STAFF,
    ("POST", "/api/promises"): CASE_STAFF,
    ("POST", "/api/promises/{promise_id}/end"): CASE_STAFF,
    ("GET", "/api/roster"): FLOOR_STAFF,
    ("GET", "/api/places/map"): STAFF,
    ("GET", "/api/calls/{call_id}/background"): AGENT,
    ("POST", "/api/calls/{call_id}/notes"): AGENT,
    ("DELETE", "/api/calls/{call_id}/notes/{note_id}"): AGENT,
    ("POST", "/api/calls/{call_id}/crm"): AGENT,
    ("GET", "/api/texts"): CASE_STAFF,
    ("GET", "/texts"): SUPERVISOR,
    ("POST", "/texts"): SUPERVISOR,
    ("POST", "/texts/{template_id}"): SUPERVISOR,
    ("GET", "/api/places/locate"): STAFF,
    ("GET", "/api/places/search"): STAFF,
    ("GET", "/api/places/{kind}.geojson"): STAFF,
    ("GET", "/places"): CALENDAR_STAFF,
    ("POST", "/places/units"): CALENDAR_STAFF,
    ("POST", "/places/import"): CALENDAR_STAFF,
    ("GET", "/api/cases/similar"): CASE_STAFF,
    ("GET", "/api/form/limits"): CASE_STAFF,
    ("GET", "/api/cases/matters"): CASE_STAFF,
    ("GET", "/cases/matters"): CASE_STAFF,
    ("POST", "/cases/{number}/links"): CASE_STAFF,
    ("POST", "/cases/{number}/unlink"): CASE_STAFF,
    ("POST", "/cases/{number}/merge"): CASE_STAFF,
    ("POST", "/cases/{number}/gather"): CASE_STAFF,
    ("POST", "/cases/{number}/split"): CASE_STAFF,
    ("POST", "/cases/{number}/second"): CASE_STAFF,
    ("GET", "/api/deadline"): CASE_STAFF,
    ("GET", "/api/cases/{number}/clocks"): CASE_STAFF,
    ("GET", "/limits"): CALENDAR_STAFF,
    ("GET", "/limits/preview"): CALENDAR_STAFF,
    ("GET", "/limits/export"): CALENDAR_STAFF,
    ("POST", "/limits"): CALENDAR_STAFF,
    ("POST", "/limits/{limit_id}/remove"): CALENDAR_STAFF,
    ("POST", "/limits/import"): CALENDAR_STAFF,
    ("POST", "/limits/calendar"): CALENDAR_STAFF,
    ("POST", "/cases/{number}/published"): SUPERVISOR,
    ("GET", "/work"): CASE_STAFF,
    ("GET", "/map"): CASE_STAFF,
    ("GET", "/api/map/open"): CASE_STAFF,
    ("GET", "/api/map/areas/{level}"): CASE_STAFF,
    ("GET", "/wall"): frozenset({Role.DISPATCHER, Role.SUPERVISOR}),
    ("GET", "/api/wall"): frozenset({Role.DISPATCHER, Role.SUPERVISOR}),
    ("GET", "/api/search"): STAFF,
    ("GET", "/api/knowledge/search"): STAFF,
    ("GET", "/api/knowledge/suggestions"): STAFF,
    ("GET", "/api/knowledge/{article_id}"): STAFF,
    ("POST", "/api/calls/{call_id}/answer"): AGENT,
    ("GET", "/api/agent/figures"): AGENT,
    ("GET", "/knowledge"): STAFF,
    ("POST", "/knowledge/articles"): SUPERVISOR,
    ("POST", "/knowledge/articles/{article_id}"): SUPERVISOR,
    ("GET", "/api/filters"): CASE_STAFF,
    ("POST", "/api/filters"): CASE_STAFF,
    ("DELETE", "/api/filters/{filter_id}"): CASE_STAFF,
    ("POST", "/api/cases/bulk"): CASE_STAFF,
    ("GET", "/api/cases/export"): CASE_STAFF,
    ("GET", "/healthz"): ANYONE,
    ("GET", "/readyz"): ANYONE,
    ("GET", "/metrics"): ANYONE,
    ("GET", "/login"): ANYONE,
    ("POST", "/login"): ANYONE,
    ("POST", "/language"): ANYONE,
    ("GET", "/"): STAFF,
    ("GET", "/api/me"): STAFF,
    ("GET", "/api/openapi.json"): STAFF,
    ("POST", "/logout"): STAFF,
    ("GET", "/events"): STAFF,
    ("GET", "/events/next"): STAFF,
    ("GET", "/desk"): AGENT,
    ("GET", "/api/desk"): AGENT,
    ("GET", "/api/agent"): AGENT,
    ("POST", "/api/agent/state"): AGENT,
    ("POST", "/api/agent/refuse"): AGENT,
    ("POST", "/api/agent/wrap-up/end"): AGENT,
    ("POST", "/api/agent/wrap-up/extend"): AGENT,
    ("POST", "/api/agent/hang-up"): AGENT,
    ("GET", "/api/phone"): CASE_STAFF,
    ("POST", "/api/phone/talk"): CASE_STAFF,
    ("POST", "/api/phone/check"): CASE_STAFF,
    ("GET", "/board/phones"): SUPERVISOR,
    ("GET", "/callbacks"): CALLBACK_STAFF,
    ("GET", "/callers"): SUPERVISOR,
    ("GET", "/privacy"): SUPERVISOR,
    ("POST", "/privacy/find"): SUPERVISOR,
    ("POST", "/privacy/minimise"): SUPERVISOR,
    ("POST", "/privacy/hand-out"): SUPERVISOR,
    ("POST", "/privacy/rules"): SUPERVISOR,
    ("POST", "/privacy/holds"): SUPERVISOR,
    ("POST", "/privacy/holds/lift"): SUPERVISOR,
    ("POST", "/callers/{rule_id}/confirm"): SUPERVISOR,
    ("POST", "/callers/{rule_id}/dismiss"): SUPERVISOR,
    ("POST", "/callers/{rule_id}/lift"): SUPERVISOR,
    ("POST", "/callers/{rule_id}/appeal"): SUPERVISOR,
    ("POST", "/callers/{rule_id}/decide"): SUPERVISOR,
    ("POST", "/api/callers/{rule_id}/appeals"): APPEAL_STAFF,
    ("GET", "/api/calls/{call_id}/why"): SUPERVISOR,
    ("POST", "/api/calls/{call_id}/mark"): AGENT,
    ("DELETE", "/api/calls/{call_id}/mark"): AGENT,
    ("GET", "/routing"): ROUTING_STAFF,
    ("GET", "/api/routing"): ROUTING_STAFF,
    ("GET", "/api/routing/versions/{version}"): ROUTING_STAFF,
    ("POST", "/api/routing/check"): ROUTING_STAFF,
    ("PUT", "/api/routing/draft"): ROUTING_STAFF,
    ("DELETE", "/api/routing/draft"): ROUTING_STAFF,
    ("POST", "/api/routing/publish"): ROUTING_STAFF,
    ("POST", "/api/routing/roll-back"): ROUTING_STAFF,
    ("GET", "/api/routing/history"): ROUTING_STAFF,
    ("GET", "/api/routing/gate"): ROUTING_STAFF,
    ("POST", "/api/routing/gate"): ROUTING_STAFF,
    ("DELETE", "/api/routing/gate"): ROUTING_STAFF,
    ("GET", "/api/routing/gates/{gate_id}"): ROUTING_STAFF,
    ("GET", "/calendar"): CALENDAR_STAFF,
    ("POST", "/calendar/hours/{queue}"): CALENDAR_STAFF,
    ("POST", "/calendar/specials"): CALENDAR_STAFF,
    ("POST", "/calendar/specials/{special_id}/remove"): CALENDAR_STAFF,
    ("GET", "/taxonomy"): CALENDAR_STAFF,
    ("POST", "/taxonomy/classes"): CALENDAR_STAFF,
    ("POST", "/taxonomy/changes"): CALENDAR_STAFF,
    ("GET", "/prompts"): CALENDAR_STAFF,
    ("GET", "/media/prompts/{language}/{name}"): CALENDAR_STAFF,
    ("POST", "/prompts/{language}/{name}/recording"): CALENDAR_STAFF,
    ("POST", "/prompts/{language}/{name}/revert"): CALENDAR_STAFF,
    ("POST", "/api/prompts/{language}/{name}/take"): CALENDAR_STAFF,
    ("GET", "/api/prompts/take"): CALENDAR_STAFF,
    ("GET", "/storm"): SUPERVISOR,
    ("POST", "/storm"): SUPERVISOR,
    ("POST", "/storm/{storm_id}/change"): SUPERVISOR,
    ("POST", "/storm/{storm_id}/end"): SUPERVISOR,
    ("POST", "/storm/{storm_id}/export"): SUPERVISOR,
    ("POST", "/api/storm/affected/{affected_id}/callback"): SUPERVISOR,
    ("GET", "/users"): ADMIN,
    ("POST", "/users/add"): ADMIN,
    ("POST", "/users/{user_id}/change"): ADMIN,
    ("POST", "/users/{user_id}/password"): ADMIN,
    ("POST", "/users/{user_id}/close"): ADMIN,
    # Agents: the one that they do between calls.
    ("POST", "/api/callbacks/{task_id}/call"): CASE_STAFF,
    ("POST", "/api/callbacks/{task_id}/hang-up"): CASE_STAFF,
    ("POST", "/api/callbacks/{task_id}/hold"): CASE_STAFF,
    ("DELETE", "/api/callbacks/{task_id}/hold"): CASE_STAFF,
    ("POST", "/api/callbacks/{task_id}/answers"): CASE_STAFF,
    ("GET", "/desk/task"): AGENT,
    ("POST", "/api/agent/task/take"): AGENT,
    ("POST", "/api/agent/task/end"): AGENT,
    ("GET", "/api/calls/{call_id}/pop"): AGENT,
    ("PUT", "/api/calls/{call_id}/draft"): AGENT,
    ("DELETE", "/api/calls/{call_id}/draft"): CASE_STAFF,
    ("POST", "/api/calls/{call_id}/case"): AGENT,
    ("POST", "/api/calls/{call_id}/handover"): AGENT,
    ("DELETE", "/api/calls/{call_id}/handover"): AGENT,
    ("POST", "/api/calls/{call_id}/hold"): AGENT,
    ("DELETE", "/api/calls/{call_id}/hold"): AGENT,
    ("GET", "/api/desk/ways"): CASE_STAFF,
    ("GET", "/api/categories"): CASE_STAFF,
    ("GET", "/api/categories/search"): CASE_STAFF,
    ("GET", "/status"): ANYONE,
    ("POST", "/status"): ANYONE,
    ("GET", "/system"): ADMIN,
    ("GET", "/board"): SUPERVISOR,
    ("GET", "/api/board"): SUPERVISOR,
    ("GET", "/board/states"): SUPERVISOR,
    ("GET", "/board/waits"): SUPERVISOR,
    ("GET", "/routing/plan.yaml"): ROUTING_STAFF,
    ("POST", "/api/routing/upload"): ROUTING_STAFF,
    ("POST", "/board/states/reasons"): SUPERVISOR,
    ("POST", "/api/board/agents/{agent_id}/state"): SUPERVISOR,
    ("GET", "/judging"): ANALYSIS_STAFF,
    ("GET", "/judging/rankings"): ANALYSIS_STAFF,
    ("GET", "/judging/patterns"): ANALYSIS_STAFF,
    ("GET", "/api/judging"): ANALYSIS_STAFF,
    ("GET", "/judging/bulletin/{month}"): ANALYSIS_STAFF,
    ("GET", "/judging/bulletin/{month}.xlsx"): ANALYSIS_STAFF,
    ("GET", "/judging/bulletin/{month}.pdf"): ANALYSIS_STAFF,
    ("POST", "/judging/bulletin/{month}/publish"): SUPERVISOR,
    ("GET", "/judging/themes"): ANALYSIS_STAFF,
    ("POST", "/judging/themes"): ANALYSIS_STAFF,
    ("GET", "/judging/themes/{theme_id}"): ANALYSIS_STAFF,
    ("POST", "/judging/themes/{theme_id}/drop"): ANALYSIS_STAFF,
    ("GET", "/public"): ANYONE,
    ("GET", "/public/{month}"): ANYONE,
    ("GET", "/public/data/{month}.csv"): ANYONE,
    ("GET", "/public/data/{month}.json"): ANYONE,
    ("GET", "/robots.txt"): ANYONE,
    ("GET", "/flows"): SUPERVISOR,
    ("POST", "/flows/new"): SUPERVISOR,
    ("POST", "/flows/entries"): SUPERVISOR,
    ("GET", "/flows/{name}"): SUPERVISOR,
    ("GET", "/api/flow-schema"): SUPERVISOR,
    ("GET", "/api/flows/{name}"): SUPERVISOR,
    ("GET", "/api/flows/{name}/versions/{version}"): SUPERVISOR,
    ("POST", "/api/flows/{name}/check"): SUPERVISOR,
    ("PUT", "/api/flows/{name}/draft"): SUPERVISOR,
    ("DELETE", "/api/flows/{name}/draft"): SUPERVISOR,
    ("POST", "/api/flows/{name}/publish"): SUPERVISOR,
    ("POST", "/api/flows/{name}/roll-back"): SUPERVISOR,
    ("GET", "/api/flows/{name}/history"): SUPERVISOR,
    ("GET", "/api/flows/{name}/counts"): SUPERVISOR,
    ("GET", "/cases"): CASE_STAFF,
    ("GET", "/cases/{number}"): CASE_STAFF,
    ("PUT", "/api/cases/{number}"): CASE_STAFF,
    ("POST", "/api/cases/{number}/actions"): CASE_STAFF,
    ("GET", "/exchange"): EXCHANGE_STAFF,
    ("POST", "/exchange/peers"): EXCHANGE_STAFF,
    ("POST", "/exchange/peers/{peer_id}"): EXCHANGE_STAFF,
    ("POST", "/exchange/peers/{peer_id}/pause"): EXCHANGE_STAFF,
    ("POST", "/exchange/peers/{peer_id}/secret"): EXCHANGE_STAFF,
    ("POST", "/exchange/peers/{peer_id}/retry"): EXCHANGE_STAFF,
    ("POST", "/exchange/messages/{message_id}/retry"): EXCHANGE_STAFF,
    ("POST", "/exchange/messages/{message_id}/skip"): EXCHANGE_STAFF,
    ("GET", "/exchange/peers/{peer_id}/mappings/{purpose}"): EXCHANGE_STAFF,
    ("POST", "/exchange/peers/{peer_id}/mappings/{purpose}"): EXCHANGE_STAFF,
    ("GET", "/exchange/import"): EXCHANGE_STAFF,
    ("POST", "/exchange/import"): EXCHANGE_STAFF,
    ("POST", "/exchange/import/{token}/begin"): EXCHANGE_STAFF,
    ("GET", "/exchange/import/{token}/faults.xlsx"): EXCHANGE_STAFF,
    ("POST", "/exchange/imports/{import_id}/resume"): EXCHANGE_STAFF,
    ("GET", "/api/exchange/imports/{import_id}"): EXCHANGE_STAFF,
    ("POST", "/exchange/v1/tickets"): PEERS,
    ("POST", "/exchange/v1/tickets/{external_id}/updates"): PEERS,
    ("POST", "/exchange/v1/tickets/{external_id}/withdrawal"): PEERS,
    ("POST", "/exchange/v1/tickets/{external_id}/feedback"): PEERS,
    ("GET", "/exchange/v1/tickets/{external_id}"): PEERS,
    ("POST", "/api/reveal"): CASE_STAFF,
    ("GET", "/media/recordings/{call_id}"): CASE_STAFF,
    ("GET", "/media/attachments/{number}/{attachment_id}"): CASE_OR_UNIT,
    ("GET", "/api/cases/{number}/attachments"): CASE_OR_UNIT,
    ("GET", "/unit"): UNIT,
    ("GET", "/unit/cases/{number}"): UNIT,
    ("POST", "/api/unit/cases/{number}/actions"): UNIT,
    ("GET", "/dispatch"): DISPATCH_STAFF,
    ("POST", "/api/dispatch/{number}"): DISPATCH_STAFF,
    ("GET", "/api/cases/{number}/suggestions"): DISPATCH_STAFF,
    ("GET", "/dispatch/rules"): DISPATCH_STAFF,
    ("POST", "/dispatch/rules"): DISPATCH_STAFF,
    ("POST", "/dispatch/rules/import"): DISPATCH_STAFF,
    ("POST", "/dispatch/rules/{rule_id}/close"): DISPATCH_STAFF,
    ("POST", "/api/cases/{number}/attachments"): CASE_OR_UNIT,
    ("GET", "/media/reports/{report_id:path}"): CASE_STAFF,
}
# A slow machine's; a route that waits for ever is found by it.
PATIENCE_S = 15.0
USERS = {
    None: "",
    Role.AGENT: "agent1",
    Role.CALLBACK: "callback1",
    Role.DISPATCHER: "dispatcher1",
    Role.CHECKER: "checker1",
    Role.UNIT: "unit1",
    Role.SUPERVISOR: "supervisor",
    Role.ADMIN: "admin",
}


def error_of(answer: httpx.Response) -> str:
    """The key of the fault, empty for none."""
    if not answer.headers.get("content-type", "").endswith("json"):
        return ""
    body = answer.json()
    return body.get("error", "") if isinstance(body, dict) else ""


def routes() -> dict[tuple[str, str], APIRoute]:
    found = {}
    for router in ROUTERS:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            for method in route.methods or ():
                found[method, route.path] = route
    return found


def test_the_table_names_every_route_and_no_other() -> None:
    assert set(routes()) == set(TABLE)


@pytest.mark.parametrize(("method", "path"), TABLE)
def test_each_route_declares_the_roles_of_the_table(method: str, path: str) -> None:
    declared = roles_of(routes()[method, path])
    assert (ANYONE if declared is None else declared) == TABLE[method, path]


def verdict(answer: httpx.Response, role: Role | None, allowed: frozenset[Role | None]) -> str:
    """What is wrong with an answer to an empty request of this role's; empty: nothing."""
    key = error_of(answer)
    if role in allowed:
        shut = answer.status_code == 401 or key in {"not_your_role", "not_logged_in", "csrf"}
        return f"shut: {key}" if shut else "failed" if answer.status_code >= 500 else ""
    expected = (403, "not_your_role")
    if not allowed:
        expected = (401, "not_signed")
    elif role is None:
        expected = (401, "not_logged_in")
    found = (answer.status_code, key)
    return "" if found == expected else f"{found} instead of {expected}"


@pytest.mark.parametrize("role", USERS, ids=str)
async def test_each_role_gets_in_where_the_table_says(house: House, role: Role | None) -> None:
    """(An allowed request for ``/events`` would stream on; test_stream does that.)"""
    # Logging out comes last.
    wanted = sorted((key for key in TABLE if key[1] != "/events"), key=lambda k: k[1] == "/logout")
    wrong = {}
    async with house.browser(USERS[role]) as browser:
        for method, path in wanted:
            where = re.sub(r"\{[^}]+\}", "1", path)
            try:
                async with asyncio.timeout(PATIENCE_S):
                    answer = await browser.send_json(method, where, {})
            except TimeoutError:
                wrong[method, path] = "no answer"
                continue
            if told := verdict(answer, role, TABLE[method, path]):
                wrong[method, path] = told
    assert wrong == {}


def test_every_role_is_tried() -> None:
    assert set(USERS) == ANYONE


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AGENT], ids=str)
async def test_a_closed_account_is_out_at_its_next_request(house: House, role: Role) -> None:
    async with house.browser(USERS[role]) as browser:
        assert (await browser.get("/api/me")).status_code == 200
        await house.close_account(USERS[role])
        assert (await browser.get("/api/me")).status_code == 401


async def test_a_page_without_a_login_leads_to_the_login_and_back(house: House) -> None:
    async with house.browser() as browser:
        answer = await browser.get("/desk?tab=2")
        assert answer.headers["location"] == "/login?next=%2Fdesk%3Ftab%3D2"


async def test_an_invented_session_is_no_session(house: House) -> None:
    async with house.browser() as browser:
        browser.cookies.set(COOKIE, "x" * 43)
        assert (await browser.get("/api/me")).status_code == 401


async def test_a_change_without_the_csrf_token_is_refused(house: House) -> None:
    async with house.browser("agent1") as browser:
        browser.csrf = ""
        answer = await browser.send_json("POST", "/api/agent/state", {"state": "ready"})
        assert (answer.status_code, answer.json()["error"]) == (403, "csrf")
        assert house.calls.asked == []


async def test_another_sessions_csrf_token_is_refused(house: House) -> None:
    async with house.browser("agent2") as other, house.browser("agent1") as browser:
        browser.csrf = other.csrf
        answer = await browser.send_json("POST", "/api/agent/state", {"state": "ready"})
        assert answer.status_code == 403


async def test_a_form_sends_the_token_in_its_field(house: House) -> None:
    async with house.browser("agent1") as browser:
        assert (await browser.send_form("/logout")).headers["location"] == "/login"
        assert (await browser.get("/api/me")).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://hotline.test:81"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
    ids=str,
)
async def test_a_change_from_another_page_is_refused(house: House, headers: dict[str, str]) -> None:
    async with house.browser("agent1") as browser:
        browser.headers.update(headers)
        answer = await browser.send_json("POST", "/api/agent/state", {"state": "ready"})
        assert (answer.status_code, answer.json()["error"]) == (403, "other_origin")


async def test_a_login_from_another_page_is_refused(house: House) -> None:
    async with house.browser(origin="http://evil.example") as browser:
        answer = await browser.post("/login", data={"user_id": "agent1", "password": "x"})
        assert answer.status_code == 403


def test_a_router_with_an_open_route_is_refused() -> None:
    router = APIRouter()

    @router.get("/open")
    async def open_route() -> str:
        return ""

    with pytest.raises(LookupError, match="/open does not say who may use it"):
        check_guarded(router)
