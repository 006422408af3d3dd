"""The link to one Asterisk's manager interface (AMI), on panoramisk.

The link comes back by itself for ever, and nothing is ever sent twice: an action whose
connection died before the answer raises :class:`AmiLost`, and whoever asked finds out from the
next snapshot whether it happened.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotline.clock import Clock

if TYPE_CHECKING:
    from hotline.telephony.snapshot import PbxSnapshot


class AmiLost(Exception):
    """There is no connection, or it went away before the answer: the outcome is unknown."""


class AmiRefused(Exception):
    """Asterisk answered an action with an error; the message is Asterisk's."""


@dataclass(frozen=True, slots=True)
class _Headers:
    """``fields`` maps each header, in lower case, to its value; repeated ones are kept as
    lines."""

    fields: Mapping[str, str]

    def get(self, name: str, default: str = "") -> str:
        """A header's value, whatever the case of ``name``."""
        raise NotImplementedError

    def variables(self, prefix: str = "") -> dict[str, str]:
        """The channel variables that ``channelvars`` adds; ``prefix`` ``Dest`` for the other
        channel's."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class AmiReply(_Headers):
    """The successful answer to an action."""


@dataclass(frozen=True, slots=True)
class AmiEvent:
    """Something that happened in Asterisk. ``fields`` as in AMI, names in lower case."""

    name: str
    fields: Mapping[str, str]

    def get(self, name: str, default: str = "") -> str:
        """A header's value, whatever the case of ``name``."""
        raise NotImplementedError

    def variables(self, prefix: str = "") -> dict[str, str]:
        """The channel variables that ``channelvars`` adds; ``prefix`` ``Dest`` for the other
        channel's."""
        raise NotImplementedError


class AmiLink:
    """A link that is kept up.

    After each login: a snapshot is taken, ``on_up`` is awaited with it, then events go to
    ``on_event`` in their order. Events that happened while the snapshot was taken and while
    ``on_up`` ran follow it, so some may tell what the snapshot already shows. ``on_down`` is
    called once, with the reason, after each ``on_up``. Actions may be sent from ``on_up`` on.

    An exception in ``on_up`` drops the connection (it is tried again); one in ``on_event`` is
    logged and the next event is delivered.
    """

    def __init__(
        self,
        node: str,
        *,
        host: str,
        port: int,
        user: str,
        secret: str,
        clock: Clock,
        on_event: Callable[[AmiEvent], None],
        on_up: Callable[[PbxSnapshot], Awaitable[None]],
        on_down: Callable[[str], None],
        heartbeat_s: float = 2.0,
        answer_s: float = 5.0,
    ) -> None:
        raise NotImplementedError

    @property
    def up(self) -> bool:
        """Whether actions can be sent: from just before ``on_up`` until the connection ends."""
        raise NotImplementedError

    @property
    def trouble(self) -> str:
        """Why the link is not up, in one line; empty while it is or nothing was tried yet."""
        raise NotImplementedError

    async def start(self) -> None:
        """Begin to connect; returns at once, whether there is an Asterisk or not."""
        raise NotImplementedError

    async def stop(self) -> None:
        """Log off and stay down. Actions under way raise :class:`AmiLost`."""
        raise NotImplementedError

    async def action(self, name: str, **fields: object) -> AmiReply:
        """Send an action once and return its answer.

        A field's value may be a list: the header is then repeated. Raises :class:`AmiLost`,
        :class:`AmiRefused`, and ValueError before anything is sent when a name or value holds
        a line break or NUL or makes a line over Asterisk's 1,024 bytes.
        """
        raise NotImplementedError

    async def command_list(self, name: str, **fields: object) -> list[AmiEvent]:
        """Send an action that is answered by a list; the list's events without its end mark.

        Raises as :meth:`action`.
        """
        raise NotImplementedError
