from __future__ import annotations

import asyncio

import pytest

from hotline import events
from hotline.callback.model import Answers, CallbackRefused, NoSuchTask, Outcome, State
from hotline.callback.service import CallbackDesk
from hotline.registry.life.model import Inputs
from hotline.registry.model import BadForm, NotAllowed
from hotline.registry.service import CaseRegistry
from hotline.storage.journal import Journal
from tests.databases import MORNING, HandClock
from tests.unit.callback.closing import AGENT, CHIEF, COLLEAGUE, STAFF, Closing

HAPPY = Answers(True, solved=True, satisfaction=5)
UNHAPPY = Answers(True, solved=True, satisfaction=2, why_not="态度不好")
UNSOLVED = Answers(True, solved=False, satisfaction=4, why_not="井盖仍未更换")
UNREACHED = Answers(False)


async def kinds(journal: Journal, case_number: str) -> list[str]:
    return [record.event.kind for record in await journal.read(case_number=case_number)]


# --- planned ------------------------------------------------------------------------------


async def test_closing_a_case_plans_its_callback(closing: Closing, journal: Journal) -> None:
    case = await closing.case()
    (task,) = await closing.tasks(case)
    assert (task.phone, task.state, task.due_at) == ("13812345678", "open", MORNING)
    assert (await kinds(journal, case.case_number))[-2:] == ["CaseMoved", "CallbackPlanned"]


@pytest.mark.parametrize(
    "typed", [{"caller_phone": ""}, {"callback_wanted": False}, {"anonymous": True}]
)
async def test_nobody_is_called_back_who_cannot_or_would_rather_not(
    closing: Closing, typed: dict[str, object]
) -> None:
    assert await closing.tasks(await closing.case(**typed)) == []


async def test_a_case_that_is_opened_again_withdraws_its_callback(
    closing: Closing, registry: CaseRegistry, desk: CallbackDesk, journal: Journal
) -> None:
    case = await closing.case()
    (task,) = await closing.tasks(case)
    await registry.move(case.case_number, "reopen", CHIEF, "重新核查", version=case.version)
    assert (await kinds(journal, case.case_number))[-1] == "CallbackWithdrawn"
    with pytest.raises(CallbackRefused, match=r"callback\.done"):
        await desk.dialled(task.task_id, STAFF)


# --- dialled ------------------------------------------------------------------------------


async def test_the_intent_is_in_the_journal_before_anything_is_dialled(
    closing: Closing, desk: CallbackDesk, journal: Journal
) -> None:
    task_id = await closing.task()
    dialling = await desk.dialled(task_id, STAFF)
    assert dialling.channel_id == f"cb-{task_id}-1"
    (intent,) = await journal.read(call_id=f"pbx1-cb-{task_id}-1")
    assert intent.event == events.CallbackDialled(
        dialling.case_number, task_id, 1, "callback1", f"pbx1-cb-{task_id}-1"
    )
    row = await closing.row(task_id)
    assert (row.state, row.claimed_by, row.attempts) == ("dialling", "callback1", 1)


async def test_two_staff_cannot_ring_the_same_citizen(closing: Closing, desk: CallbackDesk) -> None:
    task_id = await closing.task()
    outcomes = await asyncio.gather(
        desk.dialled(task_id, STAFF), desk.dialled(task_id, COLLEAGUE), return_exceptions=True
    )
    assert [type(outcome).__name__ for outcome in outcomes].count("CallbackRefused") == 1
    assert (await closing.row(task_id)).attempts == 1


async def test_a_citizen_with_two_cases_is_rung_once_at_a_time(
    closing: Closing, desk: CallbackDesk
) -> None:
    first, second = await closing.task(), await closing.task()
    dialling = await desk.dialled(first, STAFF)
    with pytest.raises(CallbackRefused, match="citizen_is_talking"):
        await desk.dialled(second, COLLEAGUE)
    await desk.ended(dialling.call_id, Outcome.TALKED, 20.0)
    await desk.dialled(second, COLLEAGUE)


async def test_staff_ring_one_citizen_at_a_time(closing: Closing, desk: CallbackDesk) -> None:
    first = await closing.task()
    second = await closing.task(caller_phone="13900139000")
    dialling = await desk.dialled(first, STAFF)
    with pytest.raises(CallbackRefused, match="you_are_talking"):
        await desk.dialled(second, STAFF)
    await desk.progressed(dialling.call_id, State.TALKING)
    await desk.answer(first, HAPPY, STAFF)
    with pytest.raises(CallbackRefused, match="you_are_talking"):
        await desk.dialled(second, STAFF)
    await desk.ended(dialling.call_id, Outcome.TALKED, 20.0)
    await desk.dialled(second, STAFF)


async def test_a_task_that_is_not_there_is_said_to_be_so(desk: CallbackDesk) -> None:
    with pytest.raises(NoSuchTask):
        await desk.dialled(4711, STAFF)
    with pytest.raises(NoSuchTask):
        await desk.answer(4711, HAPPY, STAFF)


