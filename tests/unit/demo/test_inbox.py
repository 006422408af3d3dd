from __future__ import annotations

import asyncio

import pytest

from hotline.demo.inbox import Inbox, InboxClosed


async def test_what_arrived_before_it_was_awaited_is_not_missed() -> None:
    inbox: Inbox[int] = Inbox()
    inbox.put(1)
    inbox.put(2)
    assert await inbox.next(lambda item: item == 2, within=1) == 2


async def test_a_thing_is_given_once() -> None:
    inbox: Inbox[int] = Inbox()
    inbox.put(1)
    await inbox.next(lambda item: True, within=1)
    with pytest.raises(TimeoutError):
        await inbox.next(lambda item: True, within=0.01)


async def test_a_waiting_reader_gets_what_arrives_later() -> None:
    inbox: Inbox[int] = Inbox()
    reader = asyncio.create_task(inbox.next(lambda item: item > 1, within=5))
    await asyncio.sleep(0)
    inbox.put(1)
    inbox.put(2)
    assert await reader == 2


async def test_the_end_is_told_after_the_last_thing() -> None:
    inbox: Inbox[int] = Inbox()
    inbox.put(1)
    inbox.close()
    assert await inbox.next(lambda item: True, within=1) == 1
    with pytest.raises(InboxClosed):
        await inbox.next(lambda item: True, within=1)


async def test_skipped_things_are_gone_past() -> None:
    inbox: Inbox[int] = Inbox()
    inbox.put(1)
    inbox.skip()
    inbox.put(2)
    assert await inbox.next(lambda item: True, within=1) == 2
