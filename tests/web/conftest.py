"""A real browser, for tests of the pages."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from hotline.speech.audio import write_wav
from tests.audio import tone
from tests.system import AGENT_HZ
from tests.web.browser import started_browser

# The machine may have slow minutes; what is right comes at once all the same.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    """One browser, whose microphone hears an agent's tone."""
    microphone = tmp_path_factory.mktemp("browser") / "agent.wav"
    write_wav(microphone, tone(AGENT_HZ, 300))
    async with started_browser(microphone) as it:
        yield it
