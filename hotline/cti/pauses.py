"""Why agents may pause, and how much of it a day allows: kept in memory, saved in the database,
every change journalled. What was exceeded is shown, and never refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from hotline import events
from hotline.storage.journal import Journal
from hotline.storage.records import storable
from hotline.storage.tables_states import PauseReasonRow

LONGEST_NAME = 20
MOST_REASONS = 20
MOST_MINUTES = 720.0
MOST_TIMES = 99
_OWN = re.compile(r"own(\d+)")


@dataclass(frozen=True, slots=True)
class PauseReason:
    """A reason, and what a day allows of it (None: not limited).

    ``offered``: agents can choose it. ``version`` is 0 and ``changed_at`` None until somebody
    changes it.
    """

    code: str
    zh: str
    en: str
    minutes: float | None = None
    times: int | None = None
    offered: bool = True
    version: int = 0
    changed_by: str = ""
    changed_at: float | None = None

    def name(self, language: str) -> str:
        """What it is called on a screen in ``language``."""
        return self.en if language == "en" else self.zh


USUAL = (
    PauseReason("rest", "小休", "Rest", minutes=30),
    PauseReason("meal", "用餐", "Meal", minutes=60, times=2),
    PauseReason("training", "培训", "Training"),
    PauseReason("meeting", "会议", "Meeting"),
    PauseReason("other", "其他", "Other"),
)


class ReasonFault(ValueError):
    """What was typed cannot be kept: each faulty field with the key of its message."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{field}: {key}" for field, key in faults.items()))
        self.faults = dict(faults)


class ReasonChanged(Exception):
    """Somebody else saved the reason meanwhile."""


class PauseReasons:
    """The reasons in force; ``load`` before use. Whatever reaches the database raises
    :class:`hotline.storage.database.DatabaseUnavailable` when there is none."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._reasons = {reason.code: reason for reason in USUAL}

    async def load(self) -> None:
        """Take in what is saved."""
        async with self._journal.database.session() as session:
            rows = (await session.scalars(select(PauseReasonRow))).all()
        for row in sorted(rows, key=lambda row: _number(row.code)):
            self._reasons[row.code] = _reason(row)

    @property
    def all(self) -> tuple[PauseReason, ...]:
        """Every reason there ever was, the usual ones first."""
        return tuple(self._reasons.values())

    @property
    def offered(self) -> tuple[PauseReason, ...]:
        """Those that agents can choose."""
        return tuple(reason for reason in self._reasons.values() if reason.offered)

    def get(self, code: str) -> PauseReason | None:
        """A reason; None for a code that is none (those that the engine pauses for)."""
        return self._reasons.get(code)

    async def save(self, wanted: PauseReason, by: str) -> PauseReason:
        """Change a reason from ``wanted.version``, or add one (an empty ``code``).

        Raises :class:`ReasonFault`, :class:`ReasonChanged`, KeyError for a code that is none.
        """
        before = self._reasons[wanted.code] if wanted.code else None
        _check(wanted, self._reasons)
        async with self._journal.transaction() as tx:
            code = wanted.code or self._fresh_code()
            row = await tx.session.get(PauseReasonRow, code)
            if (row.version if row else 0) != wanted.version:
                raise ReasonChanged(code)
            if row is None:
                row = PauseReasonRow(code=code)
                tx.session.add(row)
            row.zh, row.en = storable(wanted.zh).strip(), storable(wanted.en).strip()
            row.minutes, row.times, row.offered = wanted.minutes, wanted.times, wanted.offered
            row.version, row.changed_by, row.changed_at = wanted.version + 1, by, tx.now
            tx.add(_changed(row, before))
        saved = self._reasons[code] = _reason(row)
        return saved

    def _fresh_code(self) -> str:
        return f"own{max(map(_number, self._reasons), default=0) + 1}"


def _number(code: str) -> int:
    own = _OWN.fullmatch(code)
    return int(own[1]) if own else 0


def _reason(row: PauseReasonRow) -> PauseReason:
    return PauseReason(
        row.code,
        row.zh,
        row.en,
        row.minutes,
        row.times,
        row.offered,
        row.version,
        row.changed_by,
        row.changed_at,
    )


def _changed(row: PauseReasonRow, before: PauseReason | None) -> events.PauseReasonChanged:
    fields = ("zh", "en", "minutes", "times", "offered")
    old = {name: getattr(before, name) for name in fields} if before else {}
    return events.PauseReasonChanged(
        row.code,
        row.zh,
        row.en,
        row.minutes,
        row.times,
        row.offered,
        row.changed_by,
        {name: value for name, value in old.items() if value != getattr(row, name)},
    )


def _check(wanted: PauseReason, there: Mapping[str, PauseReason]) -> None:
    faults: dict[str, str] = {}
    for name in ("zh", "en"):
        typed = getattr(wanted, name).strip()
        others = (getattr(r, name) for r in there.values() if r.code != wanted.code)
        if not typed:
            faults[name] = "required"
        elif len(typed) > LONGEST_NAME:
            faults[name] = "too_long"
        elif typed in others:
            faults[name] = "reason_taken"
    if wanted.minutes is not None and not 0 < wanted.minutes <= MOST_MINUTES:
        faults["minutes"] = "pause_minutes"
    if wanted.times is not None and not 0 < wanted.times <= MOST_TIMES:
        faults["times"] = "pause_times"
    if not wanted.code and len(there) >= MOST_REASONS:
        faults["zh"] = "too_many_reasons"
    if faults:
        raise ReasonFault(faults)
