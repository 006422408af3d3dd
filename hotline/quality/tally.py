"""How calls ended, counted for the metrics."""

from __future__ import annotations

from collections.abc import Callable

from hotline import events


class OutcomeTally:
    """Tells ``count`` how each call ended: talked, handed_over (another service took it),
    abandoned, reported, kept (their place, for a callback, which is counted too) or other.

    Most citizens end a report by hanging up, so what it holds is known after the call's end: such
    a call is counted then.
    """

    def __init__(self, count: Callable[[str], None]) -> None:
        self._count = count
        self._so_far: dict[str, str] = {}
        self._reporting: set[str] = set()
        self._ended: set[str] = set()

    def apply(self, event: events.Event) -> None:
        """Take one event of the journal in."""
        match event:
            case events.CallAnswered() | events.CallBrought():
                self._so_far[event.call_id] = "talked"
            case events.HandoverJoined():
                self._so_far.setdefault(event.call_id, "handed_over")
            case events.PlaceKept():
                self._so_far[event.origin] = "kept"
            case events.CallAbandoned():
                self._so_far[event.call_id] = "abandoned"
            case events.ReportStarted():
                self._reporting.add(event.call_id)
            case events.ReportRecorded() if event.call_id in self._reporting:
                self._so_far[event.call_id] = "reported"
                self._report_over(event.call_id)
            case events.ReportEmpty():
                self._report_over(event.call_id)
            case events.CallEnded() if event.call_id in self._reporting:
                self._ended.add(event.call_id)
            case events.CallEnded():
                self._count(self._so_far.pop(event.call_id, "other"))

    def _report_over(self, call_id: str) -> None:
        self._reporting.discard(call_id)
        if call_id in self._ended:
            self._ended.remove(call_id)
            self._count(self._so_far.pop(call_id, "other"))
