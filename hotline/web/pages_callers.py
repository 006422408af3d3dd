"""Who calls: rules for numbers with their evidence, appeals, and what agents say of calls."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from hotline.callers.listing import VIEWS, CallerLists, Evidence, Listed, Opened, View
from hotline.callers.model import MOST_DAYS, WHY_LENGTH, Effect, Mark, NoSuchRule, RuleRefused
from hotline.cti.views import Pop
from hotline.web.access import AgentOnly, AppealStaff, SupervisorOnly
from hotline.web.errors import Conflict, Forbidden, NotFound, WebError
from hotline.web.media import recording_file
from hotline.web.names import names_of
from hotline.web.page import Page, PageOf
from hotline.web.timeline import Line, tell
from hotline.web.web import Web, WebOf

router = APIRouter()

# As wide as the databases' integers.
RuleId = Annotated[int, Path(ge=1, le=2**31 - 1)]
CallId = Annotated[str, Path(max_length=64)]
_Text = Annotated[str, Field(max_length=20_000)]
USUAL_DAYS = 30
DAYS = (7, USUAL_DAYS, MOST_DAYS)
# Which field of the page's form a refusal belongs to.
_FIELDS = {"say_why": "why", "bad_days": "days"}


class Confirmation(BaseModel):
    """A proposal put in force."""

    effect: Effect = Effect.REPORT
    days: int = USUAL_DAYS
    why: _Text = ""


class Reason(BaseModel):
    """Why something is put aside or ended."""

    why: _Text = ""


class AppealText(BaseModel):
    """What a citizen says against a rule."""

    text: _Text = ""


class Decision(BaseModel):
    """What becomes of an appeal."""

    appeal_id: int = Field(ge=1, le=2**31 - 1)
    decision: Literal["grant", "refuse"] = "refuse"
    why: _Text = ""


class GivenMark(BaseModel):
    """What an agent says of a call."""

    mark: Mark
    why: str = Field("", max_length=WHY_LENGTH)


@dataclass(frozen=True, slots=True)
class ShownCall:
    """A call of the evidence: its talk's address (empty for none), its reports with theirs, and
    its history in words."""

    evidence: Evidence
    listen: str
    reports: tuple[tuple[str, float | None], ...]
    lines: tuple[Line, ...]


@router.get("/callers")
async def callers_page(
    request: Request, web: WebOf, page: PageOf, viewer: SupervisorOnly
) -> HTMLResponse:
    """A list, and the rule that is open."""
    asked = request.query_params.get("rule", "")
    rule_id = int(asked) if asked.isdecimal() and len(asked) < 10 else None
    return await _page(web, page, request.query_params.get("view", ""), rule_id)


@router.post("/callers/{rule_id}/confirm")
async def confirm(
    web: WebOf,
    page: PageOf,
    viewer: SupervisorOnly,
    rule_id: RuleId,
    form: Annotated[Confirmation, Form()],
) -> Response:
    """Put a proposal in force."""
    work = web.parts.callers.confirm(rule_id, form.effect, form.days, form.why, viewer)
    return await _judged(web, page, work, rule_id, form, asked="proposed", then="active")


@router.post("/callers/{rule_id}/dismiss")
async def dismiss(
    web: WebOf,
    page: PageOf,
    viewer: SupervisorOnly,
    rule_id: RuleId,
    form: Annotated[Reason, Form()],
) -> Response:
    """Put a proposal aside."""
    work = web.parts.callers.dismiss(rule_id, form.why, viewer)
    return await _judged(web, page, work, rule_id, form, asked="proposed", then="history")


@router.post("/callers/{rule_id}/lift")
async def lift(
    web: WebOf,
    page: PageOf,
    viewer: SupervisorOnly,
    rule_id: RuleId,
    form: Annotated[Reason, Form()],
) -> Response:
    """End a rule before its time."""
    work = web.parts.callers.lift(rule_id, form.why, viewer)
    return await _judged(web, page, work, rule_id, form, asked="active", then="history")


@router.post("/callers/{rule_id}/appeal")
async def appeal(
    web: WebOf,
    page: PageOf,
    viewer: SupervisorOnly,
    rule_id: RuleId,
    form: Annotated[AppealText, Form()],
) -> Response:
    """Take a citizen's appeal, on the page."""
    work = web.parts.callers.appeal(rule_id, form.text, viewer)
    return await _judged(web, page, work, rule_id, form, asked="active", then="appeals")


@router.post("/callers/{rule_id}/decide")
async def decide(
    web: WebOf,
    page: PageOf,
    viewer: SupervisorOnly,
    rule_id: RuleId,
    form: Annotated[Decision, Form()],
) -> Response:
    """Decide an appeal."""
    granted = form.decision == "grant"
    work = web.parts.callers.decide(form.appeal_id, granted, form.why, viewer)
    return await _judged(
        web, page, work, rule_id, form, asked="appeals", then="history" if granted else "active"
    )


# --- at an agent's desk -------------------------------------------------------------------


