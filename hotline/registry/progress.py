"""How a citizen's cases are doing: by the calling number, or for who knows a case's number and
the last four digits of the telephone that was left with it.

Nobody is told of another's case. A number that is none and digits that do not fit are answered
alike, guesses are slowed down together for page and telephone, and whatever a caller asked is
journalled. A calling number can be forged, so it opens the stage, unit and deadline of cases
only, and none that was reported in confidence.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

from sqlalchemy import or_, select

from hotline.clock import Clock
from hotline.events import ProgressAsked
from hotline.registry.lifecycle import FINAL
from hotline.registry.model import Progress
from hotline.registry.service import CaseRegistry
from hotline.registry.similar.linking import progress_of
from hotline.storage.journal import Journal
from hotline.storage.numbers import variants
from hotline.storage.tables import CaseRow
from hotline.throttle import Allowance, GuessThrottle

_MOST_LOOKED_AT = 20
MOST_TOLD = 3
TRIES_A_CALL = 3
CALL_MEMORY_S = 4 * 3600.0
TRIES_AN_HOUR = 10

# The number within the day, which is what citizens remember; shorter ends fit too many cases.
_TAIL = re.compile(r"\d{5,12}")
_NUMBER = re.compile(r"\d{13,20}")
_LAST_FOUR = re.compile(r"\d{4}")
TAIL_AGE_S = 90 * 86_400.0
# 举报: who calls from the same telephone must not learn of it.
CONFIDENTIAL = frozenset({"report"})


class AskedTooOften(Exception):
    """No answer now; ``seconds`` until the next try."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:.0f} s to wait")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Asker:
    """A caller who asks; ``calling`` is empty when the number was withheld."""

    call_id: str
    calling: str


class ProgressDesk:
    """Answers about progress.

    Each method raises :class:`AskedTooOften` and
    :class:`hotline.storage.database.DatabaseUnavailable`.
    """

    def __init__(self, registry: CaseRegistry, journal: Journal, clock: Clock) -> None:
        self._registry = registry
        self._journal = journal
        self._clock = clock
        self._guesses = GuessThrottle()
        self._in_a_call = Allowance(TRIES_A_CALL, CALL_MEMORY_S)
        self._in_an_hour = Allowance(TRIES_AN_HOUR, 3600.0)
        # Held from asking the throttle to telling it, so that no burst of guesses slips through.
        self._turn = asyncio.Lock()

    async def by_calling(self, asker: Asker) -> tuple[Progress, ...]:
        """The caller's own open cases, the newest first and :data:`MOST_TOLD` at most.

        A withheld number has none, nor has one that a case does not name as its citizen's.
        """
        if not asker.calling:
            return ()
        self._allow(self._in_an_hour, variants(asker.calling)[0])
        query = (
            select(CaseRow)
            .where(
                CaseRow.caller_phone.in_(variants(asker.calling)),
                or_(CaseRow.state.not_in(FINAL), CaseRow.merged_into != ""),
                CaseRow.anonymous.is_(False),
                CaseRow.confidential.is_(False),
                CaseRow.kind.not_in(CONFIDENTIAL),
            )
            .order_by(CaseRow.opened_at.desc(), CaseRow.case_number.desc())
            .limit(_MOST_LOOKED_AT)
        )
        async with self._journal.database.session() as session:
            mine = [await progress_of(session, row) for row in await session.scalars(query)]
        # A merged one is over when the case that it was merged into is.
        found = tuple(one for one in mine if one.state not in FINAL)[:MOST_TOLD]
        told = [ProgressAsked(asker.call_id, one.case_number, "calling", True) for one in found]
        await self._journal.append(*(told or [ProgressAsked(asker.call_id, "", "calling", False)]))
        return found

    async def by_number(self, asker: Asker, number: str, last_four: str) -> Progress | None:
        """The case that ends in these digits (the last five are enough while only one fits) and
        whose telephone ends in ``last_four``; None for whatever does not fit."""
        self._allow(self._in_a_call, asker.call_id)
        if asker.calling:
            self._allow(self._in_an_hour, variants(asker.calling)[0])
        found = await self._guess(number, last_four, f"tel:{asker.calling or 'withheld'}")
        whole = number if _NUMBER.fullmatch(number) else ""
        case_number = found.case_number if found else whole
        asked = number[:20]
        await self._journal.append(
            ProgressAsked(asker.call_id, case_number, "number", found is not None, asked)
        )
        return found

    async def by_page(self, number: str, last_four: str, address: str) -> Progress | None:
        """As :meth:`by_number`, for the public page at a network address; whole numbers only."""
        return await self._guess(number, last_four, f"net:{address}", whole=True)

    def _allow(self, allowance: Allowance, name: str) -> None:
        now = self._clock.now()
        if (wait := allowance.wait(name, now)) > 0:
            raise AskedTooOften(wait)
        allowance.use(name, now)

    async def _guess(
        self, number: str, last_four: str, address: str, *, whole: bool = False
    ) -> Progress | None:
        # A case has one counter, whether its whole number was given or an end of it.
        name = number[-5:]
        async with self._turn:
            now = self._clock.now()
            if (wait := self._guesses.wait(name, address, now)) > 0:
                raise AskedTooOften(wait)
            found = await self._find(number, last_four, now, whole=whole)
            if found is None:
                self._guesses.failed(name, address, now)
            else:
                self._guesses.succeeded(name)
            return found

    async def _find(
        self, number: str, last_four: str, now: float, *, whole: bool
    ) -> Progress | None:
        if whole or not _TAIL.fullmatch(number):
            return await self._registry.progress(number, last_four)
        if not _LAST_FOUR.fullmatch(last_four):
            return None
        query = (
            select(CaseRow)
            .where(
                CaseRow.opened_at > now - TAIL_AGE_S,
                CaseRow.case_number.endswith(number, autoescape=True),
                CaseRow.caller_phone.endswith(last_four, autoescape=True),
            )
            .limit(2)
        )
        async with self._journal.database.session() as session:
            fitting = list(await session.scalars(query))
            return await progress_of(session, fitting[0]) if len(fitting) == 1 else None
