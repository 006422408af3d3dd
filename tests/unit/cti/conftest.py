from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hotline.acd.engine import Engine
from hotline.acd.model import QueueRules
from hotline.calls import model
from hotline.calls.core import CallCore, CallRules
from hotline.calls.service import CallService
from hotline.storage.journal import Journal
from hotline.telephony.snapshot import PbxSnapshot
from tests.databases import CITY, MORNING, HandClock, clock, database, database_url, journal
from tests.unit.calls.house import Unheard, absent_pbx

__all__ = ["clock", "database", "database_url", "journal"]


@pytest.fixture
async def calls(journal: Journal, clock: HandClock, tmp_path: Path) -> AsyncIterator[CallService]:
    """One agent, ready, in a queue whose wrap-up can be extended by 40 s."""
    engine = Engine({"hotline": QueueRules(wrap_up_extra_s=40.0)})
    made = CallService(
        core=CallCore(CallRules("pbx1", "hotline", 20.0, "2", CITY), engine),
        journal=journal,
        pbx=absent_pbx(clock),
        thirds=Unheard(),
        clock=clock,
        recordings=tmp_path,
        min_report_s=1.0,
    )
    await made.start()
    await made.tell(model.AgentKnown("agent1", "张敏", "1001"))
    await made.tell(model.PbxSeen(PbxSnapshot((), frozenset({"1001"}), MORNING)))
    await made.tell(model.AgentAsks("agent1", "ready"))
    yield made
    await made.stop()
