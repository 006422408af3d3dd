"""The whole product and a real browser, for tests of the pages."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from tests.system import AGENT_HZ, HotlineSystem
from tests.web.browser import started_browser


@pytest.fixture(scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HotlineSystem]:
    """One system for all tests that leave it as they found it: nobody signed on, no call."""
    it = HotlineSystem(tmp_path_factory.mktemp("system"))
    await it.start()
    yield it
    await it.stop()


@pytest.fixture(scope="session")
async def browser(system: HotlineSystem) -> AsyncIterator[Browser]:
    """One browser, whose microphone hears an agent's tone."""
    async with started_browser(system.tone(AGENT_HZ)) as it:
        yield it