# --- ended --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "left"),
    [
        (Outcome.TALKED, ("asked", "callback1", 0)),
        (Outcome.UNKNOWN, ("asked", "callback1", 0)),
        (Outcome.STAFF_UNREACHABLE, ("open", None, 0)),
        (Outcome.CANCELLED, ("open", None, 0)),
        (Outcome.FAILED, ("open", None, 0)),
        (Outcome.NO_ANSWER, ("open", None, 1)),
        (Outcome.BUSY, ("open", None, 1)),
    ],
)
async def test_only_a_phone_that_rang_in_vain_counts_against_the_citizen(
    closing: Closing, desk: CallbackDesk, outcome: Outcome, left: tuple[str, str | None, int]
) -> None:
    task_id = await closing.task()
    dialling = await desk.dialled(task_id, STAFF)
    await desk.ended(dialling.call_id, outcome)
    row = await closing.row(task_id)
    assert (row.state, row.claimed_by, row.unreached) == left
    assert row.last_outcome == outcome


async def test_a_call_goes_forward_and_ends_once(
    closing: Closing, desk: CallbackDesk, journal: Journal
) -> None:
    task_id = await closing.task()
    call_id = (await desk.dialled(task_id, STAFF)).call_id
    for stage in (State.RINGING, State.RINGING, State.TALKING, State.RINGING):
        await desk.progressed(call_id, stage)
    await desk.ended(call_id, Outcome.TALKED, 12.0)
    await desk.gone(call_id)
    await desk.ended(call_id, Outcome.UNKNOWN)
    await desk.progressed(call_id, State.TALKING)
    followed = [record.event for record in await journal.read(call_id=call_id)][1:]
    case_number = (await closing.row(task_id)).case_number
    assert followed == [
        events.CallbackProgressed(case_number, task_id, call_id, "ringing"),
        events.CallbackProgressed(case_number, task_id, call_id, "talking"),
        events.CallbackEnded(case_number, task_id, call_id, "talked", 12.0),
    ]
    assert await desk.living() == []


async def test_a_channel_that_goes_without_a_word_was_never_answered_or_is_unknown(
    closing: Closing, desk: CallbackDesk
) -> None:
    first, second = await closing.task(), await closing.task(caller_phone="13900139000")
    await desk.gone((await desk.dialled(first, STAFF)).call_id)
    assert (await closing.row(first)).last_outcome == Outcome.STAFF_UNREACHABLE
    call_id = (await desk.dialled(second, STAFF)).call_id
    await desk.progressed(call_id, State.RINGING)
    await desk.gone(call_id)
    assert (await closing.row(second)).last_outcome == Outcome.UNKNOWN


async def test_no_answer_from_a_phone_that_never_rang_is_the_lines_fault(
    closing: Closing, desk: CallbackDesk
) -> None:
    task_id = await closing.task()
    call_id = (await desk.dialled(task_id, STAFF)).call_id
    await desk.progressed(call_id, State.CONNECTING)
    await desk.ended(call_id, Outcome.NO_ANSWER)
    row = await closing.row(task_id)
    assert (row.state, row.last_outcome, row.unreached) == ("open", "failed", 0)


async def test_an_earlier_attempts_end_does_not_end_the_next_one(
    closing: Closing, desk: CallbackDesk
) -> None:
    task_id = await closing.task()
    first = await desk.dialled(task_id, STAFF)
    await desk.ended(first.call_id, Outcome.CANCELLED)
    second = await desk.dialled(task_id, STAFF)
    await desk.gone(first.call_id)
    assert await desk.living() == [second.call_id]


async def test_three_attempts_in_vain_make_a_citizen_unreached_and_never_satisfied(
    closing: Closing, desk: CallbackDesk, clock: HandClock, journal: Journal
) -> None:
    task_id = await closing.task()
    for attempt in (1, 2, 3):
        dialling = await desk.dialled(task_id, STAFF)
        await desk.ended(dialling.call_id, Outcome.NO_ANSWER)
        row = await closing.row(task_id)
        assert row.unreached == attempt
        if attempt < 3:
            assert (row.state, row.due_at) == ("open", clock.now() + 86_400.0)
            clock.advance(90_000)
    assert (row.state, row.reached, row.solved, row.satisfaction) == ("done", False, None, None)
    surveyed = await journal.read(kinds=[events.CallbackSurveyed])
    assert [record.event for record in surveyed] == [
        events.CallbackSurveyed(row.case_number, task_id, "system", False)
    ]


# --- answered -----------------------------------------------------------------------------


async def talked(closing: Closing, desk: CallbackDesk) -> int:
    task_id = await closing.task()
    dialling = await desk.dialled(task_id, STAFF)
    await desk.progressed(dialling.call_id, State.TALKING)
    await desk.ended(dialling.call_id, Outcome.TALKED, 30.0)
    return task_id


async def test_a_satisfied_citizen_ends_the_callback(
    closing: Closing, desk: CallbackDesk, registry: CaseRegistry
) -> None:
    task_id = await talked(closing, desk)
    assert await desk.answer(task_id, HAPPY, STAFF) is State.DONE
    row = await closing.row(task_id)
    assert (row.reached, row.solved, row.satisfaction, row.done_at) == (True, True, 5, MORNING)
    assert (await registry.get(row.case_number)).state == "closed"


