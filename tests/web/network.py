"""A network between one browser and everything else that can be cut, changed and slowed down.

Pages, streams and the phone's WebSocket go through forwarders of TCP, the phone's sound through
relays of UDP: the page is made to name them instead of the real ends. A cut network says nothing,
as a pulled cable does: no connection is closed, no packet answered.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, expect

from tests.system import PASSWORD, HotlineSystem
from tests.web.browser import SMALL

_STREAM = re.compile(rb"GET /events\?")
_PIECE = 65536
Address = tuple[str, int]

# The page's WebSockets and the ends of its sound lead into this network.
_LEAD = """([wsPort, ownPort]) => {
  const Real = window.WebSocket;
  window.WebSocket = class extends Real {
    constructor(url, protocols) {
      super(String(url).replace(`:${wsPort}/`, `:${ownPort}/`), protocols);
    }
  };
  const proto = RTCPeerConnection.prototype;
  const isWay = (line) => line.startsWith("a=candidate") || line === "a=end-of-candidates";
  const without = (sdp) => sdp.split("\\r\\n").filter((line) => line && !isWay(line));
  const way = (ip, port) => `a=candidate:1 1 udp 2130706431 ${ip} ${port} typ host`;
  const withWay = (sdp, ip, port) => [...without(sdp), way(ip, port), ""].join("\\r\\n");
  const setRemote = proto.setRemoteDescription;
  proto.setRemoteDescription = async function (given) {
    const found = /a=candidate:\\S+ 1 udp \\S+ ([\\d.]+) (\\d+) typ host/i.exec(given.sdp);
    if (given.type !== "offer" || !found) return setRemote.call(this, given);
    const [, ip, port] = found;
    const [near, far] = await window.relayOfTest(ip, Number(port));
    this.wayOfTest = [ip, far];
    return setRemote.call(this, { type: given.type, sdp: withWay(given.sdp, ip, near) });
  };
  const local = Object.getOwnPropertyDescriptor(proto, "localDescription").get;
  Object.defineProperty(proto, "localDescription", {
    get() {
      const mine = local.call(this);
      if (!mine || !this.wayOfTest) return mine;
      const sdp = withWay(mine.sdp, ...this.wayOfTest);
      return new RTCSessionDescription({ type: mine.type, sdp });
    },
  });
}"""


@dataclass(eq=False)
class _Epoch:
    """The network until it is another one. ``flows`` is set while it lets anything through."""

    flows: asyncio.Event = field(default_factory=asyncio.Event)


class _Relay(asyncio.DatagramProtocol):
    """One end of a relay of sound: hands on what it gets."""

    def __init__(self, epoch: _Epoch) -> None:
        self._epoch = epoch
        self.other: _Relay | None = None
        # Whom this end speaks to: whoever spoke to it last, from whatever address.
        self.peer: Address | None = None
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: Any) -> None:
        """The end's socket is open."""
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """Hand it on, if the network lets it through."""
        self.peer = addr
        other = self.other
        if self._epoch.flows.is_set() and other and other.transport and other.peer:
            other.transport.sendto(data, other.peer)

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self.transport is not None
        return int(self.transport.get_extra_info("sockname")[1])


class Network:
    """The network of one browser. ``held_back_s``: for so long it keeps an event stream's bytes."""

    def __init__(self, system: HotlineSystem, held_back_s: float = 0.0) -> None:
        self.system = system
        self.held_back_s = held_back_s
        self.web_port = self.phone_port = 0
        self._epoch = _Epoch()
        self._epoch.flows.set()
        self._servers: list[asyncio.Server] = []
        self._relays: list[asyncio.DatagramTransport] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Open both ways."""
        config = self.system.config
        self.web_port = await self._forward(config.web.port)
        self.phone_port = await self._forward(config.pbx.ws_port)

    async def stop(self) -> None:
        """Close everything."""
        for server in self._servers:
            server.close()
        for relay in self._relays:
            relay.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """Let nothing through any more, and say nothing."""
        self._epoch.flows.clear()

    def mend(self) -> None:
        """Let everything through again, also what waited."""
        self._epoch.flows.set()

    def change(self) -> None:
        """Be another network from now on: what is open in the one before leads nowhere."""
        self.cut()
        self._epoch = _Epoch()
        self._epoch.flows.set()

    async def relay(self, ip: str, port: int) -> list[int]:
        """A relay to the PBX's end of some sound: the ports for the browser and for the PBX."""
        loop = asyncio.get_running_loop()
        near, far = _Relay(self._epoch), _Relay(self._epoch)
        near.other, far.other = far, near
        far.peer = ip, port
        for end in (near, far):
            transport, _ = await loop.create_datagram_endpoint(
                lambda end=end: end,  # type: ignore[misc]
                local_addr=(ip, 0),
            )
            self._relays.append(transport)
        return [near.port, far.port]

    async def lead(self, context: BrowserContext) -> None:
        """Let every page of this context use this network."""
        await context.expose_function("relayOfTest", self.relay)
        ports = f"[{self.system.config.pbx.ws_port}, {self.phone_port}]"
        await context.add_init_script(f"({_LEAD})({ports})")

    # --- forwarding ---------------------------------------------------------------------

    async def _forward(self, port: int) -> int:
        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            # What ends with the network is no fault of anybody's.
            with suppress(OSError, asyncio.CancelledError):
                await self._join(reader, writer, port)

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def _join(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int
    ) -> None:
        epoch = self._epoch
        await epoch.flows.wait()
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)
        streaming = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._up(reader, there_writer, epoch, streaming))
                group.create_task(self._down(there_reader, writer, epoch, streaming))
        except* OSError:
            pass
        finally:
            writer.close()
            there_writer.close()

    async def _up(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        epoch: _Epoch,
        streaming: asyncio.Event,
    ) -> None:
        while piece := await reader.read(_PIECE):
            if _STREAM.match(piece):
                streaming.set()
            await epoch.flows.wait()
            writer.write(piece)
            await writer.drain()
        await epoch.flows.wait()
        writer.close()

    async def _down(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        epoch: _Epoch,
        streaming: asyncio.Event,
    ) -> None:
        while piece := await reader.read(_PIECE):
            if streaming.is_set() and self.held_back_s:
                await asyncio.sleep(self.held_back_s)
            await epoch.flows.wait()
            writer.write(piece)
            await writer.drain()
        await epoch.flows.wait()
        writer.close()


@asynccontextmanager
async def network_of(system: HotlineSystem, held_back_s: float = 0.0) -> AsyncIterator[Network]:
    """A network that is whole at first."""
    network = Network(system, held_back_s)
    await network.start()
    try:
        yield network
    finally:
        await network.stop()


@asynccontextmanager
async def page_through(
    network: Network, browser: Browser, user: str, size: ViewportSize = SMALL
) -> AsyncIterator[Page]:
    """A page of somebody who is logged in and is reached through ``network`` alone."""
    context = await browser.new_context(viewport=size, bypass_csp=True)
    await network.lead(context)
    page = await context.new_page()
    mistakes: list[str] = []
    page.on("pageerror", lambda error: mistakes.append(str(error)))
    await page.goto(f"http://127.0.0.1:{network.web_port}/login")
    await page.fill("[name=user_id]", user)
    await page.fill("[name=password]", PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("#callbar")).to_be_visible()
    try:
        yield page
    finally:
        network.mend()
        await context.close()
    assert not mistakes
