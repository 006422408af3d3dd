"""The list of cases: filters, presets of each role, filters that people keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from hotline.registry.desks.saved import LONGEST_NAME, NoSuchFilter, SavedFilter, TooManyFilters
from hotline.registry.due import due_of, pressure
from hotline.registry.forms import KINDS, URGENCIES
from hotline.registry.lifecycle import Action, State
from hotline.registry.listing import DEEPEST, SORTS, counts_all
from hotline.registry.model import SOURCES, Case, CaseFilter, CasePage
from hotline.registry.places.model import Kind
from hotline.storage.records import storable
from hotline.storage.tables import ENDED
from hotline.web.access import CaseStaff, Role, Viewer
from hotline.web.case_filters import NAMES, PRESETS, WORK, asked, filter_of
from hotline.web.errors import Conflict, NotFound
from hotline.web.listing import Listing, listing_of
from hotline.web.names import names_of
from hotline.web.page import Page, PageOf
from hotline.web.web import Web, WebOf

router = APIRouter()

# What can be done to many cases at once with nothing but a reason, a unit, a level or a closing
# condition, in the order of a case's life; what else a step needs is chosen case by case.
BULK = (
    Action.VERIFY, Action.FILE, Action.DISPATCH, Action.URGE, Action.SUPERVISE, Action.CHECK_PASS,
    Action.CHECK_FAIL, Action.CLOSE, Action.SEND_BACK, Action.REJECT, Action.VOID,
)  # fmt: skip
BULK_ROLES: Mapping[Role, frozenset[Action]] = {
    Role.AGENT: frozenset(BULK) - {Action.DISPATCH, Action.SUPERVISE, Action.VOID},
    Role.DISPATCHER: frozenset({Action.DISPATCH, Action.URGE, Action.SEND_BACK}),
    Role.CHECKER: frozenset(
        {Action.VERIFY, Action.URGE, Action.CHECK_PASS, Action.CHECK_FAIL, Action.CLOSE}
    ),
    Role.CALLBACK: frozenset({Action.URGE}),
    Role.SUPERVISOR: frozenset(BULK),
}
# States of which a list without any case does not speak.
_SELDOM = frozenset({State.SUSPENDED, State.TO_RULE, State.NOT_FILED, State.VOID})


class KeptFilter(BaseModel):
    """A filter that is kept; ``query`` names the list's filters as its address does."""

    filter_id: int
    name: str
    query: dict[str, str]
    shared: bool
    mine: bool


class WantedFilter(BaseModel):
    """A filter to keep; only a supervisor may share one."""

    name: str = Field(min_length=1, max_length=LONGEST_NAME, pattern=r"\S")
    query: dict[str, str] = Field(max_length=len(NAMES) + 1)
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the list's tabs; ``count`` None: not counted."""

    name: str
    text: str
    link: str
    count: int | None
    current: bool


@router.get("/work")
async def work(viewer: CaseStaff) -> Response:
    """To the list that this role comes to work at first."""
    return RedirectResponse(WORK.get(viewer.role, "/cases"), status_code=303)


@router.get("/cases")
async def case_list(request: Request, web: WebOf, page: PageOf, viewer: CaseStaff) -> HTMLResponse:
    """The cases that the address asks for, with how many stand in each state."""
    now = web.parts.clock.now()
    listing = listing_of(request, sortable=SORTS.keys(), default="-opened_at")
    counts = await web.parts.cases.counts()
    wanted = wanted_of(web, viewer, request.query_params, frozenset(counts))
    found, listing = await _page_of_cases(web, wanted, listing)
    if any(request.query_params.get(name) for name in NAMES):
        counts = await web.parts.cases.counts(wanted)
    names = await names_of(web.parts.database)
    return page.render(
        "cases/list.html",
        cases=[_row(case, now) for case in found.cases],
        found=found,
        listing=listing,
        wanted=wanted,
        given=asked(request.query_params),
        names=names,
        tabs=_tabs(page, listing, wanted, counts, found),
        presets=await _presets(web, page, viewer, request.query_params),
        saved=await web.parts.room.saved_filters.of(viewer),
        saved_link=_saved_link,
        bulk=[action for action in BULK if action in BULK_ROLES.get(viewer.role, ())],
        closings=[(key, page.t(f"case.closing.{key}")) for key in web.parts.cases.machine.closing],
        **_choices(web, wanted),
    )


@router.get("/api/filters")
async def filters(web: WebOf, viewer: CaseStaff) -> list[KeptFilter]:
    """One's own filters and those that are shared."""
    kept = await web.parts.room.saved_filters.of(viewer)
    return [_kept(one, viewer) for one in kept]