@pytest.mark.parametrize("answers", [UNHAPPY, UNSOLVED])
async def test_an_unsatisfied_citizen_opens_the_case_again_with_the_reason(
    closing: Closing,
    desk: CallbackDesk,
    registry: CaseRegistry,
    journal: Journal,
    answers: Answers,
) -> None:
    task_id = await talked(closing, desk)
    await desk.answer(task_id, answers, STAFF)
    row = await closing.row(task_id)
    assert (await registry.get(row.case_number)).state == "to_dispatch"
    last_two = (await journal.read(case_number=row.case_number))[-2:]
    moved = last_two[-1].event
    assert isinstance(moved, events.CaseMoved)
    assert (moved.action, moved.by, moved.why) == ("reopen", "callback1", answers.why_not)
    assert [record.event for record in last_two] == [
        events.CallbackSurveyed(
            row.case_number,
            task_id,
            "callback1",
            True,
            answers.solved,
            answers.satisfaction,
            answers.why_not,
        ),
        moved,
    ]


async def test_a_case_that_was_taken_up_again_is_called_back_anew_when_it_closes(
    closing: Closing, desk: CallbackDesk, registry: CaseRegistry
) -> None:
    task_id = await talked(closing, desk)
    await desk.answer(task_id, UNSOLVED, STAFF)
    number = (await closing.row(task_id)).case_number
    steps = (("dispatch", CHIEF), ("feedback", AGENT), ("check_pass", AGENT), ("close", AGENT))
    for action, by in steps:
        case = await registry.get(number)
        unit = "市政" if action == "dispatch" else None
        if unit:
            case = await registry.edit(number, {"unit": unit}, case.version, CHIEF)
        given = Inputs(closing="solved")
        await registry.move(number, action, by, "已处理", version=case.version, inputs=given)
    tasks = await closing.tasks(await registry.get(number))
    assert [task.state for task in tasks] == ["done", "open"]


async def test_answers_and_reopening_are_written_together_or_not_at_all(
    closing: Closing, desk: CallbackDesk, registry: CaseRegistry, journal: Journal
) -> None:
    task_id = await talked(closing, desk)
    before = journal.last_seq
    with pytest.raises(NotAllowed):
        await desk.answer(task_id, UNSOLVED, type(STAFF)("callback1", "agent"))
    row = await closing.row(task_id)
    assert (row.state, row.reached) == ("asked", None)
    assert journal.last_seq == before
    assert (await registry.get(row.case_number)).state == "closed"


async def test_a_faulty_form_changes_nothing(closing: Closing, desk: CallbackDesk) -> None:
    task_id = await talked(closing, desk)
    with pytest.raises(BadForm):
        await desk.answer(task_id, Answers(True, solved=False, satisfaction=1), STAFF)
    assert (await closing.row(task_id)).state == "asked"


async def test_answers_given_during_the_talk_stay_when_it_ends(
    closing: Closing, desk: CallbackDesk
) -> None:
    task_id = await closing.task()
    dialling = await desk.dialled(task_id, STAFF)
    with pytest.raises(CallbackRefused, match="still_ringing"):
        await desk.answer(task_id, HAPPY, STAFF)
    await desk.progressed(dialling.call_id, State.TALKING)
    await desk.answer(task_id, HAPPY, STAFF)
    await desk.ended(dialling.call_id, Outcome.TALKED, 45.0)
    row = await closing.row(task_id)
    assert (row.state, row.last_outcome, row.satisfaction) == ("done", "talked", 5)


async def test_somebody_else_at_the_phone_means_not_reached(
    closing: Closing, desk: CallbackDesk, clock: HandClock
) -> None:
    task_id = await talked(closing, desk)
    assert await desk.answer(task_id, UNREACHED, STAFF) is State.OPEN
    row = await closing.row(task_id)
    assert (row.unreached, row.claimed_by, row.due_at) == (1, None, clock.now() + 86_400.0)


async def test_another_ones_callback_is_theirs_to_answer_unless_the_supervisor_steps_in(
    closing: Closing, desk: CallbackDesk
) -> None:
    task_id = await talked(closing, desk)
    with pytest.raises(CallbackRefused, match="taken"):
        await desk.answer(task_id, HAPPY, COLLEAGUE)
    await desk.answer(task_id, HAPPY, CHIEF)
    with pytest.raises(CallbackRefused, match=r"callback\.done"):
        await desk.answer(task_id, HAPPY, STAFF)


async def test_a_case_opened_again_during_the_talk_keeps_the_answers(
    closing: Closing, desk: CallbackDesk, registry: CaseRegistry
) -> None:
    task_id = await talked(closing, desk)
    case = await registry.get((await closing.row(task_id)).case_number)
    await registry.move(case.case_number, "reopen", CHIEF, "重新核查", version=case.version)
    await desk.answer(task_id, UNSOLVED, STAFF)
    assert (await closing.row(task_id)).solved is False
    assert (await registry.get(case.case_number)).state == "to_dispatch"
