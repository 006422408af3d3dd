"""Spoken reports that agents verify between calls, and when they are free again."""

from __future__ import annotations

import asyncio
from pathlib import Path

from hotline import events
from hotline.calls import model, tasks
from hotline.calls.blending import LOOK_EVERY_S
from hotline.calls.service import CallService
from hotline.cti import standing
from hotline.cti.views import TaskCounts, TaskView
from hotline.registry.model import Case
from hotline.registry.service import CaseRegistry
from hotline.registry.verifying import VerificationWork
from hotline.storage.journal import Journal
from tests.databases import HandClock
from tests.deadline import until
from tests.unit.calls.house import blending_of
from tests.unit.registry.cases import AGENT, OTHER, reported


async def spoken(journal: Journal, registry: CaseRegistry, number: int = 1) -> Case:
    return await registry.open_from_report(await reported(journal, f"pbx1-1/r{number}"))


def task(case: Case) -> str:
    return tasks.task_id_of(tasks.VERIFICATION, case.case_number)


def shown(calls: CallService) -> str | None:
    return tasks.task_of(calls.core, "agent1")


async def test_a_report_to_verify_is_shown_with_whose_it_is_and_how_long(
    journal: Journal, registry: CaseRegistry, clock: HandClock, tmp_path: Path
) -> None:
    async with blending_of(VerificationWork(), journal, clock, tmp_path) as (made, calls):
        await made.look()
        assert standing.task(calls.core, "agent1") is None
        case = await spoken(journal, registry)
        await made.look()
        view = TaskView(task(case), "verification", "138****8000", 9.0)
        assert standing.task(calls.core, "agent1") == view
        assert standing.task_counts(calls.core) == (TaskCounts("verification", 1, 0),)
        offered = [r.event for r in await journal.read(kinds=[events.TaskOffered])]
        assert offered == [events.TaskOffered("agent1", task(case))]


async def test_a_report_that_somebody_else_verified_is_taken_back(
    journal: Journal, registry: CaseRegistry, clock: HandClock, tmp_path: Path
) -> None:
    async with blending_of(VerificationWork(), journal, clock, tmp_path) as (made, calls):
        case = await spoken(journal, registry)
        await made.look()
        await registry.move(case.case_number, "reject", OTHER, "无声留言", version=1)
        await made.look()
        assert shown(calls) is None
        taken_back = [r.event for r in await journal.read(kinds=[events.TaskWithdrawn])]
        assert taken_back == [events.TaskWithdrawn("agent1", task(case), "gone")]


async def test_whoever_verified_a_report_is_free_and_shown_the_next(
    journal: Journal, registry: CaseRegistry, clock: HandClock, tmp_path: Path
) -> None:
    async with blending_of(VerificationWork(), journal, clock, tmp_path) as (made, calls):
        job = asyncio.create_task(made.run())
        try:
            case = await spoken(journal, registry)
            await until(lambda: shown(calls) == task(case), what="the report is shown")
            await calls.tell(model.AgentTakesTask("agent1", task(case)))
            clock.advance(1)
            following = await spoken(journal, registry, 2)
            judged = {"kind": "complaint", "description": "井盖坏了"}
            changed = await registry.edit(case.case_number, judged, 1, AGENT)
            await registry.move(case.case_number, "verify", AGENT, version=changed.version)
            await until(lambda: shown(calls) == task(following), what="the next is shown")
            assert tasks.begun(calls.core) == ()
        finally:
            job.cancel()
            await asyncio.gather(job, return_exceptions=True)


async def test_a_report_that_was_left_undone_comes_after_the_others(
    journal: Journal, registry: CaseRegistry, clock: HandClock, tmp_path: Path
) -> None:
    async with blending_of(VerificationWork(), journal, clock, tmp_path) as (made, calls):

        def known() -> list[str]:
            # The look that a moved clock asks for may be under way already.
            clock.advance(LOOK_EVERY_S)
            return [row.task_id for row in calls.core.engine.tasks()]

        job = asyncio.create_task(made.run())
        try:
            case = await spoken(journal, registry)
            await until(lambda: shown(calls) == task(case), what="the first is shown")
            await calls.tell(model.AgentTakesTask("agent1", task(case)))
            clock.advance(1)
            other = await spoken(journal, registry, 2)
            await until(lambda: task(other) in known(), what="the other is known")
            await calls.tell(model.TaskOver(task(case)))
            assert shown(calls) == task(other)
            await until(lambda: task(case) in known(), what="the first waits again")
            assert known() == [task(other), task(case)]
        finally:
            job.cancel()
            await asyncio.gather(job, return_exceptions=True)


async def test_who_verified_a_report_while_nobody_looked_is_free_at_the_first_look(
    journal: Journal, registry: CaseRegistry, clock: HandClock, tmp_path: Path
) -> None:
    async with blending_of(VerificationWork(), journal, clock, tmp_path) as (made, calls):
        case = await spoken(journal, registry)
        await made.look()
        await calls.tell(model.AgentTakesTask("agent1", task(case)))
        await registry.move(case.case_number, "reject", AGENT, "无声留言", version=1)
        await made.look()
        assert tasks.begun(calls.core) == ()
