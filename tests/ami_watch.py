"""An AMI link whose story a test can wait for, and an Asterisk with something to tell."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import pytest
from twisted.internet.asyncioreactor import AsyncioSelectorReactor

from hotline.clock import ReactorClock
from hotline.telephony.ami import AmiEvent, AmiLink
from hotline.telephony.pbx import Pbx
from hotline.telephony.snapshot import PbxSnapshot
from tests.asterisk_box import AsteriskBox
from tests.deadline import until

WAIT = 15.0

DIALPLAN = """
[phones]
exten => wait,1,Answer()
 same => n,Wait(60)
exten => count,1,Set(GLOBAL(COUNT)=$[0${COUNT} + 1])
 same => n,Answer()
 same => n,Wait(60)
exten => key,1,Answer()
 same => n,Wait(1)
 same => n,SendDTMF(5)
 same => n,Wait(60)
exten => named,1,Set(CALLERID(all)="张三 "quoted" \\\\ 😀" <13800005678>)
 same => n,Set(HOTLINE_CALLED=12319)
 same => n,Answer()
 same => n,Wait(60)

[agi]
exten => s,1,Set(AGIEXITONHANGUP=yes)
 same => n,Set(LINES=${URIDECODE(one%0AHANGUP%0Atwo)})
 same => n,Answer()
 same => n,AGI(agi://127.0.0.1:${PORT}/call,start,,0)
 same => n,UserEvent(AfterAgi,Next: ${HOTLINE_NEXT})
 same => n,Wait(60)
"""


class Watch:
    """A link, and what it told."""

    def __init__(self, reactor: AsyncioSelectorReactor, box: AsteriskBox, port: int = 0) -> None:
        self.ups: list[PbxSnapshot] = []
        self.downs: list[str] = []
        self.events: list[AmiEvent] = []
        self.link = AmiLink(
            "pbx1",
            host="127.0.0.1",
            port=port or box.ami_port,
            user="hotline",
            secret=box.secret,
            clock=ReactorClock(reactor),
            on_event=self.events.append,
            on_up=self._up,
            on_down=self.downs.append,
            heartbeat_s=0.3,
            # Longer than other tests keep a busy machine from answering.
            answer_s=5.0,
            slowest_retry_s=1.0,
        )
        self.pbx = Pbx(self.link)

    async def _up(self, snapshot: PbxSnapshot) -> None:
        self.ups.append(snapshot)

    def seen(self, name: str, **fields: str) -> AmiEvent | None:
        """The first event of this name and these fields."""
        for event in self.events:
            if event.name == name and all(event.get(k) == v for k, v in fields.items()):
                return event
        return None

    async def comes(self, name: str, **fields: str) -> AmiEvent:
        """The same, waited for."""
        return await until(lambda: self.seen(name, **fields), WAIT, 0.01, f"{name} {fields}")

    async def comes_up(self, times: int = 1) -> PbxSnapshot:
        """The snapshot of the ``times``-th life."""
        await until(lambda: len(self.ups) >= times, WAIT, 0.01, self.link.trouble)
        return self.ups[times - 1]

    async def call(self, extension: str, channel_id: str, context: str = "phones") -> None:
        """Let somebody be in ``extension``, and the other end of the line idle."""
        await self.pbx.originate(
            channel_id, f"Local/{extension}@{context}/n", "phones", "wait", ring_seconds=10
        )


@pytest.fixture(scope="module")
def box() -> Iterator[AsteriskBox]:
    """An Asterisk that the tests leave as they found it."""
    with AsteriskBox(extensions=DIALPLAN) as running:
        yield running


@pytest.fixture
def own_box() -> Iterator[AsteriskBox]:
    """An Asterisk, not yet started, that a test may ruin."""
    with AsteriskBox(extensions=DIALPLAN, autostart=False) as stopped:
        yield stopped


@asynccontextmanager
async def watching(
    reactor: AsyncioSelectorReactor, box: AsteriskBox, port: int = 0
) -> AsyncIterator[Watch]:
    watch = Watch(reactor, box, port)
    await watch.link.start()
    try:
        yield watch
    finally:
        await watch.link.stop()


class Cut:
    """A wire to AMI that can lose what Asterisk answers."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._server: asyncio.Server | None = None
        self._word = b""
        self._losing = False
        self.port = 0

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()

    def lose_what_follows(self, word: bytes) -> None:
        """Carry ``word`` to Asterisk, then cut the wire instead of carrying anything back."""
        self._word = word

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, out = await asyncio.open_connection("127.0.0.1", self._to)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._to_asterisk(reader, out))
                both.create_task(self._from_asterisk(there, writer))
        finally:
            out.close()

    async def _to_asterisk(self, reader: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        # A link that gives up resets its connection.
        with suppress(ConnectionResetError):
            while data := await reader.read(65536):
                if self._word and self._word in data:
                    self._word, self._losing = b"", True
                out.write(data)
        out.close()

    async def _from_asterisk(
        self, there: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with suppress(ConnectionResetError):
            while (data := await there.read(65536)) and not self._losing:
                writer.write(data)
        self._losing = False
        writer.close()
