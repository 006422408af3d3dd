"""Whatever is merged, split, closed and opened again, nobody is lost and nobody is told twice."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
from sqlalchemy import select

from hotline.registry.model import BadForm, CaseConflict, NotAllowed
from hotline.registry.service import CaseRegistry
from hotline.registry.similar.service import MatterDesk
from hotline.storage.journal import Journal
from hotline.storage.tables import CaseRow
from tests.unit.registry.cases import AGENT, CALLBACK, CHIEF, Noted, arrive, opened

CASES, STEPS = 6, 30


async def rows_of(journal: Journal) -> dict[str, CaseRow]:
    async with journal.database.session() as session:
        return {row.case_number: row for row in await session.scalars(select(CaseRow))}


def way_up(rows: dict[str, CaseRow], number: str) -> list[str]:
    """The case and every one that it lives on in; endless for a circle."""
    way = [number]
    while (above := rows[way[-1]].merged_into) and len(way) <= CASES:
        way.append(above)
    return way


async def step(desk: MatterDesk, registry: CaseRegistry, dice: random.Random, number: str,
               other: str) -> None:  # fmt: skip
    version = (await registry.get(number)).version
    match dice.choice(["merge", "merge", "merge", "split", "close", "reopen", "void"]):
        case "merge":
            await desk.merge(number, other, AGENT, "同一处", version=version)
        case "split":
            await desk.split(number, AGENT, "不是一处", version=version)
        case "reopen":
            await registry.move(number, "reopen", CALLBACK, "没修好", version=version)
        case action:
            await registry.move(number, action, CHIEF, "处理完了", version=version)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_every_citizen_is_told_exactly_when_their_matter_is_closed(
    registry: CaseRegistry, journal: Journal, desk: MatterDesk, noted: Noted, seed: int
) -> None:
    dice = random.Random(seed)
    numbers = []
    for n in range(CASES):
        await arrive(journal, f"p-{n}", f"1380013800{n}")
        numbers.append((await opened(registry, f"p-{n}")).case_number)
    for _ in range(STEPS):
        before, noted.told[:] = await rows_of(journal), []
        with suppress(NotAllowed, BadForm, CaseConflict):
            await step(desk, registry, dice, *dice.sample(numbers, 2))
        rows = await rows_of(journal)
        ways = {number: way_up(rows, number) for number in numbers}
        assert all(len(way) <= CASES for way in ways.values())
        # Whoever lives on in another case does so in one that has not been thrown away.
        assert all(rows[way[-1]].state != "void" for way in ways.values() if len(way) > 1)
        for number, row in rows.items():
            assert row.reports == sum(number in way for way in ways.values())
        closed = {n for n in numbers if rows[n].state == "closed" != before[n].state}
        told = sorted(number for what, number in noted.told if what == "closed")
        assert told == sorted(n for n in numbers if ways[n][-1] in closed)
