"""What the tables know of a call that pops, read in one go.

Each function takes the session that it reads in (:meth:`hotline.storage.database.Database.read`).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.cti.views import EarlierCall, EarlierCase, StoryLine
from hotline.storage.numbers import variants
from hotline.storage.tables import CallRow, CaseRow, DraftRow, ReportRow, UserRow
from hotline.storage.tables_transfers import HandoverRow

# As many earlier calls and cases as a screen-pop shows.
NEWEST = 5


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """A half-filled form: how far its writer brought it (``revision``), and whose it is (``of``,
    empty for the agent's own)."""

    form: dict[str, object]
    revision: int = 0
    of: str = ""


@dataclass(frozen=True, slots=True)
class PopFacts:
    """A call and what is known of it and of its number; ``case_number`` is empty until the form was
    saved."""

    call: CallRow
    draft: DraftFacts
    calls: tuple[EarlierCall, ...]
    cases: tuple[EarlierCase, ...]
    story: tuple[StoryLine, ...]
    case_number: str


def pop_facts(session: Session, call_id: str, user_id: str) -> PopFacts | None:
    """All of it, as ``user_id`` is shown it; None for a call that is not known."""
    call = session.get(CallRow, call_id)
    if call is None:
        return None
    return PopFacts(
        call=call,
        draft=draft(session, call_id, user_id),
        calls=earlier_calls(session, call.calling, call.arrived_at),
        cases=earlier_cases(session, call.calling),
        story=_story(session, call_id),
        case_number=case_of_call(session, call_id),
    )


def draft(session: Session, call_id: str, user_id: str) -> DraftFacts:
    """What the agent typed into a call's form and has not saved; otherwise what a colleague who had
    the call before did. Its revision is the agent's own."""
    row = session.get(DraftRow, (call_id, user_id))
    revision = 0 if row is None else row.revision
    if row is not None and row.form:
        return DraftFacts(dict(row.form), revision)
    query = (
        select(DraftRow.form, DraftRow.user_id, UserRow.name)
        .outerjoin(UserRow, UserRow.user_id == DraftRow.user_id)
        .where(DraftRow.call_id == call_id, DraftRow.user_id != user_id)
        .order_by(DraftRow.saved_at.desc())
        .limit(1)
    )
    other = session.execute(query).first()
    if other is None:
        return DraftFacts({}, revision)
    return DraftFacts(dict(other.form), revision, other.name or other.user_id)


def case_of_call(session: Session, call_id: str) -> str:
    """The number of the case that was opened from a call's form; empty for none."""
    query = select(CaseRow.case_number).where(
        CaseRow.call_id == call_id, CaseRow.report_id.is_(None)
    )
    return session.scalars(query).first() or ""


def earlier_calls(session: Session, number: str, before: float) -> tuple[EarlierCall, ...]:
    """The newest calls of a number that arrived before an instant, newest first.

    Their outcome is answered, handed_over (another service took it), reported (a spoken report was
    kept), abandoned, living or unserved. A withheld number has none.
    """
    if not number:
        return ()
    reported = (
        select(ReportRow.call_id)
        .where(ReportRow.call_id == CallRow.call_id, ReportRow.recorded_at.is_not(None))
        .exists()
    )
    handed_over = (
        select(HandoverRow.call_id)
        .where(HandoverRow.call_id == CallRow.call_id, HandoverRow.joined_at.is_not(None))
        .exists()
    )
    query = (
        select(CallRow, UserRow.name, reported, handed_over)
        .outerjoin(UserRow, UserRow.user_id == CallRow.agent_id)
        .where(CallRow.calling.in_(variants(number)), CallRow.arrived_at < before)
        .order_by(CallRow.arrived_at.desc())
        .limit(NEWEST)
    )
    return tuple(
        _earlier(call, name, _outcome(call, kept, handed))
        for call, name, kept, handed in session.execute(query)
    )


def earlier_cases(session: Session, number: str) -> tuple[EarlierCase, ...]:
    """The newest cases that name a number, newest first. A withheld number has none."""
    if not number:
        return ()
    query = (
        select(CaseRow)
        .where(CaseRow.caller_phone.in_(variants(number)))
        .order_by(CaseRow.opened_at.desc())
        .limit(NEWEST)
    )
    return tuple(
        EarlierCase(
            case_number=row.case_number,
            state=row.state,
            opened_at=row.opened_at,
            category_name=row.category_name or "",
            address=row.address,
            description=row.description,
        )
        for row in session.scalars(query)
    )


def _story(session: Session, call_id: str) -> tuple[StoryLine, ...]:
    query = (
        select(HandoverRow, UserRow.name.label("by"))
        .outerjoin(UserRow, UserRow.user_id == HandoverRow.agent_id)
        .where(HandoverRow.call_id == call_id)
        .order_by(HandoverRow.started_at, HandoverRow.seq)
    )
    return tuple(
        StoryLine(
            row.started_at,
            by or row.agent_id,
            row.mode,
            row.name or row.target,
            row.note,
            row.outcome,
        )
        for row, by in session.execute(query)
    )


def _earlier(call: CallRow, agent_name: str | None, outcome: str) -> EarlierCall:
    talked = None
    if call.answered_at is not None and call.talk_ended_at is not None:
        talked = call.talk_ended_at - call.answered_at
    return EarlierCall(
        call_id=call.call_id,
        arrived_at=call.arrived_at,
        agent_name=(agent_name or call.agent_id or "") if call.answered_at is not None else "",
        talked_s=talked,
        outcome=outcome,
    )


def _outcome(call: CallRow, reported: bool, handed_over: bool) -> str:
    if call.answered_at is not None:
        return "answered"
    if handed_over:
        return "handed_over"
    if reported:
        return "reported"
    if call.abandoned_at is not None:
        return "abandoned"
    return "living" if call.ended_at is None else "unserved"
