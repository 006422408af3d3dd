"""A hotline's floor in tests: one engine, and words for what happens on it."""

from __future__ import annotations

import pytest

from tests.acd.floor import Floor


@pytest.fixture
def floor() -> Floor:
    """Nobody is signed on, nobody waits."""
    return Floor()
