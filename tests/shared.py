"""The system that tests use one after the other: each finds it as the first one did."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hotline.demo.desk import call_path
from tests.deadline import until
from tests.system import HotlineSystem, signed_off

_LIVING = """
SELECT call_id FROM calls WHERE ended_at IS NULL
UNION ALL SELECT call_id FROM outbound_calls WHERE ended_at IS NULL
UNION ALL SELECT 'callback ' || task_id FROM callback_tasks
WHERE state IN ('dialling', 'connecting', 'ringing', 'talking')
"""


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
    """No call, nobody signed on, no form begun. Raises AssertionError when a call does not end."""
    await system.ready()
    await until(lambda: not living_calls(system), what="every call has ended")
    for row in system.rows("SELECT agent_id FROM presence WHERE state != 'offline'"):
        async with system.desk(row["agent_id"], listening=False) as desk:
            await signed_off(desk)
    # What is typed for a task has a colon in its key, and is shown with that task only.
    begun = system.rows("SELECT call_id, user_id FROM drafts WHERE instr(call_id, ':') = 0")
    for row in begun:
        async with system.desk(row["user_id"], listening=False) as desk:
            given_up = await desk.client.delete(call_path(row["call_id"], "/draft"))
            given_up.raise_for_status()


def living_calls(system: HotlineSystem) -> list[str]:
    """The calls that have not ended, those that staff placed too, as the database knows."""
    return [row["call_id"] for row in system.rows(_LIVING)]
