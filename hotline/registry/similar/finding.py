"""Cases that may be about the same matter, and links, as they are read.

What takes a session reads in it (:meth:`hotline.storage.database.Database.read`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from hotline.registry.life.model import State
from hotline.registry.places.geometry import degrees_around
from hotline.registry.similar.engine import compare, look_of, ranked
from hotline.registry.similar.model import OTHER_SIDE, Link, Look, Rules, Similar
from hotline.storage.tables import CaseRow
from hotline.storage.tables_places import CaseLinkRow

MOST_LOOKED_AT = 300
_ENDED = (State.VOID.value, State.NOT_FILED.value)
_MOST_SHOWN = 10
LOOK = (
    CaseRow.case_number, CaseRow.opened_at, CaseRow.standard, CaseRow.category_code,
    CaseRow.longitude, CaseRow.latitude, CaseRow.grid, CaseRow.address, CaseRow.description,
    CaseRow.state, CaseRow.category_name, CaseRow.unit, CaseRow.reports, CaseRow.confidential,
)  # fmt: skip


def alike(session: Session, look: Look, rules: Rules, but: str = "") -> Sequence[Any]:
    """The newest cases, as :data:`LOOK`, among which those about the same matter are; without the
    case ``but``."""
    query = (
        select(*LOOK)
        .where(
            CaseRow.state.not_in(_ENDED),
            CaseRow.case_number != but,
            _may_be(look, rules),
        )
        .order_by(CaseRow.opened_at.desc())
        .limit(MOST_LOOKED_AT)
    )
    return session.execute(query).all()


def likeliest(look: Look, rows: Sequence[Any], rules: Rules) -> list[Similar]:
    """Those of the rows that are about the same matter, the likeliest first."""
    by_number = {row.case_number: row for row in rows}
    found = [(number, compare(look, look_of(row), rules)) for number, row in by_number.items()]
    order = ranked([(number, evidence) for number, evidence in found if evidence is not None])
    return [_similar(by_number[number], evidence) for number, evidence in order[:_MOST_SHOWN]]


def links(session: Session, case_number: str) -> list[Link]:
    """The links of a case that stand, the oldest first."""
    query = (
        select(CaseLinkRow)
        .where(
            or_(CaseLinkRow.case_number == case_number, CaseLinkRow.other == case_number),
            CaseLinkRow.undone_at.is_(None),
        )
        .order_by(CaseLinkRow.link_id)
    )
    rows = session.scalars(query).all()
    numbers = {one for row in rows for one in (row.case_number, row.other)}
    if not numbers:
        return []
    found = session.scalars(select(CaseRow).where(CaseRow.case_number.in_(numbers)))
    cases = {row.case_number: row for row in found}
    return [_link(row, case_number, cases) for row in rows]


def _may_be(look: Look, rules: Rules) -> ColumnElement[bool]:
    """What the database can rule out quickly; the rest is compared."""
    when = CaseRow.opened_at.between(look.at - rules.seconds, look.at + rules.seconds)
    here: ColumnElement[bool] | None = None
    if look.point is not None:
        wide, high = degrees_around(look.point[1], rules.metres)
        here = and_(
            CaseRow.longitude.between(look.point[0] - wide, look.point[0] + wide),
            CaseRow.latitude.between(look.point[1] - high, look.point[1] + high),
        )
    if look.category_code:
        unknown_place = CaseRow.longitude.is_(None)
        there = or_(here, unknown_place) if here is not None else CaseRow.case_number != ""
        # The time with each class: SQLite then looks up both in one index, and not every case
        # that a class ever had.
        same = and_(CaseRow.category_code == look.category_code, when, there)
        return or_(same, and_(CaseRow.category_code.is_(None), when, there))
    if here is not None:
        return and_(when, or_(here, CaseRow.longitude.is_(None)))
    return and_(when, CaseRow.address != "")


def _similar(row: Any, evidence: Any) -> Similar:
    found = Similar(
        case_number=row.case_number,
        state=row.state,
        opened_at=row.opened_at,
        category_name=row.category_name or "",
        address=row.address,
        description=row.description,
        unit=row.unit,
        reports=row.reports,
        evidence=evidence,
    )
    # What a citizen said in confidence is read on the case's own page.
    return replace(found, description="") if row.confidential else found


def _link(row: CaseLinkRow, number: str, cases: dict[str, CaseRow]) -> Link:
    own = row.case_number == number
    other = row.other if own else row.case_number
    return Link(
        link_id=row.link_id,
        other=other,
        relation=row.relation if own else OTHER_SIDE[row.relation],
        why=row.why,
        by=row.by,
        at=row.at,
        state=cases[other].state,
        category_name=cases[other].category_name or "",
        evidence=dict(row.evidence),
    )
