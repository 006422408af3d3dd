from __future__ import annotations

import asyncio
import selectors
import socket
from collections.abc import Iterator

import pytest

from hotline.pacing import PacedSelector

GAP_S, SLACK_S = 0.002, 0.2


class Hands:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.at = 1000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def selector(hands: Hands) -> Iterator[PacedSelector]:
    """One that always finds something at once."""
    near, far = socket.socketpair()
    with near, far, PacedSelector(GAP_S, SLACK_S, now=lambda: hands.at, sleep=hands.sleep) as paced:
        paced.register(near, selectors.EVENT_READ)
        far.send(b"x")
        paced.pace()
        yield paced


def test_a_start_is_not_held_up(hands: Hands) -> None:
    near, far = socket.socketpair()
    with near, far, PacedSelector(GAP_S, SLACK_S, now=lambda: hands.at, sleep=hands.sleep) as paced:
        paced.register(near, selectors.EVENT_READ)
        far.send(b"x")
        for _ in range(1000):
            assert paced.select(None)
    assert not hands.slept


def test_what_a_quiet_loop_does_at_once_is_not_held_up(
    selector: PacedSelector, hands: Hands
) -> None:
    for _ in range(100):
        assert selector.select(None)
    assert not hands.slept


def test_a_busy_loop_looks_no_more_often_than_it_should(
    selector: PacedSelector, hands: Hands
) -> None:
    for _ in range(200):
        selector.select(None)
    began = hands.at
    for _ in range(500):
        assert selector.select(None)
    assert hands.at - began == pytest.approx(500 * GAP_S)
    assert max(hands.slept) <= GAP_S + 1e-9


def test_a_loop_with_something_else_to_do_is_not_held_up(
    selector: PacedSelector, hands: Hands
) -> None:
    for _ in range(1000):
        assert selector.select(0)
    assert not hands.slept


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
