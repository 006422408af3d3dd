"""What a flow may know of whoever calls, held in memory: nobody waits for the database.

Read from the tables once, then kept by following the journal.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable

from sqlalchemy import ColumnElement, Select, select

from hotline.callback.model import State as CallbackState
from hotline.callers import priority
from hotline.callers.model import DAY_S
from hotline.callers.service import CallerDesk
from hotline.events import CallArrived, Event
from hotline.registry.lifecycle import FINAL
from hotline.storage.journal import Journal, Kinds
from hotline.storage.numbers import canonical
from hotline.storage.records import Record
from hotline.storage.tables import CallbackTaskRow, CallRow, CaseRow


class CallerFacts:
    """Tells the facts. ``load`` before the first call, and keep ``run`` running."""

    def __init__(self, desk: CallerDesk, journal: Journal) -> None:
        self._desk = desk
        self._journal = journal
        self._arrivals: deque[tuple[float, str]] = deque()
        self._calls: Counter[str] = Counter()
        self._open_cases = _ByNumber()
        self._missed = _ByNumber()
        self._seq = 0

    async def load(self, now: float) -> None:
        """Learn what the tables know. Raises
        :class:`hotline.storage.database.DatabaseUnavailable`."""
        self._seq = self._journal.last_seq
        calls = select(CallRow.arrived_at, CallRow.calling).where(
            CallRow.arrived_at > now - DAY_S, CallRow.calling != ""
        )
        async with self._journal.database.session() as session:
            for at, calling in await session.execute(calls.order_by(CallRow.arrived_at)):
                self._arrived(at, calling)
            self._open_cases.replace(await session.execute(_open_cases()))
            self._missed.replace(await session.execute(_missed()))

    async def run(self) -> None:
        """Keep what is known up to date. Raises
        :class:`hotline.storage.journal.JournalUnavailable`; run again, it misses nothing."""
        async for record in self._journal.follow(self._seq, _kinds()):
            await self._take(record)
            self._seq = record.seq

    def __call__(self, calling: str, now: float) -> dict[str, object]:
        """The facts of a call from this number, for branches and
        :func:`hotline.callers.priority.priority_of`.

        ``caller.rule``: none, announce, lower or report. ``caller.open_cases`` and
        ``caller.calls_24h`` (this call included) are numbers, ``caller.missed`` is yes or no.
        Of a withheld number nothing but the rule is known: none.
        """
        rule = self._desk.rule_for(calling, now)
        facts: dict[str, object] = {priority.RULE: rule.effect.value if rule else "none"}
        if calling:
            self._forget(now)
            number = canonical(calling)
            facts[priority.OPEN_CASES] = self._open_cases.count(number)
            facts[priority.CALLS_24H] = self._calls[number]
            facts[priority.MISSED] = "yes" if self._missed.count(number) else "no"
        return facts

    async def _take(self, record: Record) -> None:
        if isinstance(record.event, CallArrived) and record.event.calling:
            self._arrived(record.at, record.event.calling)
        elif case_number := getattr(record.event, "case_number", ""):
            await self._look_again(case_number)

    async def _look_again(self, case_number: str) -> None:
        async with self._journal.database.session() as session:
            cases = await session.execute(_open_cases(CaseRow.case_number == case_number))
            self._open_cases.put(case_number, cases)
            missed = await session.execute(_missed(CallbackTaskRow.case_number == case_number))
            self._missed.put(case_number, missed)

    def _arrived(self, at: float, calling: str) -> None:
        self._forget(at)
        number = canonical(calling)
        self._arrivals.append((at, number))
        self._calls[number] += 1

    def _forget(self, now: float) -> None:
        while self._arrivals and self._arrivals[0][0] <= now - DAY_S:
            _, number = self._arrivals.popleft()
            self._calls[number] -= 1
            if not self._calls[number]:
                del self._calls[number]


class _ByNumber:
    """Cases by the number they name."""

    def __init__(self) -> None:
        self._number_of: dict[str, str] = {}
        self._counts: Counter[str] = Counter()

    def count(self, number: str) -> int:
        return self._counts[number]

    def replace(self, rows: Iterable[tuple[str, str]]) -> None:
        """Know exactly these pairs of a case and its number."""
        self._number_of = {case_number: canonical(phone) for case_number, phone in rows}
        self._counts = Counter(self._number_of.values())

    def put(self, case_number: str, rows: Iterable[tuple[str, str]]) -> None:
        """Know this case by the number in ``rows``, or no more when there is none."""
        if old := self._number_of.pop(case_number, ""):
            self._counts[old] -= 1
        for _, phone in rows:
            number = self._number_of[case_number] = canonical(phone)
            self._counts[number] += 1


def _kinds() -> Kinds:
    """Calls, and whatever happens to a case."""
    cases = (kind for kind in Event.kinds.values() if "case_number" in kind.__slots__)
    return frozenset({CallArrived, *cases})


def _open_cases(*narrowed: ColumnElement[bool]) -> Select[str, str]:
    query = select(CaseRow.case_number, CaseRow.caller_phone)
    return query.where(CaseRow.state.not_in(FINAL), CaseRow.caller_phone != "", *narrowed)


def _missed(*narrowed: ColumnElement[bool]) -> Select[str, str]:
    task = CallbackTaskRow
    query = select(task.case_number, task.phone)
    return query.where(task.state == CallbackState.OPEN, task.unreached > 0, *narrowed)
