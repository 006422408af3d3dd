"""The telephones of a town, behind the PBX's trunk: citizens who are rung back, and a neighbouring
service, all at one address. Each call to them is kept by the number that was called.
"""

from __future__ import annotations

import asyncio
import random
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.agent_phones import AgentPhone, Manner
from tests.callers import Message

_CALLED = re.compile(r"INVITE sips?:([^@>;]+)@")
# Most are there; some are busy, or let it ring.
MANNER = Manner(answers_s=(0.3, 2.0), talks_s=(4.0, 9.0), refuses=0.1, misses=0.05)


class Town(AgentPhone):
    """Whoever is called, under any number. A leg's ``caller`` is the number that was called."""

    def __init__(self, pbx_port: int, own_port: int, media_port: int, dice: random.Random) -> None:
        super().__init__(pbx_port, "town", "", media_port, dice, MANNER)
        self._port = own_port

    async def open(self) -> None:
        """Take the port at which the PBX's trunk ends."""
        sip = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sip.bind(("127.0.0.1", self._port))
        loop = asyncio.get_running_loop()
        self._sip, _ = await loop.create_datagram_endpoint(lambda: self, sock=sip)

    def other_end(self, shown: str, invite: Message) -> str:
        """The number that was called."""
        found = _CALLED.match(invite.start)
        return found[1] if found else ""


@asynccontextmanager
async def town(
    pbx_port: int, own_port: int, media_port: int, dice: random.Random
) -> AsyncIterator[Town]:
    """The town's phones."""
    it = Town(pbx_port, own_port, media_port, dice)
    await it.open()
    try:
        yield it
    finally:
        it.close()
