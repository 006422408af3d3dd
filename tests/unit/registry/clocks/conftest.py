"""A registry whose cases have clocks, on both databases."""

from __future__ import annotations

import pytest

from hotline.config import Config
from hotline.registry import taxonomy
from hotline.registry.clocks.service import CaseClocks
from hotline.storage.journal import Journal
from tests.databases import HandClock
from tests.unit.registry.clocks.lives import Lives


@pytest.fixture
async def clocks(journal: Journal, clock: HandClock) -> CaseClocks:
    made = CaseClocks.of(Config(), journal, clock, taxonomy.load)
    await made.open()
    return made


@pytest.fixture
def lives(journal: Journal, clocks: CaseClocks) -> Lives:
    return Lives(journal, clocks)
