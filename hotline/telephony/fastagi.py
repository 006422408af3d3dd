"""FastAGI on Twisted: one asyncio task a session.

A handler is ``async def handler(session: AgiSession) -> None``. When it returns, raises or is
stopped, the connection is closed and the dialplan goes on with its next line; what it does
then is told by variables the handler has set before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from twisted.internet.interfaces import IReactorTCP

from hotline.clock import Clock
from hotline.telephony.agi import Environment, Reply


class CallerHungUp(Exception):
    """The channel left this session: hung up, redirected, or its Asterisk died."""


class AgiFault(Exception):
    """Asterisk refused a command or could not carry it out; the caller is still there."""


class AgiSession:
    """A channel that waits for commands. At most one is under way; others wait their turn."""

    gone: asyncio.Event
    """Set when the channel left the session: watch it wherever no command is under way."""

    @property
    def env(self) -> Mapping[str, str]:
        """The ``agi_…`` variables by their full name."""
        raise NotImplementedError

    @property
    def args(self) -> tuple[str, ...]:
        """The arguments of the dialplan's ``AGI()``."""
        raise NotImplementedError

    @property
    def path(self) -> str:
        """The script asked for: ``call`` of ``agi://host/call``."""
        raise NotImplementedError

    @property
    def channel(self) -> str:
        """The channel's name."""
        raise NotImplementedError

    @property
    def uniqueid(self) -> str:
        """The channel's unique id."""
        raise NotImplementedError

    async def execute(self, command: str, *arguments: object) -> Reply:
        """Say ``command`` and return its reply (code 200, whatever the result).

        Cancelling the wait does not take the command back: a later one still waits for its
        reply. Raises :class:`CallerHungUp`; :class:`AgiFault` on 510 and 520; ValueError on
        arguments the wire cannot carry.
        """
        raise NotImplementedError

    async def answer(self) -> None:
        """Answer the channel. Raises :class:`CallerHungUp`, :class:`AgiFault`."""
        raise NotImplementedError

    async def stream_file(self, path: str, escape_digits: str = "") -> str | None:
        """Play a file (no suffix) to its end, or to the key of ``escape_digits`` returned.

        Raises :class:`CallerHungUp`; :class:`AgiFault` when it cannot be played.
        """
        raise NotImplementedError

    async def wait_for_digit(self, seconds: float) -> str | None:
        """The key pressed within ``seconds``, or None. Raises :class:`CallerHungUp`."""
        raise NotImplementedError

    async def set_variable(self, name: str, value: object) -> None:
        """Set a channel variable or a writable function. Raises :class:`CallerHungUp`."""
        raise NotImplementedError

    async def get_variable(self, name: str) -> str | None:
        """A channel variable's value, None when it is not set. Raises :class:`CallerHungUp`."""
        raise NotImplementedError

    async def music_on(self, music_class: str) -> None:
        """Play music from now on, also while no command is under way."""
        raise NotImplementedError

    async def music_off(self) -> None:
        """Stop :meth:`music_on`."""
        raise NotImplementedError

    async def run_application(self, name: str, arguments: str = "") -> str:
        """Run a dialplan application; its result. Raises :class:`AgiFault` if there is none."""
        raise NotImplementedError

    async def hang_up(self) -> None:
        """Hang the channel up."""
        raise NotImplementedError


Handler = Callable[[AgiSession], Awaitable[None]]


class FastAgiServer:
    """Listens for FastAGI and runs ``handler`` for each session.

    ``on_fault`` is called with what went wrong on the wire, for a counter: ``garbage``,
    ``too_long``, ``half_open`` (no environment within 5 s), ``too_many`` (over ``limit``
    connections) or ``handler`` (it raised). ``call_of`` gives the id that each log line of a
    session carries as ``call``.
    """

    def __init__(
        self,
        reactor: IReactorTCP,
        clock: Clock,
        *,
        host: str,
        port: int,
        handler: Handler,
        on_fault: Callable[[str], None],
        call_of: Callable[[Environment], str] | None = None,
        limit: int = 2000,
    ) -> None:
        raise NotImplementedError

    @property
    def port(self) -> int:
        """The port listened on (of use when 0 was asked for)."""
        raise NotImplementedError

    @property
    def sessions(self) -> int:
        """How many sessions have a handler running."""
        raise NotImplementedError

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        raise NotImplementedError

    async def stop(self) -> None:
        """Stop listening, close every session and wait for the handlers to end.

        Handlers are cancelled; their callers go on in the dialplan's own path.
        """
        raise NotImplementedError