@router.post("/api/filters")
async def keep_filter(web: WebOf, viewer: CaseStaff, wanted: WantedFilter) -> KeptFilter:
    """Keep a filter, in place of one's own of the same name."""
    try:
        kept = await web.parts.room.saved_filters.keep(
            viewer, storable(wanted.name).strip(), asked(wanted.query), shared=wanted.shared
        )
    except TooManyFilters:
        raise Conflict("too_many_filters") from None
    return _kept(kept, viewer)


@router.delete("/api/filters/{filter_id}", status_code=204)
async def forget_filter(
    web: WebOf, viewer: CaseStaff, filter_id: Annotated[int, Path(ge=1, le=2**31 - 1)]
) -> None:
    """Forget one's own filter."""
    try:
        await web.parts.room.saved_filters.forget(viewer, filter_id)
    except NoSuchFilter:
        raise NotFound("not_found") from None


def wanted_of(
    web: Web, viewer: Viewer, query: Mapping[str, str], states: frozenset[str]
) -> CaseFilter:
    """Which cases an address asks for now."""
    return filter_of(query, viewer, web.parts.clock.now(), web.parts.config.zone, states)


async def _page_of_cases(
    web: Web, wanted: CaseFilter, listing: Listing
) -> tuple[CasePage, Listing]:
    """The page that is asked for, or the last one when there are fewer."""
    deepest = DEEPEST // listing.page_size
    listing = replace(listing, page=min(listing.page, deepest))
    found = await web.parts.cases.list(
        wanted,
        sort=listing.key,
        descending=listing.descending,
        page=listing.page,
        size=listing.page_size,
    )
    listing = replace(listing, total=min(found.total, DEEPEST), more=not found.exact)
    if listing.page > listing.pages:
        return await _page_of_cases(web, wanted, replace(listing, page=listing.pages))
    return found, listing


def _row(case: Case, now: float) -> dict[str, Any]:
    due = None if case.state in ENDED else due_of(case)
    return {"case": case, "due": due, "pressure": pressure(due, now)}


def _tabs(
    page: Page, listing: Listing, wanted: CaseFilter, counts: Mapping[str, int], found: CasePage
) -> list[Tab]:
    """All, and each state with how many the filter leaves in it."""
    anywhere = replace(wanted, states=frozenset())
    # Ended cases are not counted for every filter: that would take longer than the list.
    whole = counts_all(anywhere) and not wanted.still_open
    known = found.total if found.exact and not wanted.states else None
    total = sum(counts.values()) if whole else known
    chosen = next(iter(wanted.states), "")
    tabs = [Tab("", page.t("cases.all"), listing.narrowed(state=""), total, not chosen)]
    for state in [*State, *sorted(counts.keys() - set(State))]:
        count = counts.get(state, None if state in ENDED and not whole else 0)
        if not count and state in _SELDOM and state != chosen:
            continue
        link = listing.narrowed(state=state)
        tabs.append(Tab(state, state_text(page, state), link, count, state == chosen))
    return tabs


def state_text(page: Page, state: str) -> str:
    """A state in words; its own name for one that a city added."""
    key = f"case.state.{state}"
    return page.t(key) if page.has(key) else state


async def _presets(web: Web, page: Page, viewer: Viewer, query: Mapping[str, str]) -> list[Tab]:
    given = asked(query)
    tabs = []
    for preset in PRESETS:
        wanted = wanted_of(web, viewer, preset.query, frozenset())
        counts = await web.parts.cases.counts(wanted)
        count = sum(n for state, n in counts.items() if state not in ENDED)
        link = f"/cases?{urlencode(preset.query)}"
        current = {**given, "sort": ""} == {**preset.query, "sort": ""}
        tabs.append(Tab(preset.name, page.t(f"cases.work.{preset.name}"), link, count, current))
    return tabs


def _choices(web: Web, wanted: CaseFilter) -> dict[str, Any]:
    atlas = web.parts.room.places.atlas
    category = web.parts.room.taxonomy.current.get(wanted.category)
    return {
        "category_name": category.name if category else "",
        "kinds": KINDS,
        "urgencies": URGENCIES,
        "sources": SOURCES,
        "units": [(unit.unit_id, unit.name) for unit in web.parts.room.units.all()],
        "districts": _places(atlas.of(Kind.DISTRICT)),
        "streets": _places(atlas.of(Kind.STREET)),
    }


def _places(places: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    return [(place_id, place.name) for place_id, place in places.items()]


def _saved_link(saved: SavedFilter) -> str:
    return f"/cases?{urlencode(saved.query)}"


def _kept(saved: SavedFilter, viewer: Viewer) -> KeptFilter:
    return KeptFilter(
        filter_id=saved.filter_id,
        name=saved.name,
        query=dict(saved.query),
        shared=saved.shared,
        mine=saved.owner == viewer.user_id,
    )
