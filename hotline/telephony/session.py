"""One FastAGI session: commands in turn, replies, and the channel's leaving."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hotline.telephony.agi import AgiConnection, AgiEvent, Environment, HungUp, Reply


class CallerHungUp(Exception):
    """The channel left this session.

    ``told`` is True when Asterisk said so (a hang-up, or a redirect); False when the connection
    just ended, as it does when Asterisk dies.
    """

    def __init__(self, told: bool) -> None:
        super().__init__("the channel hung up or was taken elsewhere" if told else "cut off")
        self.told = told


class AgiFault(Exception):
    """Asterisk refused a command or could not carry it out; the caller is still there."""


@dataclass(eq=False, slots=True)
class _Turn:
    """A command that waits to be sent or to be answered."""

    command: str
    arguments: tuple[object, ...]
    reply: asyncio.Future[Reply]


class AgiSession:
    """A channel that waits for commands. At most one is under way; others wait their turn.

    ``gone`` is set when the channel left the session: watch it, or be told by
    :meth:`when_gone`, wherever no command is under way.
    """

    def __init__(
        self, environment: Environment, connection: AgiConnection, write: Callable[[bytes], None]
    ) -> None:
        self.gone = asyncio.Event()
        self._when_gone: list[Callable[[], object]] = []
        self._environment = environment
        self._connection = connection
        self._write = write
        self._turns: deque[_Turn] = deque()
        self._current: _Turn | None = None
        self._told = False

    @property
    def env(self) -> Mapping[str, str]:
        """The ``agi_…`` variables by their full name."""
        return self._environment.variables

    @property
    def args(self) -> tuple[str, ...]:
        """The arguments of the dialplan's ``AGI()``."""
        return self._environment.arguments

    @property
    def path(self) -> str:
        """The script asked for: ``call`` of ``agi://host/call``."""
        return self._environment.path

    @property
    def channel(self) -> str:
        """The channel's name."""
        return self.env.get("agi_channel", "")

    @property
    def uniqueid(self) -> str:
        """The channel's unique id."""
        return self.env.get("agi_uniqueid", "")

    async def execute(self, command: str, *arguments: object) -> Reply:
        """Say ``command`` and return its reply (code 200, whatever the result).

        Cancelling the wait does not take the command back: a later one still waits for its
        reply. Raises :class:`CallerHungUp`; :class:`AgiFault` on 510 and 520; ValueError on
        arguments the wire cannot carry.
        """
        if self.gone.is_set():
            raise CallerHungUp(self._told)
        turn = _Turn(command, arguments, asyncio.get_running_loop().create_future())
        self._turns.append(turn)
        self._next_turn()
        reply = await turn.reply
        if reply.code == 200:
            return reply
        if reply.code == 511:
            raise CallerHungUp(told=True)
        raise AgiFault(
            f"{command}: {reply.code} {reply.text.splitlines()[0] if reply.text else ''}"
        )

    def when_gone(self, call: Callable[[], object]) -> None:
        """Call ``call`` when the channel leaves the session; at once when it has."""
        if self.gone.is_set():
            call()
        else:
            self._when_gone.append(call)

    async def answer(self) -> None:
        """Answer the channel. Raises :class:`CallerHungUp`, :class:`AgiFault`."""
        await self._done("ANSWER")

    async def stream_file(self, path: str, escape_digits: str = "") -> str | None:
        """Play a file (no suffix) to its end, or to the key of ``escape_digits`` returned.

        Raises :class:`CallerHungUp`; :class:`AgiFault` when it cannot be played.
        """
        return _key(await self._done("STREAM FILE", path, escape_digits))

    async def wait_for_digit(self, seconds: float) -> str | None:
        """The key pressed within ``seconds``, or None. Raises :class:`CallerHungUp`."""
        return _key(await self._done("WAIT FOR DIGIT", max(0, round(seconds * 1000))))

    async def set_variable(self, name: str, value: object) -> None:
        """Set a channel variable or a writable function. Raises :class:`CallerHungUp`."""
        await self._done("SET VARIABLE", name, value)

    async def get_variable(self, name: str) -> str | None:
        """A channel variable's value, None when it is not set. Raises :class:`CallerHungUp`."""
        return (await self._done("GET VARIABLE", name)).data

    async def music_on(self, music_class: str) -> None:
        """Play music from now on, also while no command is under way."""
        await self._done("SET MUSIC ON", music_class)

    async def music_off(self) -> None:
        """Stop :meth:`music_on`."""
        await self._done("SET MUSIC OFF")

    async def run_application(self, name: str, arguments: str = "") -> str:
        """Run a dialplan application; its result. Raises :class:`AgiFault` if there is none."""
        reply = await self._done("EXEC", name, arguments)
        if reply.result == "-2":
            raise AgiFault(f"EXEC: no application is called {name}")
        return reply.result

    async def hang_up(self) -> None:
        """Hang the channel up."""
        await self.execute("HANGUP")

    async def _done(self, command: str, *arguments: object) -> Reply:
        reply = await self.execute(command, *arguments)
        if reply.result != "-1":
            return reply
        # -1 is a hang-up as well as a missing file; a caller who is there answers again.
        await self.execute("NOOP")
        raise AgiFault(f"{command} {' '.join(map(str, arguments))}: Asterisk could not do it")

    def take(self, event: AgiEvent) -> None:
        """What the wire said (for the server)."""
        if isinstance(event, HungUp):
            self.leave(told=True)
        elif isinstance(event, Reply) and self._current is not None:
            turn, self._current = self._current, None
            if not turn.reply.done():
                turn.reply.set_result(event)
            self._next_turn()

    def leave(self, told: bool) -> None:
        """The channel is gone (for the server): every command waiting raises CallerHungUp."""
        if self.gone.is_set():
            return
        self._told = told
        self.gone.set()
        waiting = [self._current, *self._turns] if self._current else [*self._turns]
        self._turns.clear()
        for turn in waiting:
            if not turn.reply.done():
                turn.reply.set_exception(CallerHungUp(told))
        calls, self._when_gone = self._when_gone, []
        for call in calls:
            call()

    def _next_turn(self) -> None:
        while self._current is None and self._turns:
            turn = self._turns.popleft()
            if turn.reply.done():
                continue
            try:
                data = self._connection.send(turn.command, *turn.arguments)
            except ValueError as error:
                turn.reply.set_exception(error)
                continue
            self._current = turn
            self._write(data)


def _key(reply: Reply) -> str | None:
    return chr(reply.number) if reply.number else None
