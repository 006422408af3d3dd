"""One AMI connection on panoramisk, with the habits switched off that we cannot live with.

panoramisk keeps unanswered actions and sends them again after a reconnect, so an Originate
whose answer was lost would dial a citizen twice; and it reconnects by itself, with answers
still waited for that can never come. Here a connection lives once: when it ends, every action
without an answer raises :class:`AmiLost`, and nothing is kept.
"""

from __future__ import annotations

import asyncio
import codecs
import logging
import re
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from panoramisk.ami_protocol import AMIProtocol
from panoramisk.manager import Manager
from panoramisk.utils import EOL

# Asterisk refuses a longer line, without saying whose action it was; it drops headers after
# the 128th.
LINE_LIMIT = 1022
HEADER_LIMIT = 120
# Far above any event; a peer that sends more without an end is not AMI.
MESSAGE_LIMIT = 1024 * 1024

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
# Events but for those that panoramisk itself waits for.
_NEWS = re.compile(r"Event: (?!FullyBooted|Shutdown)")
_ANSWER = f"{EOL}ActionID: "


class AmiLost(Exception):
    """There is no connection, or it went away before the answer: the outcome is unknown."""


class AmiRefused(Exception):
    """Asterisk answered an action with an error; the message is Asterisk's."""


class _Headers:
    __slots__ = ()
    fields: Mapping[str, str]

    def get(self, name: str, default: str = "") -> str:
        """A header's value, whatever the case of ``name``."""
        return self.fields.get(name.lower(), default)

    def variables(self, prefix: str = "") -> dict[str, str]:
        """The channel variables that ``channelvars`` of manager.conf adds.

        ``prefix`` is that of the channel's headers: ``Dest`` for the other one of a dial.
        """
        lines = self.get(f"{prefix}ChanVariable").split(EOL)
        pairs = (line.partition("=") for line in lines if line)
        return {name: value for name, _, value in pairs}


@dataclass(frozen=True, slots=True)
class AmiEvent(_Headers):
    """Something that happened in Asterisk.

    ``fields`` maps each header, in lower case, to its value; a repeated header's values are
    joined by CR LF, which none of them can contain (a lone LF they can).
    """

    name: str
    fields: Mapping[str, str]

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", {k.lower(): v for k, v in self.fields.items()})

    @classmethod
    def of_lower_case(cls, name: str, fields: Mapping[str, str]) -> AmiEvent:
        """An event whose headers are in lower case already: most of what a busy PBX says."""
        event = object.__new__(cls)
        object.__setattr__(event, "name", name)
        object.__setattr__(event, "fields", fields)
        return event


@dataclass(frozen=True, slots=True)
class AmiReply(_Headers):
    """The successful answer to an action; ``fields`` as in :class:`AmiEvent`."""

    fields: Mapping[str, str]

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", {k.lower(): v for k, v in self.fields.items()})


class _Protocol(AMIProtocol):  # type: ignore[misc]  # panoramisk has no types
    """panoramisk's protocol, kept from losing characters and from growing without an end.

    Events that answer no action go past it: it takes several times as long for each, and they
    are most of what a busy PBX says.
    """

    factory: AmiConnection | None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        # panoramisk decodes each piece by itself: a character cut in two would vanish.
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""

    def data_received(self, data: bytes) -> None:
        *messages, self._rest = (self._rest + self.decoder.decode(data)).split(EOL + EOL)
        for message in messages:
            if self.factory is not None and _NEWS.match(message) and _ANSWER not in message:
                self.factory.news(_event_from(message))
            else:
                super().data_received((message + EOL + EOL).encode())
        if len(self._rest) > MESSAGE_LIMIT:
            self.transport.abort()


