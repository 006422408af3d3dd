"""What every test may ask for.

``async def`` tests and fixtures run on asyncio through anyio's plugin (``anyio_mode = "auto"``),
all on one loop, so that a session-wide fixture and the tests that use it share it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from twisted.internet.asyncioreactor import AsyncioSelectorReactor


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Asyncio only: the product runs on nothing else."""
    return "asyncio"


@pytest.fixture(scope="session")
async def session_reactor() -> AsyncIterator[AsyncioSelectorReactor]:
    """A Twisted reactor that lives on the tests' own loop; never installed globally."""
    running = AsyncioSelectorReactor(asyncio.get_running_loop())
    running.startRunning(installSignalHandlers=False)
    yield running
    # Not its shutdown event: that would stop the loop, which is not the reactor's here.
    running.disconnectAll()
    if running.threadpool is not None:
        running.threadpool.stop()


@pytest.fixture
def reactor(session_reactor: AsyncioSelectorReactor) -> Iterator[AsyncioSelectorReactor]:
    """The Twisted reactor; a test that leaves a timer behind fails."""
    yield session_reactor
    left = session_reactor.getDelayedCalls()
    for call in left:
        call.cancel()
    assert not left, f"timers left behind: {left}"
