"""A verifier's own day, for their own eyes: counts with their wholes; unknown is unknown.

Read from the journal each time it is asked for; nobody is compared with anybody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from hotline.registry.lifecycle import Action, State
from hotline.storage.database import Database
from hotline.storage.tables import CaseRow, JournalRow, ReportRow


@dataclass(frozen=True, slots=True)
class VerifierDay:
    """The day so far. ``confirmed`` of ``verified``: reports taken out of the list that were so.

    ``heard`` of them have a recording of known length, together ``heard_s`` seconds; ``unknown``
    have none. They had waited ``waited_s`` seconds together, counted for ``waits`` of them: a case
    that was taken out since does not say. ``passed`` of ``checked``: cases whose handling was
    looked at.
    """

    verified: int = 0
    confirmed: int = 0
    heard: int = 0
    heard_s: float = 0.0
    unknown: int = 0
    waits: int = 0
    waited_s: float = 0.0
    checked: int = 0
    passed: int = 0


@dataclass(frozen=True, slots=True)
class Deed:
    """One step that somebody took at ``at``, with what is known of its case: when it was opened,
    and how long its report is (None for unknown)."""

    action: str
    from_state: str
    at: float
    opened_at: float | None
    seconds: float | None


async def verifier_day(database: Database, user_id: str, since: float) -> VerifierDay:
    """Somebody's day from ``since`` on.

    Raises :class:`hotline.storage.database.DatabaseUnavailable`.
    """
    told = JournalRow.data
    async with database.session() as session:
        first = await session.scalar(select(func.min(JournalRow.seq)).where(JournalRow.at >= since))
        if first is None:
            return VerifierDay()
        query = (
            select(
                told["action"].as_string(),
                told["from_state"].as_string(),
                JournalRow.at,
                CaseRow.opened_at,
                ReportRow.seconds,
            )
            .outerjoin(CaseRow, CaseRow.case_number == JournalRow.case_number)
            .outerjoin(ReportRow, ReportRow.report_id == CaseRow.report_id)
            # The day is one stretch of the journal, however old that is.
            .where(JournalRow.seq >= first, JournalRow.kind == "CaseMoved")
            .where(
                told["by"].as_string() == user_id,
                told["from_state"].as_string().in_((State.TO_VERIFY, State.TO_CHECK)),
            )
            .order_by(JournalRow.seq)
        )
        return day_of(Deed(*row) for row in (await session.execute(query)).all())


def day_of(deeds: Iterable[Deed]) -> VerifierDay:
    """The day that somebody's steps tell."""
    steps = tuple(deeds)
    verified = [one for one in steps if one.from_state == State.TO_VERIFY]
    lengths = [one.seconds for one in verified if one.seconds is not None]
    waits = [max(0.0, one.at - one.opened_at) for one in verified if one.opened_at is not None]
    checks = [one.action for one in steps if one.action in (Action.CHECK_PASS, Action.CHECK_FAIL)]
    return VerifierDay(
        verified=len(verified),
        confirmed=sum(one.action == Action.VERIFY for one in verified),
        heard=len(lengths),
        heard_s=sum(lengths),
        unknown=len(verified) - len(lengths),
        waits=len(waits),
        waited_s=sum(waits),
        checked=len(checks),
        passed=checks.count(Action.CHECK_PASS),
    )
