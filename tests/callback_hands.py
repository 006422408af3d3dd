"""Agents who do the callbacks that they are shown between calls, whatever becomes of the pages."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import httpx

from hotline.demo.desk import Desk, DeskFault
from tests.system import HotlineSystem

LOOKS_EVERY_S = 0.5
SATISFIED = {"reached": True, "solved": True, "satisfaction": 5}


async def do_callbacks(system: HotlineSystem, desk: Desk) -> None:
    """Take what is shown, ring the citizen, keep the answers, and go on, until cancelled."""
    while True:
        await asyncio.sleep(LOOKS_EVERY_S)
        try:
            await _next_step(system, desk)
        except (DeskFault, httpx.TransportError):
            # The controller is away, or the callback is over meanwhile: look again.
            continue


async def _next_step(system: HotlineSystem, desk: Desk) -> None:
    agent = await desk.agent()
    name = agent["task"]["task_id"] if isinstance(agent["task"], dict) else agent["task"]
    shown = re.search(r"\d+$", str(name or ""))
    if shown is None:
        return
    if agent["state"] == "ready":
        await desk.post("/api/agent/task/take", task=name)
    elif agent["state"] == "on_task":
        await _go_on(system, desk, int(shown[0]))


async def _go_on(system: HotlineSystem, desk: Desk, task_id: int) -> None:
    row: Any = system.rows("SELECT * FROM callback_tasks WHERE task_id = ?", task_id)[0]
    if row["state"] == "asked":
        await desk.post(f"/api/callbacks/{task_id}/answers", **SATISFIED)
    elif row["state"] == "open" and row["attempts"] == 0:
        await desk.post(f"/api/callbacks/{task_id}/call")
    elif row["state"] in ("open", "done"):
        await desk.post("/api/agent/task/end")
