"""Everything that a case's page shows of the tables, read in one go.

A page that asked for each of these by itself would wait for the database some fifteen times.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.cti.views import EarlierCase
from hotline.outbound.model import Placed
from hotline.outbound.service import placed
from hotline.registry.attachments.model import Attachment
from hotline.registry.attachments.service import attached
from hotline.registry.clocks.service import clock_rows
from hotline.registry.life.model import Facts
from hotline.registry.life.stepping import Stepper
from hotline.registry.lifecycle import FINAL
from hotline.registry.model import Case, NoSuchCase
from hotline.registry.personal import resolve
from hotline.registry.similar import finding
from hotline.registry.similar.engine import look_of
from hotline.registry.similar.model import Link, Rules
from hotline.storage import journal_reading
from hotline.storage.pops import earlier_cases
from hotline.storage.tables import CallRow, CaseRow, ReportRow
from hotline.storage.tables_clocks import CaseClockRow
from hotline.web.names import Person, names_among, read_people
from hotline.web.ports import Record
from hotline.web.web import Web

_CASE_RECORDS = 10_000
_CALL_RECORDS = 1_000


@dataclass(frozen=True, slots=True)
class HeldCase:
    """A case and what the tables hold about it.

    ``records`` are those of the case and of its call, without what became of the call's other
    cases; ``earlier`` are other cases of its number; ``following`` is the next case in its state,
    by age, the oldest one after the newest: empty when there is none, or the case has ended.
    ``alike`` are cases among which those about the same matter are.
    """

    case: Case
    life: Facts
    clocks: Sequence[CaseClockRow]
    call: CallRow | None
    report: ReportRow | None
    records: Sequence[Record]
    earlier: tuple[EarlierCase, ...]
    following: str
    people: Sequence[Person]
    names: Mapping[str, str]
    placed: Sequence[Placed]
    attachments: Sequence[Attachment]
    alike: Sequence[Any]
    links: Sequence[Link]


async def read_case(web: Web, case_number: str) -> HeldCase:
    """Read it. Raises :class:`NoSuchCase`,
    :class:`hotline.storage.database.DatabaseUnavailable`."""
    stepper, rules = web.parts.cases.stepper, web.parts.room.matters.rules
    return await web.parts.database.read(partial(_read, case_number, stepper, rules))


def _read(case_number: str, stepper: Stepper, rules: Rules, session: Session) -> HeldCase:
    row = session.get(CaseRow, case_number)
    if row is None:
        raise NoSuchCase(case_number)
    case = Case.of(row)
    earlier = earlier_cases(session, case.caller_phone)
    people = read_people(session)
    return HeldCase(
        case=case,
        life=stepper.read_facts(session, row),
        clocks=clock_rows(session, case_number),
        call=session.get(CallRow, case.call_id) if case.call_id else None,
        report=session.get(ReportRow, case.report_id) if case.report_id else None,
        records=_records(session, case),
        earlier=tuple(one for one in earlier if one.case_number != case_number),
        following=_following(session, case),
        people=people,
        names=names_among(session, people),
        placed=placed(session, case_number),
        attachments=attached(session, case_number),
        alike=_alike(session, case, rules),
        links=finding.links(session, case_number),
    )


def _records(session: Session, case: Case) -> Sequence[Record]:
    own = resolve(session, journal_reading.of_case(session, case.case_number, _CASE_RECORDS))
    if not case.call_id:
        return own
    of_call = journal_reading.of_call(session, case.call_id, _CALL_RECORDS)
    return [*own, *(one for one in of_call if not getattr(one.event, "case_number", ""))]


def _following(session: Session, case: Case) -> str:
    if case.state in FINAL:
        return ""
    others = (
        select(CaseRow.case_number)
        .where(CaseRow.state == case.state, CaseRow.case_number != case.case_number)
        .order_by(CaseRow.opened_at, CaseRow.case_number)
        .limit(1)
    )
    later = CaseRow.opened_at >= case.opened_at, CaseRow.case_number > case.case_number
    return session.scalar(others.where(*later)) or session.scalar(others) or ""


def _alike(session: Session, case: Case, rules: Rules) -> Sequence[Any]:
    if case.merged_into:
        return ()
    return finding.alike(session, look_of(case), rules, but=case.case_number)
