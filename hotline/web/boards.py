"""The queue's numbers to every open page: at most four times a second, always the latest."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import structlog

from hotline.clock import Clock
from hotline.cti.views import Board
from hotline.routing.model import PublishedPlan, RoutingPlan
from hotline.web.feed import Message
from hotline.web.ports import Calls, Journal
from hotline.web.shown import shown_board, shown_queue

MIN_INTERVAL_S = 0.25
# Some of what is shown changes without an event (a day begins).
LONGEST_SILENCE_S = 5.0

Deliver = Callable[[Message], None]
_log = structlog.get_logger(__name__)


class BoardFeed:
    """Makes the board once for all who listen, and only while somebody does."""

    def __init__(
        self, journal: Journal, calls: Calls, clock: Clock, plan: Callable[[], RoutingPlan]
    ) -> None:
        self._journal = journal
        self._calls = calls
        self._clock = clock
        self._plan = plan
        self._listeners: dict[Deliver, bool] = {}
        self._changed = asyncio.Event()
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    def listen(self, deliver: Deliver, *, whole: bool) -> None:
        """Deliver the board now and after each change; ``whole``: the supervisor's picture."""
        self._listeners[deliver] = whole
        deliver(self._message(self._calls.board(), whole))
        if not self._tasks or any(task.done() for task in self._tasks):
            self._stop()
            self._tasks = (
                asyncio.create_task(self._watch(), name="board changes"),
                asyncio.create_task(self._publish(), name="board feed"),
            )
            for task in self._tasks:
                task.add_done_callback(_say_why)

    def leave(self, deliver: Deliver) -> None:
        """Deliver nothing more."""
        self._listeners.pop(deliver, None)
        if not self._listeners:
            self._stop()

    async def plan_changed(self, plan: PublishedPlan) -> None:
        """Another routing plan is in force: deliver its teams and queues."""
        del plan
        self._changed.set()

    def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._tasks = ()

    def _message(self, board: Board, whole: bool) -> Message:
        return Message("board", shown_board(board, self._plan()) if whole else shown_queue(board))

    async def _watch(self) -> None:
        async for _ in self._journal.follow(None):
            self._changed.set()

    async def _publish(self) -> None:
        last: dict[bool, object] = {}
        while True:
            await self._change_or_silence()
            self._changed.clear()
            board = self._calls.board()
            for whole in set(self._listeners.values()):
                now = self._compared(board) if whole else shown_queue(board)
                if now != last.get(whole):
                    last[whole] = now
                    self._deliver(self._message(board, whole), whole)
            await self._clock.sleep(MIN_INTERVAL_S)

    def _compared(self, board: Board) -> object:
        # A plan never changes; another one is another object.
        return replace(board, at=0.0, seq=0), id(self._plan())

    def _deliver(self, message: Message, to_whole: bool) -> None:
        for deliver, whole in list(self._listeners.items()):
            if whole == to_whole:
                deliver(message)

    async def _change_or_silence(self) -> None:
        timer = self._clock.call_later(LONGEST_SILENCE_S, self._changed.set)
        try:
            await self._changed.wait()
        finally:
            timer.cancel()


def _say_why(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("the board feed ended; the next page to listen starts it", exc_info=error)