@router.post("/api/calls/{call_id}/mark")
async def mark_call(
    web: WebOf, viewer: AgentOnly, call_id: CallId, given: GivenMark
) -> dict[str, object]:
    """Mark one's own call; another mark takes its place."""
    pop = await _own_call(web, call_id, viewer.user_id)
    await web.parts.callers.mark(call_id, given.mark, given.why, viewer)
    return await caller_of(web, pop, viewer.user_id)


@router.delete("/api/calls/{call_id}/mark")
async def undo_mark(web: WebOf, viewer: AgentOnly, call_id: CallId) -> dict[str, object]:
    """Take one's mark back."""
    pop = await _own_call(web, call_id, viewer.user_id)
    await web.parts.callers.undo_mark(call_id, viewer)
    return await caller_of(web, pop, viewer.user_id)


@router.post("/api/callers/{rule_id}/appeals")
async def take_appeal(
    web: WebOf, viewer: AppealStaff, rule_id: RuleId, given: AppealText
) -> dict[str, object]:
    """Take a citizen's appeal on the telephone."""
    try:
        return {"appeal_id": await web.parts.callers.appeal(rule_id, given.text, viewer)}
    except (RuleRefused, NoSuchRule) as error:
        raise _fault(error) from error


async def caller_of(web: Web, pop: Pop, user_id: str) -> dict[str, object]:
    """What the desk shows of who calls: the agent's mark, and the rule in force, if any."""
    mark, why = await web.parts.callers.mark_of(pop.call_id, user_id)
    rule = web.parts.callers.rule_for(pop.calling, web.parts.clock.now())
    shown = rule and {"id": rule.rule_id, "effect": rule.effect, "until": rule.expires_at}
    return {"mark": mark, "why": why, "rule": shown}


async def _own_call(web: Web, call_id: str, user_id: str) -> Pop:
    pop = await web.parts.calls.pop(call_id, user_id)
    if pop is None:
        raise NotFound("not_your_call")
    return pop


# --- the page -----------------------------------------------------------------------------


async def _page(
    web: Web,
    page: Page,
    asked: str,
    rule_id: int | None,
    *,
    given: Mapping[str, object] | None = None,
    errors: Mapping[str, str] | None = None,
) -> HTMLResponse:
    lists, now = CallerLists(web.parts.database), web.parts.clock.now()
    counts = await lists.counts(now)
    view = _view(asked, counts)
    rules = await lists.page(view, now)
    opened = await _open(lists, rule_id, rules, now)
    names = await names_of(web.parts.database)
    calls = [_shown(web, page, one, names) for one in opened.evidence] if opened else []
    return page.render(
        "callers/callers.html",
        status=422 if errors else 200,
        view=view,
        views=VIEWS,
        counts=counts,
        rules=rules,
        opened=opened,
        calls=calls,
        names=names,
        effects=tuple(Effect),
        days=DAYS,
        given=dict(given or {}),
        errors=dict(errors or {}),
    )


def _view(asked: str, counts: Mapping[View, int]) -> View:
    """The view that is asked for, else the first in which something waits."""
    waiting: Sequence[View] = [view for view in ("appeals", "proposed") if counts[view]]
    usual: View = waiting[0] if waiting else "proposed"
    return next((view for view in VIEWS if view == asked), usual)


async def _open(
    lists: CallerLists, rule_id: int | None, rules: Sequence[Listed], now: float
) -> Opened | None:
    if rule_id is None:
        return await lists.open(rules[0].rule.rule_id, now) if rules else None
    try:
        return await lists.open(rule_id, now)
    except NoSuchRule as error:
        raise _fault(error) from error


def _shown(web: Web, page: Page, one: Evidence, names: Mapping[str, str]) -> ShownCall:
    folder = web.parts.config.recording.dir
    there = bool(one.call.recording and recording_file(folder, one.call.recording))
    reports = tuple(
        (f"/media/reports/{report.report_id}", report.seconds)
        for report in one.reports
        if recording_file(folder, report.path)
    )
    return ShownCall(
        one,
        f"/media/recordings/{one.call.call_id}" if there else "",
        reports,
        tell(one.records, None, names, page.t),
    )


async def _judged(
    web: Web,
    page: Page,
    work: Awaitable[object],
    rule_id: int,
    form: BaseModel,
    *,
    asked: View,
    then: View,
) -> Response:
    """Do ``work`` and show the rule in the list ``then``; refused, the page once more as it was
    ``asked`` from, with what was typed and what is wrong with it."""
    try:
        await work
    except (RuleRefused, NoSuchRule) as error:
        if isinstance(error, NoSuchRule) or error.key not in _FIELDS:
            raise _fault(error) from error
        errors = {_FIELDS[error.key]: page.t(f"error.rule.{error.key}", days=MOST_DAYS)}
        return await _page(web, page, asked, rule_id, given=form.model_dump(), errors=errors)
    return _back(then, rule_id)


def _fault(error: RuleRefused | NoSuchRule) -> WebError:
    if isinstance(error, NoSuchRule):
        return NotFound("no_such_rule")
    if error.key == "not_your_role":
        return Forbidden(error.key)
    return Conflict(f"rule.{error.key}", days=MOST_DAYS)


def _back(view: View, rule_id: int) -> Response:
    return RedirectResponse(f"/callers?view={view}&rule={rule_id}", status_code=303)
