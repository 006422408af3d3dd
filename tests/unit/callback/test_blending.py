"""Which callbacks agents are shown between calls, and when they are free again."""

from __future__ import annotations

import asyncio
from pathlib import Path

from hotline import events
from hotline.callback.blending import CallbackWork
from hotline.callback.model import Answers, Outcome, State
from hotline.callback.service import CallbackDesk
from hotline.calls import model, tasks
from hotline.calls.service import CallService
from hotline.registry.model import Person
from hotline.storage.journal import Journal
from tests.databases import HandClock
from tests.deadline import until
from tests.unit.callback.closing import STAFF, Closing
from tests.unit.calls.house import blending_of

AGENT = Person("agent1", "agent")


def shown(calls: CallService) -> str | None:
    return tasks.task_of(calls.core, "agent1")


def name_of(task_id: int) -> str:
    return tasks.task_id_of(tasks.CALLBACK, str(task_id))


async def test_a_callback_is_shown_when_it_is_due_and_nobody_has_it(
    journal: Journal, clock: HandClock, closing: Closing, desk: CallbackDesk, tmp_path: Path
) -> None:
    async with blending_of(CallbackWork(), journal, clock, tmp_path) as (made, calls):
        await made.look()
        assert shown(calls) is None
        task_id = await closing.task()
        await made.look()
        assert shown(calls) == name_of(task_id)
        await desk.dialled(task_id, STAFF)
        await made.look()
        assert shown(calls) is None


async def test_whoever_has_answered_a_callback_is_free(
    journal: Journal, clock: HandClock, closing: Closing, desk: CallbackDesk, tmp_path: Path
) -> None:
    task_id = await closing.task()
    async with blending_of(CallbackWork(), journal, clock, tmp_path) as (made, calls):
        await made.look()
        await calls.tell(model.AgentTakesTask("agent1", name_of(task_id)))
        dialling = await desk.dialled(task_id, AGENT)
        await desk.ended(dialling.call_id, Outcome.TALKED, 40.0)
        await made.look()
        # The answers are still to be given.
        assert tasks.begun(calls.core) == (name_of(task_id),)
        await desk.answer(task_id, Answers(True, solved=True, satisfaction=5), AGENT)
        await made.look()
        assert tasks.begun(calls.core) == ()
        states = [r.event for r in await journal.read(kinds=[events.AgentStateChanged])]
        assert [e.state for e in states if isinstance(e, events.AgentStateChanged)][-2:] == [
            "on_task",
            "ready",
        ]


async def test_whoever_answers_during_the_talk_is_free_after_it(
    journal: Journal, clock: HandClock, closing: Closing, desk: CallbackDesk, tmp_path: Path
) -> None:
    task_id = await closing.task()
    async with blending_of(CallbackWork(), journal, clock, tmp_path) as (made, calls):
        await made.look()
        await calls.tell(model.AgentTakesTask("agent1", name_of(task_id)))
        dialling = await desk.dialled(task_id, AGENT)
        await desk.progressed(dialling.call_id, State.TALKING)
        await desk.answer(task_id, Answers(True, solved=True, satisfaction=5), AGENT)
        await made.look()
        assert tasks.begun(calls.core) == (name_of(task_id),)
        await desk.ended(dialling.call_id, Outcome.TALKED, 40.0)
        await made.look()
        assert tasks.begun(calls.core) == ()


async def test_news_of_a_callback_are_taken_in_at_once(
    journal: Journal, clock: HandClock, closing: Closing, desk: CallbackDesk, tmp_path: Path
) -> None:
    async with blending_of(CallbackWork(), journal, clock, tmp_path) as (made, calls):
        job = asyncio.create_task(made.run())
        try:
            task_id = await closing.task()
            await until(lambda: shown(calls) == name_of(task_id), what="the callback is shown")
            await calls.tell(model.AgentTakesTask("agent1", name_of(task_id)))
            dialling = await desk.dialled(task_id, AGENT)
            # Nobody answered: it is given back, and due again another day.
            await desk.progressed(dialling.call_id, State.RINGING)
            await desk.ended(dialling.call_id, Outcome.NO_ANSWER)
            await until(lambda: not tasks.begun(calls.core), what="the agent is free")
        finally:
            job.cancel()
            await asyncio.gather(job, return_exceptions=True)
