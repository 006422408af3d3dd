"""How calls ended, counted for the metrics."""

from __future__ import annotations

from collections.abc import Callable

from hotline import events


class OutcomeTally:
    """Tells ``count`` how each call ended: talked, abandoned, reported or other."""

    def __init__(self, count: Callable[[str], None]) -> None:
        self._count = count
        self._so_far: dict[str, str] = {}

    def apply(self, event: events.Event) -> None:
        """Take one event of the journal in."""
        match event:
            case events.CallAnswered():
                self._so_far[event.call_id] = "talked"
            case events.ReportRecorded():
                self._so_far[event.call_id] = "reported"
            case events.CallAbandoned():
                self._so_far[event.call_id] = "abandoned"
            case events.CallEnded():
                self._count(self._so_far.pop(event.call_id, "other"))
