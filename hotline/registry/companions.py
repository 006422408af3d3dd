"""What goes along with a case's life: how clocks, places, the search index, the outbox and others
hear of every change, inside the transaction that makes it.

Derive from :class:`Companion`, override what you need, and let
:mod:`hotline.registry.room` name you in the order in which you are to be asked. An
exception undoes the whole change, so raise only for what must stop it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hotline.storage.journal import Transaction
from hotline.storage.tables import CaseRow


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was just taken.

    ``source`` and ``target`` are the states before and after: the same one for what leaves the
    case where it is (催办, 督办, 延期 …). ``by`` is a user id or ``system``, ``role`` what they
    are. ``inputs`` are the fields of :class:`hotline.registry.life.model.Inputs` that were given
    beside the reason, by their names, as JSON values.
    """

    action: str
    source: str
    target: str
    by: str
    role: str
    why: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)


class Companion:
    """Hears of cases as they change. Every method does nothing unless it is overridden.

    ``row`` already stands as it will be written, ``tx.now`` is the instant of the change. A
    companion changes columns of the case by :func:`hotline.registry.amending.amend` only, so that
    the journal tells the same as the row; nobody is called again for that. Whoever comes later in
    the order sees what it did.
    """

    async def derived(
        self, tx: Transaction, values: Mapping[str, Any], changed: frozenset[str]
    ) -> Mapping[str, Any]:
        """Columns that follow from others, written together with them: the grid from the point.

        Asked before a case is opened or edited. ``values`` are the case's columns as they are
        about to be (when it is being opened only those that it is opened with), ``changed``
        those of them that somebody sets now. Gives what else is to be set;
        what a person set goes before it.
        """
        return {}

    async def opened(self, tx: Transaction, row: CaseRow) -> None:
        """The case was opened; its ``CaseOpened`` stands in ``tx``."""

    async def changed(self, tx: Transaction, row: CaseRow, before: Mapping[str, Any]) -> None:
        """Columns were edited; ``before`` holds what stood in those that changed."""

    async def moved(self, tx: Transaction, row: CaseRow, step: Taken) -> None:
        """A step of the case's life was taken; its ``CaseMoved`` stands in ``tx``."""
