"""Lists of cases that are taken out of the house as files."""

from __future__ import annotations

from collections.abc import Mapping

from hotline import events
from hotline.registry import listing
from hotline.registry.model import Actor, Case, CaseFilter
from hotline.storage.journal import Journal

MOST_ROWS = 10_000
_AT_ONCE = 500


class CaseExports:
    """Reads lists for files, and journals who took which.

    Raises :class:`hotline.storage.database.DatabaseUnavailable`.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def take(
        self, wanted: CaseFilter, by: Actor, kind: str, filters: Mapping[str, str]
    ) -> tuple[list[Case], bool]:
        """The newest cases that are wanted, and whether more than :data:`MOST_ROWS` were."""
        async with self._journal.database.session() as session:
            numbers = await listing.numbers_of(session, wanted, MOST_ROWS + 1)
            limited, numbers = len(numbers) > MOST_ROWS, numbers[:MOST_ROWS]
            cases: list[Case] = []
            for start in range(0, len(numbers), _AT_ONCE):
                cases += await listing.rows(session, numbers[start : start + _AT_ONCE])
                session.expunge_all()
        await self._journal.append(
            events.CasesExported(by.user_id, kind, len(cases), dict(filters))
        )
        return cases, limited
