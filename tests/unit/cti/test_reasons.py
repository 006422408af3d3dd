"""The reasons for pausing: kept on both databases, changed one at a time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hotline import events
from hotline.cti.pauses import USUAL, PauseReason, PauseReasons, ReasonChanged, ReasonFault
from hotline.storage.journal import Journal

REST = USUAL[0]


async def test_the_usual_reasons_are_there_before_anybody_changed_one(journal: Journal) -> None:
    reasons = PauseReasons(journal)
    await reasons.load()
    assert reasons.offered == USUAL


async def test_a_changed_reason_is_kept_and_journalled_with_what_it_was(journal: Journal) -> None:
    reasons = PauseReasons(journal)
    await reasons.load()
    await reasons.save(replace(REST, minutes=20, times=3), "supervisor")
    again = PauseReasons(journal)
    await again.load()
    kept = again.get("rest")
    assert kept is not None
    assert (kept.minutes, kept.times, kept.version, kept.changed_by) == (20, 3, 1, "supervisor")
    (record,) = await journal.read(kinds=(events.PauseReasonChanged,))
    assert isinstance(record.event, events.PauseReasonChanged)
    assert record.event.before == {"minutes": 30, "times": None}


async def test_own_reasons_are_numbered_and_come_last(journal: Journal) -> None:
    reasons = PauseReasons(journal)
    for name in ("哺乳", "祷告"):
        await reasons.save(PauseReason("", name, name), "supervisor")
    assert [reason.code for reason in reasons.all][-2:] == ["own1", "own2"]


async def test_a_retired_reason_keeps_its_name_and_is_not_offered(journal: Journal) -> None:
    reasons = PauseReasons(journal)
    await reasons.save(replace(REST, offered=False), "supervisor")
    assert "rest" not in [reason.code for reason in reasons.offered]
    kept = reasons.get("rest")
    assert kept is not None
    assert kept.zh == "小休"


async def test_the_second_of_two_changes_is_refused(journal: Journal) -> None:
    reasons = PauseReasons(journal)
    await reasons.save(replace(REST, minutes=20), "supervisor")
    with pytest.raises(ReasonChanged):
        await reasons.save(replace(REST, minutes=40), "other")


@pytest.mark.parametrize(
    "wanted",
    [
        replace(REST, minutes=0),
        replace(REST, minutes=float("nan")),
        replace(REST, times=100),
        replace(REST, zh="用餐"),
        replace(REST, en=" "),
        replace(REST, zh="很" * 21),
    ],
)
async def test_what_makes_no_sense_is_not_kept(journal: Journal, wanted: PauseReason) -> None:
    reasons = PauseReasons(journal)
    with pytest.raises(ReasonFault):
        await reasons.save(wanted, "supervisor")
    assert reasons.get("rest") == REST
