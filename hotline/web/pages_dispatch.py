"""The dispatch desk: cases that wait for a unit, whom to give them, and why; and the rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field
from starlette.datastructures import UploadFile

from hotline.registry.dispatching.rules_file import COLUMNS, Known, read_rule
from hotline.registry.dispatching.service import NoSuchRule
from hotline.registry.forms import WHY_LENGTH
from hotline.registry.life.model import Action, Inputs, State
from hotline.registry.model import Case, CaseFilter, NoSuchCase
from hotline.registry.places.model import BadFile, Kind, RowFault
from hotline.storage.records import storable
from hotline.web.access import DispatchStaff, Viewer
from hotline.web.attachments import AttachmentView, attachments_shown
from hotline.web.dispatch_words import DispatchWords
from hotline.web.errors import NotFound
from hotline.web.page import Page, PageOf
from hotline.web.small_map import SmallMap, small_map
from hotline.web.web import Web, WebOf

router = APIRouter()

MOST_WAITING = 100
MOST_FAULTS = 100
MOST_PHOTOS = 6
CaseNumber = Annotated[str, Path(max_length=20)]
UnitId = Annotated[str, Field(max_length=32)]
_URGENCY = {"critical": 0, "urgent": 1}
_AREAS = (Kind.DISTRICT, Kind.STREET, Kind.COMMUNITY, Kind.DUTY_GRID, Kind.UNIT_GRID)


class WantedDispatch(BaseModel):
    """To whom a case goes: the unit that answers for it, and those that help it."""

    version: int
    unit_id: UnitId
    assist: list[UnitId] = Field(default_factory=list, max_length=20)
    why: str = Field("", max_length=WHY_LENGTH)


class Dispatched(BaseModel):
    """How the case stands after it was dispatched."""

    case_number: str
    state: str
    version: int
    unit: str


class SuggestedUnit(BaseModel):
    """A unit with all that speaks for and against it; ``points`` are the sum of the others."""

    unit_id: str
    name: str
    points: int
    rule_points: int
    record_points: int
    area_points: int
    handled: int
    returned: int
    redirected: int
    open: int
    evidence: list[str]


class Suggestions(BaseModel):
    """Who may be given a case, the best first. ``scope`` (street, district or city) and ``days``
    say where earlier dispatches were looked for; ``doubts`` are rules that they speak against."""

    scope: str
    days: int
    units: list[SuggestedUnit]
    doubts: list[str]


class RuleForm(BaseModel):
    """A rule as it is typed: ``unit`` by name or id."""

    category: str = Field("", max_length=64)
    place: str = Field("", max_length=64)
    unit: str = Field("", max_length=200)
    note: str = Field("", max_length=500)


@router.get("/dispatch")
async def desk(request: Request, web: WebOf, page: PageOf, viewer: DispatchStaff) -> HTMLResponse:
    """The cases that wait, and the one that is being dispatched with its suggestions."""
    waiting, total = await _waiting(web)
    case = await _chosen(web, waiting, request.query_params.get("case", ""))
    words = DispatchWords(web, page)
    found = await web.parts.room.dispatching.suggestion(case) if case else None
    area = (case.street or case.district) if case else ""
    return page.render(
        "dispatch/desk.html",
        waiting=waiting,
        total=total,
        case=case,
        following=_following(waiting, case),
        suggested=words.shown(found) if found else [],
        doubts=words.doubts(found, case.street, case.category_code or "") if case and found else [],
        closed=[words.rule(rule) for rule in found.closed_rules] if found else [],
        sketch=_sketch(web, case),
        photos=await _photos(web, viewer, case),
        where=words.place(area) if area else "",
        units=[(unit.unit_id, unit.name) for unit in web.parts.room.units.all()],
    )


@router.get("/api/cases/{number}/suggestions")
async def suggestions(
    web: WebOf, page: PageOf, viewer: DispatchStaff, number: CaseNumber
) -> Suggestions:
    """Which units a case may be given, with the evidence."""
    case = await web.parts.cases.get(number)
    found = await web.parts.room.dispatching.suggestion(case)
    words = DispatchWords(web, page)
    units = [
        SuggestedUnit(
            unit_id=one.unit_id,
            name=one.name,
            points=one.points,
            rule_points=one.rule_points,
            record_points=one.record_points,
            area_points=one.area_points,
            handled=one.record.handled,
            returned=one.record.returned,
            redirected=one.record.redirected,
            open=one.record.open,
            evidence=list(shown.lines),
        )
        for one, shown in zip(found.candidates, words.shown(found), strict=True)
    ]
    doubts = words.doubts(found, case.street, case.category_code or "")
    return Suggestions(
        scope=found.history.scope,
        days=found.history.days,
        units=units,
        doubts=[one.text for one in doubts],
    )


@router.post("/api/dispatch/{number}")
async def dispatch(
    web: WebOf, viewer: DispatchStaff, number: CaseNumber, wanted: WantedDispatch
) -> Dispatched:
    """Give a case to a unit, alone or with others that help; 409 when somebody was quicker."""
    assist = tuple(one for one in dict.fromkeys(wanted.assist) if one != wanted.unit_id)
    case = await web.parts.cases.move(
        number,
        Action.DISPATCH,
        viewer,
        wanted.why,
        version=wanted.version,
        inputs=Inputs(unit_id=wanted.unit_id, assist=assist),
    )
    return Dispatched(case_number=number, state=case.state, version=case.version, unit=case.unit)


@router.get("/dispatch/rules")
async def rules(request: Request, web: WebOf, page: PageOf, viewer: DispatchStaff) -> HTMLResponse:
    """Which classes go to which units, and a form for one more."""
    query = request.query_params
    form = {name: query.get(name, "")[:200] for name in COLUMNS}
    return await _rules_page(web, page, form=form, done=query.get("done", ""))


@router.post("/dispatch/rules")
async def add_rule(
    web: WebOf, page: PageOf, viewer: DispatchStaff, form: Annotated[RuleForm, Form()]
) -> Response:
    """Put one rule into force."""
    wanted, faults = read_rule(form.model_dump(), _known(web))
    if wanted is None or faults:
        return await _rules_page(web, page, form=form.model_dump(), faults=faults)
    await web.parts.room.dispatching.add([wanted], viewer)
    return RedirectResponse("/dispatch/rules?done=added", status_code=303)


@router.post("/dispatch/rules/import")
async def import_rules(
    request: Request, web: WebOf, page: PageOf, viewer: DispatchStaff
) -> Response:
    """Put the rules of a CSV file into force: all of them, or none and what is wrong with each."""
    given = (await request.form()).get("file")
    data = await given.read() if isinstance(given, UploadFile) else b""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        faults = [RowFault(1, "", "not_utf8")]
        return await _rules_page(web, page, form={}, row_faults=faults)
    try:
        await web.parts.room.dispatching.import_csv(text, _known(web), viewer)
    except BadFile as bad:
        return await _rules_page(web, page, form={}, row_faults=bad.faults)
    return RedirectResponse("/dispatch/rules?done=imported", status_code=303)


@router.post("/dispatch/rules/{rule_id}/close")
async def close_rule(
    web: WebOf, viewer: DispatchStaff, rule_id: Annotated[int, Path(ge=1, le=2**31 - 1)]
) -> Response:
    """Take a rule back."""
    try:
        await web.parts.room.dispatching.close(rule_id, viewer)
    except NoSuchRule as error:
        raise NotFound("no_such_rule") from error
    return RedirectResponse("/dispatch/rules?done=closed", status_code=303)


async def _waiting(web: Web) -> tuple[list[Case], int]:
    """The cases that wait longest, the urgent ones first, and how many wait in all."""
    found = await web.parts.cases.list(
        CaseFilter(states=frozenset({State.TO_DISPATCH})),
        sort="opened_at",
        descending=False,
        size=MOST_WAITING,
    )
    cases = sorted(found.cases, key=lambda one: _URGENCY.get(one.urgency, 2))
    return cases, max(found.total, len(cases))


async def _chosen(web: Web, waiting: Sequence[Case], number: str) -> Case | None:
    """The case that the address names while it still waits, else the first that does."""
    if number:
        try:
            case = await web.parts.cases.get(storable(number))
        except NoSuchCase:
            case = None
        if case is not None and case.state == State.TO_DISPATCH:
            return case
    return waiting[0] if waiting else None


def _sketch(web: Web, case: Case | None) -> SmallMap | None:
    atlas = web.parts.room.places.atlas
    return small_map(atlas, case.longitude, case.latitude, case.grid) if case else None


async def _photos(web: Web, viewer: Viewer, case: Case | None) -> list[AttachmentView]:
    """The first of the case's photos."""
    shown = await attachments_shown(web, viewer, case.case_number) if case else []
    return [one for one in shown if one.thumb][:MOST_PHOTOS]


