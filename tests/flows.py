"""A flow in which every call begins for a while."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

from tests.system import HotlineSystem

_NAMES = count(1)


@asynccontextmanager
async def in_force(system: HotlineSystem, text: str) -> AsyncIterator[str]:
    """Publish a flow (its YAML, ``{name}`` for its name) under a name that no earlier try took.

    Every call begins in it until the end; gives the name.
    """
    name = f"tried{next(_NAMES)}"
    async with system.desk("supervisor", listening=False) as chief:

        async def begin_in(flow: str) -> None:
            entry = {"called": "*", "flow": flow}
            (await chief.client.post("/flows/entries", data=entry)).raise_for_status()

        flow = text.replace("{name}", name)
        await chief.post(f"/api/flows/{name}/publish", text=flow, based_on=0, note="试")
        await begin_in(name)
        try:
            yield name
        finally:
            await begin_in("default")
