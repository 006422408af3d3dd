"""Columns of a case that the program itself fills in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hotline import events
from hotline.registry.model import SYSTEM, Actor
from hotline.storage.journal import Transaction
from hotline.storage.tables import CaseRow


async def amend(
    tx: Transaction, row: CaseRow, values: Mapping[str, Any], by: Actor = SYSTEM
) -> Mapping[str, Any]:
    """Set columns and journal it; gives what stood in those that differ, which may be none.

    The case keeps its version: whoever is typing into it meanwhile saves without conflict. So
    this is for what nobody types (due instants, grids, counts).
    """
    before = {name: getattr(row, name) for name in values if getattr(row, name) != values[name]}
    if not before:
        return before
    for name in before:
        setattr(row, name, values[name])
    tx.add(events.CaseEdited(row.case_number, by.user_id, tuple(before), before))
    return before
