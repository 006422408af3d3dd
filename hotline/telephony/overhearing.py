"""What a caller says, while prompts play to them or they are recorded.

A second channel, which only the PBX and we know of, spies on the caller's: it is given what the
caller says and nothing of what they hear, and carries it here over AudioSocket. Closing our side
ends it; the caller notices none of it, whatever happens to it.
"""

from __future__ import annotations

import uuid
from typing import Protocol

from hotline.telephony.ami import AmiLost, AmiRefused
from hotline.telephony.audiosocket import AudioSocketServer, Sink


class Deaf(Exception):
    """A caller cannot be listened to now; the message says why."""


class Spies(Protocol):
    """The part of a PBX that is needed."""

    async def overhear(self, channel: str, address: str, identity: str) -> None:
        """Carry what ``channel`` says to the AudioSocket at ``address``. Raises
        :class:`AmiLost`, :class:`AmiRefused`."""


class Overhears(Protocol):
    """What listens to callers, as those see it who ask it to."""

    async def begin(self, channel: str, sink: Sink) -> uuid.UUID:
        """Give what ``channel`` says to ``sink``. Raises :class:`Deaf`."""

    def end(self, identity: uuid.UUID) -> None:
        """Listen no more."""


class Overhearer:
    """Listens to callers. ``host`` is where the PBX reaches the server."""

    def __init__(self, server: AudioSocketServer, pbx: Spies, host: str) -> None:
        self._server = server
        self._pbx = pbx
        self._host = f"[{host}]" if ":" in host else host

    async def begin(self, channel: str, sink: Sink) -> uuid.UUID:
        """Give what ``channel`` says to ``sink``, until :meth:`end` or the caller's hang-up.

        Raises :class:`Deaf`; after that ``sink`` is told nothing.
        """
        if not self._server.listens:
            raise Deaf("nothing listens for AudioSocket")
        if not self._server.room:
            raise Deaf("too many callers are listened to")
        identity = self._server.expect(sink)
        try:
            await self._pbx.overhear(channel, f"{self._host}:{self._server.port}", str(identity))
        except (AmiLost, AmiRefused, ValueError) as error:
            self._server.drop(identity)
            raise Deaf(f"the PBX did not: {error}") from error
        except BaseException:
            self._server.drop(identity)
            raise
        return identity

    def end(self, identity: uuid.UUID) -> None:
        """Listen no more; ``sink`` is told nothing. Harmless when it has ended."""
        self._server.drop(identity)