def _following(waiting: Sequence[Case], case: Case | None) -> str:
    numbers = [one.case_number for one in waiting]
    if case is None or case.case_number not in numbers:
        return numbers[0] if numbers else ""
    after = numbers[numbers.index(case.case_number) + 1 :] + numbers
    return next((one for one in after if one != case.case_number), "")


def _known(web: Web) -> Known:
    units, atlas = web.parts.room.units, web.parts.room.places.atlas
    keys = [category.key for category in web.parts.room.taxonomy]

    def unit(text: str) -> str | None:
        found = units.get(text) or units.named(text)
        return found.unit_id if found and found.active else None

    return Known(
        unit=unit,
        category=lambda beginning: any(key.startswith(beginning) for key in keys),
        place=lambda place: any(atlas.get(kind, place) for kind in _AREAS),
    )


async def _rules_page(
    web: Web,
    page: Page,
    *,
    form: dict[str, str],
    faults: Sequence[RowFault] = (),
    row_faults: Sequence[RowFault] = (),
    done: str = "",
) -> HTMLResponse:
    words = DispatchWords(web, page)
    room = web.parts.room
    listed = [
        (rule, words.category(rule.category), words.place(rule.place), words.unit(rule.unit_id))
        for rule in await room.dispatching.rules()
    ]
    majors = {(c.branch, c.major_code): f"{c.branch}/{c.major_code}" for c in room.taxonomy}
    choices = [(key, words.category(key)) for key in ("component/", "event/", *majors.values())]
    choices += [(category.key, category.name) for category in room.taxonomy]
    places = [
        (place.place_id, place.name)
        for kind in (Kind.DISTRICT, Kind.STREET)
        for place in room.places.atlas.of(kind).values()
    ]
    return page.render(
        "dispatch/rules.html",
        status=422 if faults or row_faults else 200,
        rules=listed,
        form=form,
        faults={fault.field: fault for fault in faults},
        row_faults=row_faults[:MOST_FAULTS],
        fault_count=len(row_faults),
        done=done if done in {"added", "imported", "closed"} else "",
        classes=choices,
        places=places,
        units=[unit.name for unit in room.units.all()],
    )
