"""Agents' telephones: the self-test's verdict, and the supervisor's page of lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field
from sqlalchemy import select

from hotline import events
from hotline.phones.checking import Measures, judge
from hotline.phones.limits import Line
from hotline.storage.tables_phones import PhoneCheckRow
from hotline.web.access import CaseStaff, SupervisorOnly
from hotline.web.errors import Conflict
from hotline.web.names import names_of
from hotline.web.page import PageOf
from hotline.web.ports import Record
from hotline.web.web import Web, WebOf

router = APIRouter()

_HISTORY_S = 7 * 86_400.0
_MOST_SHOWN = 100
_BATCH = 1000
_TROUBLES = (events.OneWayAudio, events.LineMeasured)

_Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
_Milliseconds = Annotated[float, Field(ge=0, le=60_000, allow_inf_nan=False)]


class MeasuredLine(BaseModel):
    """A line's numbers by the browser's statistics; None for unknown."""

    loss: _Share | None = None
    jitter_ms: _Milliseconds | None = None
    round_trip_ms: _Milliseconds | None = None


class SelfTest(BaseModel):
    """What a page measured, as :class:`hotline.phones.checking.Measures`."""

    microphone_db: Annotated[float, Field(ge=-200, le=20, allow_inf_nan=False)] | None
    clipped: _Share = 0.0
    heard: bool | None = None
    call: str = Field("", max_length=100)
    tones: int = Field(0, ge=0, le=100)
    echoes: int = Field(0, ge=0, le=100)
    echo_ms: _Milliseconds | None = None
    line: MeasuredLine = MeasuredLine()


class SelfTestVerdict(BaseModel):
    """The verdict (good, usable or unfit) and its faults: keys of ``phone.fault.`` words."""

    verdict: str
    faults: list[str]


@dataclass(frozen=True, slots=True)
class Phone:
    """Somebody's phone, as the supervisor sees it: the last self-test (None: never), and how
    often in the last days nothing arrived from a side, or the line was not good."""

    name: str
    extension: str
    check: PhoneCheckRow | None
    one_way: int
    bad_lines: int


@router.post(
    "/api/phone/check",
    responses={
        409: {"description": "The account has no phone."},
        422: {"description": "Measures that cannot be."},
    },
)
async def keep_check(web: WebOf, viewer: CaseStaff, test: SelfTest) -> SelfTestVerdict:
    """Judge a self-test and keep it."""
    if viewer.extension is None:
        raise Conflict("no_extension")
    measures = Measures(
        test.microphone_db,
        test.clipped,
        test.heard,
        test.call,
        test.tones,
        test.echoes,
        test.echo_ms,
        Line(**test.line.model_dump()),
    )
    found = judge(measures)
    await web.parts.journal.append(
        events.PhoneChecked(
            viewer.user_id,
            viewer.extension,
            str(found.verdict),
            found.faults,
            asdict(measures),
        )
    )
    return SelfTestVerdict(verdict=str(found.verdict), faults=list(found.faults))


@router.get("/board/phones")
async def phones_page(web: WebOf, page: PageOf, viewer: SupervisorOnly) -> HTMLResponse:
    """Who has a bad phone or line: last self-tests, and what was noticed in talks."""
    troubles = await _troubles(web)
    return page.render(
        "phones/phones.html",
        phones=await _phones(web, troubles),
        troubles=troubles[:_MOST_SHOWN],
        names=await names_of(web.parts.database),
    )


async def _troubles(web: Web) -> Sequence[Record]:
    """What was noticed of lines in the last seven days, the newest first."""
    since, after = web.parts.clock.now() - _HISTORY_S, 0
    found: list[Record] = []
    while batch := await web.parts.journal.read(after, _BATCH, kinds=_TROUBLES, since=since):
        after = batch[-1].seq
        found += batch
    return found[::-1]


async def _phones(web: Web, troubles: Sequence[Record]) -> Sequence[Phone]:
    checks = await _checks(web)
    counts = Counter(
        (record.event.agent_id, type(record.event))
        for record in troubles
        if isinstance(record.event, _TROUBLES)
    )
    return [
        Phone(
            row.name,
            row.extension,
            checks.get(row.user_id),
            counts[row.user_id, events.OneWayAudio],
            counts[row.user_id, events.LineMeasured],
        )
        for row in await web.parts.accounts.everybody()
        if row.active and row.extension
    ]


async def _checks(web: Web) -> Mapping[str, PhoneCheckRow]:
    async with web.parts.database.session() as session:
        rows = await session.scalars(select(PhoneCheckRow))
        return {row.agent_id: row for row in rows}
