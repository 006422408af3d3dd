"""Columns of a case that the program itself fills in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hotline import events
from hotline.registry.model import SYSTEM, Actor
from hotline.registry.personal import referred
from hotline.storage.journal import Transaction
from hotline.storage.tables import CaseRow


async def amend(
    tx: Transaction, row: CaseRow, values: Mapping[str, Any], by: Actor = SYSTEM
) -> Mapping[str, Any]:
    """Set columns and journal it; gives what stood in those that differ, which may be none.

    The case keeps its version: whoever is typing into it meanwhile saves without conflict. So
    this is for what nobody types (due instants, grids, counts).
    """
    before, after = apply(row, values)
    if before:
        number = row.case_number
        kept, now = await referred(tx, number, before), await referred(tx, number, after)
        tx.add(events.CaseEdited(number, by.user_id, tuple(before), kept, now))
    return before


def apply(row: CaseRow, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Set the columns that differ; what stood in them, and what stands in them now."""
    before = {name: getattr(row, name) for name in values if getattr(row, name) != values[name]}
    for name in before:
        setattr(row, name, values[name])
    return before, {name: values[name] for name in before}
