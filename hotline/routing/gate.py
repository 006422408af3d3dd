"""The gate: a draft is run against a past period beside the plan in force, then published or not.

The work is done by :mod:`hotline.routing.gate_worker` in a process of its own, at a low priority:
calls have the processor first. One comparison runs at a time.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal

import structlog

import hotline
from hotline.clock import Clock
from hotline.config import Config
from hotline.routing.library import PlanLibrary, PlanRefused
from hotline.routing.model import RoutingPlan, written
from hotline.storage.database import Database, DatabaseUnavailable

LONGEST_DAYS = 92
# A month's result is one line of JSON.
LONGEST_LINE = 64 * 1024 * 1024
NICE = 10

log = structlog.get_logger(__name__)


class GateBusy(Exception):
    """A comparison runs already; ``by`` asked for it."""

    def __init__(self, by: str) -> None:
        self.by = by
        super().__init__(f"{by} compares already")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the last comparison is. ``lacking``: the period says too little (calls or
    presence), with what it has and would need; ``result`` only when done."""

    state: Literal["idle", "running", "done", "lacking", "failed", "stopped"] = "idle"
    by: str = ""
    done: int = 0
    of: int = 0
    gate_id: int | None = None
    lacking: str = ""
    have: int = 0
    need: int = 0
    result: dict[str, Any] = field(default_factory=dict)


class Gate:
    """Compares plans; :meth:`progress` tells how far the last comparison is."""

    def __init__(
        self, config: Config, library: PlanLibrary, database: Database, clock: Clock
    ) -> None:
        self._config = config
        self._database = database
        self._library = library
        self._clock = clock
        self._progress = Progress()
        self._task: asyncio.Task[None] | None = None

    @property
    def progress(self) -> Progress:
        """The comparison that runs, or ran last."""
        return self._progress

    async def start(self, data: object, *, by: str, days: int) -> None:
        """Compare what the page has with what is in force, on the last whole ``days`` days.

        Raises :class:`GateBusy`, and :class:`~hotline.routing.library.PlanRefused` for a plan
        with errors.
        """
        if self._progress.state == "running":
            raise GateBusy(self._progress.by)
        examined = await self._library.examine(data)
        errors = [one for one in examined.findings if one.severity == "error"]
        if examined.plan is None or errors:
            raise PlanRefused(examined.findings)
        self._progress = Progress("running", by)
        run = self._run(examined.plan, by, max(1, min(days, LONGEST_DAYS)))
        self._task = asyncio.create_task(run, name="routing gate")

    async def stop(self) -> None:
        """End the comparison that runs; nothing of it is kept."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._progress.state == "running":
            self._progress = replace(self._progress, state="stopped")

    async def _run(self, plan: RoutingPlan, by: str, days: int) -> None:
        try:
            await self._compare(plan, by, days)
        except (OSError, RuntimeError, ValueError, DatabaseUnavailable):
            log.exception("routing.gate_failed", by=by)
            self._progress = replace(self._progress, state="failed")

    async def _compare(self, plan: RoutingPlan, by: str, days: int) -> None:
        current = self._library.current
        asked = json.dumps(self._asked(written(current.plan), written(plan), days))
        worker = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "hotline.routing.gate_worker"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE,
            # So that it finds this package wherever the controller was started.
            cwd=Path(hotline.__file__).parent.parent,
        )
        os.setpriority(os.PRIO_PROCESS, worker.pid, NICE)
        try:
            answer = await self._listen(worker, asked)
        finally:
            if worker.returncode is None:
                worker.kill()
            await worker.wait()
        if "lacking" in answer:
            self._progress = replace(self._progress, state="lacking", **answer)
            return
        result = answer["result"]
        now = self._clock.now()
        gate_id = await self._library.keep_gate(plan, current.version, by, now, result)
        self._progress = replace(self._progress, state="done", gate_id=gate_id, result=result)

    async def _listen(self, worker: asyncio.subprocess.Process, asked: str) -> dict[str, Any]:
        if worker.stdin is None or worker.stdout is None:
            raise RuntimeError("the worker has no pipes")
        worker.stdin.write(asked.encode() + b"\n")
        await worker.stdin.drain()
        async for line in worker.stdout:
            told: dict[str, Any] = json.loads(line)
            if "done" not in told:
                return told
            self._progress = replace(self._progress, done=told["done"], of=told["of"])
        raise RuntimeError("the worker ended without an answer")

    def _asked(
        self, today: dict[str, object], draft: dict[str, object], days: int
    ) -> dict[str, Any]:
        zone = self._config.zone
        day = datetime.fromtimestamp(self._clock.now(), zone).date()
        return {
            # By a pipe, not among the arguments: the address may hold a password.
            "database_url": self._database.url,
            "zone": str(zone),
            "home": self._config.queue.name,
            "since": datetime.combine(day - timedelta(days=days), time(), zone).timestamp(),
            "until": datetime.combine(day, time(), zone).timestamp(),
            "today": today,
            "draft": draft,
        }
