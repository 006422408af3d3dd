"""What a peer can be told of a case, in our words. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from hotline.storage.tables import CaseRow

_COLUMNS = (
    "case_number",
    "state",
    "source",
    "kind",
    "urgency",
    "standard",
    "category_code",
    "category_name",
    "address",
    "road",
    "landmark",
    "description",
    "happened",
    "condition",
    "component_code",
    "longitude",
    "latitude",
    "grid",
    "duty_grid",
    "community",
    "street",
    "district",
    "unit",
    "unit_id",
    "opened_at",
    "filed_at",
    "dispatched_at",
    "handled_at",
    "closed_at",
    "handle_due_at",
    "close_due_at",
    "reports",
    "merged_into",
)
# Who asked is told only if the mapping asks for it, and never of somebody who wished otherwise.
_PERSONAL = ("caller_name", "caller_phone")
_HAPPENING = (
    "event",
    "event_id",
    "sequence",
    "at",
    "external_id",
    "action",
    "from_state",
    "why",
    "changed",
    "state_name",
)

OUTWARD = frozenset({*_COLUMNS, *_PERSONAL, *_HAPPENING})
"""The names that an outward mapping may take from."""


def content_of(
    row: CaseRow, happening: Mapping[str, Any], asked: Collection[str] = ()
) -> dict[str, Any]:
    """The case as it stands, with what happened to it; ``asked`` are the names that the mapping
    takes from."""
    told = {name: getattr(row, name) for name in _COLUMNS}
    hidden = row.anonymous or row.confidential
    personal = {name: "" if hidden else getattr(row, name) for name in _PERSONAL if name in asked}
    return {**told, **personal, **happening}
