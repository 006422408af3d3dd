"""The link to one Asterisk's manager interface (AMI), kept up for ever.

Nothing is ever sent twice: an action whose connection died before the answer raises
:class:`AmiLost`, and whoever asked finds out from the next snapshot whether it happened.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog

from hotline.clock import Clock, deadline
from hotline.telephony.ami_connection import (
    AmiConnection,
    AmiEvent,
    AmiLost,
    AmiRefused,
    AmiReply,
    checked,
)
from hotline.telephony.snapshot import PbxSnapshot, take_snapshot

__all__ = ["AmiEvent", "AmiLink", "AmiLost", "AmiRefused", "AmiReply"]

# The names of the events that are read here or by panoramisk.
READS = frozenset({"FullyBooted", "Shutdown"})
FIRST_RETRY = 0.2
BOOT_SECONDS = 30.0

_log = structlog.get_logger("hotline.telephony.ami")


class _NotUp(Exception):
    """A connection came to nothing; the message says why, ``slowly`` that a person is needed."""

    def __init__(self, why: str, slowly: bool = False) -> None:
        super().__init__(why)
        self.slowly = slowly


class _Inbox:
    """Holds events back until what came before them has been taken in."""

    def __init__(self, deliver: Callable[[AmiEvent], None]) -> None:
        self._deliver = deliver
        self._held: list[AmiEvent] | None = []

    def take(self, event: AmiEvent) -> None:
        if self._held is None:
            self._deliver(event)
        else:
            self._held.append(event)

    def forget(self) -> None:
        self._held = []

    def open(self) -> None:
        held, self._held = self._held or [], None
        for event in held:
            self._deliver(event)


class AmiLink:
    """A link that is kept up.

    After each login: a snapshot is taken, ``on_up`` is awaited with it, then events go to
    ``on_event`` in their order. Events that happened while the snapshot was taken and while
    ``on_up`` ran follow it, so some may tell what the snapshot already shows. ``on_down`` is
    called once, with the reason, after each ``on_up``, unless :meth:`stop` ended the link.
    Actions may be sent from ``on_up`` on.

    An exception in ``on_up`` drops the connection (it is tried again); one in ``on_event`` is
    logged and the next event is delivered.

    Every ``heartbeat_s`` seconds Asterisk is asked for a sign of life; without an answer within
    ``answer_s`` seconds the connection is given up: so a hung Asterisk is noticed within their
    sum. A connection that fails is tried again after 0.2 s, then twice as long each time up to
    ``slowest_retry_s``; a refused login only after that. Raises ValueError when ``user`` or
    ``secret`` cannot be sent.
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
        slowest_retry_s: float = 10.0,
    ) -> None:
        checked({"Username": user, "Secret": secret})
        self.node = node
        self._host = host
        self._port = port
        self._user = user
        self._secret = secret
        self._clock = clock
        self._on_event = on_event
        self._on_up = on_up
        self._on_down = on_down
        self._heartbeat_s = heartbeat_s
        self._answer_s = answer_s
        self._slowest_retry_s = slowest_retry_s
        self._connection: AmiConnection | None = None
        self._trouble = ""
        self._task: asyncio.Task[None] | None = None
        self._log = _log.bind(node=node)

    @property
    def up(self) -> bool:
        """Whether actions can be sent: from just before ``on_up`` until the connection ends."""
        return self._connection is not None and not self._connection.ended.done()

    @property
    def trouble(self) -> str:
        """Why the link is not up, in one line; empty while it is or nothing was tried yet."""
        return self._trouble

    async def start(self) -> None:
        """Begin to connect; returns at once, whether there is an Asterisk or not."""
        if self._task is None:
            self._task = asyncio.create_task(self._keep_up(), name=f"ami {self.node}")

    async def stop(self) -> None:
        """Stay down. Actions under way raise :class:`AmiLost`."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    async def action(self, name: str, **fields: object) -> AmiReply:
        """Send an action once and return its answer.

        A field's value may be a list: the header is then repeated. Raises :class:`AmiLost`,
        :class:`AmiRefused`, and ValueError before anything is sent when a name or value holds
        a line break or NUL or makes a line longer than Asterisk reads.
        """
        return await self._living().action(name, fields)

    async def command_list(self, name: str, **fields: object) -> list[AmiEvent]:
        """Send an action that is answered by a list; the list's events without its end mark.

        Raises as :meth:`action`.
        """
        return await self._living().command_list(name, fields)

    def _living(self) -> AmiConnection:
        if self._connection is None:
            raise AmiLost(self._trouble or "not connected")
        return self._connection

    async def _keep_up(self) -> None:
        delay = FIRST_RETRY
        while True:
            inbox = _Inbox(self._deliver)
            connection = AmiConnection(inbox.take)
            try:
                snapshot = await self._come_up(connection, inbox)
                delay = FIRST_RETRY
                await self._live(connection, inbox, snapshot)
            except _NotUp as failure:
                delay = self._slowest_retry_s if failure.slowly else delay
                self._tell(str(failure))
            finally:
                connection.drop("the link was stopped")
                self._connection = None
            await self._clock.sleep(delay)
            delay = min(delay * 2, self._slowest_retry_s)

    async def _come_up(self, connection: AmiConnection, inbox: _Inbox) -> PbxSnapshot:
        """Connect, log in, wait for the boot's end, take the snapshot. Raises _NotUp."""
        await self._connect(connection)
        booted = connection.expect("FullyBooted")
        try:
            await self._log_in(connection)
            connection.keep(self._heartbeat(connection))
            booted_at = await self._boot(booted)
            inbox.forget()
            snapshot = await take_snapshot(connection, self._clock.now())
            return replace(snapshot, booted_at=booted_at)
        except AmiLost as lost:
            raise _NotUp(f"{self._where} ended the connection: {lost}") from lost
        except AmiRefused as refused:
            raise _NotUp(
                f"{self._where} refuses what a snapshot needs ({refused}); see the rights of "
                f"{self._user!r} in its manager.conf and its modules",
                slowly=True,
            ) from refused

    async def _connect(self, connection: AmiConnection) -> None:
        try:
            async with deadline(self._clock, self._answer_s):
                await connection.open(self._host, self._port)
        except TimeoutError as error:
            raise _NotUp(f"{self._where} does not answer") from error
        except OSError as error:
            raise _NotUp(f"nobody listens at {self._where} ({error})") from error

    async def _log_in(self, connection: AmiConnection) -> None:
        login = {"Username": self._user, "Secret": self._secret, "Events": "on"}
        try:
            async with deadline(self._clock, self._answer_s):
                await connection.action("Login", login)
        except TimeoutError as error:
            raise _NotUp(f"{self._where} does not answer the login: hung, or no AMI") from error
        except AmiRefused as refused:
            raise _NotUp(
                f"{self._where} refuses the login of {self._user!r} ({refused}); pbx.ami_user "
                "and pbx.ami_secret must be those of its manager.conf",
                slowly=True,
            ) from refused

    async def _boot(self, booted: asyncio.Future[AmiEvent]) -> float | None:
        """Wait until it is booted; when it started, as far as it says so."""
        try:
            async with deadline(self._clock, BOOT_SECONDS):
                uptime = (await booted).get("Uptime")
        except TimeoutError as error:
            raise _NotUp(
                f"{self._where} is not fully booted after {BOOT_SECONDS:.0f} s, or "
                f"{self._user!r} lacks read=system in its manager.conf"
            ) from error
        return self._clock.now() - float(uptime) if uptime.isdecimal() else None

    async def _live(self, connection: AmiConnection, inbox: _Inbox, snapshot: PbxSnapshot) -> None:
        self._connection = connection
        self._trouble = ""
        self._log.info("ami.up", channels=len(snapshot.channels))
        try:
            await self._on_up(snapshot)
            inbox.open()
            # Shielded: to be cancelled here must not look like the connection's end.
            why = await asyncio.shield(connection.ended)
        except AmiLost as lost:
            why = str(lost)
        except Exception as error:
            self._log.exception("ami.snapshot_not_taken_in")
            why = f"taking in the snapshot failed: {error}"
        connection.drop(why)
        self._tell(why)
        self._on_down(why)

    async def _heartbeat(self, connection: AmiConnection) -> None:
        while True:
            await self._clock.sleep(self._heartbeat_s)
            try:
                async with deadline(self._clock, self._answer_s):
                    await connection.action("Ping", {})
            except TimeoutError:
                connection.drop(f"no sign of life within {self._answer_s:g} s")
                return
            except AmiLost:
                return
            except AmiRefused as refused:
                self._log.debug("ami.ping_refused", why=str(refused))

    def _deliver(self, event: AmiEvent) -> None:
        try:
            self._on_event(event)
        except Exception:
            self._log.exception("ami.event_not_taken_in", event_name=event.name)

    def _tell(self, why: str) -> None:
        if why != self._trouble:
            self._log.warning("ami.down", why=why)
        self._trouble = why

    @property
    def _where(self) -> str:
        return f"{self._host}:{self._port}"
