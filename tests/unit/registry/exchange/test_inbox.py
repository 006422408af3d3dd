"""Messages from a peer: each once, in order per ticket, however they come."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from hotline import events
from hotline.registry.exchange.arrivals import Incoming, Kind, Reply
from hotline.registry.exchange.inbox import NoSuchTicket
from hotline.registry.exchange.model import MOST_HELD, Peer
from hotline.registry.model import Person
from hotline.storage.journal import Journal
from hotline.storage.tables import CaseRow
from tests.databases import HandClock
from tests.exchange import Exchange, WildReceiver, make_exchange

BOSS = Person("supervisor", "supervisor")


def message(
    kind: Kind, /, ticket: str = "W1", number: int | None = None, key: str = "", **content: Any
) -> Incoming:
    if kind == "create":
        content = {"external_id": ticket, "description": "路灯不亮", **content}
    return Incoming(kind, ticket, key or f"{ticket}/{kind}/{number}/{content}", content, number)


@pytest.fixture
async def exchange(journal: Journal, clock: HandClock, tmp_path: Path) -> Exchange:
    return await make_exchange(journal, clock, tmp_path, WildReceiver())


@pytest.fixture
async def peer(exchange: Exchange) -> Peer:
    return await exchange.peer("12345", source="12345", url="", scope="own")


async def cases(exchange: Exchange) -> int:
    async with exchange.journal.database.session() as session:
        return await session.scalar(select(func.count()).select_from(CaseRow)) or 0


async def texts(exchange: Exchange, peer: Peer, ticket: str) -> Mapping[str, Any]:
    case = await exchange.room.inbox.case_of(peer, ticket)
    return {"address": case.address, "version": case.version, "source": case.source}


async def test_a_ticket_becomes_a_case_that_knows_where_it_came_from(
    exchange: Exchange, peer: Peer
) -> None:
    create = message("create", caller_phone="138 1234 5678", asked_at="2026-11-19 10:00")
    reply = await exchange.room.inbox.take(peer, create)
    assert reply.status == 201
    case = await exchange.room.inbox.case_of(peer, "W1")
    assert (case.case_number, case.source) == (reply.body["case_number"], "12345")
    assert (case.caller_phone, case.opened_by) == ("13812345678", "peer:12345")
    history = await exchange.registry.history(case.case_number)
    assert "CaseReceived" in {record.event.kind for record in history}


async def test_the_same_message_again_is_answered_as_before_and_does_nothing(
    exchange: Exchange, peer: Peer
) -> None:
    first = await exchange.room.inbox.take(peer, message("create", number=1))
    assert await exchange.room.inbox.take(peer, message("create", number=1)) == first
    # Under another key, too: the number tells that it is the same.
    assert await exchange.room.inbox.take(peer, message("create", number=1, key="other")) == first
    assert await cases(exchange) == 1


async def test_another_message_under_a_used_key_or_number_is_refused(
    exchange: Exchange, peer: Peer
) -> None:
    take = exchange.room.inbox.take
    await take(peer, message("create", number=1, key="k"))
    other = await take(peer, message("create", "W2", key="k"))
    assert (other.status, other.body["error"]) == (409, "key_reused")
    other = await take(peer, message("update", number=1, address="别处"))
    assert (other.status, other.body["error"]) == (409, "sequence_taken")


async def test_a_message_before_its_turn_waits_for_those_before_it(
    exchange: Exchange, peer: Peer
) -> None:
    take = exchange.room.inbox.take
    third = await take(peer, message("update", number=3, address="三"))
    second = await take(peer, message("update", number=2, address="二"))
    assert (third.status, third.body["missing"]) == (202, 1)
    assert (second.status, second.body["state"]) == (202, "held")
    held = (await exchange.room.stuck.find()).held
    assert [(one.number, one.missing) for one in held] == [(2, 1), (3, 1)] or len(held) == 2
    assert (await take(peer, message("create", number=1))).status == 201
    assert (await texts(exchange, peer, "W1"))["address"] == "三"
    # Asked again, it tells how it ended.
    assert (await take(peer, message("update", number=3, address="三"))).status == 200
    assert (await exchange.room.stuck.find()).held == []


async def test_faults_name_the_peers_own_fields_and_leave_no_trace(
    exchange: Exchange, peer: Peer
) -> None:
    bad = message("create", description=" ", longitude=999, caller_phone="abc", kind="joke")
    reply = await exchange.room.inbox.take(peer, bad)
    assert (reply.status, reply.body["error"]) == (422, "bad_ticket")
    assert reply.body["fields"] == {
        "description": "required",
        "longitude": "out_of_range",
        "caller_phone": "not_a_phone",
        "kind": "choice",
    }
    # Mended, it may come under the same key.
    mended = message("create", key=bad.idempotency_key)
    assert (await exchange.room.inbox.take(peer, mended)).status == 201


async def test_a_ticket_is_withdrawn_while_nobody_works_on_it_and_not_later(
    exchange: Exchange, peer: Peer
) -> None:
    take = exchange.room.inbox.take
    await take(peer, message("create", "W1", 1))
    await take(peer, message("create", "W2", 1))
    assert (await take(peer, message("withdraw", "W1", 2, text="市民撤诉"))).status == 200
    assert (await exchange.room.inbox.case_of(peer, "W1")).state == "void"
    case = await exchange.room.inbox.case_of(peer, "W2")
    await exchange.registry.move(case.case_number, "reject", BOSS, "不属实", version=case.version)
    late = await take(peer, message("withdraw", "W2", 2, text="市民撤诉"))
    assert (late.status, late.body["error"]) == (409, "not_in_this_state")
    # It is past, and the next may come.
    assert (await take(peer, message("feedback", "W2", 3, text="知道了"))).status == 200
    said = [
        record.event.what
        for record in await exchange.registry.history(case.case_number)
        if isinstance(record.event, events.CasePeerSaid)
    ]
    assert said == ["not_withdrawn", "feedback"]


async def test_an_update_changes_what_it_names_and_nothing_else(
    exchange: Exchange, peer: Peer
) -> None:
    take = exchange.room.inbox.take
    await take(peer, message("create", address="人民路", caller_name="王某"))
    await take(peer, message("update", address="解放路"))
    case = await exchange.room.inbox.case_of(peer, "W1")
    assert (case.address, case.caller_name, case.kind) == ("解放路", "王某", "help")
    reply = await take(peer, message("update", "W9", address="解放路"))
    assert (reply.status, reply.body["error"]) == (404, "no_such_ticket")
    with pytest.raises(NoSuchTicket):
        await exchange.room.inbox.case_of(peer, "W9")


async def test_a_peer_cannot_make_us_hold_without_end(exchange: Exchange, peer: Peer) -> None:
    take = exchange.room.inbox.take
    for number in range(2, MOST_HELD + 2):
        assert (await take(peer, message("feedback", number=number, text="x"))).status == 202
    over = await take(peer, message("feedback", number=MOST_HELD + 2, text="x"))
    assert (over.status, over.body["error"]) == (409, "too_far_ahead")


async def test_a_held_message_that_proves_faulty_is_shown_and_can_be_mended(
    exchange: Exchange, peer: Peer
) -> None:
    take = exchange.room.inbox.take
    await take(peer, message("update", number=2, description="新的描述"))
    wanted = "fields: {external_id: {from: external_id}, description: {from: description, max: 3}}"
    await exchange.room.peers.save_mapping("12345", "in", wanted, 0, "supervisor")
    await take(peer, message("create", number=1, description="旧的"))
    stuck = (await exchange.room.stuck.find()).held
    assert [(one.state, one.missing, one.answer["fields"]) for one in stuck] == [
        ("faulty", None, {"description": "too_long"})
    ]
    mended = await take(peer, message("update", number=2, description="新的"))
    assert mended.status == 200
    assert (await exchange.room.stuck.find()).held == []


@pytest.mark.parametrize("seed", [7])
async def test_a_sender_that_repeats_and_reorders_has_each_effect_once_and_in_order(
    exchange: Exchange, peer: Peer, seed: int
) -> None:
    dice = random.Random(seed)
    sent: list[Incoming] = []
    for ticket in (f"T{n}" for n in range(12)):
        own = [message("create", ticket, 1)]
        own += [message("update", ticket, n, address=f"{n}") for n in range(2, 6)]
        sent += own
    flood = sent * 2
    dice.shuffle(flood)
    replies: list[Reply] = [await exchange.room.inbox.take(peer, one) for one in flood]
    assert {reply.status for reply in replies} <= {200, 201, 202}
    assert await cases(exchange) == 12
    for ticket in (f"T{n}" for n in range(12)):
        case = await exchange.room.inbox.case_of(peer, ticket)
        edits = [
            record.event.before["address"]
            for record in await exchange.registry.history(case.case_number)
            if isinstance(record.event, events.CaseEdited)
        ]
        assert (edits, case.address) == (["", "2", "3", "4"], "5")
