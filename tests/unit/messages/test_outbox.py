"""Messages to a gateway that is a real HTTP server: sent once, checked after, never in doubt."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import select

from hotline import events
from hotline.messages.gateway import HttpGateway
from hotline.messages.service import ATTEMPTS, FRESH_S, Outbox, mobile, pause
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from hotline.storage.tables_messages import MessageRow
from tests.databases import HandClock
from tests.deadline import until
from tests.gateway import FakeGateway, fake_gateway

SECRET = "a-secret-of-some-length"
NUMBER = "13812345678"
CASE = "2026112100007"
CALL = "pbx1-1.1"


@pytest.fixture
async def gateway() -> AsyncIterator[FakeGateway]:
    async with fake_gateway() as fake:
        yield fake


MakeOutbox = Callable[..., Outbox]


@pytest.fixture
def outbox(
    journal: Journal, database: Database, clock: HandClock, gateway: FakeGateway
) -> MakeOutbox:
    def make(*, checks: bool = True, url: str = "") -> Outbox:
        check_url = f"{gateway.url}/{{id}}" if checks else ""
        return Outbox(
            journal=journal,
            database=database,
            clock=clock,
            gateway=HttpGateway(clock, url or gateway.url, check_url, SECRET, 2.0),
            text="【{name}】案件编号 {case_number}",
            name="12319",
        )

    return make


@asynccontextmanager
async def running(outbox: Outbox) -> AsyncIterator[None]:
    task = asyncio.create_task(outbox.run())
    # It plans from where the journal stands when it begins.
    await asyncio.sleep(0.05)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def report(journal: Journal, number: str = NUMBER, case: str = CASE) -> None:
    call = f"{CALL}-{case}"
    await journal.append(
        events.CallArrived(call, "pbx1", "PJSIP/citizens-1", "12319", number),
        events.CaseOpened(case, call, "voice_report", "to_verify", "system"),
    )


async def row(database: Database, case: str = CASE) -> MessageRow | None:
    async with database.session() as session:
        query = select(MessageRow).where(MessageRow.case_number == case)
        return (await session.scalars(query)).one_or_none()


async def becomes(database: Database, state: str, case: str = CASE) -> MessageRow:
    async def found() -> MessageRow | None:
        it = await row(database, case)
        return it if it is not None and it.state == state else None

    return await until(found, what=f"the message is {state}")


async def passes(clock: HandClock, database: Database, state: str) -> MessageRow:
    """Let time pass until the message is in this state."""

    async def found() -> MessageRow | None:
        clock.advance(30)
        it = await row(database)
        return it if it is not None and it.state == state else None

    return await until(found, what=f"the message is {state}")


async def told(journal: Journal) -> list[str]:
    kinds = (events.MessagePlanned, events.MessageSent, events.MessageFailed)
    return [record.event.kind for record in await journal.read(kinds=kinds)]


async def test_a_reports_case_is_told_once_signed_and_by_its_number(
    outbox: MakeOutbox, journal: Journal, database: Database, gateway: FakeGateway
) -> None:
    async with running(outbox()):
        await report(journal)
        sent = await becomes(database, "sent")
    (asked,) = gateway.asked
    body = json.loads(asked.body)
    assert body["to"] == NUMBER
    assert body["text"] == f"【12319】案件编号 {CASE}"
    assert asked.headers["idempotency-key"] == body["id"] == sent.message_id
    signed = asked.headers["x-hotline-timestamp"].encode() + b"." + asked.body
    signature = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert asked.headers["x-hotline-signature"] == f"sha256={signature}"
    assert sent.gateway_id == "gw-1"
    assert await told(journal) == ["MessagePlanned", "MessageSent"]


async def test_only_mobile_numbers_are_written_to_and_only_of_spoken_reports(
    outbox: MakeOutbox, journal: Journal, database: Database, gateway: FakeGateway
) -> None:
    async with running(outbox()):
        await report(journal, number="01012345678")
        await report(journal, number="", case="2026112100008")
        await journal.append(events.CaseOpened("2026112100009", CALL, "hotline", "to_file", "a"))
        await report(journal, case="2026112100010")
        await becomes(database, "sent", "2026112100010")
        assert (await becomes(database, "skipped")).number == ""
        assert (await becomes(database, "skipped", "2026112100008")).number == ""
        assert await row(database, "2026112100009") is None
    assert len(gateway.asked) == 1


async def test_a_gateway_that_is_not_there_is_tried_again_later(
    outbox: MakeOutbox, journal: Journal, database: Database, clock: HandClock
) -> None:
    async with running(outbox(url="http://127.0.0.1:1/")):
        await report(journal)

        async def tried() -> bool:
            it = await row(database)
            return it is not None and it.attempts == 1 and it.state == "due"

        await until(tried)
        given_up = await passes(clock, database, "given_up")
    assert given_up.attempts == ATTEMPTS
    assert "no connection" in str(given_up.fault)
    assert await told(journal) == ["MessagePlanned", "MessageFailed"]


async def test_what_may_have_been_sent_is_asked_about_and_not_sent_again(
    outbox: MakeOutbox,
    journal: Journal,
    database: Database,
    clock: HandClock,
    gateway: FakeGateway,
) -> None:
    gateway.answers = [None]
    async with running(outbox()):
        await report(journal)
        await becomes(database, "unsure")
        await passes(clock, database, "sent")
    assert len(gateway.sent()) == 1
    assert [one.method for one in gateway.asked] == ["POST", "GET"]


async def test_what_the_gateway_does_not_know_is_sent_again_with_the_same_key(
    outbox: MakeOutbox,
    journal: Journal,
    database: Database,
    clock: HandClock,
    gateway: FakeGateway,
) -> None:
    gateway.answers, gateway.checks = [502, 200], [500, 404]
    async with running(outbox()):
        await report(journal)
        await passes(clock, database, "sent")
    keys = {one.headers["idempotency-key"] for one in gateway.sent()}
    assert len(gateway.sent()) == 2
    assert len(keys) == 1


async def test_without_a_way_to_ask_nothing_is_sent_twice(
    outbox: MakeOutbox, journal: Journal, database: Database, gateway: FakeGateway
) -> None:
    gateway.answers = [503]
    async with running(outbox(checks=False)):
        await report(journal)
        await becomes(database, "given_up")
    assert len(gateway.asked) == 1


async def test_what_the_gateway_refuses_is_told_and_not_tried_again(
    outbox: MakeOutbox, journal: Journal, database: Database, gateway: FakeGateway
) -> None:
    gateway.answers = [400]
    async with running(outbox()):
        await report(journal)
        refused = await becomes(database, "refused")
    assert refused.fault == "the gateway answers 400"
    assert await told(journal) == ["MessagePlanned", "MessageFailed"]


async def test_a_restart_in_the_middle_asks_before_it_sends(
    outbox: MakeOutbox,
    journal: Journal,
    database: Database,
    clock: HandClock,
    gateway: FakeGateway,
) -> None:
    async with running(outbox()):
        await report(journal)
        await becomes(database, "sent")
    async with journal.transaction() as tx:
        found = await tx.session.get(MessageRow, (await becomes(database, "sent")).message_id)
        assert found is not None
        found.state = "sending"
    async with running(outbox()):
        await passes(clock, database, "sent")
    assert [one.method for one in gateway.asked] == ["POST", "GET"]


async def test_what_was_opened_while_we_were_away_is_planned_unless_it_is_old(
    outbox: MakeOutbox, journal: Journal, database: Database, clock: HandClock
) -> None:
    async with running(outbox()):
        await report(journal)
        await becomes(database, "sent")
    await report(journal, case="2026112100008")
    clock.advance(FRESH_S + 1)
    await report(journal, case="2026112100009")
    async with running(outbox()):
        await becomes(database, "sent", "2026112100009")
    assert await row(database, "2026112100008") is None


def test_a_number_is_mobile_or_it_is_not_written_to() -> None:
    assert mobile("+86 138-1234-5678") == NUMBER
    for number in ("01012345678", "12319", "", "23812345678", "1001"):
        assert mobile(number) == ""


def test_pauses_grow_to_a_quarter_of_an_hour() -> None:
    assert [pause(n) for n in (1, 2, 3, 9)] == [10.0, 30.0, 90.0, 900.0]
