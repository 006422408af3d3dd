"""A verifier's own day: what counts, and what is said to be unknown."""

from __future__ import annotations

from hotline import events
from hotline.quality.verifier_day import Deed, VerifierDay, day_of, verifier_day
from hotline.storage.journal import Journal
from tests.databases import MORNING, clock, database, database_url, journal

__all__ = ["clock", "database", "database_url", "journal"]

DAY = 86_400.0


def verified(at: float, opened_at: float | None, seconds: float | None) -> Deed:
    return Deed("verify", "to_verify", at, opened_at, seconds)


def test_an_empty_day_has_no_figures() -> None:
    assert day_of([]) == VerifierDay()


def test_what_is_unknown_is_counted_apart() -> None:
    day = day_of(
        [
            verified(100.0, 40.0, 12.0),
            verified(200.0, None, None),
            Deed("reject", "to_verify", 300.0, 280.0, 8.0),
        ]
    )
    assert (day.verified, day.confirmed) == (3, 2)
    assert (day.heard, day.heard_s, day.unknown) == (2, 20.0, 1)
    assert (day.waits, day.waited_s) == (2, 80.0)
    assert (day.checked, day.passed) == (0, 0)


def test_checks_of_what_a_unit_did_are_counted_with_what_passed() -> None:
    day = day_of(Deed(f"check_{how}", "to_check", 9.0, 1.0, None) for how in ("pass", "fail"))
    assert (day.verified, day.checked, day.passed, day.unknown) == (0, 2, 1, 0)


async def test_the_day_is_ones_own_and_begins_at_midnight(journal: Journal) -> None:
    def step(number: str, by: str, action: str = "verify") -> events.CaseMoved:
        return events.CaseMoved(number, action, "to_verify", "to_file", by)

    await journal.append(step("2026112000001", "checker1"), at=MORNING - DAY)
    await journal.append(
        step("2026112100001", "checker1"),
        step("2026112100002", "agent1"),
        events.CaseMoved("2026112100003", "file", "to_file", "to_dispatch", "checker1"),
        at=MORNING,
    )
    day = await verifier_day(journal.database, "checker1", MORNING - 60)
    # Its case is not there any more: how long it waited, and how long its report was, is unknown.
    assert day == VerifierDay(verified=1, confirmed=1, unknown=1)
    assert await verifier_day(journal.database, "checker1", MORNING + 1) == VerifierDay()
