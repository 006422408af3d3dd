"""What the journal of a call says of whether anybody was there. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hotline import events
from hotline.callers.silence import Heard
from hotline.storage.records import Record


def heard_of(records: Sequence[Record], spoken_s: float | None = None) -> Heard:
    """What is known of a call from its records, oldest first; ``spoken_s`` is what its
    recording was measured to hold."""
    happened = [record.event for record in records]
    steps = [record for record in records if isinstance(record.event, events.FlowStep)]
    talks = [event.talked_s for event in happened if isinstance(event, events.TalkEnded)]
    answered = any(isinstance(event, events.CallAnswered) for event in happened)
    return Heard(
        on_line_s=records[-1].at - records[0].at if records else 0.0,
        keys=sum(isinstance(event, events.KeyPressed) for event in happened),
        words=sum(_by(step).startswith("word:") for step in steps),
        asked_s=sum(after.at - before.at for before, after in pairwise(steps) if _in_vain(after)),
        report_empty=_report_empty(happened),
        talked_s=sum(talks) if answered else None,
        spoken_s=spoken_s,
    )


def _by(step: Record) -> str:
    return step.event.by if isinstance(step.event, events.FlowStep) else ""


def _in_vain(step: Record) -> bool:
    return _by(step) == "failed"


def _report_empty(happened: Sequence[events.Event]) -> bool | None:
    if any(isinstance(event, events.ReportRecorded) for event in happened):
        return False
    return True if any(isinstance(event, events.ReportEmpty) for event in happened) else None
