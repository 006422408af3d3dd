from __future__ import annotations

import asyncio
import selectors
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from hotline.pacing import PacedSelector, readable_within

GAP_S, SLACK_S = 0.002, 0.2


class Hands:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.at = 1000.0
        self.waited: list[float] = []
        self.thread_is_done = False

    def wait(self, fd: int, seconds: float) -> bool:
        if self.thread_is_done:
            return True
        self.waited.append(seconds)
        self.at += seconds
        return False


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def selector(hands: Hands) -> Iterator[PacedSelector]:
    """One that always finds something at once."""
    near, far = socket.socketpair()
    with near, far, PacedSelector(GAP_S, SLACK_S, now=lambda: hands.at, wait=hands.wait) as paced:
        paced.register(near, selectors.EVENT_READ)
        far.send(b"x")
        paced.pace()
        yield paced


def test_a_start_is_not_held_up(hands: Hands) -> None:
    near, far = socket.socketpair()
    with near, far, PacedSelector(GAP_S, SLACK_S, now=lambda: hands.at, wait=hands.wait) as paced:
        paced.register(near, selectors.EVENT_READ)
        far.send(b"x")
        for _ in range(1000):
            assert paced.select(None)
    assert not hands.waited


def test_what_a_quiet_loop_does_at_once_is_not_held_up(
    selector: PacedSelector, hands: Hands
) -> None:
    for _ in range(100):
        assert selector.select(None)
    assert not hands.waited


def test_a_busy_loop_looks_no_more_often_than_it_should(
    selector: PacedSelector, hands: Hands
) -> None:
    for _ in range(200):
        selector.select(None)
    began = hands.at
    for _ in range(500):
        assert selector.select(None)
    assert hands.at - began == pytest.approx(500 * GAP_S)
    assert max(hands.waited) <= GAP_S + 1e-9


def test_a_loop_with_something_else_to_do_is_not_held_up(
    selector: PacedSelector, hands: Hands
) -> None:
    for _ in range(1000):
        assert selector.select(0)
    assert not hands.waited


def test_a_thread_that_is_done_is_seen_at_once(selector: PacedSelector, hands: Hands) -> None:
    for _ in range(200):
        selector.select(None)
    hands.waited.clear()
    hands.thread_is_done = True
    [first] = selector.get_map()
    for _ in range(1000):
        [(key, events)] = selector.select(None)
        assert (key.fd, events) == (first, selectors.EVENT_READ)
    assert not hands.waited


def test_threads_wake_a_loop_between_two_looks() -> None:
    near, far = socket.socketpair()
    with near, far:
        assert not readable_within(near.fileno(), 0.002)
        threading.Timer(0.02, far.send, (b"x",)).start()
        began = time.monotonic()
        assert readable_within(near.fileno(), 10)
        assert time.monotonic() - began < 5


def test_a_timer_is_not_late_for_it(selector: PacedSelector, hands: Hands) -> None:
    for _ in range(200):
        selector.select(None)
    began = hands.at
    selector.select(GAP_S / 4)
    assert hands.at - began <= GAP_S / 4 + 1e-9


def test_a_loop_runs_on_it() -> None:
    async def ask() -> bytes:
        near, far = socket.socketpair()
        with near, far:
            reader, writer = await asyncio.open_connection(sock=near)
            far.send(b"well")
            said = await reader.readexactly(4)
            writer.close()
            return said

    selector = PacedSelector()
    selector.pace()
    loop = asyncio.SelectorEventLoop(selector)
    try:
        assert loop.run_until_complete(ask()) == b"well"
    finally:
        loop.close()
