"""Many cases at once: one step for all that are chosen, and lists taken out as files."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from hotline.masking import mask_number
from hotline.registry.desks import bulk
from hotline.registry.desks.exports import MOST_ROWS
from hotline.registry.due import due_of
from hotline.registry.forms import WHY_LENGTH
from hotline.registry.life.model import Inputs
from hotline.registry.lifecycle import Action
from hotline.registry.model import Case
from hotline.storage.tables import ENDED
from hotline.web.access import CaseStaff
from hotline.web.case_filters import asked
from hotline.web.case_lists import state_text, wanted_of
from hotline.web.formats import moment
from hotline.web.names import names_of
from hotline.web.page import Page, PageOf
from hotline.web.web import Web, WebOf

router = APIRouter()

# What Excel would take for a formula when it opens a CSV file.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_COLUMNS = (
    "number", "state", "urgency", "kind", "source", "category", "address", "description", "unit",
    "owner", "caller_name", "caller_phone", "opened", "due", "closed", "urgings", "supervision",
)  # fmt: skip


class ChosenCase(BaseModel):
    """A case as it was seen."""

    number: str = Field(min_length=1, max_length=20)
    version: Annotated[int, Field(ge=0, le=2**31 - 1)]


class WantedSteps(BaseModel):
    """One step for many cases. ``why`` is the reason for each; ``unit_id`` who shall handle them,
    ``level`` how strongly they are urged or supervised, ``closing`` and ``condition`` the
    conditions of closing and filing."""

    action: Action
    cases: list[ChosenCase] = Field(min_length=1, max_length=bulk.MOST)
    why: str = Field("", max_length=WHY_LENGTH)
    unit_id: str = Field("", max_length=32)
    level: Annotated[int, Field(ge=1, le=9)] | None = None
    closing: str = Field("", max_length=64)
    condition: str = Field("", max_length=64)


class StepOutcome(BaseModel):
    """How the step ended for one case; ``message`` says why nothing was done."""

    number: str
    done: bool
    state: str
    version: int | None
    error: str
    message: str


class StepOutcomes(BaseModel):
    """How the step ended, case by case, in the order in which they were named."""

    results: list[StepOutcome]
    done: int
    failed: int


@router.post("/api/cases/bulk")
async def act(web: WebOf, page: PageOf, viewer: CaseStaff, wanted: WantedSteps) -> StepOutcomes:
    """Take one step for many cases, each by itself: one that cannot be taken stops no other."""
    chosen = [bulk.Chosen(one.number, one.version) for one in wanted.cases]
    unit = web.parts.room.units.get(wanted.unit_id) if wanted.unit_id else None
    inputs = Inputs(
        why=wanted.why,
        unit=unit.name if unit else "",
        unit_id=wanted.unit_id,
        level=wanted.level,
        closing=wanted.closing,
        condition=wanted.condition,
        owner=viewer.user_id if wanted.action == Action.FILE else "",
    )
    outcomes = await bulk.act(web.parts.cases, chosen, wanted.action, viewer, inputs)
    names = await names_of(web.parts.database)
    results = [_told(page, one, names) for one in outcomes]
    done = sum(one.done for one in results)
    return StepOutcomes(results=results, done=done, failed=len(results) - done)


@router.get(
    "/api/cases/export",
    response_class=Response,
    responses={200: {"content": {kind: {} for kind in _TYPES.values()}}},
)
async def export(
    request: Request,
    web: WebOf,
    page: PageOf,
    viewer: CaseStaff,
    format: Annotated[Literal["csv", "xlsx"], Query()] = "xlsx",
) -> Response:
    """The newest cases of a list, at most 10,000, as a file; names and numbers are masked, and
    who took it is journalled. The header ``X-Rows-Limited`` says whether some were left out."""
    wanted = wanted_of(web, viewer, request.query_params, frozenset())
    filters = asked(request.query_params)
    cases, limited = await web.parts.room.exports.take(wanted, viewer, format, filters)
    names = await names_of(web.parts.database)
    rows = [[page.t(f"cases.export.{name}") for name in _COLUMNS]]
    rows += [_line(web, page, case, names) for case in cases]
    if limited:
        rows.append([page.t("cases.export.limited", most=MOST_ROWS)])
    body = await asyncio.to_thread(_csv if format == "csv" else _xlsx, rows)
    headers = {
        "Content-Disposition": f'attachment; filename="cases.{format}"',
        "X-Rows-Limited": "true" if limited else "false",
    }
    return Response(body, media_type=_TYPES[format], headers=headers)


def _told(page: Page, one: bulk.Outcome, names: Mapping[str, str]) -> StepOutcome:
    return StepOutcome(
        number=one.case_number,
        done=not one.fault,
        state=one.state,
        version=one.version,
        error=one.fault,
        message=_why_not(page, one, names) if one.fault else "",
    )


def _why_not(page: Page, one: bulk.Outcome, names: Mapping[str, str]) -> str:
    if one.fault == "conflict":
        return page.t("case.changed_by_short", who=names.get(one.changed_by, one.changed_by))
    if one.fault == "bad_form":
        faults = ((name, key.removeprefix("form.")) for name, key in one.fields.items())
        return "；".join(
            page.t("cases.bulk.field", field=_field(page, name), fault=_fault(page, key))
            for name, key in faults
        )
    key = f"error.{one.fault}"
    return page.t(key) if page.has(key) else one.fault


def _field(page: Page, name: str) -> str:
    key = f"case.{name}"
    return page.t(key) if page.has(key) else name


def _fault(page: Page, key: str) -> str:
    key = f"error.field.{key}"
    return page.t(key) if page.has(key) else page.t("error.field.wrong")


def _line(web: Web, page: Page, case: Case, names: Mapping[str, str]) -> list[str]:
    zone = web.parts.config.zone
    hidden = case.anonymous or case.confidential
    due = None if case.state in ENDED else due_of(case)
    return [
        case.case_number,
        state_text(page, case.state),
        page.t(f"case.urgency.{case.urgency}"),
        page.t(f"case.kind.{case.kind}") if case.kind else "",
        page.t(f"case.source.{case.source}"),
        case.category_name or "",
        case.address,
        case.description,
        case.unit,
        names.get(case.owner, case.owner),
        "" if hidden or not case.caller_name else f"{case.caller_name[0]}**",
        "" if hidden or not case.caller_phone else mask_number(case.caller_phone),
        moment(case.opened_at, zone),
        moment(due, zone) if due is not None else "",
        moment(case.closed_at, zone) if case.closed_at is not None else "",
        str(case.urgings),
        str(case.supervision),
    ]


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    # With the mark by which Excel knows UTF-8.
    return text.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _xlsx(rows: Iterable[Sequence[str]]) -> bytes:
    # Imported by the first workbook: no start of the controller waits for it.
    from openpyxl import Workbook  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet("cases")
    for row in rows:
        sheet.append([_harmless(_printable(cell)) for cell in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _printable(cell: str) -> str:
    # XML knows no control characters.
    return "".join(each for each in cell[:32_000] if each >= " " or each in "\n\t")
