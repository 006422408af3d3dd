"""What is known of whoever calls, held in memory: nobody waits for the database.

Read from the tables once, then kept by following the journal. The last talks of many days are read
after the start, a page at a time: until then they are known for nobody.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, select, tuple_

from hotline.callback.model import State as CallbackState
from hotline.callers import priority
from hotline.callers.familiar import Familiar, Familiars, OpenCase
from hotline.callers.model import DAY_S
from hotline.callers.service import CallerDesk
from hotline.events import CallAnswered, CallArrived, CallEnded, Event
from hotline.registry.lifecycle import FINAL
from hotline.storage.journal import Journal, Kinds
from hotline.storage.numbers import canonical
from hotline.storage.records import Record
from hotline.storage.tables import CallbackTaskRow, CallRow, CaseRow
from hotline.waiting.model import IN_PLACE_IDS, is_place

# A page of talks is read in some milliseconds, in which no caller is led.
PAGE = 500


class CallerFacts:
    """Tells the facts. ``load`` before the first call, and keep ``run`` running.

    ``familiar_days`` is for how long the agent of a number's last talk is asked first; 0: nobody
    is asked first.
    """

    def __init__(self, desk: CallerDesk, journal: Journal, familiar_days: float = 0.0) -> None:
        self._desk = desk
        self._journal = journal
        self._familiars = Familiars(familiar_days)
        self._numbers: dict[str, str] = {}
        self._talks_since: float | None = None
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
            CallRow.arrived_at > now - DAY_S,
            CallRow.calling != "",
            # A kept place is no further call of the citizen's.
            ~CallRow.call_id.contains(IN_PLACE_IDS, autoescape=True),
        )
        living = select(CallRow.call_id, CallRow.calling).where(
            CallRow.ended_at.is_(None), CallRow.calling != ""
        )
        async with self._journal.database.session() as session:
            for at, calling in await session.execute(calls.order_by(CallRow.arrived_at)):
                self._arrived(at, calling)
            for call_id, calling in await session.execute(living):
                self._numbers[call_id] = canonical(calling)
            cases = [_open_case(row) for row in await session.execute(_open_cases())]
            self._missed.replace(await session.execute(_missed()))
        self._open_cases.replace((case.case_number, case.number) for case in cases)
        self._familiars.replace_cases(cases)
        if self._familiars.lasts_s:
            self._talks_since = now - self._familiars.lasts_s

    async def run(self) -> None:
        """Keep what is known up to date. Raises
        :class:`hotline.storage.journal.JournalUnavailable`; run again, it misses nothing."""
        if self._talks_since is not None:
            await self._learn_talks(self._talks_since)
            self._talks_since = None
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

    def familiar(self, calling: str, now: float) -> tuple[Familiar, ...]:
        """The agents who know this number, in the order in which they are to be asked first;
        nobody for a withheld number, or one that a rule in force is about."""
        if not calling or self._desk.rule_for(calling, now):
            return ()
        return self._familiars.of(canonical(calling), now)

    async def _learn_talks(self, since: float) -> None:
        """Read who answered which number since then. Talks that are read twice change nothing."""
        after: tuple[float, str] = (since, "")
        while True:
            async with self._journal.database.session() as session:
                page = (await session.execute(_talks(after))).all()
            for _, _, calling, agent_id, answered_at in page:
                if agent_id and answered_at is not None:
                    self._familiars.talked(canonical(calling), agent_id, answered_at)
            if len(page) < PAGE:
                return
            after = (page[-1][0], page[-1][1])

    async def _take(self, record: Record) -> None:
        match record.event:
            case CallArrived(call_id=call_id, calling=calling):
                if calling:
                    self._numbers[call_id] = canonical(calling)
                if calling and not is_place(call_id):
                    self._arrived(record.at, calling)
            case CallAnswered(call_id=call_id, agent_id=agent_id):
                if agent_id and (number := self._numbers.get(call_id)):
                    self._familiars.talked(number, agent_id, record.at)
            case CallEnded(call_id=call_id):
                self._numbers.pop(call_id, None)
            case event if case_number := getattr(event, "case_number", ""):
                await self._look_again(case_number)

    async def _look_again(self, case_number: str) -> None:
        async with self._journal.database.session() as session:
            found = await session.execute(_open_cases(CaseRow.case_number == case_number))
            cases = [_open_case(row) for row in found]
            missed = await session.execute(_missed(CallbackTaskRow.case_number == case_number))
            self._missed.put(case_number, missed)
        self._open_cases.put(case_number, ((case.case_number, case.number) for case in cases))
        self._familiars.put_case(case_number, cases)

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
    return frozenset({CallArrived, CallAnswered, CallEnded, *cases})


def _open_cases(*narrowed: ColumnElement[bool]) -> Select[str, str, str, str, float]:
    case = CaseRow
    query = select(
        case.case_number, case.caller_phone, case.changed_by, case.opened_by, case.changed_at
    )
    return query.where(case.state.not_in(FINAL), case.caller_phone != "", *narrowed)


def _open_case(row: Sequence[Any]) -> OpenCase:
    case_number, phone, changed_by, opened_by, changed_at = row
    return OpenCase(case_number, canonical(phone), (changed_by, opened_by), changed_at)


def _talks(after: tuple[float, str]) -> Select[float, str, str, str | None, float | None]:
    """The next page of answered calls, in order of their coming."""
    call = CallRow
    query = select(call.arrived_at, call.call_id, call.calling, call.agent_id, call.answered_at)
    came = tuple_(call.arrived_at, call.call_id) > after
    answered = (call.answered_at.is_not(None), call.calling != "")
    return query.where(came, *answered).order_by(call.arrived_at, call.call_id).limit(PAGE)


def _missed(*narrowed: ColumnElement[bool]) -> Select[str, str]:
    task = CallbackTaskRow
    query = select(task.case_number, task.phone)
    return query.where(task.state == CallbackState.OPEN, task.unreached > 0, *narrowed)
