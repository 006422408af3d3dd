"""Citizens whom the PBX cut off are listed to be rung back, once, unless they ring again."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from hotline import events
from hotline.clock import Clock
from hotline.outbound.cut_off import LOOK_BACK_S, CutOffCallers
from hotline.outbound.model import CUT_OFF, Promise
from hotline.outbound.promises import PromiseDesk
from hotline.storage.journal import Journal
from tests.databases import HandClock
from tests.deadline import until


def arrived(number: int, calling: str) -> events.CallArrived:
    return events.CallArrived(f"pbx1-1.{number}", "pbx1", "PJSIP/x", "12319", calling, "")


async def listed(journal: Journal, clock: Clock, count: int) -> list[Promise]:
    """What is listed once a controller has looked."""
    job = asyncio.create_task(CutOffCallers(journal, clock).run())

    async def enough() -> list[Promise] | None:
        found = list(await PromiseDesk(journal).open())
        return found if len(found) >= count else None

    try:
        return await until(enough, what=f"{count} promises")
    finally:
        job.cancel()
        with suppress(asyncio.CancelledError):
            await job


async def test_each_is_listed_once_for_whom_they_talked_with(
    journal: Journal, clock: HandClock
) -> None:
    await journal.append(arrived(1, "13812345678"), arrived(2, "+86 139 1234 5678"))
    (cut,) = await journal.append(events.CallCutOff("pbx1-1.1", "agent1", "talking"))
    await journal.append(events.CallCutOff("pbx1-1.2", "", "waiting"))
    await listed(journal, clock, 2)
    # Another controller looks back, and tells nothing twice.
    await journal.append(arrived(3, "13712345678"))
    await journal.append(events.CallCutOff("pbx1-1.3", "", "waiting"))
    talked, waited, last = await listed(journal, clock, 3)
    assert (talked.phone, talked.made_by, talked.note) == ("13812345678", "agent1", CUT_OFF)
    assert talked.due_at == cut.at
    assert (waited.phone, waited.made_by, last.phone) == ("13912345678", "system", "13712345678")
    made = [r.event for r in await journal.read() if isinstance(r.event, events.PromiseMade)]
    assert [event.call_id for event in made] == ["pbx1-1.1", "pbx1-1.2", "pbx1-1.3"]


async def test_nobody_is_listed_without_a_number_or_after_a_day(
    journal: Journal, clock: HandClock
) -> None:
    await journal.append(arrived(1, "13812345678"), arrived(2, "anonymous"))
    await journal.append(events.CallCutOff("pbx1-1.1", "agent1", "talking"))
    clock.advance(LOOK_BACK_S + 1)
    await journal.append(arrived(3, "13712345678"))
    await journal.append(events.CallCutOff("pbx1-1.2", "", "waiting"))
    await journal.append(events.CallCutOff("pbx1-1.3", "", "waiting"))
    (only,) = await listed(journal, clock, 1)
    assert only.phone == "13712345678"


async def ended(journal: Journal, count: int) -> list[events.PromiseEnded]:
    """The ends of promises, once there are so many."""

    async def enough() -> list[events.PromiseEnded] | None:
        read = await journal.read(kinds=[events.PromiseEnded])
        found = [r.event for r in read if isinstance(r.event, events.PromiseEnded)]
        return found if len(found) >= count else None

    return await until(enough, what=f"{count} ends of promises")


async def test_who_rings_again_and_is_talked_with_need_not_be_rung(
    journal: Journal, clock: HandClock
) -> None:
    await journal.append(arrived(1, "13812345678"), arrived(2, "13912345678"))
    await journal.append(events.CallCutOff("pbx1-1.1", "agent1", "talking"))
    await journal.append(events.CallCutOff("pbx1-1.2", "", "waiting"))
    clock.advance(60)
    job = asyncio.create_task(CutOffCallers(journal, clock).run())
    try:
        await until(lambda: open_count(journal, 2), what="both listed")
        # Waiting is not talking.
        await journal.append(arrived(3, "+86 138 1234 5678"))
        assert await open_count(journal, 2)
        await journal.append(events.CallAnswered("pbx1-1.3", "agent2", 3.0))
        (told,) = await ended(journal, 1)
    finally:
        job.cancel()
        with suppress(asyncio.CancelledError):
            await job
    assert (told.outcome, told.by) == ("rang_again", "agent2")
    assert (told.call_id, told.rang_in) == ("pbx1-1.1", "pbx1-1.3")
    (left,) = await PromiseDesk(journal).open()
    assert left.phone == "13912345678"


async def test_who_rang_again_while_no_controller_ran_is_not_listed(
    journal: Journal, clock: HandClock
) -> None:
    await journal.append(arrived(1, "13812345678"))
    await journal.append(events.CallAnswered("pbx1-1.1", "agent1", 3.0))
    clock.advance(60)
    await journal.append(events.CallCutOff("pbx1-1.1", "agent1", "talking"))
    clock.advance(60)
    await journal.append(arrived(2, "13812345678"))
    await journal.append(events.CallAnswered("pbx1-1.2", "agent2", 3.0))
    job = asyncio.create_task(CutOffCallers(journal, clock).run())
    try:
        (told,) = await ended(journal, 1)
    finally:
        job.cancel()
        with suppress(asyncio.CancelledError):
            await job
    assert (told.outcome, told.rang_in) == ("rang_again", "pbx1-1.2")
    assert not await PromiseDesk(journal).open()


async def open_count(journal: Journal, count: int) -> bool:
    """Whether so many promises are open."""
    return len(await PromiseDesk(journal).open()) == count
