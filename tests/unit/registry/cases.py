"""Cases for the tests: who does what, and what a form holds."""

from __future__ import annotations

from typing import Any

from hotline import events
from hotline.registry.forms import read_form
from hotline.registry.model import (
    Case,
    Person,
)
from hotline.registry.service import CaseRegistry
from hotline.storage.journal import Journal, Transaction
from hotline.storage.tables import CaseRow

AGENT, OTHER = Person("agent1", "agent"), Person("agent2", "agent")
CHIEF, CALLBACK = Person("supervisor", "supervisor"), Person("callback1", "callback")
CALL, NUMBER = "pbx1-1", "13800138000"
TYPED: dict[str, Any] = {"kind": "complaint", "description": "路灯不亮", "address": "中山路"}


class Noted:
    """Aftercare that only notes what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    async def closed(self, tx: Transaction, case: CaseRow) -> None:
        self.told.append(("closed", case.case_number))

    async def reopened(self, tx: Transaction, case: CaseRow) -> None:
        self.told.append(("reopened", case.case_number))


async def arrive(journal: Journal, call_id: str = CALL, calling: str = NUMBER) -> None:
    await journal.append(events.CallArrived(call_id, "pbx1", "PJSIP/t", "12319", calling))


async def opened(registry: CaseRegistry, call_id: str = CALL, **typed: Any) -> Case:
    return await registry.open_from_call(read_form({**TYPED, **typed}), call_id, AGENT)


async def kinds(registry: CaseRegistry, case: Case) -> list[str]:
    return [record.event.kind for record in await registry.history(case.case_number)]


async def reported(journal: Journal, report_id: str = f"{CALL}/r1", text: str = "") -> str:
    await arrive(journal)
    await journal.append(
        events.ReportStarted(CALL, report_id, "r.wav", "nobody_ready"),
        events.ReportRecorded(CALL, report_id, "r.wav", 9.0, "key"),
    )
    if text:
        await journal.append(events.ReportTranscribed(CALL, report_id, text, 0.9, "demo"))
    return report_id
