from __future__ import annotations

import pytest

from hotline import events
from hotline.quality.tally import OutcomeTally

CALL = "pbx1-1.1"
STARTED = events.ReportStarted(CALL, f"{CALL}/r1", "reports/x.wav", "asked")
RECORDED = events.ReportRecorded(CALL, f"{CALL}/r1", "reports/x.wav", 5.0, "hangup")
EMPTY = events.ReportEmpty(CALL, f"{CALL}/r1", "nothing was said")
ENDED = events.CallEnded(CALL, "citizen", "")
ANSWERED = events.CallAnswered(CALL, "agent1", 3.0, "talks/x.wav")
JOINED = events.HandoverJoined(CALL, f"{CALL}/h1")
ABANDONED = events.CallAbandoned(CALL, "hotline", 8.0)


@pytest.mark.parametrize(
    ("story", "outcome"),
    [
        ([ANSWERED, ENDED], "talked"),
        ([ABANDONED, ENDED], "abandoned"),
        ([JOINED, ENDED], "handed_over"),
        ([ANSWERED, JOINED, ENDED], "talked"),
        ([STARTED, RECORDED, ENDED], "reported"),
        ([STARTED, ENDED, RECORDED], "reported"),
        ([STARTED, ENDED, EMPTY], "other"),
        ([STARTED, EMPTY, STARTED, ENDED, RECORDED], "reported"),
        ([ENDED], "other"),
    ],
)
def test_each_call_is_counted_once_and_nothing_of_it_is_kept(
    story: list[events.Event], outcome: str
) -> None:
    counted: list[str] = []
    tally = OutcomeTally(counted.append)
    for event in story:
        tally.apply(event)
    assert counted == [outcome]
    # A second report of the same story would show what was left of the first.
    tally.apply(RECORDED)
    tally.apply(ENDED)
    assert counted == [outcome, "other"]
