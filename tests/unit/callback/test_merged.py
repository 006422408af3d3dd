"""The citizens of merged cases: each is called back, and each may have the matter begun again."""

from __future__ import annotations

import pytest

from hotline.callback.model import Answers, Outcome, State
from hotline.callback.planning import CallbackPlanner
from hotline.callback.service import CallbackDesk
from hotline.registry import taxonomy
from hotline.registry.forms import read_form
from hotline.registry.model import Case
from hotline.registry.service import CaseRegistry
from hotline.registry.similar.linking import MatterKeeper
from hotline.registry.similar.model import Rules
from hotline.registry.similar.service import MatterDesk
from hotline.storage.journal import Journal
from tests.databases import CITY, HandClock
from tests.unit.callback.closing import AGENT, STAFF, TYPED, Closing
from tests.unit.callback.conftest import RULES


@pytest.fixture
def registry(journal: Journal) -> CaseRegistry:
    planner = CallbackPlanner(RULES)
    return CaseRegistry(journal, CITY, taxonomy.load(), planner, (MatterKeeper(planner, Rules()),))


async def case_of(registry: CaseRegistry, number: int) -> Case:
    typed = TYPED | {"caller_phone": f"1381234567{number}"}
    return await registry.open_from_call(read_form(typed), f"pbx1-m{number}", AGENT)


async def test_each_citizen_of_a_merged_case_is_called_back_and_may_complain(
    registry: CaseRegistry,
    journal: Journal,
    clock: HandClock,
    desk: CallbackDesk,
    closing: Closing,
) -> None:
    main, other = await case_of(registry, 1), await case_of(registry, 2)
    matters = MatterDesk(journal, registry, clock, Rules())
    await matters.merge(other.case_number, main.case_number, AGENT, version=other.version)
    held = await registry.get(main.case_number)
    await registry.move(main.case_number, "close", AGENT, "已答复", version=held.version)
    (of_main,), (of_other,) = await closing.tasks(main), await closing.tasks(other)
    assert (of_main.phone, of_other.phone) == ("13812345671", "13812345672")
    dialling = await desk.dialled(of_other.task_id, STAFF)
    await desk.progressed(dialling.call_id, State.TALKING)
    await desk.ended(dialling.call_id, Outcome.TALKED, 30.0)
    answers = Answers(reached=True, solved=False, satisfaction=1, why_not="井盖还没装")
    await desk.answer(of_other.task_id, answers, STAFF)
    again = await registry.get(main.case_number)
    assert again.state == "to_dispatch"
    # The matter is open again: the other citizen is not asked about it yet.
    assert (await closing.row(of_main.task_id)).state == State.DONE
    assert (await closing.row(of_main.task_id)).reached is None
