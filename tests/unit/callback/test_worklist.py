from __future__ import annotations

from hotline.callback.model import Answers, Outcome
from hotline.callback.service import CallbackDesk
from hotline.callback.worklist import Order, Rates, Wanted, Worklist
from hotline.registry.service import CaseRegistry
from hotline.storage.database import Database
from hotline.storage.tables import UserRow
from tests.databases import MORNING, HandClock
from tests.unit.callback.closing import ANSWER, CHIEF, STAFF, Closing


async def ids(worklist: Worklist, clock: HandClock, wanted: Wanted = Wanted()) -> list[int]:  # noqa: B008
    tasks, total = await worklist.page(wanted, clock.now())
    assert total == len(tasks)
    return [task.task_id for task in tasks]


async def test_a_callback_is_shown_with_its_case_and_what_was_done(
    closing: Closing, worklist: Worklist, clock: HandClock, desk: CallbackDesk, database: Database
) -> None:
    task_id = await closing.task()
    async with database.writing() as session:
        session.add(
            UserRow(
                user_id="callback1", name="陈静", role="callback", password_hash="", created_at=0.0
            )
        )
    await desk.dialled(task_id, STAFF)
    ((task,), _) = await worklist.page(Wanted(), clock.now())
    assert task == await worklist.task(task_id)
    assert (task.phone, task.state, task.claimed_name) == ("13812345678", "dialling", "陈静")
    assert task.case.address == "人民路23号"
    assert task.what_was_done == ANSWER
    assert [one.task_id for one in await worklist.in_hand("callback1")] == [task_id]
    assert await worklist.in_hand("callback2") == []


async def test_the_earliest_due_comes_first_and_what_is_not_due_waits(
    closing: Closing, worklist: Worklist, clock: HandClock, desk: CallbackDesk
) -> None:
    first = await closing.task()
    clock.advance(60)
    second = await closing.task(caller_phone="13900139000")
    assert await ids(worklist, clock) == [first, second]
    await desk.ended((await desk.dialled(first, STAFF)).call_id, Outcome.NO_ANSWER)
    assert await ids(worklist, clock) == [second]
    assert await ids(worklist, clock, Wanted("later")) == [first]
    assert await ids(worklist, clock, Wanted("again")) == [first]
    counts = await worklist.counts(clock.now())
    assert counts == {"due": 1, "again": 1, "later": 1, "done": 0}
    clock.advance(86_400)
    assert await ids(worklist, clock) == [second, first]


async def test_a_callback_is_found_by_place_case_or_number(
    closing: Closing, worklist: Worklist, clock: HandClock
) -> None:
    task_id = await closing.task()
    await closing.task(caller_phone="13900139000", address="中山路1号")
    number = (await worklist.task(task_id)).case.case_number
    for words in ("人民路", number, "+86 138 1234 5678", " 23号 "):
        assert await ids(worklist, clock, Wanted(text=words)) == [task_id]
    for words in ("解放路", "%", "\x00", "1381234"):
        assert await ids(worklist, clock, Wanted(text=words)) == []


async def test_a_long_list_is_cut_into_pages(
    closing: Closing, worklist: Worklist, clock: HandClock
) -> None:
    tasks = [await closing.task() for _ in range(5)]
    order = Order("case_number", descending=True, offset=2, limit=2)
    page, total = await worklist.page(Wanted(), clock.now(), order)
    assert [task.task_id for task in page] == [tasks[2], tasks[1]]
    assert total == 5


async def test_rates_count_the_unreached_as_neither_solved_nor_satisfied(
    closing: Closing,
    worklist: Worklist,
    clock: HandClock,
    desk: CallbackDesk,
    registry: CaseRegistry,
) -> None:
    for answers in (
        Answers(True, True, 5),
        Answers(True, True, 3),
        Answers(True, False, 4, "没有修"),
        Answers(True, True, 1, "太慢"),
    ):
        await desk.answer(await closing.task(), answers, STAFF)
    unreached = await closing.task()
    for _ in range(3):
        await desk.answer(unreached, Answers(False), STAFF)
    withdrawn = await closing.case()
    await registry.move(withdrawn.case_number, "reopen", CHIEF, "重查", version=withdrawn.version)
    await closing.task()
    now = clock.now()
    assert await worklist.rates(MORNING, now + 1) == Rates(5, 4, 3, 3)
    assert await worklist.rates(now + 1, now + 2) == Rates(0, 0, 0, 0)
    assert len(await ids(worklist, clock, Wanted("done"))) == 5
