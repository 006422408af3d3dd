"""uvicorn as one more task on the running loop, with limits for slow and broken clients."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import h11
import structlog
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from hotline.web.app import web_in
from hotline.web.streams import CUT

MOST_HEADER_BYTES = 32 * 1024
MOST_CONNECTIONS = 2000
# From its first byte a request has this long to arrive whole.
REQUEST_PATIENCE_S = 15.0
# A photo from a phone on a weak network takes longer: it may, while at least so much arrives.
SLOWEST_UPLOAD = 4 * 1024
UPLOAD_PATIENCE_S = 1800.0
# A page that vanished without a word is given up after this long.
DEAD_PEER_S = 60
GRACE_S = 3

_log = structlog.get_logger(__name__)


class WebServer:
    """The pages on one address."""

    def __init__(self, app: FastAPI, host: str, port: int) -> None:
        self._app = app
        self._address = (host, port)
        self._socket: socket.socket | None = None
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """Where it listens; differs from what was asked for when that was 0."""
        if self._socket is None:
            raise RuntimeError("the web server is not started")
        return int(self._socket.getsockname()[1])

    async def start(self) -> None:
        """Listen, and return once requests are taken. Raises OSError when the port is taken."""
        self._socket = _listen(*self._address)
        self._server = _Server(_settings(self._app))
        self._task = asyncio.create_task(self._server.run_on(self._socket), name="web server")
        listening = asyncio.create_task(self._server.listening.wait())
        await asyncio.wait((listening, self._task), return_when=asyncio.FIRST_COMPLETED)
        listening.cancel()
        if self._task.done():
            await self._task

    async def stop(self) -> None:
        """Take no more requests, end the streams, let the rest finish for a moment."""
        if self._server is None or self._task is None:
            return
        web_in(self._app).streams.close_all()
        self._server.should_exit = True
        await self._task
        self._server = self._task = self._socket = None


class _Server(uvicorn.Server):
    """Leaves the process's signals to whoever owns the process."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Say when requests are taken."""
        await super().startup(sockets)
        self.listening.set()

    async def run_on(self, listening: socket.socket) -> None:
        await self.serve(sockets=[listening])

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


class GuardedProtocol(H11Protocol):
    """A connection whose requests have to arrive in time, and that notices a dead peer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.app_state = {**self.app_state, CUT: self._cut}
        self._patience: asyncio.TimerHandle | None = None
        # Bytes since the patience was last renewed, and since when the request has been arriving.
        self._arrived = 0
        self._began: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_PEER_S * 1000)
        self._arm()

    def data_received(self, data: bytes) -> None:
        """Take bytes in; the wait is over when the request is whole."""
        self._arrived += len(data)
        super().data_received(data)
        if self.conn.their_state in {h11.IDLE, h11.SEND_BODY}:
            self._arm()
        else:
            self._disarm()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._disarm()
        super().connection_lost(exc)

    def _arm(self) -> None:
        # Not started anew by each byte: a byte a second would hold a connection for ever.
        if self._patience is None:
            self._arrived = 0
            if self._began is None:
                self._began = self.loop.time()
            self._patience = self.loop.call_later(REQUEST_PATIENCE_S, self._give_up)

    def _disarm(self) -> None:
        self._began = None
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _cut(self) -> None:
        self.transport.abort()

    def _give_up(self) -> None:
        self._patience = None
        if self._uploads_well():
            self._arm()
            return
        _log.info("a client did not finish its request", client=self.client and self.client[0])
        self.transport.abort()

    def _uploads_well(self) -> bool:
        """Whether an attachment is arriving, not too slowly, that nobody has refused yet."""
        path = self.scope["path"] if self.scope else ""
        lasted = 0.0 if self._began is None else self.loop.time() - self._began
        return (
            path.endswith("/attachments")
            and self.conn.their_state is h11.SEND_BODY
            and self.conn.our_state is not h11.DONE
            and self._arrived >= SLOWEST_UPLOAD * REQUEST_PATIENCE_S
            and lasted < UPLOAD_PATIENCE_S
        )


def _settings(app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=GuardedProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        h11_max_incomplete_event_size=MOST_HEADER_BYTES,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=GRACE_S,
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(512)
        listening.setblocking(False)
    except OSError:
        listening.close()
        raise
    return listening
