"""Asterisk's AudioSocket: the protocol without I/O, and a server for it on Twisted.

A message is a kind (one byte), a length (two bytes, big-endian) and that many bytes. The first
one names the connection by a UUID, which the controller made up; speech follows as signed 16-bit
little-endian samples, 8,000 a second, in messages of 20 ms.
"""

from __future__ import annotations

import asyncio
import struct
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, cast

import structlog
from twisted.internet.error import CannotListenError
from twisted.internet.protocol import Factory
from twisted.internet.protocol import Protocol as TwistedProtocol

from hotline.clock import Clock, Timer

RATE = 8000
IDENTIFY_SECONDS = 5.0
# Asterisk sends 320 bytes at a time; whoever sends much more is not Asterisk.
SPEECH_LIMIT = 8 * 1024
BACKLOG = 128

_HEADER = struct.Struct(">BH")
_HANG_UP, _IDENTITY, _KEY, _SPEECH, _ERROR = 0x00, 0x01, 0x03, 0x10, 0xFF
_LENGTHS = {_HANG_UP: (0, 0), _IDENTITY: (16, 16), _KEY: (1, 1), _SPEECH: (0, SPEECH_LIMIT)}

_log = structlog.get_logger(__name__)


class Listens(Protocol):
    """The part of a Twisted reactor that is needed."""

    def listenTCP(  # noqa: N802  Twisted's name
        self, port: int, factory: Any, backlog: int = ..., interface: str = ...
    ) -> Any:
        """Listen; a port with ``getHost`` and ``stopListening``."""


class AudioFault(Exception):
    """The peer does not speak AudioSocket as Asterisk does; nothing more can be read from it.

    ``events`` is what was still understood in the same call of :meth:`AudioConnection.receive`.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.events: tuple[AudioEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class AudioEvent:
    """Something the peer said."""


@dataclass(frozen=True, slots=True)
class Identified(AudioEvent):
    """Which connection this is; always the first event."""

    identity: uuid.UUID


@dataclass(frozen=True, slots=True)
class Speech(AudioEvent):
    """Samples (signed 16-bit little-endian at 8,000 Hz); a whole number of them."""

    samples: bytes


@dataclass(frozen=True, slots=True)
class Key(AudioEvent):
    """A key was pressed."""

    key: str


@dataclass(frozen=True, slots=True)
class Ended(AudioEvent):
    """The other side ended it; ``error`` is Asterisk's code, None for an orderly end."""

    error: int | None = None


class AudioConnection:
    """One AudioSocket conversation, as the side that is connected to."""

    def __init__(self) -> None:
        self._rest = b""
        self._identified = False
        self._fault = ""

    def receive(self, data: bytes) -> list[AudioEvent]:
        """The events that ``data`` completes; however the bytes are split, the same events.

        Raises :class:`AudioFault` on anything else than AudioSocket, and on every later call.
        """
        if self._fault:
            raise AudioFault(self._fault)
        events: list[AudioEvent] = []
        self._rest += data
        try:
            while (event := self._next()) is not None:
                events.append(event)
        except AudioFault as fault:
            self._fault = str(fault)
            fault.events = tuple(events)
            raise
        return events

    def _next(self) -> AudioEvent | None:
        if len(self._rest) < _HEADER.size:
            return None
        kind, length = _HEADER.unpack_from(self._rest)
        self._check(kind, length)
        end = _HEADER.size + length
        if len(self._rest) < end:
            return None
        content, self._rest = self._rest[_HEADER.size : end], self._rest[end:]
        self._identified = True
        return _event(kind, content)

    def _check(self, kind: int, length: int) -> None:
        if not self._identified and kind != _IDENTITY:
            raise AudioFault(f"it began with a message of kind {kind:#04x}, not with its UUID")
        if self._identified and kind == _IDENTITY:
            raise AudioFault("it named itself twice")
        if kind == _ERROR:
            return
        if kind not in _LENGTHS:
            raise AudioFault(f"there is no message of kind {kind:#04x}")
        least, most = _LENGTHS[kind]
        if not least <= length <= most:
            raise AudioFault(f"a message of kind {kind:#04x} has {length} bytes")
        if kind == _SPEECH and length % 2:
            raise AudioFault(f"speech of {length} bytes is not a whole number of samples")


def _event(kind: int, content: bytes) -> AudioEvent:
    if kind == _IDENTITY:
        return Identified(uuid.UUID(bytes=content))
    if kind == _SPEECH:
        return Speech(content)
    if kind == _KEY:
        return Key(content.decode("ascii", errors="replace"))
    return Ended(content[0] if kind == _ERROR and content else None)


class Sink(Protocol):
    """Where a connection's speech goes."""

    def speech(self, samples: bytes) -> None:
        """Samples arrived (signed 16-bit little-endian at 8,000 Hz)."""

    def ended(self, why: str) -> None:
        """No more will come; called once, also when no connection was ever made."""


class _Transport(Protocol):
    def loseConnection(self) -> None: ...  # noqa: N802
    def abortConnection(self) -> None: ...  # noqa: N802
    def setTcpNoDelay(self, enabled: bool) -> None: ...  # noqa: N802
    def setTcpKeepAlive(self, enabled: bool) -> None: ...  # noqa: N802


