"""Which agents know a number: whose open cases it has, and who spoke with it last. Pure.

Held in memory, so that nobody who calls waits for the answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hotline.callers.model import DAY_S

CASE = "case"
TALK = "talk"


@dataclass(frozen=True, slots=True)
class Familiar:
    """An agent who knows the caller. ``why``: ``case:<number>`` (they handled this open case of
    the number last, or opened it) or ``talk`` (they had the number's last talk)."""

    agent_id: str
    why: str


@dataclass(frozen=True, slots=True)
class OpenCase:
    """An open case. ``handlers`` are user ids, who knows it best first, agents or not."""

    case_number: str
    number: str
    handlers: tuple[str, ...]
    changed_at: float


class Familiars:
    """Who knows which number. ``days`` is for how long a last talk counts; 0: nobody is known."""

    def __init__(self, days: float) -> None:
        self.lasts_s = days * DAY_S
        self._cases: dict[str, OpenCase] = {}
        self._cases_of: dict[str, dict[str, OpenCase]] = {}
        # In order of the instants, so that the oldest are forgotten first.
        self._talks: dict[str, tuple[float, str]] = {}

    def talked(self, number: str, agent_id: str, at: float) -> None:
        """An agent answered a caller of this canonical number."""
        if at <= self._talks.get(number, (float("-inf"), ""))[0]:
            return
        self._talks.pop(number, None)
        self._talks[number] = (at, agent_id)
        self._forget(at)

    def replace_cases(self, cases: Iterable[OpenCase]) -> None:
        """Know exactly these open cases."""
        self._cases, self._cases_of = {}, {}
        for case in cases:
            self._add(case)

    def put_case(self, case_number: str, cases: Iterable[OpenCase]) -> None:
        """Know this case as it is in ``cases``, or no more when it is not there."""
        if old := self._cases.pop(case_number, None):
            others = self._cases_of[old.number]
            del others[case_number]
            if not others:
                del self._cases_of[old.number]
        for case in cases:
            self._add(case)

    def of(self, number: str, now: float) -> tuple[Familiar, ...]:
        """Who knows this canonical number, in the order in which they are to be asked: those of
        open cases, the newest change first, then who talked last. Nobody for an empty number."""
        if not number or not self.lasts_s:
            return ()
        cases = sorted(self._cases_of.get(number, {}).values(), key=lambda case: -case.changed_at)
        found: dict[str, Familiar] = {}
        for case in cases:
            for handler in case.handlers:
                found.setdefault(handler, Familiar(handler, f"{CASE}:{case.case_number}"))
        at, agent_id = self._talks.get(number, (float("-inf"), ""))
        if at > now - self.lasts_s:
            found.setdefault(agent_id, Familiar(agent_id, TALK))
        return tuple(found.values())

    def _add(self, case: OpenCase) -> None:
        self._cases[case.case_number] = case
        self._cases_of.setdefault(case.number, {})[case.case_number] = case

    def _forget(self, now: float) -> None:
        while self._talks:
            number, (at, _) = next(iter(self._talks.items()))
            if at > now - self.lasts_s:
                return
            del self._talks[number]
