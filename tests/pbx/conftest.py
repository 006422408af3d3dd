"""The whole product, running, for black-box tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.system import HotlineSystem, Settings

StartSystem = Callable[[Settings], Awaitable[HotlineSystem]]


@pytest.fixture
async def own_system(tmp_path: Path) -> AsyncIterator[StartSystem]:
    """Start a system with settings of a test's own."""
    async with AsyncExitStack() as stack:

        async def start(settings: Settings) -> HotlineSystem:
            it = HotlineSystem(tmp_path / "system", settings)
            stack.push_async_callback(it.stop)
            await it.start()
            return it

        yield start
