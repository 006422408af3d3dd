"""Until when a case should be done next, and how pressing that is."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import ColumnElement, case, func

from hotline.registry.model import Case
from hotline.storage.tables import CaseRow

Pressure = Literal["overdue", "soon", "in_time", "none"]

SOON_S = 4 * 3600.0
"""What is due within these seconds is due soon."""

# The work is done: what is left is to close the case in time.
_DONE = ("to_check", "to_close")

DUE: ColumnElement[float] = case(
    (CaseRow.state.in_(_DONE), CaseRow.close_due_at),
    else_=func.coalesce(CaseRow.handle_due_at, CaseRow.close_due_at),
)
"""As :func:`due_of`, for queries of open cases."""


def due_of(one: Case | CaseRow) -> float | None:
    """When an open case should be done: handled, or closed once it has been handled. None when no
    limit is known or the clock stands still."""
    if one.state in _DONE or one.handle_due_at is None:
        return one.close_due_at
    return one.handle_due_at


def pressure(due: float | None, now: float) -> Pressure:
    """How pressing a due instant is."""
    if due is None:
        return "none"
    if due <= now:
        return "overdue"
    return "soon" if due <= now + SOON_S else "in_time"
