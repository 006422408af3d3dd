"""FastAGI: one asyncio task a session.

A handler is ``async def handler(session: AgiSession) -> None``. When it returns, raises or is
cancelled, the connection is closed and the dialplan goes on with its next line; what it does
then is told by variables the handler has set before.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Coroutine
from typing import Any, cast

import structlog
from structlog.contextvars import bound_contextvars

from hotline.clock import Clock, Timer
from hotline.telephony.agi import AgiConnection, AgiEvent, Environment, ProtocolFault
from hotline.telephony.session import AgiFault, AgiSession, CallerHungUp

__all__ = ["AgiFault", "AgiSession", "CallerHungUp", "FastAgiServer", "Handler"]

ENVIRONMENT_SECONDS = 5.0
STOP_SECONDS = 5.0
BACKLOG = 1024

_log = structlog.get_logger("hotline.telephony.fastagi")


Handler = Callable[[AgiSession], Coroutine[Any, Any, None]]


class _Wire(asyncio.Protocol):
    """One connection: bytes to events, events to the session, the session's task."""

    def __init__(self, server: FastAgiServer) -> None:
        self._server = server
        self._connection = AgiConnection()
        self._session: AgiSession | None = None
        self._deadline: Timer | None = None
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        if not self._server._admit(self):
            self._refuse("too_many", "no room for another session")
            return
        # A PBX on another machine can vanish without a word.
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._deadline = self._server._clock.call_later(ENVIRONMENT_SECONDS, self._too_slow)

    def data_received(self, data: bytes) -> None:
        try:
            events: tuple[AgiEvent, ...] = tuple(self._connection.receive(data))
        except ProtocolFault as fault:
            self._take(fault.events)
            self._refuse(fault.kind, str(fault))
        else:
            self._take(events)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_deadline()
        self._server._wires.discard(self)
        if self._session is not None:
            self._session.leave(told=False)

    @property
    def started(self) -> bool:
        """Whether it has a session."""
        return self._session is not None

    def abort(self) -> None:
        """Close at once, whatever is still to be sent."""
        self._transport.abort()

    def _take(self, events: tuple[AgiEvent, ...]) -> None:
        for event in events:
            if isinstance(event, Environment):
                self._stop_deadline()
                self._session = AgiSession(event, self._connection, self._transport.write)
                self._server._run(self._session, event, self._transport.close)
            elif self._session is not None:
                self._session.take(event)

    def _too_slow(self) -> None:
        self._refuse("half_open", f"no environment within {ENVIRONMENT_SECONDS:.0f} s")

    def _refuse(self, kind: str, why: str) -> None:
        _log.warning("agi.refused", kind=kind, why=why)
        self._server._on_fault(kind)
        self.abort()

    def _stop_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class FastAgiServer:
    """Listens for FastAGI and runs ``handler`` for each session.

    ``on_fault`` is called with what went wrong, for a counter: ``garbage``, ``too_long``,
    ``half_open`` (no environment within 5 s), ``too_many`` (over ``limit`` connections) or
    ``handler`` (it raised). ``call_of`` gives the id that each log line of a session carries as
    ``call``; without it, the channel's unique id.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        host: str,
        port: int,
        handler: Handler,
        on_fault: Callable[[str], None],
        call_of: Callable[[Environment], str] | None = None,
        limit: int = 2000,
    ) -> None:
        self._clock = clock
        self._host = host
        self._asked_port = port
        self._handler = handler
        self._on_fault = on_fault
        self._call_of = call_of or (lambda env: env.variables.get("agi_uniqueid", ""))
        self._limit = limit
        self._listening: asyncio.Server | None = None
        self._wires: set[_Wire] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """The port listened on (of use when 0 was asked for)."""
        if self._listening is None:
            return self._asked_port
        return int(self._listening.sockets[0].getsockname()[1])

    @property
    def sessions(self) -> int:
        """How many sessions have a handler running."""
        return len(self._tasks)

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        try:
            self._listening = await asyncio.get_running_loop().create_server(
                lambda: _Wire(self), self._host, self._asked_port, backlog=BACKLOG
            )
        except OSError as error:
            raise OSError(
                f"FastAGI cannot listen on {self._host}:{self._asked_port}: {error}"
            ) from error

    async def stop(self) -> None:
        """Stop listening, close every session and wait for the handlers to end.

        Handlers are cancelled, not told of a hang-up: their callers are still there and go on
        in the dialplan's own path.
        """
        if self._listening is not None:
            self._listening.close()
            self._listening = None
        for wire in tuple(self._wires):
            if not wire.started:
                wire.abort()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=STOP_SECONDS)
            for task in late:
                _log.error("agi.handler_does_not_end", task=task.get_name())
        for wire in tuple(self._wires):
            wire.abort()

    def _admit(self, wire: _Wire) -> bool:
        if len(self._wires) >= self._limit:
            return False
        self._wires.add(wire)
        return True

    def _run(
        self, session: AgiSession, environment: Environment, close: Callable[[], None]
    ) -> None:
        call = self._call_of(environment)
        task = asyncio.get_running_loop().create_task(
            self._session(session, call, close), name=f"agi {call}"
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _session(self, session: AgiSession, call: str, close: Callable[[], None]) -> None:
        with bound_contextvars(call=call):
            try:
                await self._handler(session)
            except CallerHungUp as gone:
                _log.debug("agi.channel_left", told=gone.told)
            except Exception:
                _log.exception("agi.handler_failed", path=session.path)
                self._on_fault("handler")
            finally:
                close()
