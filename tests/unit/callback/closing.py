"""Cases that come to their end, so that their citizens are called back."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from sqlalchemy import select

from hotline.registry.forms import read_form
from hotline.registry.model import Case, Person
from hotline.registry.service import CaseRegistry
from hotline.storage.database import Database
from hotline.storage.tables import CallbackTaskRow

AGENT, CHIEF = Person("agent1", "agent"), Person("supervisor", "supervisor")
STAFF, COLLEAGUE = Person("callback1", "callback"), Person("callback2", "callback")
ANSWER = "已当场答复"
TYPED = {
    "kind": "complaint",
    "description": "井盖丢失",
    "address": "人民路23号",
    "caller_name": "张三",
    "caller_phone": "13812345678",
}


@dataclass
class Closing:
    """Opens cases and closes them."""

    registry: CaseRegistry
    database: Database
    _numbers: Any = field(default_factory=lambda: count(1))

    async def case(self, **typed: object) -> Case:
        """A case that was answered at once, and closed."""
        call_id = f"pbx1-{next(self._numbers)}"
        opened = await self.registry.open_from_call(read_form({**TYPED, **typed}), call_id, AGENT)
        return await self.registry.move(
            opened.case_number, "close", AGENT, ANSWER, version=opened.version
        )

    async def task(self, **typed: object) -> int:
        """The callback of such a case."""
        case = await self.case(**typed)
        tasks = await self.tasks(case)
        assert len(tasks) == 1
        return tasks[0].task_id

    async def tasks(self, case: Case) -> list[CallbackTaskRow]:
        """Every callback of a case, oldest first."""
        query = select(CallbackTaskRow).where(CallbackTaskRow.case_number == case.case_number)
        async with self.database.session() as session:
            return list(await session.scalars(query.order_by(CallbackTaskRow.task_id)))

    async def row(self, task_id: int) -> CallbackTaskRow:
        """A callback as it is kept."""
        async with self.database.session() as session:
            return await session.get_one(CallbackTaskRow, task_id)