class _Wire(TwistedProtocol):
    """One connection: bytes to events, speech to whoever expected it."""

    def __init__(self, server: AudioSocketServer) -> None:
        self._server = server
        self._connection = AudioConnection()
        self._sink: Sink | None = None
        self._identity: uuid.UUID | None = None
        self._deadline: Timer | None = None

    @property
    def _socket(self) -> _Transport:
        return cast("_Transport", self.transport)

    def connectionMade(self) -> None:  # noqa: N802
        if not self._server._admit(self):
            self._refuse("too_many", "no room for another connection")
            return
        self._socket.setTcpNoDelay(True)
        # A PBX on another machine can vanish without a word.
        self._socket.setTcpKeepAlive(True)
        self._deadline = self._server._clock.call_later(IDENTIFY_SECONDS, self._too_slow)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        try:
            events: tuple[AudioEvent, ...] = tuple(self._connection.receive(data))
        except AudioFault as fault:
            self._take(fault.events)
            self._refuse("garbage", str(fault))
        else:
            self._take(events)

    def connectionLost(self, reason: object = None) -> None:  # noqa: N802
        self._stop_deadline()
        self._server._wires.discard(self)
        self._end("the line was closed")

    def close(self) -> None:
        """Close: Asterisk then ends its side, and the caller notices nothing."""
        self._sink = None
        self._socket.loseConnection()

    def abort(self) -> None:
        """Close at once."""
        self._socket.abortConnection()

    def _take(self, events: tuple[AudioEvent, ...]) -> None:
        for event in events:
            match event:
                case Identified(identity=identity):
                    self._identify(identity)
                case Speech(samples=samples) if self._sink is not None:
                    self._sink.speech(samples)
                case Ended(error=error):
                    self._end("" if error is None else f"Asterisk's error {error}")
                    self._socket.loseConnection()

    def _identify(self, identity: uuid.UUID) -> None:
        self._stop_deadline()
        self._sink = self._server._taken(identity, self)
        if self._sink is None:
            self._refuse("stranger", "nobody expects this connection")
            return
        self._identity = identity

    def _end(self, why: str) -> None:
        sink, self._sink = self._sink, None
        if self._identity is not None:
            self._server._connected.pop(self._identity, None)
        if sink is not None:
            sink.ended(why)

    def _too_slow(self) -> None:
        self._refuse("half_open", f"no UUID within {IDENTIFY_SECONDS:.0f} s")

    def _refuse(self, kind: str, why: str) -> None:
        _log.warning("audiosocket.refused", kind=kind, why=why)
        self._server._on_fault(kind)
        self._end(why)
        self.abort()

    def _stop_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


@dataclass(slots=True)
class _Expected:
    sink: Sink
    deadline: Timer


class AudioSocketServer:
    """Listens for AudioSocket and gives each connection's speech to whoever expects it.

    ``on_fault`` is called with what went wrong, for a counter: ``garbage``, ``half_open`` (no
    UUID within 5 s), ``stranger`` (a UUID that nobody expects) or ``too_many`` (over ``limit``
    connections).
    """

    def __init__(
        self,
        reactor: Listens,
        clock: Clock,
        *,
        host: str,
        port: int,
        on_fault: Callable[[str], None],
        limit: int = 200,
    ) -> None:
        self._reactor = reactor
        self._clock = clock
        self._host = host
        self._asked_port = port
        self._on_fault = on_fault
        self._limit = limit
        self._listening: Any = None
        self._wires: set[_Wire] = set()
        self._expected: dict[uuid.UUID, _Expected] = {}
        self._connected: dict[uuid.UUID, _Wire] = {}

    @property
    def port(self) -> int:
        """The port listened on (of use when 0 was asked for)."""
        return self._asked_port if self._listening is None else int(self._listening.getHost().port)

    @property
    def listens(self) -> bool:
        """Whether it was started and not stopped."""
        return self._listening is not None

    @property
    def connections(self) -> int:
        """How many connections stand."""
        return len(self._wires)

    @property
    def room(self) -> bool:
        """Whether another connection would be let in."""
        return len(self._wires) + len(self._expected) < self._limit

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        factory = Factory.forProtocol(lambda: _Wire(self))
        factory.noisy = False
        try:
            self._listening = self._reactor.listenTCP(
                self._asked_port, factory, backlog=BACKLOG, interface=self._host
            )
        except CannotListenError as error:
            raise OSError(
                f"AudioSocket cannot listen on {self._host}:{self._asked_port}: {error.socketError}"
            ) from error

    async def stop(self) -> None:
        """Stop listening and close every connection; each sink is told that it ended."""
        if self._listening is not None:
            stopped = self._listening.stopListening()
            self._listening = None
            if stopped is not None:
                await stopped.asFuture(asyncio.get_running_loop())
        for identity in tuple(self._expected):
            self._give_up(identity, "the server was stopped")
        for wire in tuple(self._wires):
            wire.abort()

    def expect(self, sink: Sink) -> uuid.UUID:
        """A new UUID; the connection that names it gives its speech to ``sink``.

        When none comes within 5 s, ``sink`` is told that it ended.
        """
        identity = uuid.uuid4()
        deadline = self._clock.call_later(
            IDENTIFY_SECONDS,
            lambda: self._give_up(identity, "Asterisk did not connect"),
        )
        self._expected[identity] = _Expected(sink, deadline)
        return identity

    def drop(self, identity: uuid.UUID) -> None:
        """Close the connection or expect it no more; its sink is not told. Harmless when gone."""
        expected = self._expected.pop(identity, None)
        if expected is not None:
            expected.deadline.cancel()
        wire = self._connected.pop(identity, None)
        if wire is not None:
            wire.close()

    def _admit(self, wire: _Wire) -> bool:
        if len(self._wires) >= self._limit:
            return False
        self._wires.add(wire)
        return True

    def _taken(self, identity: uuid.UUID, wire: _Wire) -> Sink | None:
        expected = self._expected.pop(identity, None)
        if expected is None:
            return None
        expected.deadline.cancel()
        self._connected[identity] = wire
        return expected.sink

    def _give_up(self, identity: uuid.UUID, why: str) -> None:
        expected = self._expected.pop(identity, None)
        if expected is not None:
            expected.deadline.cancel()
            expected.sink.ended(why)
