"""Open event streams: each with its own buffer, so that a slow reader holds up nobody else."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from hotline.web.feed import Message

Write = Callable[[bytes], Awaitable[None]]

# The key under which the server's state holds a call that cuts the connection.
CUT = "hotline.cut"
CUT_S = 5.0
# A reader this far behind starts again from what it last saw.
MOST_WAITING = 1000


class TooSlow(Exception):
    """The reader does not keep up; its stream is closed, and it may come back."""


class Outbox:
    """What one stream has yet to send. Of boards only the latest is kept."""

    def __init__(self) -> None:
        self._messages: deque[Message] = deque()
        self._board: Message | None = None
        self._something = asyncio.Event()

    def __len__(self) -> int:
        return len(self._messages)

    def put(self, message: Message) -> None:
        """Add a message. Raises :class:`TooSlow` when there are too many."""
        if len(self._messages) >= MOST_WAITING:
            raise TooSlow
        self._messages.append(message)
        self._something.set()

    def put_board(self, message: Message) -> None:
        """Replace the board that waits, if any."""
        self._board = message
        self._something.set()

    async def take(self, patience_s: float) -> Message | None:
        """The next message, or None after ``patience_s`` seconds without one."""
        try:
            async with asyncio.timeout(patience_s):
                await self._something.wait()
        except TimeoutError:
            return None
        message = self._messages.popleft() if self._messages else None
        if message is None:
            message, self._board = self._board, None
        if not self._messages and self._board is None:
            self._something.clear()
        return message


@dataclass(eq=False, slots=True)
class Stream:
    """One open stream; ``closed`` ends it from our side."""

    session_id: str
    closed: asyncio.Event = field(default_factory=asyncio.Event)


class Streams:
    """Every open stream, so that a logout ends those of its session."""

    def __init__(self) -> None:
        self._open: set[Stream] = set()

    def __len__(self) -> int:
        return len(self._open)

    def add(self, session_id: str) -> Stream:
        """A stream that is about to begin; give it back by :meth:`remove`."""
        stream = Stream(session_id)
        self._open.add(stream)
        return stream

    def remove(self, stream: Stream) -> None:
        """It has ended."""
        self._open.discard(stream)

    def listens(self, session_id: str) -> bool:
        """Whether a page of this session is open."""
        return any(stream.session_id == session_id for stream in self._open)

    def close(self, session_id: str) -> None:
        """End every stream of a session."""
        for stream in self._open:
            if stream.session_id == session_id:
                stream.closed.set()

    def close_all(self) -> None:
        """End every stream: the web is stopping."""
        for stream in self._open:
            stream.closed.set()


class EventStream(StreamingResponse):
    """An answer of type ``text/event-stream``; ``produce`` writes it until it returns or the
    reader goes away, which cancels it. Its connection is cut on :class:`TooSlow`."""

    media_type = "text/event-stream"

    def __init__(self, produce: Callable[[Write], Awaitable[None]]) -> None:
        super().__init__(content=(), headers={"X-Accel-Buffering": "no"})
        self._produce = produce
        self._cut: Callable[[], None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        # Put there by hotline.web.server: ASGI itself has no way to cut a connection, and
        # ending it properly would wait for the reader.
        self._cut = scope.get("state", {}).get(CUT)
        await super().__call__(scope, receive, send)

    async def stream_response(self, send: Send) -> None:
        """Send the head, what is produced, and the end."""

        async def write(data: bytes) -> None:
            await send({"type": "http.response.body", "body": data, "more_body": True})

        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        try:
            await self._produce(write)
        except TooSlow:
            if self._cut is not None:
                self._cut()
                # The disconnect cancels this.
                await asyncio.sleep(CUT_S)
        await send({"type": "http.response.body", "body": b"", "more_body": False})