class AmiConnection(Manager):  # type: ignore[misc]  # panoramisk has no types
    """A connection from its making to its end. ``ended`` then holds the reason."""

    pinger: asyncio.TimerHandle | None

    def __init__(self, on_event: Callable[[AmiEvent], None]) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(loop=loop, log=logging.getLogger("hotline.telephony.panoramisk"))
        self.ended: asyncio.Future[str] = loop.create_future()
        self._on_event = on_event
        self._unanswered: set[asyncio.Future[Any]] = set()
        self._beside: list[asyncio.Task[None]] = []
        self.register_event("*", self._event)

    async def open(self, host: str, port: int) -> None:
        """Connect. Raises OSError."""
        made = asyncio.ensure_future(self.loop.create_connection(_Protocol, host, port))
        await made
        self.connection_made(made)
        # The link pings by itself, with a deadline for the answer.
        if self.pinger is not None:
            self.pinger.cancel()
            self.pinger = None

    def expect(self, event: str) -> asyncio.Future[AmiEvent]:
        """The next event called ``event``; raises :class:`AmiLost` when the connection ends."""
        coming: asyncio.Future[AmiEvent] = self.loop.create_future()
        self._unanswered.add(coming)
        coming.add_done_callback(self._answered)

        def came(_: Manager, message: Any) -> None:
            if not coming.done():
                coming.set_result(AmiEvent(message.event, _fields(message)))

        self.register_event(event, came)
        return coming

    def keep(self, work: Coroutine[Any, Any, None]) -> None:
        """Run ``work`` beside it until the connection ends."""
        self._beside.append(self.loop.create_task(work))

    def drop(self, why: str) -> None:
        """End it now, without waiting for the peer; harmless when it has ended."""
        if self.ended.done():
            return
        self.ended.set_result(why)
        for task in self._beside:
            task.cancel()
        for future in tuple(self._unanswered):
            if not future.done():
                future.set_exception(AmiLost(why))
        if self.protocol is not None:
            self.protocol.transport.abort()

    async def action(self, name: str, fields: Mapping[str, object]) -> AmiReply:
        """As :meth:`AmiLink.action <hotline.telephony.ami.AmiLink.action>`."""
        # as_list=False: the first answer is the answer, also to what goes on by itself.
        (first, *_) = await self._ask(name, fields, as_list=False)
        return AmiReply(_fields(first))

    async def command_list(self, name: str, fields: Mapping[str, object]) -> list[AmiEvent]:
        """As :meth:`AmiLink.command_list <hotline.telephony.ami.AmiLink.command_list>`."""
        # as_list=None: panoramisk waits for a list only when Asterisk announces one; told
        # True, it would wait for ever after a refusal.
        _, *events = await self._ask(name, fields, as_list=None)
        return [AmiEvent(item.event, _fields(item)) for item in events[:-1]]

    async def _ask(
        self, name: str, fields: Mapping[str, object], as_list: bool | None
    ) -> list[Any]:
        headers = checked({"Action": name, **fields})
        if self.protocol is None or self.ended.done():
            raise AmiLost("not connected")
        future = self.send_action(headers, as_list=as_list)
        self._unanswered.add(future)
        future.add_done_callback(self._answered)
        # Shielded: panoramisk forgets an action only when its future was not cancelled.
        answer = await asyncio.shield(future)
        messages = answer if isinstance(answer, list) else [answer]
        if messages[0].response not in ("Success", "Goodbye"):
            raise AmiRefused(messages[0].message or f"{name} was refused without a reason")
        return messages

    def _answered(self, future: asyncio.Future[Any]) -> None:
        self._unanswered.discard(future)
        if not future.cancelled():
            future.exception()  # seen, also when whoever asked was cancelled

    def news(self, event: AmiEvent) -> None:
        """An event that answers no action (for the protocol)."""
        self._on_event(event)

    def _event(self, _: Manager, message: Any) -> None:
        self._on_event(AmiEvent(message.event, _fields(message)))

    async def send_awaiting_actions(self, *_: object) -> None:
        """panoramisk's re-send, switched off: nothing is ever sent twice."""

    def connection_lost(self, exc: object) -> None:
        """panoramisk's reconnect, switched off; the link makes a new connection."""
        shutdown = not isinstance(exc, Exception | None)
        why = "Asterisk is shutting down" if shutdown else str(exc or "Asterisk closed it")
        self.drop(why)


def _event_from(message: str) -> AmiEvent:
    fields: dict[str, str] = {}
    for line in message.split(EOL):
        name, colon, value = line.partition(": ")
        if colon:
            name = name.lower()
            fields[name] = f"{fields[name]}{EOL}{value}" if name in fields else value
    return AmiEvent.of_lower_case(fields.pop("event"), fields)


def _fields(message: Any) -> dict[str, str]:
    return {
        name: EOL.join(value) if isinstance(value, list) else value
        for name, value in message.items()
        # panoramisk's own, not Asterisk's
        if name != "content"
    }


def checked(headers: Mapping[str, object]) -> dict[str, str | list[str]]:
    """The headers as text, none of which can become a header or an action of its own.

    Raises ValueError.
    """
    checked: dict[str, str | list[str]] = {}
    count = 0
    for name, given in headers.items():
        values = [str(v) for v in given] if isinstance(given, list | tuple) else [str(given)]
        for value in values:
            _check_line(name, value)
        count += len(values)
        checked[name] = values if isinstance(given, list | tuple) else values[0]
    if count > HEADER_LIMIT:
        raise ValueError(f"an AMI action of {count} lines; Asterisk takes {HEADER_LIMIT}")
    return checked


def _check_line(name: str, value: str) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError(f"not an AMI header: {name!r}")
    if any(character in value for character in "\0\r\n"):
        raise ValueError(f"{name}: an AMI value cannot carry a line break or NUL: {value!r}")
    if len(f"{name}: {value}".encode()) > LINE_LIMIT:
        raise ValueError(f"{name}: an AMI line has at most {LINE_LIMIT} bytes")
