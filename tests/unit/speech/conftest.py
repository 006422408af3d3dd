"""Every test here that asks for a database runs on both; speech is synthesised once."""

from __future__ import annotations

import pytest

from hotline.speech.synthesis import Synthesiser
from tests.databases import clock, database, database_url, journal

__all__ = ["clock", "database", "database_url", "journal"]


@pytest.fixture(scope="session")
def synthesiser() -> Synthesiser:
    return Synthesiser()
