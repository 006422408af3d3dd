"""Every test here that asks for a database runs on both."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from hotline.storage.database import Database
from hotline.storage.tables import CallRow
from tests.databases import MORNING, clock, database, database_url, journal
from tests.unit.web.house import add_people

__all__ = ["clock", "database", "database_url", "journal"]


@dataclass(frozen=True)
class Somebody:
    """Who asks."""

    user_id: str
    name: str


AGENT = Somebody("agent1", "张敏")
COLLEAGUE = Somebody("agent2", "李强")
CHIEF = Somebody("supervisor", "赵主任")
CALL = "pbx1-1.1"


@pytest.fixture
async def people(database: Database) -> None:
    """Everybody, and a call that one of them is in."""
    await add_people(database)
    async with database.writing() as session:
        session.add(
            CallRow(
                seq=0, call_id=CALL, node="pbx1", channel="PJSIP/x", called="12319",
                calling="13812345678", stage="talking", arrived_at=MORNING, agent_id="agent1",
            )
        )  # fmt: skip
