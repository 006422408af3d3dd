"""The system that tests use one after the other: each finds it as the first one did."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tests.deadline import until
from tests.system import HotlineSystem, signed_off

# The PBX gives up a phone that is lost within half a minute.
GONE_WITHIN_S = 60.0
_LIVING = """
SELECT call_id FROM calls WHERE ended_at IS NULL
UNION ALL SELECT call_id FROM outbound_calls WHERE ended_at IS NULL
UNION ALL SELECT 'callback ' || task_id FROM callback_tasks
WHERE state IN ('dialling', 'connecting', 'ringing', 'talking')
"""


@dataclass(frozen=True, slots=True)
class _Left:
    """What a test may leave on a desk: whose it is and its ``id``, and what ends it."""

    query: str
    method: str
    path: str
    body: dict[str, str] | None = None


_LEFT = (
    # What is typed for a task has a colon in its key, and is shown with that task only.
    _Left(
        "SELECT user_id, call_id AS id FROM drafts WHERE instr(call_id, ':') = 0",
        *("DELETE", "/api/calls/{id}/draft"),
    ),
    _Left(
        "SELECT agent_id AS user_id, help_id AS id FROM help_calls WHERE ended_at IS NULL",
        *("DELETE", "/api/agent/help"),
    ),
    _Left(
        "SELECT user_id, message_id AS id FROM staff_receipts JOIN users USING (user_id) "
        "WHERE read_at IS NULL AND role != 'supervisor'",
        *("POST", "/api/messages/{id}/read"),
    ),
    _Left(
        "SELECT made_by AS user_id, promise_id AS id FROM call_promises WHERE state = 'open'",
        *("POST", "/api/promises/{id}/end"),
        {"outcome": "withdrawn", "why": "试完"},
    ),
)


class Shared:
    """One system at a time, started when it is wanted. ``folder`` makes an empty folder."""

    def __init__(self, folder: Callable[[], Path]) -> None:
        self._folder = folder
        self._system: HotlineSystem | None = None

    async def running(self) -> HotlineSystem:
        """The system, ready."""
        if self._system is None:
            self._system = HotlineSystem(self._folder())
            try:
                await self._system.start()
            except BaseException:
                await self.throw_away()
                raise
        return self._system

    async def put_away(self) -> None:
        """Wait until nothing is left of a test in it that an agent or a caller would notice.

        Raises AssertionError; the next test is given another one then.
        """
        assert self._system is not None
        try:
            await put_away(self._system)
        except BaseException:
            await self.throw_away()
            raise

    async def throw_away(self) -> None:
        """End it, whatever it is in: a test that failed may have left anything."""
        # What went wrong is told by that test already.
        with suppress(AssertionError):
            await self.stop()

    async def stop(self) -> None:
        """End it. Raises AssertionError as :meth:`HotlineSystem.stop` does."""
        system, self._system = self._system, None
        if system is not None:
            await system.stop()


async def put_away(system: HotlineSystem) -> None:
    """No call, nobody signed on, and nothing on a desk that waits for its agent.

    Raises AssertionError when a call does not end.
    """
    await system.ready()
    await until(lambda: not living_calls(system), GONE_WITHIN_S, what="every call has ended")
    for row in system.rows("SELECT agent_id FROM presence WHERE state != 'offline'"):
        async with system.desk(row["agent_id"], listening=False) as desk:
            await signed_off(desk)
    for one in _LEFT:
        for row in system.rows(one.query):
            async with system.desk(row["user_id"], listening=False) as desk:
                path = one.path.replace("{id}", quote(str(row["id"]), safe=""))
                (await desk.client.request(one.method, path, json=one.body)).raise_for_status()


def living_calls(system: HotlineSystem) -> list[str]:
    """The calls that have not ended, those that staff placed too, as the database knows."""
    return [row["call_id"] for row in system.rows(_LIVING)]
