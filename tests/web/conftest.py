"""A real browser, for tests of the pages."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from tests.system import AGENT_HZ, HotlineSystem
from tests.web.browser import started_browser

# The machine may have slow minutes; what is right comes at once all the same.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
async def browser(system: HotlineSystem) -> AsyncIterator[Browser]:
    """One browser, whose microphone hears an agent's tone."""
    async with started_browser(system.tone(AGENT_HZ)) as it:
        yield it
